"""Measured on the work of others: what a pack's verdicts are worth on tasks and runs of benchmarks.

What is to be kept is told from what is to be stopped. An `ask` is read twice: as if who is asked
agreed to all, and as if they agreed to nothing. A miss is no error; it is counted and explained.
"""
