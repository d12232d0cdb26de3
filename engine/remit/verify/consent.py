"""Who was asked about which call and said yes, told anew on the rows that records hold.

What the host says (`said` is false) is taken on trust, between one record and the next; that it
was asked for is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.program.binding import bound, digest
from remit.program.values import UNKNOWN, Truth
from remit.program.view import View, size_of
from remit.verify.folds import MOST_KEPT

if TYPE_CHECKING:
    from remit.verify.world import World

Row = Mapping[str, Any]
MOST = 100  # calls that are kept apart; the one asked about last is the last one


class Judged(NamedTuple):
    """A step, the step it goes on as, its index `at`, who is asked, and whether it takes effect."""

    view: View
    taken: View
    at: int
    asks: Sequence[str]
    goes_on: bool


def confirmed(rows: Sequence[Row], who: str, view: View) -> Truth:
    """Whether somebody said yes to the call that the step is."""
    calls = [row["call"] for row in rows if view.tool in ("", row["tool"])
             and any(one["who"] == who and "yes" in one for one in row["people"])]  # fmt: skip
    if not calls or view.kind != "call":
        return False
    mine = bound(view)
    return UNKNOWN if mine is UNKNOWN else mine in calls


def agreed(rows: Sequence[Row], asks: Sequence[str], taken: View) -> list[str]:
    """Who of those whom the call asks said yes to it through the host."""
    if taken.kind != "call" or (call := bound(taken)) is UNKNOWN:
        return []
    given = {one["who"] for row in rows if row["call"] == call for one in row["people"]
             if "yes" in one and not one["said"]}  # fmt: skip
    return [who for who in asks if who in given]


def after(rows: Sequence[Row], world: World, cap: int, now: Judged) -> list[Row]:
    """The rows of the next record, the host's word apart."""
    left = _heard(list(rows), world, cap, now) if now.view.kind == "message" else list(rows)
    if now.asks and not now.goes_on:
        return _asked(left, world, now)[-MOST:]
    if now.view.kind != "call" or not now.goes_on:
        return left
    used = [bound(now.view), bound(now.taken)]
    vague = UNKNOWN in used
    return [row for row in left if row["call"] not in used
            and not (vague and now.view.tool in ("", row["tool"]))]  # fmt: skip


def _heard(rows: list[Row], world: World, cap: int, now: Judged) -> list[Row]:
    role = now.view.role
    if now.view.unnamed:
        return []
    rank = world.checked.roles.get(role, world.none)
    if rank >= world.none:
        return rows
    asked = any(one["who"] == role for row in rows for one in row["people"])
    texts = [one.field("agrees") is True for one in (now.view, now.taken)]
    if asked and all(texts) and now.goes_on and rank >= cap:
        yes = {"who": role, "yes": now.at, "said": True}
        return [{**row, "people": [yes if one["who"] == role and _hears(one) else one
                                   for one in row["people"]]} for row in rows]  # fmt: skip
    return _fewer(rows, lambda one: one["who"] != role and "yes" not in one)


def _hears(one: Row) -> bool:
    """Whether a spoken yes tells anything new to this question."""
    return not one.get("passed") and ("yes" not in one or one["said"])


def _fewer(rows: list[Row], stays: Any) -> list[Row]:
    left = [{**row, "people": [one for one in row["people"] if stays(one)]} for row in rows]
    return [row for row in left if row["people"]]


def _asked(rows: list[Row], world: World, now: Judged) -> list[Row]:
    call, args = bound(now.taken), dict(now.taken.args)
    speakers = {one for one in now.asks if world.checked.roles.get(one, world.none) < world.none}
    left: list[Row] = [{**row, "people": [_passed(one) if one["who"] in speakers else one
                               for one in row["people"]]}
            for row in rows if row["call"] != call]  # fmt: skip
    if call is UNKNOWN:
        return left
    known = {one["who"]: one for row in rows if row["call"] == call for one in row["people"]}
    people = [known.get(who, {"who": who}) for who in dict.fromkeys([*now.asks, *known])]
    people = [{name: value for name, value in one.items() if name != "passed"}
              if one["who"] in now.asks else one for one in people]  # fmt: skip
    row = {"call": call, "tool": now.taken.tool, "step": now.at, "people": people}
    return [*left, row | ({"args": args} if size_of(args) <= MOST_KEPT else {})]


def _passed(one: Row) -> Row:
    yes = {} if one.get("said") else {name: one[name] for name in ("yes", "said") if name in one}
    return {"who": one["who"], **yes, "passed": True}


def impossible(rows: Sequence[Row], world: World, index: int) -> Iterator[str]:
    """What no conversation comes to."""
    if rows and not world.asks:
        yield "tells who was asked about what, and no clause asks"
    if len({row["call"] for row in rows}) < len(rows) or len(rows) > MOST:
        yield "tells of a call that was asked about twice, or of too many"
    for row in rows:
        tool, people = f"the call of `{row['tool'][:80]}`", [one["who"] for one in row["people"]]
        if "args" in row and digest(row["tool"], row["args"]) != row["call"]:
            yield f"says that {tool} was asked about, with other arguments"
        if not people or len(set(people)) < len(people):
            yield f"says that {tool} was asked of nobody, or of somebody twice"
        steps = [row["step"], *(one["yes"] for one in row["people"] if "yes" in one)]
        if not all(0 <= step < index for step in steps):
            yield f"says that {tool} was asked about, or confirmed, in a step to come"
    ranks = world.checked.roles
    speakers = [one["who"] for row in rows for one in row["people"]
                if ranks.get(one["who"], world.none) < world.none
                and not one.get("passed")]  # fmt: skip
    if len(set(speakers)) < len(speakers):
        yield "says that somebody was asked two things at once"


def differs(rows: Sequence[Row], due: Sequence[Row], index: int) -> Iterator[str]:
    """Where the rows of a record are not what the one before it, and then the host, can leave."""
    wanted = {row["call"]: row for row in due}
    calls = [row["call"] for row in rows]
    if [call for call in wanted if call in calls] != calls:
        yield "`past.asked` tells of calls that nobody was asked about, or in another order"
    for row in rows:
        known = wanted.get(row["call"])
        if known is None:
            continue
        tool = f"the call of `{row['tool'][:80]}`"
        if {**row, "people": []} != {**known, "people": []}:
            yield f"`past.asked` tells otherwise what {tool} was than the step that asked"
        open_ones = {one["who"]: one for one in known["people"]}
        for one in row["people"]:
            host = "yes" in one and one["said"] is False
            by_host = host and row["step"] <= one["yes"] < index
            before = open_ones.get(one["who"])
            if before is None or not (
                one == before or (by_host and one.get("passed") == before.get("passed"))
            ):
                yield f"`past.asked` says of `{one['who'][:80]}` what nothing before says: {tool}"
