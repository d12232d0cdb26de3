"""What a text is searched for."""

from __future__ import annotations

from remit_grammar.value import value


@value
class Pattern:
    """A literal (found whatever its case) or a linear-time regular expression."""

    text: str
    is_regex: bool
    flags: str = ""
