"""Random spec sets in which norms really meet, and beat each other.

A spec set is plain data that can be written as `.spec` texts and turned into the norms of
`definition.py`. One set speaks of few acts, so that most of its norms meet on most of its steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st
from tests.properties.meaning import TYPES, VOCABULARY, Change, Head, Term, key, literal, written

DEFAULT_CHAIN = ("root", "system", "developer", "user", "guideline")
GOALS = ("safety", "law", "tone")
WORDS = ("alpha", "beta", "gamma")
ORDERS = ("A1", "B2", "alpha")
NUMBERS = (0, 5, 100, 200, 200.5, 1000)
Draw = Any  # Hypothesis' own type of it is generic in a way that says nothing here


# ---- the data


@dataclass(frozen=True)
class Act:
    """A named act (then `name`) or one written out."""

    head: Head
    where: Term | None = None
    name: str | None = None

    @property
    def identity(self) -> str:
        """What two acts share that are the same."""
        head = self.head
        names = "*" if head.names is None else sorted(head.names)
        kind = "refusal" if head.text == "refusal" else head.kind
        shape = f"{kind} {names} {sorted(head.effects)}"
        return self.name or f"{shape} {'' if self.where is None else key(self.where)}"

    def pattern(self) -> str:
        """The act as a clause writes it."""
        where = "" if self.where is None else f" where {written(self.where)}"
        return self.name or f"{self.head.text}{where}"


@dataclass(frozen=True)
class Exception_:
    """An exception of a clause."""

    label: str
    modality: str
    where: Term | None


@dataclass(frozen=True)
class Clause:
    """A clause, or a default (then its remedy is its verdict). `lifts` is a clause it names."""

    file: str
    name: str
    modality: str
    act: Act
    author: int
    at: int | None = None
    where: Term | None = None
    unless: Term | None = None
    lifts: str | None = None
    overrides: tuple[str, ...] = ()
    goal: int | None = None
    remedy: str = "deny"
    change: Change | None = None
    if_unknown: str | None = None
    exceptions: tuple[Exception_, ...] = ()

    @property
    def id(self) -> str:
        """The norm's id, unique in the set."""
        return f"{self.file}::{self.name}"

    @property
    def strength(self) -> int:
        """Its rank: the author's unless `at` lowers it."""
        return self.author if self.at is None else self.at


@dataclass(frozen=True)
class File:
    """One file: the files before it are extended by it."""

    name: str
    author: int
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Specs:
    """A spec set. The first source holds the vocabulary and is extended by all."""

    chain: tuple[str, ...]
    strict: bool
    acts: tuple[Act, ...]
    files: tuple[File, ...]

    @property
    def clauses(self) -> list[Clause]:
        """Every clause and default of every file."""
        return [clause for file in self.files for clause in file.clauses]

    def sources(self) -> list[tuple[str, str]]:
        """Name and text of every file; each extends those before it."""
        named = [f"act {act.name} = {replace(act, name=None).pattern()}" for act in self.acts]
        goals = f"goals {' > '.join(GOALS)}{' strict' if self.strict else ''}"
        head = f"spec base\nauthor {self.chain[0]}\nchain {' > '.join(self.chain)}\n{goals}\n"
        roles = f"role user speaks as {self.chain[-1]}\nrole system speaks as {self.chain[0]}\n"
        found = [("base", "\n".join([head + roles + VOCABULARY, *named]) + "\n")]
        for file in self.files:
            before = ", ".join(name for name, _ in found)
            top = f"spec {file.name}\nauthor {self.chain[file.author]}\nextends {before}\n"
            body = "\n".join(text_of(clause, self.chain) for clause in file.clauses)
            found.append((file.name, top + body))
        return found

    def without(self, gone: Clause) -> Specs:
        """The set without one clause."""
        kept = [
            replace(file, clauses=tuple(one for one in file.clauses if one is not gone))
            for file in self.files
        ]
        return replace(self, files=tuple(kept))


