"""ahocorasick-rs in front of `re`: only patterns whose literal stands in the text are tried."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from .texts import Scan, Texts


def texts(work: Texts) -> Scan:
    """The literals are given by the workload; an engine would have to find them."""
    literals = import_module("ahocorasick_rs").AhoCorasick(list(work.literals))
    searches = [re.compile(one).search for one in work.patterns]

    def scan(text: str) -> bool:
        hits: Any = literals.find_matches_as_indexes(text, overlapping=True)
        return any(searches[number](text) for number in {one[0] for one in hits})

    return scan
