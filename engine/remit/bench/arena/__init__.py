"""Workloads, engines and the one measuring loop.

This folder runs in two ways: as a part of Remit, and alone, in the interpreter of a peer that does
not go together with Remit's own packages (`probe.py`). So its files import each other relatively,
and nothing else of Remit; only `by_remit.py` does, and it is imported when Remit itself takes part.
"""
