"""Random spec sets in which things are said: directives, settings, loans, judges and refusals.

As in `strategies.py` a set is plain data. One set has few phrases, so that one text often says
several things, and its directives are about the acts that its clauses are about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from tests.properties.meaning import Change, Head, Term, literal, written
from tests.properties.strategies import (
    ABOUT,
    GOALS,
    REFUSAL,
    WORDS,
    Act,
    Clause,
    Draw,
    File,
    Specs,
    acts,
    chains,
    clauses,
    conditions,
    defaults,
    sometimes,
    text_of,
)

LITERALS = ("go on", "stop it", "be kind")
TAKING = (r"use (?P<w>\w+)", r"use (?P<w>[a-z]+)", r"stop( using (?P<w>\w+))?")  # a word
PHRASES = (*LITERALS, "use 20", "use 80", "use lots", "use alpha", "use fr", "use B2",
           "stop using beta", "stop using 5")  # fmt: skip
SPENDS = (0, 5, 20, 50, 80, 100)
LANGS = ("en", "fr", "de")
QUESTIONS = ("is it rude", "is it long")
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "spend": (50, None), "lang": ("en", None), "kinds": (("alpha", "beta"), "every", None),
}  # fmt: skip
TYPES = {"spend": "number", "lang": "one of en, fr, de",
         "kinds": "set of one of alpha, beta, gamma"}  # fmt: skip


@dataclass(frozen=True)
class Narrow:
    """`set NAME op VALUE`. Where `word` is set the value is what the directive took."""

    setting: str
    op: str
    value: Any = None
    word: bool = False

    def text(self) -> str:
        """The norm as Remit text."""
        taken = {"spend": "number of w", "lang": "w", "kinds": "[w]"}[self.setting]
        value = "limit" if self.value == "limit" else literal(self.value)
        return f"set {self.setting} {self.op} {taken if self.word else value}"


@dataclass(frozen=True)
class Setter:
    """A clause that narrows a setting."""

    file: str
    name: str
    author: int
    at: int | None
    norm: Narrow
    goal: int | None = None

    @property
    def id(self) -> str:
        """The norm's id."""
        return f"{self.file}::{self.name}"

    @property
    def strength(self) -> int:
        """Its rank."""
        return self.author if self.at is None else self.at


@dataclass(frozen=True)
class Directive:
    """A directive; `norm` is a clause without exceptions and overrides, or narrows a setting."""

    file: str
    name: str
    author: int
    at: int | None
    norm: Clause | Narrow
    literals: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    judged: str | None = None
    implied: bool = False
    goal: int | None = None

    @property
    def id(self) -> str:
        """Its id, which begins the ids of what it becomes."""
        return f"{self.file}::{self.name}"

    def text(self, chain: tuple[str, ...]) -> str:
        """The directive as Remit text."""
        at = "" if self.at is None else f" at {chain[self.at]}"
        heard = [f'"{one}"' for one in self.literals] + [f"/{one}/" for one in self.patterns]
        lines = [f"directive {self.name}{at}"]
        lines += [f"  heard {', '.join(heard)}"] if heard else []
        lines += [f'  heard judged "{self.judged}" by j'] if self.judged else []
        lines += ["  implied"] if self.implied else []
        if isinstance(self.norm, Clause):
            lines += text_of(self.norm, chain).splitlines()[1:]
        else:
            lines.append(f"  {self.norm.text()}")
            lines += [] if self.goal is None else [f"  serves {GOALS[self.goal]}"]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Loan:
    """A `delegate`; a revocation where `level` is None. `only` is an act or a setting."""

    file: str
    author: int
    level: int | None
    act: Act
    only: Act | str | None = None

    def text(self, chain: tuple[str, ...]) -> str:
        """The statement."""
        level = "none" if self.level is None else chain[self.level]
        only = self.only.pattern() if isinstance(self.only, Act) else self.only
        return f"delegate {level} to {self.act.pattern()}" + (f" for {only}" if only else "") + "\n"


