"""Reads what a record tells of the past of its conversation.

Alone it is taken on trust, but not what no conversation can come to: norms that nobody could say
with such authority, of directives that the policy does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remit.checked.model import Constraint
from remit.program.domain import whole
from remit.program.values import UNKNOWN
from remit.verify import consent
from remit.verify.looked import read_looked
from remit.verify.past import Past
from remit.verify.said import HANDED, SOMEONE, Row, Said, Void, handed_on, words_of
from remit.verify.winners import VIOLABLE
from remit.verify.world import World


def read_past(world: World, record: Mapping[str, Any]) -> tuple[Past, list[str]]:
    """The past that a record tells, and what in it nobody can have said or is not of the policy."""
    data: Mapping[str, Any] = record.get("past", {})
    looked, problems = read_looked(world.watched, record)
    past = Past(world, turn=frozenset(data.get("turn", ())), looked=looked)
    past.full = frozenset(record.get("full", ()))
    past.turn_seen, past.cut = data.get("turn_seen") is True, data.get("cut") is True
    cap = world.rank(data.get("cap", world.checked.chain[0]))
    if cap is None or cap >= world.none:
        problems.append(f"`past` has the cap `{data['cap'][:200]}`, which is no level")
    past.cap = cap or 0
    past.asked_about = data.get("asked", ())
    strange = consent.impossible(past.asked_about, world, record["index"])
    problems += [f"`past` {one}" for one in strange]
    for row in data.get("said", ()):
        said, found = _read_said(world, row, past)
        problems += [f"`past`: `{row['norm'][:200]}` {one}" for one in found]
        if said is not None:
            past.said[said.key] = said
    for row in data.get("void", ()):
        void, found = _read_void(world, row)
        problems += [f"`past`: the void `{row['directive'][:200]}` {one}" for one in found]
        if void is not None:
            past.voids[void.key] = void
    if len(past.said) != len(data.get("said", ())):
        problems.append("`past` holds something said that is not told apart from the rest")
    problems += list(_was_void(past))
    return past, problems


def _read_said(world: World, row: Row, past: Past) -> tuple[Said | None, list[str]]:
    author, strength = world.rank(row["author"]), world.rank(row["strength"])
    order = (row["step"], row["place"])
    if author is None or strength is None or world.none in (author, strength):
        return None, [f"is of `{row['author'][:80]}` and `{row['strength'][:80]}`: no levels"]
    if "sets" in row:
        said = _handed(world, row, author, order)
        wrong = said is None or said.to_json(world.checked.chain) != row
        return said, ["is not what a hand-over sets"] if wrong else []
    directive = world.directives.get(row["directive"])
    if directive is None:
        return None, [f"is of `{row['directive'][:80]}`, which is no directive of the policy"]
    words = words_of(row["words"])
    if tuple(name for name, _ in words) != directive.words:
        return None, ["has not the words of its directive"]
    said = Said(
        directive,
        author,
        strength,
        order,
        row["by"],
        row["text"],
        words,
        row["certain"],
        row.get("loan"),
        voice=int(row["norm"].rpartition("@")[2].partition("~")[2] or 0),
    )
    return said, list(_illegal(world, row, said, past))


def _handed(world: World, row: Row, rank: int, order: tuple[int, int]) -> Said | None:
    sets = row["sets"]
    setting = world.checked.settings.get(sets["setting"])
    if setting is None or row["directive"] != f"{HANDED}::{sets['setting']}":
        return None
    try:
        left = whole(setting.type).narrow(sets["op"], sets["value"])
    except ValueError:
        return None
    return None if left is None else handed_on(sets, rank, order)


def _illegal(world: World, row: Row, said: Said, past: Past) -> Iterator[str]:
    """Why nobody can have said it so."""
    if said.id != row["norm"]:
        yield f"must be called `{said.id}`"
    if said.order[0] < 0:
        yield from _before(said, past)
    loan = world.loans.get(said.loan or "")
    if said.loan is not None and (loan is None or loan.level >= world.none):
        yield f"speaks by `{said.loan[:200]}`, which lends nothing"
        return
    ranks = world.checked.roles.values() if loan is None else (loan.level,)
    file = said.directive.author
    if not any(said.author in (max(one, file), *range(max(one, file), past.cap + 1))
               for one in ranks):  # fmt: skip
        yield f"cannot be said with the authority of `{row['author']}`"
    implied = max(said.author, world.none - 1)
    if said.strength not in (max(said.author, said.directive.weakest), implied):
        yield f"cannot have the strength of `{row['strength']}`"


def _was_void(past: Past) -> Iterator[str]:
    """What was surely void when it was said: counted with all that may have been said before it.

    What was said again stands where it was said last.
    """
    world, everything = past.world, list(past.said.values())
    for said in everything:
        surely = world.held_by(said, [one for one in everything if one.order[0] < said.order[0]])
        needed = max(world.held_by(said, everything), default=said.strength)
        if surely and needed < said.strength:
            lead = f"`past`: `{said.id[:200]}` needs {world.checked.level(needed)}"
            yield f"{lead}, so it was void"


def _before(said: Said, past: Past) -> Iterator[str]:
    """What may have been said before a cut is told in one way only."""
    norm = said.norm
    sure = said.certain or any(value is not UNKNOWN for _, value in said.words)
    opens = norm is not None and norm.modality not in VIOLABLE
    if not past.cut or sure or opens or said.by != SOMEONE or said.text:
        yield "is not what may have been said before the beginning"


def _read_void(world: World, row: Row) -> tuple[Void | None, list[str]]:
    has, needs = world.rank(row["has"]), world.rank(row.get("needs", "none"))
    directive = world.directives.get(row["directive"])
    if directive is None or has is None or needs is None:
        return None, ["is of no directive or level of the policy"]
    words = row.get("words", {})
    made = Void(
        row["directive"], row["step"], row["by"], row["kind"], row["name"], has,
        needs if "needs" in row else None, row["text"], None if words is None else words_of(words),
        row.get("certain", True),
    )  # fmt: skip
    if made.words is not None and tuple(name for name, _ in made.words) != directive.words:
        return None, ["has not the words of its directive"]
    norm = directive.norm
    permits = not isinstance(norm, Constraint) and norm.modality == "permit"
    if (made.needs is None) != (has >= world.none) or (
        made.needs is not None and not (permits and made.needs < has)
    ):
        return made, ["was not void"]
    return made, []
