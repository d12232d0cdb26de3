"""What is said in a step: the directives heard in its texts, each with its speaker's authority.

A text is heard with the level that its role speaks for, or a level that is lent to it (semantics 1
and 6). Without authority a directive is void. The agent's own messages are what is judged; they are
heard only where authority is lent to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.checked.model import Constraint, Directive
from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT
from remit.conversation.pieces import Given
from remit.graph.opposition import can_meet
from remit.program.values import LONGEST, UNKNOWN, Truth
from remit.program.view import Asked, View, asked_of
from remit.state.heard import Heard, speaks_with
from remit.state.model import MOST_SAYINGS, State
from remit.state.sayings import Saying, Void, Words, needs, spoken_rule

if TYPE_CHECKING:
    from remit.program.model import Lending, Template

QUOTED = 200  # characters of the text that said it, kept for people


class Voice(NamedTuple):
    """A text of a step with the authority that it speaks with; `loan` is what lent it."""

    number: int  # of the text in the step
    text: str
    rank: int
    by: str
    loan: Lending | None = None
    own: bool = True  # the speaker's own words, so that what the host gives is said here


class Said(NamedTuple):
    """A directive in a text, before it is asked who said it."""

    directive: Directive
    text: str
    words: Words
    certain: bool = True
    implied: bool = False


def questions(state: State, view: View) -> dict[Asked, str]:
    """What judges must say, and of which texts, before the step can be heard."""
    return {
        asked_of(judge, question, voice.text): voice.text
        for voice in voices(state, view)
        for question, judge in state.program.heard_judged
        if _may_matter(state, voice)
    }


def _may_matter(state: State, voice: Voice) -> bool:
    """Whether it matters what a voice says: it has authority, or void directives are asked for."""
    has_any = voice.rank < len(state.program.chain)
    return bool(voice.text) and (has_any or state.program.reads_void)


def hear(state: State, view: View, index: int, answers: Mapping[Asked, Truth]) -> Heard:
    """Everything that the step says, in the order in which it is said."""
    sayings: list[Saying] = []
    voids: list[Void] = []
    place = -1
    for text, ways in groupby(voices(state, view), key=lambda voice: voice.number):
        alike = list(ways)
        last: tuple[object, set[str]] = (None, set())
        known = answers if any(_may_matter(state, voice) for voice in alike) else {}
        for at, one in _said(state, view, alike[0], known):
            if last[0] != (text, at) or one.directive.id in last[1]:
                place, last = place + 1, ((text, at), set())
            last[1].add(one.directive.id)
            said: list[Saying] = []
            failed: list[Void] = []
            for voice in alike:
                made = _become(state, view, voice, one, (index, place), len(said))
                (said if isinstance(made, Saying) else failed).append(made)  # type: ignore[arg-type]
            sayings += said
            voids += [] if said else failed[:1]
    return Heard(tuple(sayings), tuple(voids))


# ---- who speaks


def voices(state: State, view: View) -> list[Voice]:
    """The texts of a step, each once for every authority that it may speak with, its own first."""
    if not state.program.templates or view.kind == CALL:
        return []
    none = len(state.program.chain)
    step: Any = view.step
    lent = _lent(state, view)
    who = _speaker(view)
    agent = view.kind == MESSAGE and view.role == "assistant"
    texts = [(step.text, speaks_with(state, view), who, True)]
    texts += [(one, none, who, False) for one in [getattr(step, "error", None)] if one]
    texts += [(one.text, none, f"{one.origin} text in a message from {who}", False)
              for one in getattr(step, "parts", ())]  # fmt: skip
    found: list[Voice] = []
    for number, (text, rank, by, own) in enumerate(texts):
        loans = [
            Voice(number, text, max(one.loan.level, state.cap), by, one, own)
            for one in lent if max(one.loan.level, state.cap) < rank
        ]  # fmt: skip
        found += [] if agent else [Voice(number, text, rank, by, None, own)]
        found += loans
    return found


def _lent(state: State, view: View) -> list[Lending]:
    """The loans to the texts of a step; one that may be revoked, or may not hold, is none."""
    none = len(state.program.chain)
    applying = [(one, one.applies(view)) for one in state.program.lendings]
    revoking = [one.loan.author for one, truth in applying
                if one.loan.level >= none and truth is not False]  # fmt: skip
    return [
        one for one, truth in applying
        if truth is True and one.loan.level < none
        and not any(author <= one.loan.level for author in revoking)
    ]  # fmt: skip


def _speaker(view: View) -> str:
    """Who speaks in a step, for people."""
    if view.kind == RESULT:
        return f"a result of `{view.tool}`" if view.tool else "a result"
    if view.kind == HANDOFF:
        return "another agent"
    return view.role


# ---- what is said


def _said(
    state: State, view: View, voice: Voice, answers: Mapping[Asked, Truth]
) -> Iterator[tuple[int, Said]]:
    """The directives in a text from left to right, then what judges and the host add."""
    found: list[tuple[int, Said]] = []
    end = len(voice.text)
    for template in state.program.templates.values():
        directive = template.directive
        found += _recognised(view, template, voice.text)
        unsure = tuple((word, UNKNOWN) for word in directive.words)
        found += [(end, Said(directive, voice.text, unsure, certain))
                  for certain in _judged(directive, voice, answers)]  # fmt: skip
    yield from sorted(found, key=lambda one: (one[0], one[1].directive.id))
    given: tuple[Given, ...] = view.step.directives if voice.own else ()
    for number, one in enumerate(given):
        directive = state.program.templates[find(state, one.name)].directive
        words = tuple((word, one.values.get(word)) for word in directive.words)
        yield end + 1 + number, Said(directive, voice.text, words, implied=one.implied)


def _recognised(view: View, template: Template, text: str) -> Iterator[tuple[int, Said]]:
    """What patterns find in a text, and where."""
    directive = template.directive
    if template.hears is None or not text:
        return
    if len(text) > LONGEST:
        unsure = tuple((word, UNKNOWN) for word in directive.words)
        yield 0, Said(directive, "", unsure, certain=False)
        return
    for at, end, taken in view.reading.sayings(template.hears, text, MOST_SAYINGS + 1):
        words = tuple((word, taken[word]) for word in directive.words)
        yield at, Said(directive, text[at:end], words)


def _judged(directive: Directive, voice: Voice, answers: Mapping[Asked, Truth]) -> Iterator[bool]:
    """Whether a judge hears the directive: once, sure or not, or not at all."""
    if directive.judged is None:
        return
    question, judge = directive.judged
    truth = answers.get(asked_of(judge, question, voice.text), False)
    if truth is not False:
        yield truth is True


def find(state: State, name: str) -> str:
    """The id of a directive that the host names; KeyError where there is none, or more than one."""
    templates = state.program.templates
    if name in templates:
        return name
    ids = [one for one in templates if one.rpartition("::")[2] == name]
    if len(ids) != 1:
        raise KeyError(name)
    return ids[0]


# ---- what it comes to


def _become(
    state: State, view: View, voice: Voice, said: Said, order: tuple[int, int], number: int
) -> Saying | Void:
    """The saying, the `number`th of the same, or void directive that something said comes to."""
    none, directive = len(state.program.chain), said.directive
    author = max(voice.rank, directive.author)
    strength = max(author, none - 1 if said.implied else 0, directive.weakest)
    if voice.rank >= none or not _reaches(state, voice, directive):
        return _void(view, voice, said, order, none, None)
    wanting = needs(state, directive, author, strength)
    if wanting is not None:
        return _void(view, voice, said, order, strength, wanting)
    loan = None if voice.loan is None else voice.loan.loan.id
    quoted = said.text[:QUOTED]
    plain = Saying(directive, author, strength, order, voice.by, quoted, said.words, said.certain,
                   loan, number)  # fmt: skip
    return spoken_rule(state.program, plain)


def _reaches(state: State, voice: Voice, directive: Directive) -> bool:
    """Whether a limited loan can be about what the directive is about at all."""
    if voice.loan is None:
        return True
    loan, norm = voice.loan.loan, directive.norm
    if isinstance(norm, Constraint):
        return loan.setting == norm.setting or (loan.setting is None and loan.only is None)
    if loan.only is not None:
        return can_meet(loan.only, norm.act, state.program.known.tools)
    return loan.setting is None


def _void(
    view: View, voice: Voice, said: Said, order: tuple[int, int], has: int, needs: int | None
) -> Void:
    name = view.tool or (getattr(view.step, "to", "") if view.kind == HANDOFF else view.role)
    return Void(said.directive.id, order[0], voice.by, view.kind, name, has, needs,
                said.text[:QUOTED], said.words, said.certain)  # fmt: skip
