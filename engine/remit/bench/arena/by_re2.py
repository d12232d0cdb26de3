"""google-re2: one by one, and all together as a set."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .texts import Scan, Texts

_MEMORY = 1 << 30  # bytes; a set that runs out of it gives wrong answers


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    return options


def texts(work: Texts) -> Scan:
    """One by one, until one is found."""
    re2: Any = import_module("re2")
    searches = [re2.compile(one, _options(re2)).search for one in work.patterns]
    return lambda text: any(search(text) for search in searches)


def texts_set(work: Texts) -> Scan:
    """All patterns at once; which ones, and not where."""
    re2: Any = import_module("re2")
    patterns = re2.Set.SearchSet(_options(re2))
    for one in work.patterns:
        patterns.Add(one)
    patterns.Compile()
    return lambda text: bool(patterns.Match(text))
