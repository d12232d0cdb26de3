"""Holds an agent to a policy, whatever framework it runs in: events in, verdicts out.

A `Guard` is a policy with its plugins; a `Gate` is one conversation under it. Adapters only
translate between a framework and these two.
"""
