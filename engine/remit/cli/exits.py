"""The exit codes of every command; `docs/cli.md` explains them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remit_grammar.diagnostic import Diagnostic

FINE = 0  # nothing to report
FINDINGS = 1  # a spec with mistakes, a step that may not go on, a scenario that failed
BAD = 2  # what was given cannot be used: files, syntax, options
INTERRUPTED = 130  # as shells have it: 128 + SIGINT
CLOSED = 141  # nobody reads the output any more: 128 + SIGPIPE

# Findings after which a text cannot be taken for a spec at all.
_UNREADABLE = ("R00", "R01", "R0303", "R0803")


def of_findings(found: Iterable[Diagnostic]) -> int:
    """The exit code of a check: what cannot be read is bad input, other errors are findings."""
    errors = [one for one in found if one.is_error]
    if any(one.code.startswith(_UNREADABLE) for one in errors):
        return BAD
    return FINDINGS if errors else FINE
