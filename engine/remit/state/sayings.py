"""What was said and counts, and the norms that it became; what was said in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from remit.checked.norm import HOLDS_BACK, PERMIT, Norm
from remit.graph.opposition import lifts, opposes, verdict
from remit.program.values import UNKNOWN, Truth, every

if TYPE_CHECKING:
    from remit.checked.model import Directive
    from remit.program.model import Program
    from remit.program.rule import Applies, Rule
    from remit.program.view import View
    from remit.state.model import State

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


def bind(view: View, directive: Directive, words: Words | None) -> None:
    """Let conditions find the words of a saying; unknown where they are no longer kept."""
    known = dict(words or ())
    for word in directive.words:
        view.variables[directive.variable(word)] = known.get(word, UNKNOWN)


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
    if not isinstance(norm, Norm) or norm.modality != PERMIT:
        return None
    made = replace(norm, author=author)
    spoken = [one.rule for one in state.sayings.values() if one.rule is not None]
    held = [rule.norm.strength for rule in (*state.program.rules, *spoken)
            if rule.norm.modality in HOLDS_BACK and lifts(made, rule.norm)]  # fmt: skip
    return max(held) if held and max(held) < strength else None
