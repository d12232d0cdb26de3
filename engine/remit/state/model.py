"""Sayings, void directives and the state of a conversation, made step by step.

A state holds what later steps can ask for and no more: it does not grow with the conversation
beyond the caps below. It is changed by its session alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from typing import Any

from remit.checked.model import (
    HOLDS_BACK,
    PERMIT,
    PROTECT,
    Constraint,
    Debt,
    Directive,
    History,
    Norm,
)  # fmt: skip
from remit.graph.opposition import lifts, opposes, verdict
from remit.program.model import Applies, Program, Rule, may_be
from remit.program.values import UNKNOWN, Truth, every, some
from remit.program.view import Asked, View
from remit.state.memory import Memory

MOST_SAYINGS = 1_000  # different sayings of one directive by one level that are kept apart
MOST_VOID = 1_000  # different void directives that are remembered
MOST_ANSWERS = 10_000  # answers of judges that are remembered
_ASKING = "asking for it"  # among a view's variables while that is asked; no name has blanks
Words = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """A directive that was said, and the norm that it became.

    `order` is the step and the place in it. `by` is who said it, for people; `text` the piece of
    text that said so, cut. `certain` is false where it is unknown whether it was said. `loan` is
    the id of the loan that it speaks by; of several authorities that one text has, each says it,
    and `voice` tells them apart (-1: what stands for sayings that are not kept). `rule`
    is the norm on steps, `value` what a setting is set to; one of them is None.
    """

    directive: Directive
    author: int
    strength: int
    order: tuple[int, int]
    by: str
    text: str = ""
    words: Words = ()
    certain: bool = True
    loan: str | None = None
    voice: int = 0
    rule: Rule | None = None
    value: Callable[[View], Any] | None = None

    @property
    def id(self) -> str:
        """The id of the norm: the directive's, with the step and the place where it was said."""
        step, place = self.order
        at = "before" if step < 0 else str(step)
        voice = f"~{self.voice}" if self.voice else ""
        return f"{self.directive.id}@{at}" + (f".{place}" if place else "") + voice

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where something is only said again."""
        return (self.directive.id, self.author, self.strength, self.words, self.loan, self.certain)


@dataclass(frozen=True, slots=True)
class Void:
    """A directive that changes nothing, for who said it may not.

    `has` is the rank it was said with and `needs` the least that would do; a text without authority
    needs any, which is None. `kind` is the kind of the step and `name` its tool, role or agent.
    `certain` is false where it is unknown whether it was said.
    """

    directive: str
    step: int
    by: str
    kind: str
    name: str
    has: int
    needs: int | None
    text: str = ""
    words: Words | None = ()
    certain: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same where something is only tried again."""
        return (self.directive, self.kind, self.name, self.words, self.certain)


