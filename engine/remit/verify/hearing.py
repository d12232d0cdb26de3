"""What is said in a step: with which authority its texts speak, what is void, and what it needs.

What a pattern finds in a text is taken on trust (`remit.text.patterns`), and what judges answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from remit.checked.model import Act, Constraint, Directive, Loan
from remit.program.values import LONGEST, UNKNOWN, Truth
from remit.program.view import Asked, View, asked_of
from remit.verify.past import KEPT, Past
from remit.verify.said import Said, Void, Words, unsure
from remit.verify.world import World

QUOTED = 200  # characters of a text that are kept for people
Answers = Mapping[Asked, Truth]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a step: who says it, for people, with which rank, and the loans that raise it."""

    text: str
    rank: int
    by: str
    loans: tuple[Loan, ...]
    own: bool  # whether it is the speaker's own, so that what the host gives is said in it
    silent: bool  # whether it is heard by its loans alone


class Piece(NamedTuple):
    """A directive in a text: where, and what was said."""

    at: int
    directive: Directive
    text: str
    words: Words
    certain: bool = True
    implied: bool = False


class Heard(NamedTuple):
    """What a step says, what is void, and questions of which the record tells no answer."""

    said: list[Said]
    voids: list[Void]
    missing: list[Asked]


def speaks_with(past: Past, view: View) -> int:
    """The rank of whoever speaks: of a message its role's, and at most the session's."""
    none = past.world.none
    if view.kind != "message" or view.unnamed:
        return none
    rank = past.world.checked.roles.get(view.role, none)
    return none if rank >= none else max(rank, past.cap)


def strange(world: World, step: Any) -> str | None:
    """A directive that the host gives and that the policy does not have."""
    for given in step.directives:
        directive = _named(world, given.name)
        if directive is None or any(name not in directive.words for name in given.values):
            return str(given.name)
    return None


def hear(past: Past, view: View, index: int, answers: Answers) -> Heard:
    """Everything that a step says, in its order."""
    heard = Heard([], [], [])
    if not past.world.directives or view.kind == "call":
        return heard
    place = -1
    for text in _texts(past, view):
        last, here = -1, set[str]()
        for piece in _pieces(past.world, view, text, answers, heard.missing):
            if piece.at != last or piece.directive.id in here:
                last, here, place = piece.at, set(), place + 1
            here.add(piece.directive.id)
            _become(past, view, text, piece, (index, place), heard)
    return heard


# ---- who speaks


def _texts(past: Past, view: View) -> Iterator[Text]:
    """The texts of a step in their order: the speaker's own words, then what stands in them."""
    step: Any = view.step
    none, by = past.world.none, view.role
    if view.kind == "result":
        by = f"a result of `{view.tool}`" if view.tool else "a result"
    elif view.kind == "handoff":
        by = "another agent"
    silent = view.kind == "message" and view.role == "assistant"
    texts = [(step.text, speaks_with(past, view), by)]
    texts += [(step.error, none, by)] if getattr(step, "error", None) else []
    texts += [(part.text, none, f"{part.origin} text in a message from {by}")
              for part in getattr(step, "parts", ())]  # fmt: skip
    loans = _loans(past, view)
    for number, (text, rank, who) in enumerate(texts):
        raising = tuple(loan for loan in loans if max(loan.level, past.cap) < rank)
        if raising or not silent:
            yield Text(text, rank, who, raising, number == 0, silent)


def _loans(past: Past, view: View) -> list[Loan]:
    """The loans that surely are about the step and that surely nobody revoked."""
    world = past.world
    truths = {name: world.lends_to(loan, view) for name, loan in world.loans.items()}
    revoking = [loan.author for name, loan in world.loans.items()
                if loan.level >= world.none and truths[name] is not False]  # fmt: skip
    return [
        loan for name, loan in world.loans.items()
        if loan.level < world.none and truths[name] is True
        and all(loan.level < author for author in revoking)
    ]  # fmt: skip


# ---- what is said


def _pieces(
    world: World, view: View, text: Text, answers: Answers, missing: list[Asked]
) -> list[Piece]:
    """What patterns, judges and the host find in a text, by the place where it was said."""
    end = len(text.text)
    found = [piece for one in world.directives.values() for piece in _by_pattern(world, one, text)]
    found += [Piece(end, one, text.text, unsure(one), truth is True)
              for one, truth in _by_judge(world, text, answers, missing)
              if truth is not False]  # fmt: skip
    found.sort(key=lambda piece: (piece.at, piece.directive.id))
    for number, given in enumerate(view.step.directives if text.own else (), 1):
        directive = _named(world, given.name)
        if directive is not None:
            words = tuple((word, given.values.get(word)) for word in directive.words)
            said = text.text, words, True, given.implied
            found.append(Piece(end + number, directive, *said))
    return found


