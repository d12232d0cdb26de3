"""Adapters: each translates between one framework and a gate (`remit.host`), and does nothing else.

A module here has `POINTS` (those that the framework has), `GAPS` (in words, what it cannot show
there) and the object that the framework loads. The framework is imported when that is made.
"""
