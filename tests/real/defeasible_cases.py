"""The defeasible cases of `datalog-conformance`: reading them, and which of them are in scope.

`scope` looks at a case and at what it asks, never at its name or at an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from graphlib import CycleError
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.real.defeasible import Answer, Translation
from tests.real.theory import (
    DEFEASIBLE,
    DEFEATER,
    STRICT,
    Literal,
    Row,
    Rule,
    Theory,
    complement,
    literal,
)

MOST_FACTS = 1_000
MOST_QUESTIONS = 2_000

LARGE = f"more than {MOST_FACTS:,} facts or {MOST_QUESTIONS:,} questions"
PROPERTY = "a property of closures"
CLOSURE = "another closure"
RECURSION = "recursion"
SPECIFICITY = "priority by specificity"
REASONS = (PROPERTY, CLOSURE, SPECIFICITY, RECURSION, LARGE)

# a case speaks of one of these, or says what each of several policies gives
OURS = "blocking"
# DePYsible prefers the more specific rule, though the theory declares no priority
SPECIFIC = {"depysible", "depysible-supported"}

Sections = Mapping[str, Mapping[str, frozenset[Row]]]


@dataclass(frozen=True)
class Case:
    """A case as the package writes it, with the labels of its file added to its own."""

    name: str
    file: str
    tags: frozenset[str]
    data: Mapping[str, Any] = field(repr=False)

    @property
    def expected(self) -> dict[str, Sections]:
        """What each policy is to give: section, name, rows."""
        policies = self.data.get("expect_per_policy") or {OURS: self.data.get("expect", {})}
        return {policy: _sections(raw) for policy, raw in policies.items()}

    @cached_property
    def theory(self) -> Theory:
        """The theory. Raises ValueError for what the translation cannot read."""
        return theory(self.data["theory"])

    @cached_property
    def translation(self) -> Translation:
        """The theory with all that is asked of it. Raises CycleError for recursion."""
        sections = self.expected[OURS].values()
        names = dict.fromkeys(name for section in sections for name in section)
        rows = [row for section in sections for rows in section.values() for row in rows]
        values = frozenset(value for row in rows for value in row)
        return Translation(self.theory, tuple(names), values)


def theory(raw: Mapping[str, Any]) -> Theory:
    """A theory of the package. Raises ValueError for what has no translation."""
    kinds = (("strict_rules", STRICT), ("defeasible_rules", DEFEASIBLE), ("defeaters", DEFEATER))
    rules = [_rule(one, kind) for key, kind in kinds for one in raw.get(key) or ()]
    if any(complement(one) != other for one, other in raw.get("conflicts") or ()):
        raise ValueError("a conflict between literals that are not each other's opposite")
    pairs = frozenset((one, other) for one, other in raw.get("superiority") or ())
    facts = {name: tuple(tuple(row) for row in rows) for name, rows in raw["facts"].items()}
    return Theory(facts, tuple(rules), pairs)


def _rule(raw: Mapping[str, Any], kind: str) -> Rule:
    body = tuple(literal(one, at) for at, one in enumerate(raw.get("body") or (), 1))
    return Rule(raw["id"], kind, literal(raw["head"]), body)


def _sections(raw: Mapping[str, Any]) -> Sections:
    return {
        section: {name: frozenset(map(tuple, rows)) for name, rows in names.items()}
        for section, names in raw.items()
    }


def case_files() -> list[Path]:
    """The files of the installed package with defeasible cases."""
    folder = Path(str(files("datalog_conformance"))) / "_tests" / "defeasible"
    return sorted(folder.rglob("*.yaml"))


@cache
def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a file. The longest has 17 MB and takes seconds."""
    yaml = pytest.importorskip("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return tuple(
        Case(one["name"], path.stem, frozenset([*raw.get("tags", ()), *one.get("tags", ())]), one)
        for one in raw.get("tests", [raw])
    )


def scope(case: Case) -> str | None:
    """Why a case is outside the translation; None where it is inside."""
    if "theory" not in case.data:
        return PROPERTY
    if OURS not in case.expected:
        return CLOSURE
    try:
        asked = case.translation
    except CycleError:
        return RECURSION
    if case.tags & SPECIFIC and rests_on_specificity(case.theory, asked.order):
        return SPECIFICITY
    small = asked.facts <= MOST_FACTS and asked.questions <= MOST_QUESTIONS
    return None if small else LARGE


def rests_on_specificity(theory: Theory, names: Iterable[str]) -> bool:
    """Whether two rules that oppose each other, one more specific, have no declared priority."""
    rules = [rule for rule in theory.rules if rule.head.name in names]
    pairs = [(one, other) for one in rules for other in theory.against(one.head.name)]
    return any(
        not theory.superior & {(one.id, other.id), (other.id, one.id)}
        and _follows(theory, one.body, other.body) and not _follows(theory, other.body, one.body)
        for one, other in pairs
        if not theory.is_certain(one) and not theory.is_certain(other)
    )  # fmt: skip


def _follows(theory: Theory, body: Iterable[Literal], other: Iterable[Literal]) -> bool:
    """Whether one body leads to the other by the rules alone, letters of variables being equal."""
    reached, before = set(body), 0
    while len(reached) > before:
        before = len(reached)
        reached |= {rule.head for rule in theory.rules if reached.issuperset(rule.body)}
    return reached.issuperset(other)


def differences(sections: Sections, answers: Mapping[str, Answer]) -> list[str]:
    """Where the answers are not what a case expects; rows that it does not list count too."""
    return [
        f"{section} {name}: expected {sorted(rows)}, found {sorted(found)}"
        for section, names in sections.items()
        for name, rows in names.items()
        if (found := _found(section, answers[name])) != rows
    ]


def _found(section: str, answer: Answer) -> frozenset[Row]:
    if section == "definitely":
        return answer.definite
    if section == "defeasibly":
        return answer.provable
    assert section in ("not_defeasibly", "undecided"), section
    return answer.rows - answer.provable
