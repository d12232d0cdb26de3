"""The reference definition on cases small enough to do by hand; each test is a sentence of it.

Nothing here runs the engine. The recorded items of instruction hierarchies are read where they are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from tests.properties.definition import Norm, beats, in_force, verdict
from tests.properties.definition_settings import Constraint, Outcome, settle, value
from tests.properties.definition_speech import Loan, is_void, needs, ranks, voice

ROOT, SYSTEM, DEVELOPER, USER, GUIDELINE, NONE = range(6)
MANYIH = Path(__file__).resolve().parents[3] / "shared" / "data" / "dev" / "manyih.jsonl"


def forbid(name: str, level: int, at: int | None = None, **more: Any) -> Norm:
    """A forbid on the act `swearing`."""
    return Norm(name, "forbid", level, level if at is None else at, "swearing", True, **more)


def permit(name: str, level: int, at: int | None = None, **more: Any) -> Norm:
    """A permit on the same act."""
    return replace(forbid(name, level, at, **more), modality="permit")


def winners(*norms: Norm) -> set[str]:
    """The norms in force, whatever the order in which they are given."""
    found = {frozenset(norm.id for norm in in_force(list(part))) for part in (norms, norms[::-1])}
    assert len(found) == 1, "the order of norms decided"
    return set(found.pop())


# ---- who wins


def test_a_spoken_norm_beats_a_standing_one_of_equal_strength() -> None:
    said, standing = permit("said", USER, said=(1, 0)), forbid("standing", DEVELOPER, USER)
    assert beats(said, standing) == "spoken"
    assert beats(standing, said) is None
    assert winners(said, standing) == {"said"}


def test_authority_comes_before_spoken() -> None:
    said, standing = permit("said", USER, said=(1, 0)), forbid("standing", DEVELOPER)
    assert beats(standing, said) == "authority"
    assert winners(said, standing) == {"standing"}


def test_an_exception_comes_before_spoken() -> None:
    """A default yields to a permit of equal strength, spoken or not."""
    default = replace(forbid("default.message", USER), modality="default")
    assert beats(permit("said", USER, said=(1, 0)), default) == "exception"
    assert beats(permit("standing", USER), default) == "exception"


def test_the_later_of_two_spoken_ones_wins() -> None:
    """By step, and within a step by place."""
    no, yes = forbid("no", USER, said=(4, 7)), permit("yes", USER, said=(4, 12))
    assert beats(yes, no) == "later"
    assert beats(no, yes) is None
    assert beats(replace(no, said=(5, 0)), yes) == "later"


def test_what_is_said_at_one_place_is_told_apart_by_goal_and_caution() -> None:
    no, yes = forbid("no", USER, said=(4, 7)), permit("yes", USER, said=(4, 7))
    assert beats(no, yes) == "caution"
    assert beats(replace(yes, goal=0), replace(no, goal=1)) == "goal"


def test_later_comes_before_goal() -> None:
    no, yes = forbid("no", USER, goal=0, said=(1, 0)), permit("yes", USER, goal=1, said=(2, 0))
    assert beats(yes, no) == "later"


def test_a_permission_is_not_a_duty() -> None:
    """Root's default, lifted by a developer, does not stop a user who asks for no swearing."""
    root, lift = forbid("root", ROOT, USER), permit("lift", DEVELOPER)
    asked = forbid("asked", USER, said=(1, 0))
    assert winners(root, lift) == {"lift"}
    assert winners(root, lift, asked) == {"lift", "asked"}


def test_what_is_struck_out_strikes_out_nothing() -> None:
    """Root protects; the developer's forbid is out, so what it would have beaten is in force."""
    freedom = Norm("freedom", "protect", ROOT, ROOT, "asking", True)
    house, user = forbid("house", DEVELOPER), permit("user", USER, said=(1, 0))
    assert winners(house, user) == {"house"}
    assert winners(freedom, house, user) == {"freedom", "user"}


def test_folded_sayings_fail_closed() -> None:
    """Of words that were not kept, a forbid counts as applying and a permit as not applying."""
    no, yes = forbid("no", USER, said=(1, 0)), permit("yes", USER, said=(2, 0))
    assert verdict([replace(no, holds=None)]) == "deny"
    assert verdict([no, replace(yes, holds=None)]) == "deny"
    assert verdict([no, yes]) == "allow"


# ---- how strong what is said is


def test_what_is_said_has_the_rank_of_the_speaker() -> None:
    assert voice(USER, DEVELOPER, None, False, NONE) == (USER, USER)


