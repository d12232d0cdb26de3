"""What a conversation has come to under a generated spec set: who said what, and what follows.

The second telling of semantics 5 and 6, by the definition and `meaning.py` alone. Everything that
judges could be asked is answered up front here, by `judge`; the engine asks them last, or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

from tests.properties import definition, definition_speech
from tests.properties.definition import Norm
from tests.properties.definition_settings import Constraint, Outcome, settle, value
from tests.properties.meaning import (
    ABSENT,
    REFUSAL,
    UNKNOWN,
    Change,
    Seen,
    Term,
    Truth,
    both,
    either,
    is_act,
    number,
    truth,
)
from tests.properties.oracle import Answer, changes_of, follows, norms_for, norms_of
from tests.properties.spoken import SPENDS, Directive, Loan, Narrow, Talk
from tests.properties.strategies import WORDS, Act, Clause

Judge = Callable[[str, str], Truth]  # of a question and a text
FAR = 10**6
_GRID = sorted({*SPENDS, 100, 200})
_BETWEEN = {(low + high) / 2 for low, high in pairwise(_GRID)}
DOMAINS: dict[str, frozenset[Any]] = {
    "spend": frozenset({-FAR, *_GRID, *_BETWEEN, FAR}), "lang": frozenset({"en", "fr", "de"}),
    "kinds": frozenset(frozenset(word for word, on in zip(WORDS, way, strict=True) if on)
                       for way in product([True, False], repeat=len(WORDS))),
}  # fmt: skip


@dataclass(frozen=True)
class Spoken:
    """A directive that was said, or that is void (then `needs` is told)."""

    directive: Directive
    author: int
    strength: int
    word: Any
    said: tuple[int, int]
    certain: bool = True
    loan: Loan | None = None
    needs: int | None = None
    origin: tuple[str, str] = ("", "")  # of what kind of step, and whose
    voice: int = 0  # of several that say the same at one place

    @property
    def id(self) -> str:
        """The norm's id."""
        step, place = self.said
        voice = f"~{self.voice}" if self.voice else ""
        return f"{self.directive.id}@{step}" + (f".{place}" if place else "") + voice

    @property
    def key(self) -> Any:
        """What is the same where it is only said again."""
        return (self.directive.id, self.author, self.strength, _hashed(self.word), self.loan,
                self.certain)  # fmt: skip


def _hashed(word: Any) -> Any:
    return (type(word).__name__, word) if isinstance(word, str | int) else id(word)