def text_of(clause: Clause, chain: Sequence[str]) -> str:
    """A clause or default as Remit text."""
    at = "" if clause.at is None else f" at {chain[clause.at]}"
    if clause.modality == "default":
        return f"default {clause.remedy} for {clause.act.head.text}{at}\n"
    lines = [f"clause {clause.name}{at}"]
    where = "" if clause.where is None else f" where {written(clause.where)}"
    unless = "" if clause.unless is None else f" unless {written(clause.unless)}"
    lines.append(f"  {clause.modality} {clause.lifts or clause.act.pattern()}{where}{unless}")
    if clause.modality == "forbid" or any(one.modality == "forbid" for one in clause.exceptions):
        lines.append(f"  otherwise {_remedy(clause)}")
    for one in clause.exceptions:
        condition = "" if one.where is None else f" where {written(one.where)}"
        lines.append(f"  except {one.label}: {one.modality}{condition}")
    lines += [f"  overrides {', '.join(clause.overrides)}"] if clause.overrides else []
    lines += [] if clause.goal is None else [f"  serves {GOALS[clause.goal]}"]
    lines += [] if clause.if_unknown is None else [f"  if unknown {clause.if_unknown}"]
    return "\n".join(lines) + "\n"


def _remedy(clause: Clause) -> str:
    change = clause.change
    if clause.remedy == "redact" and change is not None:
        return f'redact "{change.old}" as "{change.new}"'
    if clause.remedy == "rewrite" and change is not None:
        return f"rewrite {change.target} to {literal(change.new)}"
    return 'ask "lead"' if clause.remedy == "ask" else clause.remedy


def sometimes(one: st.SearchStrategy[Any], share: int) -> st.SearchStrategy[Any]:
    """Of `share` draws one is a draw, the others are None (`st.none() | one` flattens `one`)."""
    return st.integers(1, share).flatmap(lambda roll: one if roll == share else st.none())


# ---- conditions


def _leaf(name: str) -> Term:
    return Term("name", (name,))


def _value(value: Any) -> Term:
    return Term("value", (value,))


def _choice(*values: Any) -> st.SearchStrategy[Term]:
    return st.sampled_from([_value(value) for value in values])


@cache
def _about(name: str) -> st.SearchStrategy[Term]:
    """Tests of one name, by its type."""
    kind, leaf = TYPES[name], st.just(_leaf(name))
    absent = st.builds(lambda one: Term("missing", (one,)), leaf)
    if isinstance(kind, tuple):
        return _pairs(["="], leaf, _choice(*kind)) | absent
    if kind == "number":
        other = _leaf("limit") if name == "amount" else _value(150)
        right = _choice(*NUMBERS) | st.just(other)
        listed = _choice((5, 200), (0,))
        return _pairs(["<", "<=", "="], leaf, right) | _pairs(["in"], leaf, listed) | absent
    if kind == "flag":
        return leaf | _pairs(["="], leaf, _choice(True, False)) | absent
    if kind == "texts":
        return st.builds(_each, st.sampled_from(["any", "all"]), leaf, st.sampled_from(WORDS)) | (
            _pairs(["contains"], leaf, _choice(*WORDS))
            | st.builds(lambda one: Term("empty", (one,)), leaf)
        )
    tests = ["contains", "starts with", "ends with"]
    texts = _pairs(tests, leaf, _choice(*WORDS, "A1", "x"))
    listed = _choice(("A1", "B2"), ("alpha",))
    return texts | _pairs(["="], leaf, _choice(*ORDERS)) | _pairs(["in"], leaf, listed) | absent


def _each(op: str, many: Term, word: str) -> Term:
    return Term(op, (many, Term("contains", (_leaf("x"), _value(word)))))


def _pairs(
    ops: Sequence[str], left: st.SearchStrategy[Term], right: st.SearchStrategy[Term]
) -> st.SearchStrategy[Term]:
    return st.builds(lambda op, a, b: Term(op, (a, b)), st.sampled_from(ops), left, right)