def test_nobody_says_more_than_the_author_of_the_file() -> None:
    assert voice(ROOT, DEVELOPER, None, False, NONE) == (DEVELOPER, DEVELOPER)


def test_at_lowers_what_is_said_and_never_raises_it() -> None:
    assert voice(DEVELOPER, ROOT, USER, False, NONE) == (DEVELOPER, USER)
    assert voice(GUIDELINE, ROOT, USER, False, NONE) == (GUIDELINE, GUIDELINE)


def test_an_implied_one_has_the_strength_of_the_lowest_level_whoever_spoke() -> None:
    assert {voice(one, ROOT, None, True, NONE)[1] for one in range(NONE)} == {GUIDELINE}


# ---- void


def test_text_without_authority_orders_nothing() -> None:
    """Whatever it orders: even a forbid, even where nothing speaks against it."""
    for norm in (forbid("no", NONE, said=(1, 0)), permit("yes", NONE, said=(1, 0))):
        assert is_void(norm, [], NONE)


def test_a_permit_is_void_where_all_it_could_lift_is_stronger() -> None:
    yes = permit("yes", USER, said=(1, 0))
    assert is_void(yes, [forbid("a", DEVELOPER)], NONE)
    assert is_void(yes, [forbid("a", DEVELOPER), forbid("b", ROOT)], NONE)
    assert not is_void(yes, [forbid("a", DEVELOPER, USER), forbid("b", ROOT)], NONE)


def test_it_needs_the_weakest_of_what_it_could_lift() -> None:
    yes = permit("yes", USER, said=(1, 0))
    assert needs(yes, [forbid("a", DEVELOPER), forbid("b", ROOT)]) == DEVELOPER
    assert needs(yes, [replace(forbid("a", DEVELOPER), act="singing")]) is None


def test_what_someone_below_closed_for_themselves_is_not_the_speakers_to_lift() -> None:
    assert needs(permit("yes", DEVELOPER, said=(1, 0)), [forbid("own", USER)]) is None


def test_an_implied_wish_lifts_guidelines_and_nothing_more() -> None:
    author, strength = voice(SYSTEM, ROOT, None, True, NONE)
    wish = permit("wish", author, strength, said=(1, 0))
    assert not is_void(wish, [forbid("a", ROOT, GUIDELINE)], NONE)
    assert is_void(wish, [forbid("a", ROOT, USER)], NONE)


def test_only_a_permit_needs_anything() -> None:
    """A forbid narrows one's own use; a permit that could lift nothing is idle, not void."""
    assert not is_void(forbid("no", USER, said=(1, 0)), [forbid("a", ROOT)], NONE)
    assert not is_void(permit("yes", USER, said=(1, 0)), [], NONE)


# ---- loans


def lent(own: int, *loans: Loan, cap: int = 0) -> int:
    """The highest rank that a text speaks with."""
    return min(ranks(own, loans, cap))


def test_a_loan_lends_its_level_to_text_that_has_less() -> None:
    loan = Loan(DEVELOPER, USER, True)
    assert ranks(NONE, [loan]) == {NONE, USER}
    assert ranks(SYSTEM, [loan]) == {SYSTEM}


def test_a_text_keeps_its_own_rank_and_has_each_that_is_lent() -> None:
    loans = Loan(ROOT, USER, True), Loan(ROOT, DEVELOPER, True)
    assert ranks(NONE, loans) == {NONE, USER, DEVELOPER}
    assert ranks(USER, loans) == {USER, DEVELOPER}


def test_a_loan_that_is_unknown_lends_nothing_and_a_revocation_that_is_unknown_revokes() -> None:
    loan = Loan(DEVELOPER, USER, True)
    assert lent(NONE, replace(loan, holds=None)) == NONE
    assert lent(NONE, loan, Loan(DEVELOPER, None, None)) == NONE
    assert lent(NONE, loan, Loan(DEVELOPER, None, False)) == USER


def test_a_loan_can_be_revoked_at_or_above_its_level_and_not_below() -> None:
    loan = Loan(ROOT, DEVELOPER, True)
    revoked = {one: lent(NONE, loan, Loan(one, None, True)) for one in (ROOT, DEVELOPER, USER)}
    assert revoked == {ROOT: NONE, DEVELOPER: NONE, USER: DEVELOPER}


def test_a_revocation_takes_no_one_s_own_rank() -> None:
    assert ranks(USER, [Loan(ROOT, None, True)]) == {USER}