@dataclass
class Now:
    """A conversation before a step: what was said, what is void, and whether a refusal is due.

    `voids` are those of steps that took effect; `here` those of the step that is looked at.
    """

    talk: Talk
    judge: Judge
    cap: int = 0
    spoken: dict[Any, Spoken] = field(default_factory=dict)
    voids: list[Spoken] = field(default_factory=list)
    here: list[Spoken] = field(default_factory=list)
    violated: bool = False

    # ---- what conditions ask

    def setting(self, name: str, seen: Seen) -> Any:
        """The value in force, a set as a list."""
        found = value_in_force(self, name, self.settle(name, seen))
        if found is None:
            return UNKNOWN
        return sorted(found) if isinstance(found, frozenset) else found

    def settle(self, name: str, seen: Seen) -> Outcome:
        """Who is in force for a setting."""
        strict, found = self.talk.specs.strict, list[Constraint]()
        for one in self.talk.setters:
            if one.norm.setting == name:
                goal = one.goal if strict else None
                left = left_open(one.norm, replace(seen, word=UNKNOWN))
                found.append(Constraint(one.id, one.strength, left, None, goal))
        for said in self.spoken.values():
            norm = said.directive.norm
            if isinstance(norm, Narrow) and norm.setting == name:
                goal = said.directive.goal if strict else None
                left = left_open(norm, replace(seen, word=said.word)) if said.certain else None
                found.append(Constraint(said.id, said.strength, left, said.said, goal))
        return settle(DOMAINS[name], found)

    def truth(self, term: Term, seen: Seen) -> Truth:
        """Of a condition about what was said."""
        if term.op == "asked":
            return self.violated
        if term.op == "judged":
            return self.judge(term.args[0], seen.text())
        name, origin, asking = term.args
        if asking and any(
            norm.modality != "forbid" and norm.holds is True for norm in self.said_norms(seen)
        ):
            return False  # someone with authority asks for it too
        return either(
            both([one.certain or None, not asking or self._asks(one, seen)])
            for one in [*self.here, *self.voids]
            if (name is None or one.directive.name == name) and _came_from(one, origin)
        )

    def _asks(self, void: Spoken, seen: Seen) -> Truth:
        norm = void.directive.norm
        if not isinstance(norm, Clause) or norm.modality == "forbid":
            return False
        return self.norm(void, replace(seen, word=void.word)).holds

    # ---- norms

    def norm(self, said: Spoken, seen: Seen) -> Norm:
        """The norm that a directive about steps becomes, its condition asked alone."""
        clause, specs = said.directive.norm, self.talk.specs
        assert isinstance(clause, Clause), "it is about steps"
        ids = {one.name: one.id for one in specs.clauses}
        (made,) = norms_for(specs, clause, ids, seen)
        return replace(made, id=said.id, author=said.author, strength=said.strength,
                       said=said.said)  # fmt: skip

    def norms(self, seen: Seen) -> list[Norm]:
        """Every norm, standing and spoken."""
        return [*norms_of(self.talk.specs, replace(seen, word=UNKNOWN)), *self.said_norms(seen)]

    def said_norms(self, seen: Seen) -> list[Norm]:
        """The spoken norms on steps."""
        found = []
        for said in self.spoken.values():
            if isinstance(said.directive.norm, Clause):
                made = self.norm(said, replace(seen, word=said.word))
                within: list[Truth] = [made.holds, said.certain or None]
                if said.loan is not None and isinstance(said.loan.only, Act):
                    within.append(holds(said.loan.only, replace(seen, word=UNKNOWN)))
                found.append(replace(made, holds=both(within)))
        return found

    def changes(self) -> list[tuple[str, Change]]:
        """What norms change in a step, by their ids."""
        found = [change for one in self.talk.specs.clauses for change in changes_of(one)]
        for said in self.spoken.values():
            norm = said.directive.norm
            if isinstance(norm, Clause) and norm.change and norm.modality == "forbid":
                found.append((said.id, norm.change))
        return found

    # ---- a step

    def step(self, step: Mapping[str, Any], index: int, context: Mapping[str, Any]) -> Answer:
        """What follows for a step; what it says is in `here`, and counts once it is `taken`."""
        seen = Seen(step, context, self)
        said, self.here = self.hear(seen, index)
        found = follows(self.norms, self.changes(), self.talk.none, seen)
        self.next = (seen, index, found, said)
        return found

    def taken(self) -> None:
        """Go on after the step that was just looked at."""
        seen, index, found, said = self.next
        wrong = found.verdict != "allow" and not _refuses(seen.step)
        if self.own_rank(seen.step) < self.talk.none:
            self.violated = wrong
        else:
            self.violated = self.violated or wrong
        if found.verdict in ("allow", "warn", "redact", "rewrite"):
            if found.step != seen.step:
                said, self.here = self.hear(replace(seen, step=found.step), index)
            for one in said:
                self.spoken.pop(one.key, None)
                self.spoken[one.key] = one
            self.voids += self.here
        self.here = []

    def own_rank(self, step: Mapping[str, Any]) -> int:
        """The rank of the role that says a message; no other step has one."""
        chain = self.talk.specs.chain
        roles = {"system": 0, "user": len(chain) - 1, "clerk": self.talk.clerk}
        if step["kind"] != "message" or step["role"] not in roles:
            return self.talk.none
        return max(self.cap, roles[step["role"]])

    def hear(self, seen: Seen, index: int) -> tuple[list[Spoken], list[Spoken]]:
        """What a step says: what counts, and what is void."""
        said, voids, place = list[Spoken](), list[Spoken](), -1
        for text, own, ways in self.texts(seen):
            last, here = -1, set[str]()
            for at, directive, word, certain, implied in self.pieces(seen, text, own, ways):
                if at != last or directive.id in here:
                    last, here, place = at, set(), place + 1
                here.add(directive.id)
                made = [self.become(directive, rank, loan, implied)
                        for rank, loan in ways]  # fmt: skip
                full = [replace(one, word=word, said=(index, place), certain=certain,
                                origin=_origin(seen.step)) for one in made]  # fmt: skip
                good = [one for one in full if one.needs is None]
                said += [replace(one, voice=number) for number, one in enumerate(good)]
                voids += [] if good else full[:1]
        return said, voids

    def texts(self, seen: Seen) -> Iterator[tuple[str, bool, list[tuple[int, Loan | None]]]]:
        """Each text of a step, whether it is the speaker's own, and the ways that it speaks in."""
        step, none = seen.step, self.talk.none
        if step["kind"] == "call":
            return
        texts = [(step["text"], self.own_rank(step))]
        texts += [(step["error"], none)] if step.get("error") else []
        texts += [(part["text"], none) for part in step.get("parts", ())]
        silent = step["kind"] == "message" and step["role"] in ("assistant", "agent")
        lent = {loan: definition_speech.Loan(loan.author, loan.level, holds(loan.act, seen))
                for loan in self.talk.loans}  # fmt: skip
        revoked = [one for one in lent.values() if one.level is None]
        for place, (text, rank) in enumerate(texts):
            ways: list[tuple[int, Loan | None]] = [] if silent else [(rank, None)]
            for loan, one in sorted(lent.items(), key=lambda lent: self._id(lent[0])):
                raised = min(definition_speech.ranks(rank, [one, *revoked], self.cap))
                ways += [(raised, loan)] if raised < rank else []
            if ways:
                yield text, place == 0, ways

    def _id(self, loan: Loan) -> str:
        return f"{loan.file}::{loan.text(self.talk.specs.chain)}"

    def pieces(
        self, seen: Seen, text: str, own: bool, ways: list[tuple[int, Loan | None]]
    ) -> Iterator[tuple[int, Directive, Any, bool, bool]]:
        """Each directive in a text: where, with which word, whether sure and whether implied."""
        listened = any(rank < self.talk.none for rank, _ in ways) or "'void'" in self.talk.terms
        found: list[tuple[int, Directive, Any, bool, bool]] = []
        for one in self.talk.directives:
            found += [(at, one, word, True, False) for at, word in heard(one, text)]
            heard_by = self.judge(one.judged, text) if one.judged and text and listened else False
            if heard_by is not False:
                unsure = UNKNOWN if one.patterns else ABSENT
                found.append((len(text), one, unsure, heard_by is True, False))
        yield from sorted(found, key=lambda piece: (piece[0], piece[1].id))
        by_name = {one.name: one for one in self.talk.directives}
        for place, given in enumerate(seen.step.get("directives", ()) if own else ()):
            one = by_name[given["name"]]
            word = given.get("values", {}).get("w", ABSENT)
            yield len(text) + 1 + place, one, word, True, given.get("implied", False)

    def become(self, one: Directive, speaker: int, loan: Loan | None, implied: bool) -> Spoken:
        """What a voice makes of a directive; void where `needs` is told."""
        none = self.talk.none
        author, strength = definition_speech.voice(
            speaker, one.author, one.at, implied or one.implied, none
        )
        made = Spoken(one, author, strength, UNKNOWN, (0, 0), loan=loan)
        if speaker >= none or (loan is not None and not self.reaches(loan, one)):
            return replace(made, needs=-1)
        if not isinstance(one.norm, Clause):
            return made
        seen = Seen({"kind": "handoff", "to": "", "text": ""})
        norm = replace(self.norm(made, seen), author=author, strength=strength)
        others = self.norms(seen)
        need = definition_speech.needs(norm, others)
        return replace(made, needs=need) if definition_speech.is_void(norm, others, none) else made

    def reaches(self, loan: Loan, one: Directive) -> bool:
        """Whether a loan can be about what the directive is about at all."""
        if loan.only is None:
            return True
        if isinstance(loan.only, str) or isinstance(one.norm, Narrow):
            return isinstance(one.norm, Narrow) and loan.only == one.norm.setting
        return can_meet(loan.only, one.norm.act)