@dataclass(frozen=True)
class Talk:
    """A spec set with all that is said of speaking. `clerk` is the rank of that role."""

    specs: Specs
    clerk: int
    defaults: tuple[tuple[str, Any], ...]
    setters: tuple[Setter, ...] = ()
    directives: tuple[Directive, ...] = ()
    loans: tuple[Loan, ...] = ()

    @property
    def none(self) -> int:
        """The rank of no authority."""
        return len(self.specs.chain)

    @property
    def terms(self) -> str:
        """Every condition, as data: what is read is in it."""
        norms = [one.norm for one in self.directives if isinstance(one.norm, Clause)]
        return repr([(one.act, one.where, one.unless, one.exceptions)
                     for one in [*self.specs.clauses, *norms]])  # fmt: skip

    def sources(self, chance: Any = None) -> list[tuple[str, str]]:
        """Name and text of every file; `chance` shuffles what stands in them."""
        chain, made = self.specs.chain, []
        for name, text in self.specs.sources():
            head, *blocks = text.split("\n\n") if chance else (text,)
            blocks += [self.standing(one) for one in self.setters if one.file == name]
            blocks += [one.text(chain) for one in self.directives if one.file == name]
            blocks += [one.text(chain) for one in self.loans if one.file == name]
            if name == "base":
                blocks += [f"role clerk speaks as {chain[self.clerk]}\n", *self._declared()]
            if chance:
                chance.shuffle(blocks)
            made.append((name, "\n".join([head, *blocks]) + "\n"))
        return made

    def _declared(self) -> list[str]:
        lines = []
        for name, value in self.defaults:
            shown = "every kind" if value == "every" else literal(value)
            shown = str(value) if name == "lang" else shown
            lines.append(f"setting {name}: {TYPES[name]}"
                         + ("" if value is None else f" default {shown}") + "\n")  # fmt: skip
        return lines

    def standing(self, one: Setter) -> str:
        """A clause that sets a setting, as Remit text."""
        at = "" if one.at is None else f" at {self.specs.chain[one.at]}"
        goal = "" if one.goal is None else f"  serves {GOALS[one.goal]}\n"
        return f"clause {one.name}{at}\n  {one.norm.text()}\n{goal}"


# ---- strategies


@st.composite
def narrows(draw: Draw, *, word: bool) -> Narrow:
    """What narrows a setting; with a word, in half of the cases by it."""
    name = draw(st.sampled_from(list(TYPES)))
    if name == "spend":
        op = draw(st.sampled_from(["=", "<=", "<=", ">=", "in"]))
        value = draw(st.sampled_from([*SPENDS, "limit"]))
        value = draw(st.sampled_from([(5, 20), (20, 80), (100,)])) if op == "in" else value
    elif name == "lang":
        op = draw(st.sampled_from(["=", "in"]))
        value = draw(st.sampled_from(LANGS if op == "=" else [("en", "fr"), ("fr", "de")]))
    else:
        op = draw(st.sampled_from(["=", "in", ">=", "<="]))
        value = draw(st.sampled_from([("alpha",), ("alpha", "beta"), ("beta", "gamma"), ()]))
    if word and draw(st.booleans()) and (op != "in" or name == "kinds"):
        return Narrow(name, op, word=True)
    return Narrow(name, op, value)


def _name(name: str) -> Term:
    return Term("name", (name,))


def _fixed(value: Any) -> Term:
    return Term("value", (value,))


@st.composite
def readings(draw: Draw, head: Head, directives: tuple[Directive, ...]) -> Term:
    """A condition that reads a setting, void directives, judges, or whether a norm asks."""
    kind = draw(st.sampled_from(["setting"] * 3 + ["void"] * 2 + ["judged"] * 3 + ["asked"]))
    if kind == "judged":
        return Term("judged", (draw(st.sampled_from(QUESTIONS)),))
    if kind == "asked":
        return Term("asked", ())
    if kind == "void":
        names = [one.name for one in directives]
        name = draw(st.none() | st.sampled_from(names)) if names else None
        origin = draw(st.sampled_from([None, None, "result", "result of look", "handoff",
                                       "message from anyone", "message from user"]))  # fmt: skip
        return Term("void", (name, origin, draw(st.booleans())))
    tests = [Term("<=", (_name("spend"), _fixed(value))) for value in (5, 50)]
    tests += [Term("=", (_name("lang"), _fixed(value))) for value in LANGS[:2]]
    tests += [Term("contains", (_name("kinds"), _fixed(value))) for value in WORDS[:2]]
    if "amount" in ABOUT[head]:
        tests += [Term("<", (_name("spend"), _name("amount")))] * 4
    chosen: Term = draw(st.sampled_from(tests))
    return chosen


