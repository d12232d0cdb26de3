"""Defeasible theories as specs: the translation, and the questions that are asked of the policy.

To conclude is an act. For each literal that is asked about there is a tool of its name; a rule for
the literal permits the call, a rule against it forbids the call, and calls are denied by default.
What is put together from conditions alone (strict rules, and rules that nothing speaks against)
becomes a `define`. Who wins is left to the policy: nothing here compares two rules.

It does not say which theories can be translated; that is `defeasible_cases.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.real.theory import STRICT, Literal, Row, Rule, Sum, Theory, Variable, complement

import remit

HEAD = ("spec theory", "author known", "chain known > barred > rule")
DEFAULT = "default deny for call at rule"


@dataclass(frozen=True)
class Answer:
    """What the policy says of one literal: the rows it may conclude, and those it knows."""

    rows: frozenset[Row]
    provable: frozenset[Row]
    definite: frozenset[Row]


@dataclass
class Translation:
    """A theory with the literals that are asked about, as a spec and a series of questions."""

    theory: Theory
    queries: tuple[str, ...]
    more_values: frozenset[Any] = frozenset()

    def __post_init__(self) -> None:
        self.order = self.theory.order(self.queries)
        needed = self.theory.rests_on(self.queries).values()
        self.feeders = {name for names in needed for name in names}
        self.values = self._values()

    def _values(self) -> list[Any]:
        """Everything that a variable can stand for."""
        theory = self.theory
        rules = [rule for rule in theory.rules if rule.head.name in self.order]
        args = {arg for rule in rules for one in (rule.head, *rule.body) for arg in one.args}
        rows = [row for name in self.order for row in theory.facts.get(name, ())]
        found = {value for row in rows for value in row} | self.more_values
        found |= {arg for arg in args if not isinstance(arg, (Variable, Sum))}
        return sorted(found, key=lambda one: (str(type(one)), one))

    def is_told(self, name: str) -> bool:
        """Whether the literal feeds a rule and is disputed: then it is asked about first."""
        disputed = self.theory.is_disputed(name) and not self.theory.is_definite(name)
        return name in self.feeders and disputed

    @property
    def asked(self) -> list[str]:
        """The literals that are asked about, in the order of the questions."""
        return [name for name in self.order if name in self.queries or self.is_told(name)]

    def rows(self, name: str) -> Iterator[Row]:
        """Every row of values that a literal could have."""
        return product(self.values, repeat=self._arity(name))

    @property
    def questions(self) -> int:
        """How many steps are put to the policy."""
        return sum(len(self.values) ** self._arity(name) for name in self.asked)

    @property
    def facts(self) -> int:
        """How many facts the host declares."""
        return sum(len(self.theory.facts.get(name, ())) for name in self.order)

    # ---- the spec

    def spec(self) -> str:
        """The text of the spec."""
        anything = ": anything"
        tools = [f"tool `{name}`({_params(self._arity(name), anything)})" for name in self.asked]
        facts = [self._context("facts", name) for name in self.order if self._has_facts(name)]
        told = [self._context("told", name) for name in self.order if self.is_told(name)]
        lines = [*HEAD, *tools, "context values: list of anything", *facts, *told, DEFAULT, ""]
        return "\n".join([*lines, *self._definitions(), *self._clauses()])

    def _arity(self, name: str) -> int:
        return self.theory.arity.get(name.lstrip("~"), 0)

    def _has_facts(self, name: str) -> bool:
        return bool(self.theory.facts.get(name))

    def _context(self, kind: str, name: str) -> str:
        plain = self._arity(name) == 0
        return f"context `{kind} {name}`: {'flag default false' if plain else 'list of record'}"

    def _definitions(self) -> Iterator[str]:
        for name in self.order:
            if name in self.feeders or self.theory.knows(name):
                yield self._define("known", name, self._ways_to_know(name))
            if name in self.feeders and not self.theory.is_definite(name):
                yield self._define("holds", name, self._ways_to_hold(name))

    def _ways_to_know(self, name: str) -> list[str]:
        """Facts, and strict rules whose premises are known."""
        rules = [rule for rule in self.theory.rules_for(name) if rule.kind == STRICT]
        given = [self._given("facts", name)] if self._has_facts(name) else []
        return given + [self._body("known", rule, "") for rule in rules]

    def _ways_to_hold(self, name: str) -> list[str]:
        """What the host was told, where it is disputed; else any rule whose premises hold."""
        if self.is_told(name):
            return [self._given("told", name)]
        known = f"`known {name}`{_call(_names(self._arity(name)))}"
        return [known, *(self._body("holds", rule, "") for rule in self.theory.rules_for(name))]

    def _define(self, kind: str, name: str, ways: list[str]) -> str:
        text = "\n  or ".join(f"({way})" for way in ways) or "false"
        return f"define `{kind} {name}`{_call(_names(self._arity(name)))} =\n  {text}\n"

    def _given(self, kind: str, name: str) -> str:
        """The condition that the host declared the row."""
        names = _names(self._arity(name))
        same = " and ".join(f"row.{one} = {one}" for one in names)
        return f"any row in `{kind} {name}` satisfies ({same})" if names else f"`{kind} {name}`"

    def _body(self, kind: str, rule: Rule, prefix: str) -> str:
        """The body of a rule as a condition on the arguments of its head (`prefix` before each)."""
        names = [prefix + one for one in _names(len(rule.head.args))]
        pairs = list(zip(names, rule.head.args, strict=True))
        bound = {arg: name for name, arg in reversed(pairs) if isinstance(arg, Variable)}
        same = [(name, _value(arg, bound)) for name, arg in pairs]
        tests = [f"{name} = {value}" for name, value in same if name != value]
        present = [arg for one in rule.body if not one.absent for arg in one.args]
        free = _variables(arg for arg in present if arg not in bound)
        tests += [self._premise(kind, one, bound | free) for one in rule.body]
        return _some(free.values(), " and ".join(tests) or "true")

    def _premise(self, kind: str, one: Literal, named: Mapping[Variable, str]) -> str:
        """A literal of a body; what occurs only behind a `not` is bound there."""
        sort = "known" if self.theory.is_definite(one.name) else kind
        free = _variables(arg for arg in one.args if arg not in named)
        args = [_value(arg, {**named, **free}) for arg in one.args]
        text = _some(free.values(), f"`{sort} {one.name}`{_call(args)}")
        return f"not ({text})" if one.absent else text

    def _clauses(self) -> Iterator[str]:
        for name in self.asked:
            args, other = (
                _call([f"args.{one}" for one in _names(self._arity(name))]),
                complement(name),
            )
            yield f"act `conclude {name}` = call `{name}`\n"
            if self.theory.knows(name):
                yield _clause(f"known {name}", "known", "permit", name, f"`known {name}`{args}")
            if self.theory.knows(other):
                yield _clause(f"{name} barred", "barred", "forbid", name, f"`known {other}`{args}")
            yield from self._weighed(name)

    def _weighed(self, name: str) -> Iterator[str]:
        """The rules for and against a literal; a superior rule is an exception of what it beats."""
        theory = self.theory
        pro = [rule for rule in theory.rules_for(name) if not theory.is_certain(rule)]
        con = [rule for rule in theory.against(name) if not theory.is_certain(rule)]
        bodies = {rule: self._body("holds", rule, "args.") for rule in (*pro, *con)}
        for rule in pro:
            yield _clause(f"{rule.id} for {name}", "rule", "permit", name, bodies[rule])
        for rule in con:
            above = [one for one in pro if (one.id, rule.id) in theory.superior]
            excepts = [f"  except `{one.id}`: permit where {bodies[one]}\n" for one in above]
            clause = _clause(f"{rule.id} against {name}", "rule", "forbid", name, bodies[rule])
            yield "".join([clause, *excepts])

    # ---- the questions

    def answers(self) -> dict[str, Answer]:
        """Ask the policy about each literal, those that feed another first.

        Raises `remit.SpecError` where the spec does not compile.
        """
        policy = remit.load(self.spec())
        context: dict[str, Any] = {"values": self.values}
        for name in filter(self._has_facts, self.order):
            context[f"facts {name}"] = self._declared(name, self.theory.facts[name])
        found: dict[str, Answer] = {}
        for name in self.asked:
            found[name] = self._ask(policy.session(context), name)
            if self.is_told(name):
                context[f"told {name}"] = self._declared(name, found[name].provable)
        return found

    def _declared(self, name: str, rows: Iterable[Row]) -> Any:
        """Rows as a value of a context."""
        names = _names(self._arity(name))
        return [dict(zip(names, row, strict=True)) for row in rows] if names else bool([*rows])

    def _ask(self, session: remit.Session, name: str) -> Answer:
        names = _names(self._arity(name))
        provable, definite, rows = set[Row](), set[Row](), list(self.rows(name))
        for row in rows:
            decision = session.decide(remit.Call(name, dict(zip(names, row, strict=True))))
            assert (decision.errors, decision.unknown) == ((), ()), decision
            if decision:
                provable.add(row)
            if f"theory::known {name}" in decision.in_force:
                definite.add(row)
        return Answer(frozenset(rows), frozenset(provable), frozenset(definite))


# ---- pieces of text


def _names(arity: int) -> list[str]:
    return [f"a{number}" for number in range(1, arity + 1)]


def _params(arity: int, behind: str) -> str:
    return ", ".join(name + behind for name in _names(arity))


def _call(args: list[str]) -> str:
    return f"({', '.join(args)})" if args else ""


def _variables(args: Iterable[Any]) -> dict[Variable, str]:
    """The variables among the arguments, each with its name in the spec."""
    return {arg: f"v_{arg.name}" for arg in args if isinstance(arg, Variable)}


def _some(names: Iterable[str], text: str) -> str:
    """That the condition holds for some values of the names."""
    for name in reversed([*names]):
        text = f"any {name} in values satisfies ({text})"
    return text


def _value(arg: Any, named: Mapping[Variable, str]) -> str:
    """A variable by its name in the spec, anything else as a literal."""
    if isinstance(arg, Sum):
        return " + ".join(named[one] for one in arg.parts)
    return named[arg] if isinstance(arg, Variable) else json.dumps(arg)


def _clause(name: str, level: str, norm: str, about: str, where: str) -> str:
    return f"clause `{name}` at {level}\n  {norm} `conclude {about}` where {where}\n"
