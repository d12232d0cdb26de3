"""Defeasible theories as values: literals, rules, what rests on what. Nothing is proved here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

STRICT, DEFEASIBLE, DEFEATER = "strict", "defeasible", "defeater"
Row = tuple[Any, ...]
LITERAL = re.compile(r"(not )?(~?[\w:]+)\s*(?:\((.*)\))?")


@dataclass(frozen=True)
class Variable:
    """A variable of a rule."""

    name: str


@dataclass(frozen=True)
class Sum:
    """Variables added up, as a head may have it: `A(x, y, x+y)`."""

    parts: tuple[Variable, ...]


@dataclass(frozen=True)
class Literal:
    """A name (with its `~`) and arguments; `absent` stands for `not`, negation as failure."""

    name: str
    args: Row = ()
    absent: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule of one of the three kinds."""

    id: str
    kind: str
    head: Literal
    body: tuple[Literal, ...] = ()


def literal(text: str, number: int = 0) -> Literal:
    """Read `p`, `~p(X, "a", 3)` or `not p(_)`. Raises ValueError for anything else.

    `number` is the literal's place in its rule: it keeps each `_` apart from the others.
    """
    found = LITERAL.fullmatch(text.strip())
    if not found:
        raise ValueError(f"no literal: {text}")
    absent, name, args = found.groups()
    parts = args.split(",") if args else []
    terms = tuple(_term(one.strip(), f"_{number}_{at}") for at, one in enumerate(parts))
    return Literal(name, terms, bool(absent))


def _term(text: str, own: str) -> Any:
    """An argument: a quoted text or a number is a value, a word a variable, `_` one of its own."""
    if text.startswith('"') or text.isdecimal():
        return json.loads(text)
    parts = [one.strip() for one in text.split("+")]
    if not all(map(str.isidentifier, parts)):
        raise ValueError(f"no argument: {text}")
    if len(parts) > 1:
        return Sum(tuple(map(Variable, parts)))
    return Variable(own if text == "_" else text)


def complement(name: str) -> str:
    """The literal that says the opposite."""
    return name[1:] if name.startswith("~") else "~" + name


@dataclass(frozen=True)
class Theory:
    """Facts by name, rules, and who is superior to whom (pairs of rule ids)."""

    facts: Mapping[str, tuple[Row, ...]]
    rules: tuple[Rule, ...]
    superior: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def arity(self) -> dict[str, int]:
        """The number of arguments of each name without its `~`."""
        found = {name.lstrip("~"): len(row) for name, rows in self.facts.items() for row in rows}
        literals = [one for rule in self.rules for one in (rule.head, *rule.body)]
        return found | {one.name.lstrip("~"): len(one.args) for one in literals}

    def against(self, name: str) -> list[Rule]:
        """The rules, of every kind, whose head is the complement."""
        return [rule for rule in self.rules if rule.head.name == complement(name)]

    def rules_for(self, name: str) -> list[Rule]:
        """The rules that can prove the literal: defeaters prove nothing."""
        found = [rule for rule in self.rules if rule.head.name == name]
        return [rule for rule in found if rule.kind != DEFEATER]

    def is_disputed(self, name: str) -> bool:
        """Whether anything speaks against the literal."""
        return bool(self.facts.get(complement(name)) or self.against(name))

    def is_definite(self, name: str) -> bool:
        """Whether the literal holds by facts and strict rules alone, if at all."""
        return all(self.is_certain(rule) for rule in self.rules_for(name))

    def is_certain(self, rule: Rule) -> bool:
        """Whether the rule is strict, and so is all that it rests on."""
        return rule.kind == STRICT and all(self.is_definite(one.name) for one in rule.body)

    def knows(self, name: str) -> bool:
        """Whether a fact or a strict rule can make the literal hold beyond dispute."""
        strict = any(rule.kind == STRICT for rule in self.rules_for(name))
        return strict or bool(self.facts.get(name))

    def rests_on(self, names: Iterable[str]) -> dict[str, list[str]]:
        """For each name that the given ones depend on, and for themselves, the direct ones."""
        found: dict[str, list[str]] = {}
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                rules = [*self.rules_for(name), *self.against(name)]
                found[name] = sorted({one.name for rule in rules for one in rule.body})
                todo += found[name] + [complement(name)] * self.is_disputed(name)
        return found

    def order(self, names: Iterable[str]) -> list[str]:
        """The same names, what feeds another first. Raises graphlib.CycleError for a circle."""
        return list(TopologicalSorter(self.rests_on(names)).static_order())