def _came_from(void: Spoken, origin: str | None) -> bool:
    kind, _, name = (origin or "step").partition(" ")
    name = name.split(" ")[-1].replace("anyone", "")
    return kind in ("step", void.origin[0]) and name in ("", void.origin[1])


def _origin(step: Mapping[str, Any]) -> tuple[str, str]:
    return step["kind"], {"message": step.get("role"), "handoff": step.get("to")}.get(
        step["kind"], step.get("tool")
    ) or ""  # fmt: skip


def _refuses(step: Mapping[str, Any]) -> bool:
    if step["kind"] != "message" or step["role"] not in ("assistant", "agent"):
        return False
    given = step.get("refusal")
    return bool(step["text"].startswith(REFUSAL) if given is None else given)


def holds(act: Act, seen: Seen) -> Truth:
    """Whether a step is an act, its condition included."""
    base = is_act(act.head, seen.step)
    return base if base is False or act.where is None else both([base, truth(act.where, seen)])


def heard(directive: Directive, text: str) -> list[tuple[int, Any]]:
    """Where patterns hear a directive, and with which word: the last place of each word."""
    last: dict[Any, tuple[int, int]] = {}
    for one in directive.literals:
        for match in re.finditer(re.escape(one), text, re.IGNORECASE):
            last[ABSENT] = max(match.span(), last.get(ABSENT, (0, 0)))
    for one in directive.patterns:
        for match in re.finditer(one, text):
            word = ABSENT if match["w"] is None else match["w"]
            last[word] = max(match.span(), last.get(word, (0, 0)))
    ordered = sorted(last.items(), key=lambda one: (one[1], one[0] is not ABSENT, str(one[0])))
    return [(span[0], word) for word, span in ordered]