@dataclass(slots=True)
class State:
    """What a conversation has come to; what conditions ask of its past (`remit.program.view.Past`).

    `turn` are the norms in force that were violated since someone with authority last spoke,
    `turn_seen` whether someone did. `cap` is the rank above which nobody speaks here. `cut`: the
    beginning of the conversation is not known. A decision keeps the state that it was made in, so
    a state that is in use is not changed: its session goes on with a `copy`. Only `memory`, what
    folds over past steps hold, and `answers` of judges go on in place: a state knows its memory as
    of `version`, and a decision keeps the answers that it used.
    """

    program: Program
    cap: int = 0
    cut: bool = False
    sayings: dict[tuple[object, ...], Saying] = field(default_factory=dict)
    voids: dict[tuple[object, ...], Void] = field(default_factory=dict)
    turn: tuple[str, ...] = ()
    turn_seen: bool = False
    answers: dict[Asked, Truth] = field(default_factory=dict)
    memory: Memory = None  # type: ignore[assignment] # made below
    version: int = 0

    def __post_init__(self) -> None:
        if self.memory is None:
            self.memory = Memory(self.program, cut=self.cut)

    @classmethod
    def new(cls, program: Program, *, cut: bool = False) -> State:
        """The state before the first step; where the beginning is cut off, all may have been said.

        Of what may have been said only what holds back matters: a permit would not count.
        """
        state = cls(program, cut=cut)
        if cut:
            state.say(perhaps(program))
        return state

    def copy(self) -> State:
        """A state that can be changed."""
        return replace(self, sayings=dict(self.sayings), voids=dict(self.voids))

    # ---- what conditions ask

    def setting(self, name: str, view: View) -> Any:
        """The value of a setting that is in force."""
        from remit.state.settings import in_force

        if name not in view.settings:
            view.settings[name] = in_force(self, name, view)
        return view.settings[name].value

    def void(self, wanted: Any, view: View) -> Truth:
        """Whether a void directive was heard: by its name, its origin, asking for the step.

        What someone with authority asks for too is not what a void directive brought about.
        """
        if not wanted[2]:
            return self._void(wanted, view)
        if _ASKING in view.variables:  # a directive whose own condition asks this
            return UNKNOWN
        view.variables[_ASKING] = True
        try:
            return False if self._is_ordered(view) else self._void(wanted, view)
        finally:
            del view.variables[_ASKING]

    def _void(self, wanted: Any, view: View) -> Truth:
        found = some(
            self._holds(one, view, asking=wanted[2])
            for one in chain(view.voids, self.voids.values())
            if _is_wanted(one, *wanted[:2])
        )
        return UNKNOWN if found is False and self.cut else found

    def asked(self) -> Truth:
        """Whether a norm in force asks for the step: one was violated in this turn."""
        return bool(self.turn) or (UNKNOWN if self.cut and not self.turn_seen else False)

    def history(self, asked: History, key: tuple[Any, ...], view: View) -> Any:
        """What a fold comes to. Once the conversation went on, only what was looked up is known."""
        place = (asked.id, key)
        if place not in view.looked:
            if self.memory.version != self.version:
                return UNKNOWN
            view.looked[place] = self.memory.ask(asked, key, view)
        return view.looked[place]

    def overdue(self, debt: Debt, view: View) -> Truth:
        """Whether something owed was not done in time, and the step does not do it."""
        place = (debt.id, ())
        if place not in view.looked:
            if self.memory.version != self.version:
                return UNKNOWN
            owing = next(one for one in self.program.owings if one.debt.id == debt.id)
            view.looked[place] = self.memory.overdue(owing, view)
        found: Truth = view.looked[place]
        return found

    def origin(self, how: str, value: Any, wanted: Any, view: View) -> Truth:
        """Whether a value `quotes`, or `came from`, earlier texts of a kind, names and label."""
        place = (f"{how} {wanted!r}", (_digest(value),))
        if place not in view.looked:
            origins = self.memory.origins
            if self.memory.version != self.version or origins is None:
                return UNKNOWN
            view.looked[place] = origins.ask(how, value, wanted, origins.count)
        found: Truth = view.looked[place]
        return found

    def called(self, id: str) -> Any:
        """The arguments of an earlier call; absent where there was none, unknown where not kept."""
        if not id or self.memory.version != self.version:
            return UNKNOWN
        return self.memory.called(id)

    def _is_ordered(self, view: View) -> bool:
        """Whether something said with authority surely has the agent do what the step does."""
        return any(
            rule.norm.modality in (PERMIT, PROTECT) and rule.applies(view) is True
            for rule in self.spoken(view)
        )

    def _holds(self, void: Void, view: View, *, asking: bool) -> Truth:
        found = self._asks(void, view) if asking else True
        return found if void.certain else every((found, UNKNOWN))

    def _asks(self, void: Void, view: View) -> Truth:
        """Whether a void directive would have the agent do what the step does."""
        template = self.program.templates[void.directive]
        rule = template.rule
        if rule is None or rule.norm.modality not in (PERMIT, PROTECT):
            return False
        if not may_be(rule.norm.act, self.program.key(view)):
            return False
        bind(view, template.directive, void.words)
        return rule.applies(view)

    def spoken(self, view: View) -> Iterator[Rule]:
        """The spoken norms that can apply to a step."""
        key = self.program.key(view)
        for saying in self.sayings.values():
            if saying.rule is not None and may_be(saying.rule.norm.act, key):
                yield saying.rule

    # ---- what happens

    def say(self, sayings: Iterable[Saying]) -> None:
        """Note what was said; said again, it counts as said last."""
        for one in sayings:
            self.sayings.pop(one.key, None)
            self.sayings[one.key] = one
            self._fold(one)

    def _fold(self, new: Saying) -> None:
        """Beyond the cap the oldest saying is kept without its words, as one with all like it."""
        alike = [
            one for one in self.sayings.values()
            if one.directive is new.directive and one.author == new.author
        ] if len(self.sayings) > MOST_SAYINGS else []  # fmt: skip
        if len(alike) > MOST_SAYINGS:
            del self.sayings[alike[0].key]
            unsure = tuple((word, UNKNOWN) for word, _ in new.words)
            folded = replace(new, words=unsure, text="", certain=False, voice=-1)
            self.sayings.pop(folded.key, None)
            self.sayings[folded.key] = spoken_rule(self.program, folded)

    def note(self, voids: Iterable[Void]) -> None:
        """Remember void directives; beyond the cap without their words."""
        for one in voids:
            if one.key not in self.voids and len(self.voids) >= MOST_VOID:
                one = replace(one, words=None, text="")
            self.voids[one.key] = one

    def remember(self, answers: Mapping[Asked, Truth]) -> None:
        """Keep what judges answered; beyond the cap the oldest is asked again."""
        for asked, truth in answers.items():
            if truth is not UNKNOWN:
                self.answers[asked] = truth
        while len(self.answers) > MOST_ANSWERS:
            del self.answers[next(iter(self.answers))]


