"""Python's `re`: each pattern searched for in turn."""

from __future__ import annotations

import re

from .texts import Scan, Texts


def texts(work: Texts) -> Scan:
    """One by one, until one is found."""
    searches = [re.compile(one).search for one in work.patterns]
    return lambda text: any(search(text) for search in searches)