def of_word(head: Head) -> list[Term]:
    """Conditions that read what a directive took from a text."""
    made = [Term("contains", (_name("text"), _name("w")))] if "text" in ABOUT[head] else []
    made += [Term("=", (_name("order"), _name("w")))] if "order" in ABOUT[head] else []
    if "amount" in ABOUT[head]:
        made.append(Term("<", (Term("number", ()), _name("amount"))))
    return made


@st.composite
def directive_norms(draw: Draw, talk: Talk, file: File, pool: list[Act], word: bool) -> Clause:
    """What a directive about steps becomes; it may lift a clause that its file sees."""
    seen = [one for one in [*talk.specs.clauses, *file.clauses] if one.modality == "forbid"]
    modality = draw(st.sampled_from(["forbid"] * 3 + ["permit"] * 5 + ["protect"]))
    lifts = draw(st.sampled_from(seen)) if modality == "permit" and seen else None
    lifts = lifts if draw(st.integers(0, 2)) == 0 else None
    act = lifts.act if lifts else draw(st.sampled_from([pool[0], pool[0], *pool]))
    free = act.name is not None or lifts is not None
    where = draw(sometimes(conditions(ABOUT[act.head]), 6)) if free else None
    if word and of_word(act.head) and free and draw(st.booleans()):
        where = draw(st.sampled_from(of_word(act.head)))
    remedy = draw(st.sampled_from(["deny", "warn", "ask", "halt", "redact"]))
    change = Change("-", draw(st.sampled_from(WORDS))) if remedy == "redact" else None
    return Clause(
        file.name, "x", modality, act, 0, where=where, lifts=lifts.name if lifts else None,
        goal=draw(st.sampled_from([0, 1, None])), remedy=remedy, change=change,
        if_unknown=draw(st.sampled_from([None, None, None, "allow", "warn", "halt"])),
    )  # fmt: skip


@st.composite
def directives(draw: Draw, talk: Talk, file: File, pool: list[Act]) -> Directive:
    """A directive of a file."""
    way = draw(st.sampled_from(["literal"] * 3 + ["word"] * 4 + ["judged", "given"]))
    taking = st.lists(st.sampled_from(TAKING), min_size=1, max_size=2, unique=True)
    patterns = draw(taking) if way == "word" else []
    literals = [] if way != "literal" else draw(
        st.lists(st.sampled_from(LITERALS), min_size=1, max_size=2, unique=True)
    )  # fmt: skip
    judged = way == "judged" or (way != "given" and draw(st.integers(0, 5)) == 0)
    sets = draw(st.integers(0, 2)) == 0
    norm = draw(narrows(word=way == "word") if sets
                else directive_norms(talk, file, pool, way == "word"))  # fmt: skip
    level = draw(sometimes(st.integers(file.author, len(talk.specs.chain) - 1), 3))
    return Directive(
        file.name, f"d{len(talk.directives)}", file.author, level, norm,
        tuple(literals), tuple(patterns), draw(st.sampled_from(QUESTIONS)) if judged else None,
        draw(st.integers(0, 5)) == 0, draw(st.sampled_from([0, 1, None])) if sets else None,
    )  # fmt: skip