def test_nobody_speaks_above_the_cap_of_a_session() -> None:
    assert ranks(SYSTEM, [], cap=USER) == {USER}
    assert lent(NONE, Loan(ROOT, SYSTEM, True), cap=USER) == USER
    assert ranks(NONE, [], cap=USER) == {NONE}


# ---- settings


def open_to(name: str, level: int, *values: Any, **more: Any) -> Constraint:
    """A constraint that leaves these values open; without any, one whose value is unknown."""
    return Constraint(name, level, frozenset(values) if values else None, **more)


def settled(domain: Sequence[Any], *constraints: Constraint) -> Outcome:
    """The outcome, whatever the order in which the constraints are given."""
    one, other = (settle(frozenset(domain), part) for part in (constraints, constraints[::-1]))
    assert (one.lost, one.left, set(one.in_force)) == (other.lost, other.left, set(other.in_force))
    return one


def kept(outcome: Outcome) -> set[str]:
    """The constraints in force, the type of the setting apart."""
    return {one.id for one in outcome.in_force} - {"type"}


def lost(outcome: Outcome) -> dict[str, tuple[set[str], str]]:
    """Who is out, with those that took its place and the reason."""
    return {name: (set(by), why) for name, (by, why) in outcome.lost.items()}


def left(outcome: Outcome) -> set[Any] | None:
    """The values left."""
    return None if outcome.left is None else set(outcome.left)


LANGUAGES = ("de", "en", "fr")
DEFAULT = Constraint("default", NONE, frozenset({"en"}))


def test_the_default_is_a_constraint_weaker_than_all() -> None:
    assert left(settled(LANGUAGES, DEFAULT)) == {"en"}
    outcome = settled(LANGUAGES, DEFAULT, open_to("user", GUIDELINE, "fr"))
    assert left(outcome) == {"fr"}
    assert lost(outcome) == {"default": ({"user"}, "authority")}


def test_a_lower_level_narrows_and_never_widens() -> None:
    root = open_to("root", ROOT, "en", "fr")
    assert left(settled(LANGUAGES, root, open_to("user", USER, "fr"), DEFAULT)) == {"fr"}
    outcome = settled(LANGUAGES, root, open_to("user", USER, "de"), DEFAULT)
    assert (left(outcome), lost(outcome)) == ({"en"}, {"user": ({"root"}, "authority")})


def test_at_least_one_and_exactly_one_live_together_while_none_does_not() -> None:
    """Blank lines in a function: the middle one wins against the lowest, the highest stays."""
    least = open_to("at least one", SYSTEM, 1, 2, 3)
    outcome = settled(range(4), least, open_to("none", DEVELOPER, 0), open_to("one", USER, 1))
    assert kept(outcome) == {"at least one", "one"}
    assert lost(outcome) == {"none": ({"at least one"}, "authority")}


def test_a_constraint_that_is_out_holds_nobody_back() -> None:
    root, house = open_to("root", ROOT, "en", "fr"), open_to("house", DEVELOPER, "de")
    outcome = settled(LANGUAGES, root, house, open_to("user", USER, "fr"))
    assert kept(outcome) == {"root", "user"}


def test_it_lost_to_the_one_that_took_its_last_value() -> None:
    """Each of `a` and `b` leaves something of `d`; `c` came when nothing was left of it."""
    parts = open_to("a", ROOT, 1, 2, 5), open_to("b", SYSTEM, 2, 3, 5), open_to("c", USER, 2, 5)
    outcome = settled(range(6), *parts, open_to("d", GUIDELINE, 1, 3))
    assert lost(outcome) == {"d": ({"b"}, "authority")}


def test_of_equal_strength_spoken_before_standing_and_later_before_earlier() -> None:
    standing = open_to("standing", USER, "de")
    first = open_to("first", USER, "en", said=(1, 0))
    then = open_to("then", USER, "fr", said=(1, 9))
    outcome = settled(LANGUAGES, standing, first, then)
    assert kept(outcome) == {"then"}
    assert lost(outcome) == {"first": ({"then"}, "later"), "standing": ({"then"}, "spoken")}


def test_among_standing_ones_the_higher_goal() -> None:
    high, low = open_to("high", USER, "de", goal=0), open_to("low", USER, "fr", goal=1)
    outcome = settled(LANGUAGES, low, high)
    assert (left(outcome), lost(outcome)) == ({"de"}, {"low": ({"high"}, "goal")})