_STEPS: list[dict[str, Any]] = [
    *({"kind": kind, "tool": tool, "text": "", "args": {}}
      for kind in ("call", "result") for tool in ("pay", "mail", "look", "ghost")),
    *({"kind": "message", "role": role, "text": "", "refusal": True}
      for role in ("assistant", "user", "system", "tool")),
    *({"kind": "handoff", "to": to, "text": ""} for to in ("helper", "stranger")),
]  # fmt: skip


def can_meet(one: Act, other: Act) -> bool:
    """Whether some step could be both acts, conditions apart."""
    return any(False not in (is_act(one.head, step), is_act(other.head, step)) for step in _STEPS)


def left_open(norm: Narrow, seen: Seen) -> frozenset[Any] | None:
    """The values of the setting that a constraint leaves; None where its value is unknown."""
    wanted: Any = norm.value
    if norm.word:
        wanted = number(seen.word) if norm.setting == "spend" else seen.word
        if not isinstance(wanted, int if norm.setting == "spend" else str):
            return None
        wanted = (wanted,) if norm.setting == "kinds" else wanted
    elif wanted == "limit":
        wanted = seen.value("limit")
    if wanted is UNKNOWN or wanted is ABSENT:
        return None
    if norm.setting == "kinds":
        wanted = frozenset(wanted)
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda one: bool(one == wanted), "<=": lambda one: bool(one <= wanted),
        ">=": lambda one: bool(one >= wanted),
        "in": lambda one: bool(one <= wanted) if norm.setting == "kinds" else one in wanted,
    }  # fmt: skip
    return frozenset(filter(tests[norm.op], DOMAINS[norm.setting]))


def value_in_force(now: Now, name: str, outcome: Outcome) -> Any:
    """The value of a setting; of a number without a default the only bound there is."""
    default = dict(now.talk.defaults)[name]
    default = WORDS if default == "every" else default
    if name == "kinds" and default is not None:
        default = frozenset(default)
    left = outcome.left
    if name == "spend" and default is None and left is not None and len(left) > 1:
        ends = {min(left), max(left)} - {-FAR, FAR}
        return ends.pop() if len(ends) == 1 else None
    return value(left, default)


__all__ = ["Judge", "Now", "Spoken", "definition"]
