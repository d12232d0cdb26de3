"""The definition of the past on cases small enough to do by hand. Nothing here runs the engine."""

from __future__ import annotations

from tests.properties.definition_history import (
    UNKNOWN,
    Deed,
    Promise,
    Question,
    Step,
    alike,
    answer,
    overdue,
)

NOW = Step(False)
YES, MAYBE, NO = Step(True, value=2), Step(UNKNOWN, value=3), Step(False, value=9)


def test_what_may_count_leaves_a_count_unknown_and_earlier_only_without_a_sure_one() -> None:
    assert answer(Question("count"), [YES, NO, YES, NOW]) == 2
    assert answer(Question("count"), [YES, MAYBE, NOW]) is UNKNOWN
    assert answer(Question("earlier"), [YES, MAYBE, NOW]) is True
    assert answer(Question("earlier"), [NO, MAYBE, NOW]) is UNKNOWN
    assert answer(Question("earlier"), [NO, NOW]) is False


def test_the_step_that_is_judged_is_not_of_the_past() -> None:
    assert answer(Question("count"), [YES, YES]) == 1


def test_the_last_is_known_where_the_newest_surely_counts() -> None:
    assert answer(Question("last"), [MAYBE, YES, NOW]) == 2
    assert answer(Question("last"), [YES, MAYBE, NOW]) is UNKNOWN
    assert answer(Question("first"), [MAYBE, YES, NOW]) is UNKNOWN


def test_of_nothing_sums_and_counts_are_zero_and_the_rest_absent() -> None:
    told = {fold: answer(Question(fold), [NO, NOW]) for fold in ("count", "sum", "last", "largest")}
    assert told == {"count": 0, "sum": 0, "last": None, "largest": None}


def test_absent_values_are_not_added_up() -> None:
    assert answer(Question("sum"), [YES, Step(True), NOW]) == 2
    assert answer(Question("distinct"), [YES, Step(True), YES, NOW]) == 1
    assert answer(Question("last"), [YES, Step(True), NOW]) is None


def test_since_shuts_out_what_was_before_it_and_not_itself() -> None:
    end = Step(True, value=5, since=True)
    assert answer(Question("sum"), [YES, end, YES, NOW]) == 7
    assert answer(Question("count"), [YES, Step(False, since=UNKNOWN), YES, NOW]) is UNKNOWN
    assert answer(Question("earlier"), [YES, Step(False, since=UNKNOWN), YES, NOW]) is True


def test_an_absent_key_is_like_no_other_and_another_type_may_be_alike() -> None:
    assert alike((None,), (None,)) is False
    assert alike((5,), ("5",)) is UNKNOWN
    assert alike((5,), (5.0,)) is True
    assert alike((True,), (1,)) is UNKNOWN
    assert alike(("a", 1), ("a", 2)) is False


def test_both_ends_belong_to_a_window() -> None:
    at = [Step(True, time=10), Step(True, time=20), Step(False, time=30)]
    assert answer(Question("count", 10, "s"), at) == 1
    assert answer(Question("count", 20, "s"), at) == 2
    assert answer(Question("count", 1, "steps"), at) == 1


def test_time_does_not_go_back_and_what_has_none_is_unknown() -> None:
    back = [Step(False, time=20), Step(True, time=5), Step(False, time=30)]
    assert answer(Question("count", 10, "s"), back) == 1
    none = [Step(True), Step(False, time=30)]
    assert answer(Question("count", 10, "s"), none) is UNKNOWN
    gone = [Step(True, time=0), Step(False, time=20), Step(False)]
    assert answer(Question("count", 10, "s"), gone) == 0


def test_a_turn_is_the_turn_of_now() -> None:
    at = [Step(True, turn=1), Step(True, turn=2), Step(False, turn=2)]
    assert answer(Question("count", 1, "turns"), at) == 1


def test_what_was_not_seen_may_count_until_it_is_shut_out() -> None:
    assert answer(Question("count"), [YES, NOW], cut=True) is UNKNOWN
    assert answer(Question("count"), [Step(True, since=True), NOW], cut=True) == 1
    assert answer(Question("count", 1, "steps"), [YES, NOW], cut=True) == 1


def test_what_is_owed() -> None:
    """Overdue once the bound has passed, settled at once by what is owed."""
    owe, pay, other = Deed(False, True), Deed(True, False), Deed(False, False)
    late = Promise("steps", 1)
    assert overdue(late, [owe, other]) is False
    assert overdue(late, [owe, other, other]) is True
    assert overdue(late, [owe, other, pay]) is False
    assert overdue(late, [owe, owe, pay, other, other]) is False
    assert overdue(late, [owe, Deed(UNKNOWN, False), other]) is UNKNOWN
    assert overdue(late, [other], cut=True) is UNKNOWN
    assert overdue(late, [pay, other], cut=True) is False


def test_a_turn_ends_where_the_agent_speaks_or_the_next_begins() -> None:
    owe, promise = Deed(False, True, turn=1), Promise("end of turn")
    assert overdue(promise, [owe, Deed(False, False, turn=1)]) is False
    assert overdue(promise, [owe, Deed(False, False, turn=1, speaks=True)]) is True
    assert overdue(promise, [owe, Deed(False, False, turn=2)]) is True
