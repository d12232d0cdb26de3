"""What was said in a conversation, void or not, as records tell it. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from remit.checked.model import Constraint, Directive, Norm, Term
from remit.checked.types import ANY
from remit.program.values import UNKNOWN

HANDED, GIVER = "handed on", "whoever handed on"  # the origin of what a hand-over sets, and who set
SOMEONE = "someone"  # who spoke before the conversation was cut
MARK = {"unknown": True}  # a word that is unknown, in a record
Words = tuple[tuple[str, Any], ...]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A directive that was said: the norm that it became, by whom, and where.

    `loan` is the id of the loan that it speaks by; `handed` whether a hand-over set it. `voice`
    counts those who say it in one text, each with another authority; -1 where words are not kept.
    """

    directive: Directive
    author: int
    strength: int
    order: tuple[int, int]
    by: str
    text: str
    words: Words
    certain: bool = True
    loan: str | None = None
    handed: bool = False
    voice: int = 0

    @property
    def id(self) -> str:
        """The id of the norm: the directive, and the step and place where it was said."""
        step, place = self.order
        at = "before" if step < 0 else str(step)
        voice = f"~{self.voice}" if self.voice else ""
        return f"{self.directive.id}@{at}{f'.{place}' if place else ''}{voice}"

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where something is only said again."""
        return (self.directive.id, self.author, self.strength, self.words, self.loan, self.certain)

    @property
    def norm(self) -> Norm | None:
        """The norm on steps; None where a setting is set."""
        pattern = self.directive.norm
        if isinstance(pattern, Constraint):
            return None
        return replace(pattern, id=self.id, author=self.author, strength=self.strength,
                       said=self.order)  # fmt: skip

    def to_json(self, chain: tuple[str, ...]) -> Row:
        """The row of a record."""
        step, place = self.order
        row: Row = {
            "norm": self.id, "directive": self.directive.id, "author": _level(chain, self.author),
            "strength": _level(chain, self.strength), "step": step, "place": place, "by": self.by,
            "text": self.text, "words": _to_json(self.words), "certain": self.certain,
        }  # fmt: skip
        if self.loan is not None:
            row["loan"] = self.loan
        norm = self.directive.norm
        if self.handed and isinstance(norm, Constraint):
            row["sets"] = {"setting": norm.setting, "op": norm.op, "value": norm.value.value}
        return row


@dataclass(frozen=True, slots=True)
class Void:
    """A directive that changes nothing; `words` is None where they are no longer kept."""

    directive: str
    step: int
    by: str
    kind: str
    name: str
    has: int
    needs: int | None
    text: str
    words: Words | None
    certain: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where something is only tried again."""
        return (self.directive, self.kind, self.name, self.words, self.certain)

    def to_json(self, chain: tuple[str, ...]) -> Row:
        """The row of a record."""
        row: Row = {
            "directive": self.directive, "step": self.step, "by": self.by, "kind": self.kind,
            "name": self.name, "has": _level(chain, self.has), "text": self.text,
        }  # fmt: skip
        if self.needs is not None:
            row["needs"] = _level(chain, self.needs)
        if not self.certain:
            row["certain"] = False
        if self.words is None or self.words:
            row["words"] = None if self.words is None else _to_json(self.words)
        return row


def handed_on(sets: Mapping[str, Any], rank: int, order: tuple[int, int]) -> Said:
    """What a hand-over to a sub-agent set: a constraint of the strength that it was handed with."""
    name = f"{HANDED}::{sets['setting']}"
    fixed = Term("const", (), ANY, sets["value"])
    norm = Constraint(name, sets["setting"], HANDED, rank, rank, sets["setting"], sets["op"], fixed)
    words = (("value", repr(sets["value"])), ("op", sets["op"]))
    directive = Directive(name, sets["setting"], HANDED, norm)
    return Said(directive, rank, rank, order, GIVER, "", words, handed=True)


def words_of(row: Mapping[str, Any]) -> Words:
    """The words of a row of a record."""
    return tuple((name, UNKNOWN if value == MARK else value) for name, value in row.items())


def unsure(directive: Directive) -> Words:
    """The words of a directive, each unknown."""
    return tuple((word, UNKNOWN) for word in directive.words)


def _to_json(words: Words) -> dict[str, Any]:
    return {name: MARK if value is UNKNOWN else value for name, value in words}


def _level(chain: tuple[str, ...], rank: int) -> str:
    return chain[rank] if rank < len(chain) else "none"
