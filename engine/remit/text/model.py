"""What a text is searched for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A literal (found whatever its case) or a linear-time regular expression."""

    text: str
    is_regex: bool
    flags: str = ""