def test_equals_that_contradict_each_other_leave_the_setting_unknown() -> None:
    """None of them is in force; what is weaker is not asked."""
    one, other = open_to("one", DEVELOPER, "de"), open_to("other", DEVELOPER, "fr")
    outcome = settled(LANGUAGES, one, other, open_to("user", USER, "en"), DEFAULT)
    assert left(outcome) is None
    assert kept(outcome) == set()
    assert lost(outcome) == {"one": ({"other"}, "caution"), "other": ({"one"}, "caution")}
    with_goal = settled(LANGUAGES, replace(one, goal=0), other)
    assert with_goal.left is None


def test_one_of_the_equals_that_a_stronger_one_beats_is_out_first() -> None:
    root = open_to("root", ROOT, "en", "fr")
    one, other = open_to("one", DEVELOPER, "de"), open_to("other", DEVELOPER, "fr")
    outcome = settled(LANGUAGES, root, one, other)
    assert (left(outcome), lost(outcome)) == ({"fr"}, {"one": ({"root"}, "authority")})


def test_an_unknown_value_makes_the_setting_unknown() -> None:
    assert left(settled(LANGUAGES, open_to("user", USER), DEFAULT)) is None


def test_an_unknown_value_changes_nothing_where_stronger_ones_leave_one() -> None:
    outcome = settled(LANGUAGES, open_to("root", ROOT, "en"), open_to("user", USER), DEFAULT)
    assert left(outcome) == {"en"}


def test_a_value_that_the_type_does_not_have_is_out() -> None:
    outcome = settled(LANGUAGES, open_to("user", USER, "klingon"), DEFAULT)
    assert (left(outcome), lost(outcome)) == ({"en"}, {"user": ({"type"}, "authority")})


def test_the_value_is_the_only_one_left() -> None:
    assert value(frozenset({"fr"}), "en") == "fr"
    assert value(frozenset({"fr", "de"})) is None
    assert value(None, "en") is None


def test_else_the_one_nearest_the_default() -> None:
    assert value(frozenset({50, 60, 70}), 100) == 70
    assert value(frozenset({50, 60, 70}), 0) == 50
    assert value(frozenset({1, 9}), 5) is None
    assert value(frozenset({"fr", "de"}), "en") is None


def subsets(*items: str) -> list[frozenset[str]]:
    """Every set of some of the items."""
    found: list[frozenset[str]] = [frozenset()]
    for item in items:
        found += [one | {item} for one in found]
    return found


def test_of_sets_the_largest_or_what_is_left_of_the_default() -> None:
    tools = subsets("read", "write", "wipe")
    no_wipe = open_to("root", ROOT, *subsets("read", "write"))
    open_ones = settled(tools, no_wipe).left
    assert value(open_ones) == {"read", "write"}
    assert value(open_ones, frozenset({"read", "wipe"})) == {"read"}
    narrower = open_to("user", USER, *subsets("write", "wipe"))
    assert value(settled(tools, no_wipe, narrower).left) == {"write"}


# ---- recorded instruction hierarchies


def items() -> list[dict[str, Any]]:
    """Twelve instructions each, with distinct privileges, conflicts, and the winners."""
    return [json.loads(line) for line in MANYIH.read_text("utf-8").splitlines()]


def instructions(item: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The instructions of an item by what they are about."""
    about = defaultdict(list)
    for one in item["instructions"]:
        about[one["style_key"]].append(one)
    yield from about.items()


def ways(same: list[dict[str, Any]]) -> frozenset[frozenset[str]]:
    """The ways to write that the instructions distinguish: largest sets that can be met at once."""
    fits: nx.Graph[int] = nx.Graph()
    fits.add_nodes_from(one["id"] for one in same)
    fits.add_edges_from(
        (one["id"], other["id"])
        for one in same for other in same
        if one["id"] < other["id"] and other["id"] not in one["conflicts_with"]
    )  # fmt: skip
    styles = {one["id"]: one["style_id"] for one in same}
    return frozenset(frozenset(map(styles.__getitem__, way)) for way in nx.find_cliques(fits))


@pytest.mark.skipif(not MANYIH.is_file(), reason="the recorded items are not here")
def test_the_winners_of_recorded_hierarchies() -> None:
    """Each instruction is a constraint on one setting; the more privilege, the stronger."""
    assert len(items()) == 143
    for item in items():
        for about, same in instructions(item):
            domain = ways(same)
            outcome = settled(tuple(domain), *(
                Constraint(one["style_id"], -one["privilege"] + 100,
                           frozenset(way for way in domain if one["style_id"] in way))
                for one in same
            ))  # fmt: skip
            assert kept(outcome) == set(item["expected"].get(about, ())), (item["id"], about)