def voice_of(id: str) -> int:
    """The `voice` of a saying, from its id. Raises `ValueError` where the id is none."""
    return int(id.rpartition("@")[2].partition("~")[2] or 0)


def perhaps(program: Program) -> Iterator[Saying]:
    """What may have been said before the conversation was cut, by the strongest who speaks here."""
    loudest = min(program.roles.values(), default=len(program.chain))
    for place, template in enumerate(program.templates.values()):
        directive, none = template.directive, len(program.chain)
        if loudest >= none or (template.rule and template.rule.norm.modality not in HOLDS_BACK):
            continue
        author = max(loudest, directive.author)
        words = tuple((word, UNKNOWN) for word in directive.words)
        said = Saying(directive, author, max(author, directive.weakest), (-1, place), "someone",
                      words=words, certain=False)  # fmt: skip
        yield spoken_rule(program, said)


def _digest(value: Any) -> str:
    """The SHA-256 (hex) of a value as JSON, by which a record tells it without holding it.

    As in a record that was written and read, U+FFFD stands in for half of a character.
    """
    from json import dumps

    text = dumps(value, ensure_ascii=False, sort_keys=True, default=repr, skipkeys=True)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return sha256(data).hexdigest()


def bind(view: View, directive: Directive, words: Words | None) -> None:
    """Let conditions find the words of a saying; unknown where they are no longer kept."""
    known = dict(words or ())
    for word in directive.words:
        view.variables[directive.variable(word)] = known.get(word, UNKNOWN)


def _is_wanted(
    void: Void, directive: str | None, origin: tuple[str, tuple[str, ...]] | None
) -> bool:
    if directive is not None and void.directive != directive:
        return False
    if origin is None:
        return True
    kind, names = origin
    return kind in ("step", void.kind) and (not names or void.name in names)


def spoken_rule(program: Program, saying: Saying) -> Saying:
    """The saying with the norm that it became, as it runs."""
    directive = saying.directive
    template = program.templates[directive.id]
    if template.rule is None:
        value = template.value
        assert value is not None, "a directive is about steps or about a setting"
        return replace(saying, value=_of_words(saying, value))
    norm = template.rule.norm
    made = replace(
        norm, id=saying.id, author=saying.author, strength=saying.strength, said=saying.order
    )
    beats, loses_to = standing(program, made, directive.id)
    frame = _frame(program, saying)
    rewrites = template.rule.rewrites
    rule = replace(
        template.rule, norm=made, applies=_within(frame, template.rule.applies), beats=beats,
        loses_to=loses_to, frame=frame,
        rewrites=None if rewrites is None else _of_words(saying, rewrites),
    )  # fmt: skip
    return replace(saying, rule=rule)


def _of_words(saying: Saying, value: Callable[[View], Any]) -> Callable[[View], Any]:
    def of_words(view: View) -> Any:
        bind(view, saying.directive, saying.words)
        return value(view) if saying.certain else UNKNOWN

    return of_words


def _frame(program: Program, saying: Saying) -> Applies:
    """Whether a spoken norm was said, and within its loan; it lets conditions find its words."""
    reaches = next((one.reaches for one in program.lendings if one.loan.id == saying.loan), None)

    def frame(view: View) -> Truth:
        bind(view, saying.directive, saying.words)
        within: Truth = True if reaches is None else reaches(view)
        return within if saying.certain else every((within, UNKNOWN))

    return frame


def _within(frame: Applies, applies: Applies) -> Applies:
    def spoken(view: View) -> Truth:
        within = frame(view)
        return False if within is False else every((applies(view), within))

    return spoken


def standing(program: Program, norm: Norm, directive: str) -> tuple[int, int]:
    """Bit masks of the standing norms that a spoken one beats, and of those that beat it."""
    key = (directive, norm.author, norm.strength)
    if key not in program.masks:
        beats = loses_to = 0
        goals = program.goals_for(norm)
        for rule in program.rules:
            if opposes(norm, rule.norm):
                wins = verdict(norm, rule.norm, goals)[0][0]
                beats |= wins << rule.index
                loses_to |= (not wins) << rule.index
        program.masks[key] = (beats, loses_to)
    return program.masks[key]


def needs(state: State, directive: Directive, author: int, strength: int) -> int | None:
    """The least authority with which a permit would lift something; None where this is enough."""
    norm = directive.norm
    if isinstance(norm, Constraint) or norm.modality != PERMIT:
        return None
    made = replace(norm, author=author)
    spoken = [one.rule for one in state.sayings.values() if one.rule is not None]
    held = [rule.norm.strength for rule in (*state.program.rules, *spoken)
            if rule.norm.modality in HOLDS_BACK and lifts(made, rule.norm)]  # fmt: skip
    return max(held) if held and max(held) < strength else None
