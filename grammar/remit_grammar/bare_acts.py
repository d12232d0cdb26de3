"""`earlier call approve where order = ...`: an act with a condition that lacks its parentheses.

Inside a condition `where` would not tell where it ends, so such an act stands in parentheses.
"""

from __future__ import annotations

from typing import Protocol

from remit_grammar.diagnostic import Diagnostic, Fix, Label
from remit_grammar.lex import Token
from remit_grammar.machine import Machine
from remit_grammar.source import Source, Span

_BEFORE = ("EARLIER", "PREVIOUS", "OVER", "OF", "SINCE")  # behind these stands an act of the past
_KINDS = ("CALL", "MESSAGE", "RESULT", "HANDOFF", "OUTPUT", "REFUSAL", "STEP")
_HEAD = ("NAME", "COMMA", "OF", "FROM", "TO", "LABELLED", "WITH_EFFECTS")
_NEEDS_A_NAME = ("COMMA", "OF", "FROM", "TO", "LABELLED", "WITH_EFFECTS")  # then `where` is one
_JOINS = ("AND", "OR")  # whether what follows belongs to the act, nobody can tell


class Reading(Protocol):
    """What a finding needs to know of the reading that met the mistake."""

    source: Source
    tokens: list[Token]

    def replayed(self, began: int, index: int) -> Machine:
        """A machine that has read the tokens from `began` up to `index`."""


def bare_act(run: Reading, began: int, index: int) -> tuple[Diagnostic, int] | None:
    """The finding where the tokens at `index` are such an act, and where the act begins."""
    kinds = [token.type for token in run.tokens]
    where = next((at for at in (index, index + 1) if kinds[at : at + 1] == ["WHERE"]), None)
    first = None if where is None else _beginning(kinds, began, where)
    if where is None or first is None or kinds[where - 1] in _NEEDS_A_NAME:
        return None
    label = Label(_span(run, first, where))
    end = _end(run, began, first, where)
    act = _span(run, first, where - 1).text
    help = f"put it into parentheses: `({act} where ...)`"
    fix = None
    if end is not None:
        span = _span(run, first, end - 1)
        fix = Fix(span, f"({span.text})")
    return Diagnostic("R0101", "an act with a `where` stands in parentheses here", label,
                      help=help, fix=fix), first  # fmt: skip


def _beginning(kinds: list[str], began: int, where: int) -> int | None:
    """Where the act in front of `where` begins; None where it is no act of the past."""
    at = where - 1
    while at > began and kinds[at] in _HEAD and kinds[at - 1] not in _BEFORE:
        at -= 1
    if at > began and kinds[at] == "NAME" and kinds[at - 1] == "OF" and kinds[at - 2] == "RESULT":
        at -= 2  # `result of page`
    is_act = kinds[at] in _KINDS or (kinds[at] == "NAME" and at == where - 1)
    return at if is_act and at > began and kinds[at - 1] in _BEFORE else None


def _end(run: Reading, began: int, first: int, where: int) -> int | None:
    """The token behind the condition; None where it could end in more than one place."""
    machine = run.replayed(began, first)
    end = None
    if not machine.feed("LPAR"):
        return None
    for at in range(first, len(run.tokens)):
        if at > where and machine.fits("RPAR"):
            end = at
            if run.tokens[at].type in _JOINS:
                return None
        if not machine.feed(run.tokens[at].type):
            return end
    return len(run.tokens) if machine.fits("RPAR") else end


def _span(run: Reading, first: int, last: int) -> Span:
    return Span(run.source, run.tokens[first].start, run.tokens[last].end)
