"""The state of a conversation, made step by step.

A state holds what later steps can ask for and no more: it does not grow with the conversation
beyond the caps below. It is changed by its session alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from remit.checked.norm import PERMIT, PROTECT
from remit.program.rule import may_be
from remit.program.values import UNKNOWN, Truth, every, some
from remit.state.memory import Memory
from remit_grammar.value import field, replace, thing

if TYPE_CHECKING:
    from remit.checked.model import Debt, History
    from remit.program.model import Program
    from remit.program.rule import Rule
    from remit.program.view import Asked, View
    from remit.state.consent import Consent
    from remit.state.sayings import Saying, Void

MOST_SAYINGS = 1_000  # different sayings of one directive by one level that are kept apart
MOST_VOID = 1_000  # different void directives that are remembered
MOST_ANSWERS = 10_000  # answers of judges that are remembered
_ASKING = "asking for it"  # among a view's variables while that is asked; no name has blanks


@thing
class State:
    """What a conversation has come to; what conditions ask of its past (`remit.program.view.Past`).

    `consent` is who was asked about which call, and said yes. `turn` are the norms in force that
    were violated since someone with authority last spoke, `turn_seen` whether someone did. `cap` is
    the rank above which nobody speaks here. `cut`: the beginning of the conversation is not known.
    A decision keeps the state that it was made in, so a state that is in use is not changed: its
    session goes on with a `copy`. Only `memory`, what folds over past steps hold, and `answers` of
    judges go on in place: a decision keeps what it looked up there, and the answers that it used.
    """

    program: Program
    cap: int = 0
    cut: bool = False
    sayings: dict[tuple[object, ...], Saying] = field(default_factory=dict)
    voids: dict[tuple[object, ...], Void] = field(default_factory=dict)
    turn: frozenset[str] = frozenset()
    turn_seen: bool = False
    answers: dict[Asked, Truth] = field(default_factory=dict)
    consent: Consent = ()
    memory: Memory = None  # type: ignore[assignment] # made below

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
            from remit.state.sayings import perhaps

            state.say(perhaps(program))
        return state

    def copy(self) -> State:
        """A state that can be changed."""
        return replace(self, sayings=dict(self.sayings), voids=dict(self.voids))

    def moved(self, turn: frozenset[str], consent: Consent, *, turn_seen: bool) -> State:
        """The state after a step; what was said may have to be added to a copy of it."""
        return State(
            self.program, self.cap, self.cut, self.sayings, self.voids, turn, turn_seen,
            self.answers, consent, self.memory,
        )  # fmt: skip

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

    def confirmed(self, who: str, view: View) -> Truth:
        """Whether somebody said yes to this very call; the first turn of a cut one is not known."""
        from remit.state.consent import confirmed

        found = confirmed(self.consent, who, view) if self.consent else False
        return UNKNOWN if found is False and self.cut and not self.turn_seen else found

    def history(self, asked: History, key: tuple[Any, ...], view: View) -> Any:
        """What a fold comes to."""
        place, looked = (asked.id, key), view.looked
        if view.closed or place in looked:
            return view.look(place, self.memory.ask, asked, key, view)
        found = looked[place] = self.memory.ask(asked, key, view)
        return found

    def overdue(self, debt: Debt, view: View) -> Truth:
        """Whether something owed was not done in time, and the step does not do it."""
        found: Truth = view.look((debt.id, ()), self.memory.overdue, debt, view)
        return found

    def origin(self, how: str, value: Any, wanted: Any, view: View) -> Truth:
        """Whether a value `quotes`, or `came from`, earlier texts of a kind, names and label."""
        origins = self.memory.origins
        if origins is None:
            return UNKNOWN
        place = (_asking(how, wanted), (_digest(value),))
        found: Truth = view.look(place, origins.ask, how, value, wanted, origins.count)
        return found

    def called(self, id: str) -> Any:
        """The arguments of an earlier call; absent where there was none, unknown where not kept."""
        return self.memory.called(id) if id else UNKNOWN

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
        from remit.state.sayings import bind

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
            from remit.state.sayings import spoken_rule

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


@lru_cache(maxsize=256)
def _asking(how: str, wanted: Any) -> str:
    """What is asked of a value, as a record tells it."""
    return f"{how} {wanted!r}"


@cache
def _hashing() -> tuple[Callable[[bytes], Any], Callable[[str], str], Callable[..., str]]:
    """What a digest is made with, loaded when the first one is."""
    from hashlib import sha256
    from json import dumps
    from json.encoder import encode_basestring

    return sha256, encode_basestring, dumps


def _digest(value: Any) -> str:
    """The SHA-256 (hex) of a value as JSON, by which a record tells it without holding it.

    As in a record that was written and read, U+FFFD stands in for half of a character.
    """
    sha256, written, dumps = _hashing()
    if type(value) is str:
        text = written(value)  # as below, many times faster
    else:
        text = dumps(value, ensure_ascii=False, sort_keys=True, default=repr, skipkeys=True)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return str(sha256(data).hexdigest())


def _is_wanted(
    void: Void, directive: str | None, origin: tuple[str, tuple[str, ...]] | None
) -> bool:
    if directive is not None and void.directive != directive:
        return False
    if origin is None:
        return True
    kind, names = origin
    return kind in ("step", void.kind) and (not names or void.name in names)