@cache
def conditions(names: tuple[str, ...]) -> st.SearchStrategy[Term]:
    """Conditions about the given names: mostly one test, sometimes a few joined."""
    plain = st.one_of([_about(name) for name in names])

    def joined(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
        many = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.builds(Term, st.sampled_from(["and", "or"]), many) | st.builds(
            lambda one: Term("not", (one,)), inner
        )

    return plain | st.recursive(plain, joined, max_leaves=4)


# ---- acts; those of one theme can be one step


_CALL = ("order", "amount", "note", "tags", "mode", "urgent", "tier", "verified", "text")
_TEXT = ("text", "tier", "verified", "limit")
THEMES: dict[str, list[tuple[Head, tuple[str, ...]]]] = {
    "call": [
        (Head("call pay", "call", frozenset({"pay"})), _CALL),
        (Head("call pay", "call", frozenset({"pay"})), _CALL),
        (Head("call", "call"), ("tier", "verified", "amount", "order", "text")),
        (Head("call pay, mail", "call", frozenset({"pay", "mail"})), ("tags", "order", "tier")),
        (Head("call with effects spends", "call", None, frozenset({"spends"})), _CALL[:4]),
        (Head("step", "step"), ("text", "kind", "verified")),
    ],
    "message": [
        (Head("message", "message", frozenset({"assistant"})), _TEXT),
        (Head("message from anyone", "message"), _TEXT),
        (Head("message from user, agent", "message", frozenset({"user", "assistant"})), _TEXT),
        (Head("output", "message", frozenset({"assistant"})), _TEXT),
        (Head("step", "step"), ("text", "kind", "tier")),
    ],
    "other": [
        (Head("result", "result"), ("text", "failed", "tier")),
        (Head("result of look", "result", frozenset({"look"})), ("text", "failed")),
        (Head("handoff", "handoff"), ("text", "agent")),
        (Head("handoff to helper", "handoff", frozenset({"helper"})), ("text",)),
        (Head("step", "step"), ("text", "kind")),
    ],
}
REFUSAL = Head("refusal", "message", frozenset({"assistant"}))
ABOUT = {head: names for theme in THEMES.values() for head, names in theme} | {REFUSAL: ("text",)}


@st.composite
def acts(draw: Draw, theme: str, name: str | None) -> Act:
    """An act of a theme, mostly without a condition, so that it is most steps."""
    head, names = draw(st.sampled_from(THEMES[theme]))
    where = draw(sometimes(conditions(names), 4))
    return Act(head, where, name)


# ---- clauses


@st.composite
def clauses(draw: Draw, specs: Specs, file: File, pool: Sequence[Act]) -> Clause:
    """A clause of a file; it may name the clauses that the file sees."""
    seen = [one for one in [*specs.clauses, *file.clauses] if one.modality != "default"]
    modality = draw(st.sampled_from(["forbid"] * 4 + ["permit"] * 4 + ["protect"] * 2))
    closed = [one for one in seen if one.modality == "forbid"]
    named = draw(st.sampled_from(closed)) if modality == "permit" and closed else None
    lifts = named if draw(st.booleans()) else None
    act = lifts.act if lifts else draw(st.sampled_from(pool))
    about = ABOUT[act.head]
    free = act.name is not None or lifts is not None
    level = st.integers(file.author, len(specs.chain) - 1)
    made = Clause(
        file.name, f"c{len(specs.clauses) + len(file.clauses)}", modality, act, file.author,
        at=draw(st.none() | level | st.just(len(specs.chain) - 1)),
        where=draw(sometimes(conditions(about), 3)) if free else None,
        unless=draw(sometimes(conditions(about), 6)),
        lifts=lifts.name if lifts else None,
        goal=draw(st.sampled_from([0, 1, 2, None])),
        if_unknown=draw(st.sampled_from([None] * 4 + ["allow", "warn", "ask", "deny", "halt"])),
    )  # fmt: skip
    legal = [one.name for one in seen if one.strength >= made.strength]
    over = draw(st.lists(st.sampled_from(legal), max_size=2, unique=True)) if legal else []
    made = replace(made, overrides=tuple(over), exceptions=draw(exceptions(modality, about)))
    done: Clause = draw(with_remedy(made))
    return done


@st.composite
def exceptions(draw: Draw, modality: str, about: tuple[str, ...]) -> tuple[Exception_, ...]:
    """Up to two exceptions that open what the clause closes, or the other way round."""
    other = "permit" if modality == "forbid" else "forbid"
    wheres = (
        draw(st.lists(sometimes(conditions(about), 2), max_size=2)) if draw(st.booleans()) else []
    )
    return tuple(Exception_(f"e{place}", other, where) for place, where in enumerate(wheres))


def _healed(change: Change) -> Term:
    """What holds of a step once the change is made."""
    if change.target is None:
        return Term("not", (Term("contains", (_leaf("text"), _value(change.old))),))
    return Term("=", (_leaf(change.target), _value(change.new)))


@st.composite
def with_remedy(draw: Draw, clause: Clause) -> Clause:
    """The clause with what happens on a violation."""
    kinds = ["deny", "deny", "ask", "warn", "warn", "halt", *["redact"] * 4]
    rewrites: list[Change] = []
    if clause.act.head.text in ("call pay",):
        rewrites = [Change(5, target="amount"), Change(100, target="amount"),
                    Change("B2", target="order")]  # fmt: skip
    if clause.act.head.kind == "message":
        rewrites = [Change("fine", target="text"), Change("gamma", target="text")]
    kind = draw(st.sampled_from(kinds + ["rewrite"] * 3 * bool(rewrites)))
    change = draw(st.sampled_from(rewrites)) if kind == "rewrite" else None
    if kind == "redact":
        change = Change(draw(st.sampled_from(["***", "", "-"])), draw(st.sampled_from(WORDS)))
    made = replace(clause, remedy=kind, change=change)
    if change is not None and draw(st.integers(0, 4)) and "text" in ABOUT[clause.act.head]:
        return replace(made, unless=_healed(change))
    return made


@st.composite
def defaults(draw: Draw, specs: Specs, file: File, theme: str) -> list[Clause]:
    """At most one default for the kind of step that the set speaks of."""
    if draw(st.integers(0, 3)):
        return []
    kind = {"call": "call", "message": "message", "other": "result"}[theme]
    roles = frozenset({"assistant"}) if kind == "message" else None
    at = draw(st.none() | st.integers(file.author, len(specs.chain) - 1))
    remedy = draw(st.sampled_from(["deny", "deny", "warn", "halt"]))
    act = Act(Head(kind, kind, roles))
    return [Clause(file.name, f"default.{kind}", "default", act, file.author, at, remedy=remedy)]


# ---- spec sets


chains = st.just(DEFAULT_CHAIN) | st.integers(2, 6).map(
    lambda size: tuple(f"level{rank}" for rank in range(size))
)


@st.composite
def spec_sets(draw: Draw) -> tuple[Specs, str]:
    """A spec set and its theme."""
    theme = draw(st.sampled_from(["call"] * 6 + ["message"] * 3 + ["other"]))
    named = [draw(acts(theme, f"act{n}")) for n in range(draw(st.integers(0, 2)))]
    pool = [*named, *(draw(acts(theme, None)) for _ in range(draw(st.integers(1, 2))))]
    chain, strict = draw(chains), draw(st.sampled_from([True, True, False]))
    specs = Specs(chain, strict, tuple(named), ())
    for place in range(draw(st.integers(1, 3))):
        author = draw(st.integers(0, len(chain) - 1))
        file = File(f"file{place}", author, ())
        file = replace(file, clauses=tuple(draw(defaults(specs, file, theme))))
        for _ in range(draw(st.integers(2, 4))):
            more = draw(clauses(specs, file, pool))
            file = replace(file, clauses=(*file.clauses, more))
        specs = replace(specs, files=(*specs.files, file))
    return specs, theme