@st.composite
def loans(draw: Draw, talk: Talk, file: File, pool: list[Act]) -> Loan:
    """A loan or a revocation by a file."""
    heads = [Head("result", "result"), Head("result of look", "result", frozenset({"look"})),
             Head("handoff", "handoff"), Head("message from anyone", "message"),
             Head("message from user", "message", frozenset({"user"})),
             Head("output", "message", frozenset({"assistant"}))]  # fmt: skip
    head = draw(st.sampled_from(heads))
    where = draw(sometimes(conditions(("verified", "text", "tier")), 3))
    if draw(st.integers(0, 3)) == 0:
        return Loan(file.name, file.author, None, Act(head, where))
    level = draw(st.integers(file.author, len(talk.specs.chain) - 1))
    only = draw(sometimes(st.sampled_from([*pool, *TYPES]), 2))
    return Loan(file.name, file.author, level, Act(head, where), only)


@st.composite
def talks(draw: Draw, *, reads: bool = True) -> tuple[Talk, str]:
    """A spec set in which things are said, and its theme; with `reads`, conditions read them."""
    theme = draw(st.sampled_from(["call"] * 4 + ["message"] * 3 + ["other"]))
    named = [draw(acts(theme, f"act{n}")) for n in range(draw(st.integers(1, 2)))]
    pool = [*named, draw(acts(theme, None))]
    chain, strict = draw(chains), draw(st.sampled_from([True, True, False]))
    specs = Specs(chain, strict, tuple(named), ())
    given = tuple((name, draw(st.sampled_from(values))) for name, values in DEFAULTS.items())
    talk = Talk(specs, draw(st.integers(0, len(chain) - 1)), given)
    for place in range(draw(st.integers(1, 2))):
        talk = draw(_with_file(talk, f"file{place}", theme, pool, reads=reads))
    done: Talk = draw(_with_readings(talk)) if reads else talk
    return done, theme


@st.composite
def _with_file(
    draw: Draw, talk: Talk, name: str, theme: str, pool: list[Act], *, reads: bool
) -> Talk:
    file = File(name, draw(st.integers(0, talk.none - 1)), ())
    file = replace(file, clauses=tuple(draw(defaults(talk.specs, file, theme))))
    for _ in range(draw(st.integers(1, 3))):
        file = replace(file, clauses=(*file.clauses, draw(clauses(talk.specs, file, pool))))
    if theme == "message" and reads and draw(st.booleans()):
        asked = Term("asked", ())
        refusing = Clause(name, f"r{name}", "forbid", Act(REFUSAL), file.author, unless=asked)
        file = replace(file, clauses=(*file.clauses, refusing))
    for _ in range(draw(st.integers(1, 3))):
        talk = replace(talk, directives=(*talk.directives, draw(directives(talk, file, pool))))
    made = [draw(loans(talk, file, pool)) for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
    for number in range(draw(st.integers(0, 2))):
        level = draw(st.none() | st.integers(file.author, talk.none - 1))
        norm, goal = draw(narrows(word=False)), draw(st.sampled_from([0, 1, None]))
        one = Setter(name, f"s{name}{number}", file.author, level, norm, goal)
        talk = replace(talk, setters=(*talk.setters, one))
    specs = replace(talk.specs, files=(*talk.specs.files, file))
    return replace(talk, specs=specs, loans=(*talk.loans, *dict.fromkeys(made)))


@st.composite
def _with_readings(draw: Draw, talk: Talk) -> Talk:
    """The set with conditions that read what was said, in some of its clauses."""
    files: list[File] = []
    for file in talk.specs.files:
        before = {file.name, *(one.name for one in files)}
        known = tuple(one for one in talk.directives if one.file in before)
        kept = []
        for one in file.clauses:
            plain = one.modality != "default" and one.act.head in ABOUT and not one.change
            extra = draw(sometimes(readings(one.act.head, known), 2)) if plain else None
            wanted = one.act.name is not None or one.lifts is not None
            if extra is not None and wanted and draw(st.booleans()):
                one = replace(one, where=extra)
            elif extra is not None:
                one = replace(one, unless=extra)
            kept.append(one)
        files.append(replace(file, clauses=tuple(kept)))
    return replace(talk, specs=replace(talk.specs, files=tuple(files)))


def told(talk: Talk) -> str:
    """All texts of a set, for a failing case."""
    return "\n".join(text for _, text in talk.sources())


__all__ = ["PHRASES", "Directive", "Loan", "Narrow", "Setter", "Talk", "talks", "told", "written"]