def _by_pattern(world: World, directive: Directive, text: Text) -> Iterator[Piece]:
    if not directive.patterns or not text.text:
        return
    if len(text.text) > LONGEST:  # too long to be searched
        yield Piece(0, directive, "", unsure(directive), certain=False)
        return
    for at, end, taken in world.matchers[directive.id].sayings(text.text, KEPT + 1):
        words = tuple((word, taken[word]) for word in directive.words)
        yield Piece(at, directive, text.text[at:end], words)


def _by_judge(
    world: World, text: Text, answers: Answers, missing: list[Asked]
) -> Iterator[tuple[Directive, Truth]]:
    """What judges hear; they are asked about texts with authority, or where void ones matter."""
    if not text.text or not (text.rank < world.none or text.loans or world.reads_void):
        return
    for directive in world.directives.values():
        if directive.judged is not None:
            question, judge = directive.judged
            asked = asked_of(judge, question, text.text)
            if asked not in answers:
                missing.append(asked)
            yield directive, answers.get(asked, UNKNOWN)


def _named(world: World, name: str) -> Directive | None:
    """The directive that the host means."""
    if name in world.directives:
        return world.directives[name]
    alike = [one for key, one in world.directives.items() if key.rpartition("::")[2] == name]
    return alike[0] if len(alike) == 1 else None


# ---- what it comes to


def _become(
    past: Past, view: View, text: Text, piece: Piece, order: tuple[int, int], heard: Heard
) -> None:
    """What a piece of text comes to, said with each authority that it has: a norm, or void."""
    ways: list[Loan | None] = [*([] if text.silent else [None]), *text.loans]
    made = [_said(past, text, piece, order, loan) for loan in ways]
    said = [one for one in made if isinstance(one, Said)]
    heard.said.extend(replace(one, voice=number) for number, one in enumerate(said))
    if not said:
        has, needs = next(one for one in made if not isinstance(one, Said))
        name = view.tool or (getattr(view.step, "to", "") if view.kind == "handoff" else view.role)
        heard.voids.append(Void(
            piece.directive.id, order[0], text.by, view.kind, name, has, needs,
            piece.text[:QUOTED], piece.words, piece.certain,
        ))  # fmt: skip


def _said(
    past: Past, text: Text, piece: Piece, order: tuple[int, int], loan: Loan | None
) -> Said | tuple[int, int | None]:
    """The norm; or what it was said with, and what it needs, where it is void."""
    world, directive = past.world, piece.directive
    rank = text.rank if loan is None else max(loan.level, past.cap)
    if rank >= world.none or (loan is not None and not _within(world, loan, directive)):
        return world.none, None
    author = max(rank, directive.author)
    implied = world.none - 1 if piece.implied else 0
    strength = max(author, directive.weakest, implied)
    said = Said(directive, author, strength, order, text.by, piece.text[:QUOTED], piece.words,
                piece.certain, None if loan is None else loan.id)  # fmt: skip
    needed = past.lacks(said)
    return said if needed is None else (strength, needed)


def _within(world: World, loan: Loan, directive: Directive) -> bool:
    """Whether a loan can reach what a directive is about: "what the loan cannot reach is void"."""
    norm = directive.norm
    if isinstance(norm, Constraint):
        return loan.setting == norm.setting if loan.setting else loan.only is None
    return meets(world, loan.only, norm.act) if loan.only is not None else loan.setting is None


def meets(world: World, one: Act, other: Act) -> bool:
    """Whether one step could be both acts, by kinds, names and declared effects."""
    if one.kind != other.kind and "step" not in (one.kind, other.kind):
        return False
    for mine, yours in ((one.roles, other.roles), (one.agents, other.agents)):
        if mine is not None and yours is not None and mine.isdisjoint(yours):
            return False
    named = [names for names in (one.tools, other.tools) if names is not None]
    if not named:
        return True
    tools = world.checked.tools
    both = frozenset.intersection(*named)
    return any(name not in tools or one.effects | other.effects <= tools[name].effects
               for name in both)  # fmt: skip
