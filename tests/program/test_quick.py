"""The generated functions give what the conditions give one by one, or give up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit.program import bucket as buckets
from remit.program import together
from remit.program.bucket import Bucket
from remit.program.quick import Quick, quick_function
from remit.program.rule import Rule
from remit.program.together import CAREFUL, told
from remit.program.values import LONGEST
from remit.program.view import View
from remit.state.model import State

CONDITIONS = [
    "amount > 10", "amount >= 10", "amount < other", "amount = 10", "amount != 10",
    "amount = other",
    "amount in [1, 2.5, 10]",
    "amount not in [1, 10]", "amount + 1 > other", "not amount > 10",
    'name = "x"', 'name != "x"', 'name in ["x", "y"]', 'name starts with "Str"',
    'name ends with "ẞ"', 'name contains "SS"', 'name does not contain "b"', 'name < "m"',
    'kind_of = "gold"', 'kind_of in ["gold", "plain"]', "urgent", "not urgent", "urgent = false",
    "name is missing", "amount is missing", "amount > 5 and urgent or name = \"x\"",
    "not (amount > 5 and urgent)", 'tier = "gold"', 'tier != "gold" and amount > limit',
    "limit >= 10", "any one in items satisfies one = name", "count of items > 1",
    'items contains "x"', 'loose = "x"', "loose = 3", 'loose in ["x"]', "loose = true",
    'loose starts with "x"', "amount > 5 unless urgent", 'name = "x" unless tier = "gold"',
    "name in names", "name not in names", "tool in names", "kind_of in names",
    "loose in names", "name matches /^x|Y/", "name has email", "not name matches /s{2}/",
    "text matches /x/", "loose matches /x/", 'text contains "ss"',
]  # fmt: skip
HEAD = """spec made
author developer

tool pay(amount: number, other: number = 3, name?: text, urgent?: flag,
  kind_of?: one of gold, plain, items?: list of text, loose?: anything)
context tier: one of gold, plain default plain
context limit: number
context names: list of text
"""


class Text(str):
    """No text of the language: only `str` itself is."""


odd: list[Any] = [
    None, True, False, 0, 1, 2.5, 3, 10, 10.0, -1, 10**400, float("nan"), float("inf"), "", "x",
    "y", "X", "Strasse", "straße", "ẞ", "gold", "plain", "z" * (LONGEST + 1), Text("x"), [], ["x"],
    ["x", 3], ["x", "y"], {}, {"x": 1}, (), b"x", object(),
]  # fmt: skip
NAMES = ["amount", "other", "name", "urgent", "kind_of", "items", "loose"]


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    clauses = [
        f"\nclause c{at}\n  forbid call pay where {one}\n" for at, one in enumerate(CONDITIONS)
    ]
    return remit.load(HEAD + "".join(clauses))


def _bucket(policy: remit.Policy, view: View) -> Bucket:
    return policy.ground.program.bucket(view)


def _view(policy: remit.Policy, args: dict[str, Any], context: dict[str, Any]) -> View:
    program = policy.ground.program
    return View(remit.Call("pay", args), program.known, context, State.new(program))


@lru_cache
def _functions(policy: remit.Policy) -> list[tuple[Rule, Quick]]:
    """Every rule with a function for it alone."""
    contexts = policy.ground.program.known.contexts
    rules = _bucket(policy, _view(policy, {}, {})).rules
    return [
        (rule, quick_function([list(buckets.parts_of(rule, None))], contexts)) for rule in rules
    ]


def _told(policy: remit.Policy, args: dict[str, Any], context: dict[str, Any]) -> Iterator[str]:
    """What a function says otherwise than the condition it was made of, one at a time."""
    for rule, function in _functions(policy):
        wanted = rule.applies(_view(policy, args, context))
        found = _said(function, _view(policy, args, context))
        if found is not None and found is not wanted:
            yield f"{rule.norm.name}: {found} is not {wanted} for {args} in {context}"


class _Sight:
    """Makes a view where a function wants one."""

    def __init__(self, view: View) -> None:
        self._view = view

    def view(self, step: remit.Step) -> View:
        """The view."""
        return self._view


def _said(quick: Quick, view: View) -> bool | None:
    """What a function for one rule says; None where it gives up, which it does by raising."""
    own = view if quick.asks else None
    try:
        return bool(quick.hits(view.step, view.args, own, _Sight(view)))
    except Exception:  # noqa: BLE001 - whatever it raises
        return None


given_args = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(odd), max_size=7)
given_context = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from(odd),
        "limit": st.sampled_from(odd),
        "names": st.sampled_from([*odd, ["pay"], ["gold", None]]),
    },
)


@settings(max_examples=400, deadline=None)
@given(given_args, given_context)
def test_a_function_says_what_its_condition_says(
    policy: remit.Policy, args: dict[str, Any], context: dict[str, Any]
) -> None:
    assert not list(_told(policy, args, context))


@pytest.mark.parametrize("name", [3, None, "x", Text("x")])
@pytest.mark.parametrize("names", [[], None, ["x"], ["x", 3], ("x",)])
def test_an_odd_item_is_not_taken_to_be_in_no_list(
    policy: remit.Policy, name: Any, names: Any
) -> None:
    """Python asks an empty list without a look at the item."""
    assert not list(_told(policy, {"name": name, "loose": name}, {"names": names}))


def test_the_usual_values_are_read_at_once(policy: remit.Policy) -> None:
    """Giving up is right, and slow: so none of the conditions gives up where all is as declared."""
    args = {"amount": 12, "other": 4, "name": "x", "urgent": True, "kind_of": "gold",
            "items": ["x", "y"], "loose": "x"}  # fmt: skip
    context = {"tier": "gold", "limit": 10, "names": ["x", "gold"]}
    view = _view(policy, args, context)
    gave_up = {CONDITIONS[int(rule.norm.name[1:])] for rule, function in _functions(policy)
               if _said(function, view) is None}  # fmt: skip
    assert gave_up == {"loose = 3", "loose = true"}  # a text there, so nobody knows


TOGETHER = [
    'amount > 10 and name = "x"', 'amount > 3 and name = "y" and urgent', "amount < 4 and urgent",
    'name starts with "s"', 'amount > 2 and name starts with "X" and tier = "plain"',
    'urgent and tier = "gold"', 'amount = 3 and tier = "plain" and kind_of = "gold"',
    'amount > 1 and kind_of = "plain" and other < 9', 'amount > 1 and not name = "x"',
]  # fmt: skip
usual_args = st.fixed_dictionaries(
    {"amount": st.sampled_from([0, 1, 2.5, 3, 12])},
    optional={
        "name": st.sampled_from(["x", "X", "y", "Strasse"]), "urgent": st.booleans(),
        "kind_of": st.sampled_from(["gold", "plain"]), "other": st.sampled_from([1, 10]),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def several() -> tuple[remit.Policy, Quick]:
    clauses = [
        f"\nclause t{at}\n  forbid call pay where {one}\n" for at, one in enumerate(TOGETHER)
    ]
    policy = remit.load(HEAD + "".join(clauses))
    rules = _bucket(policy, _view(policy, {}, {})).rules
    tests = [list(buckets.parts_of(rule, None)) for rule in rules]
    return policy, quick_function(tests, policy.ground.program.known.contexts)


@settings(max_examples=300, deadline=None)
@given(usual_args, st.sampled_from(["gold", "plain", None]))
def test_what_is_read_late_is_read_for_every_test(
    several: tuple[remit.Policy, Quick], args: dict[str, Any], tier: str | None
) -> None:
    """Tests share what they read: one that does not get so far must not read for the others."""
    policy, quick = several
    view = _view(policy, args, {} if tier is None else {"tier": tier})
    rules = _bucket(policy, view).rules
    wanted = sum(1 << at for at, rule in enumerate(rules) if rule.applies(view) is True)
    assert not quick.asks
    assert quick.hits(view.step, view.args, None, _Sight(view)) == wanted


SPLIT = HEAD + "".join(
    f'\nclause n{at}\n  forbid call pay where name = "n{at % 7}" and amount > {at}\n'
    f'\nclause m{at}\n  forbid call pay where name in ["n{at % 5}", "m{at}"] and amount > {at}\n'
    for at in range(20)
) + "\nclause rest\n  forbid call pay where amount > 15\n"  # fmt: skip


CHOSEN = HEAD + "".join(
    f'\nclause {tier}{at}\n  forbid call pay where tier = "{tier}" and amount > {at}\n'
    for at in range(10) for tier in ("gold", "plain")
)  # fmt: skip


@pytest.mark.parametrize("given", [{}, {"tier": "gold"}, {"tier": "none"}, {"tier": 3}])
def test_a_bucket_is_split_by_what_a_step_says_of_itself(given: dict[str, Any]) -> None:
    """The step's own context, then the host's, then the default; no choice is none."""
    policy = remit.load(CHOSEN)
    program = policy.ground.program
    for host in ({}, {"tier": "plain"}, {"tier": "gold"}):
        step = remit.Call("pay", {"amount": 17}, context=given)
        view = View(step, program.known, host, State.new(program))
        whole = _bucket(policy, view)
        part = whole.part(step, view.args, None, _Sight(view))
        assert part is whole.narrowed(view)
        wanted = {rule.index for rule in whole.rules if rule.applies(view) is not False}
        assert wanted <= {rule.index for rule in part.rules}
        assert (part is whole) == (given.get("tier") in ("none", 3))


@pytest.mark.parametrize("name", ["n1", "n6", "m3", "N1", "none", None, 3, Text("n1"), ["n1"]])
def test_a_split_bucket_answers_as_a_whole_one(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "EAGER", 0)
    policy = remit.load(SPLIT)
    view = _view(policy, {"amount": 17, "name": name}, {})
    whole = _bucket(policy, view)
    part = whole.narrowed(view)
    wanted = {rule.index for rule in whole.rules if rule.applies(view) is not False}
    assert (part is whole) == (name is not None and type(name) is not str)
    assert part is whole or len(part.rules) <= len(whole.rules) / 2
    hold, doubts = told(part.together.hits(view), len(part.plain))
    assert bool(doubts) == (part is whole)
    sure, unsure = ({rule.index for rule in part.at(mask)} for mask in (hold, doubts))
    assert sure <= wanted <= sure | unsure


@settings(max_examples=200, deadline=None)
@given(given_args, given_context)
def test_what_is_doubtful_leaves_the_others_sure(
    args: dict[str, Any], context: dict[str, Any]
) -> None:
    """Many tests share what they read, and each is as sure as if it were alone."""
    policy, quick = all_at_once()
    view = _view(policy, args, context)
    rules = _bucket(policy, view).rules
    hold, doubts = told(quick.hits(view.step, view.args, view, None), len(rules))
    assert not hold & doubts
    for at, rule in enumerate(rules):
        if not doubts >> at & 1:
            assert rule.applies(view) is bool(hold >> at & 1), rule.norm.name


@lru_cache(maxsize=1)
def all_at_once() -> tuple[remit.Policy, Quick]:
    """A policy of all conditions, and one function for all of them."""
    clauses = [
        f"\nclause c{at}\n  forbid call pay where {one}\n" for at, one in enumerate(CONDITIONS)
    ]
    policy = remit.load(HEAD + "".join(clauses))
    rules = _bucket(policy, _view(policy, {}, {})).rules
    tests = [list(buckets.parts_of(rule, None)) for rule in rules]
    return policy, quick_function(tests, policy.ground.program.known.contexts)


@pytest.mark.parametrize("at_once", [1, 3, 200])
def test_doubts_of_several_functions_keep_their_places(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(together, "EAGER", 0)
    monkeypatch.setattr(together, "AT_ONCE", at_once)
    wheres = ["amount > 1", 'name = "x"', "amount > 2", "urgent", "amount > 9", "other > 2"]
    clauses = [f"\nclause c{at}\n  forbid call pay where {one}\n" for at, one in enumerate(wheres)]
    policy = remit.load(HEAD + "".join(clauses))
    view = _view(policy, {"amount": 6, "name": 3, "urgent": "?"}, {})
    bucket = _bucket(policy, view)
    hold, doubts = told(bucket.together.hits(view), len(wheres))
    if at_once > 1:  # else a function is all there is, and gives up
        assert [rule.norm.name for rule in bucket.at(hold)] == ["c0", "c2", "c5"]
        assert [rule.norm.name for rule in bucket.at(doubts)] == ["c1", "c3"]
        assert [rule.norm.name for rule in bucket.with_care(doubts)] == ["c1", "c3"]
    else:
        assert doubts == (1 << len(wheres)) - 1


def test_many_rules_make_several_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "EAGER", 0)
    monkeypatch.setattr(together, "AT_ONCE", 3)
    clauses = [f"\nclause c{at}\n  forbid call pay where amount > {at}\n" for at in range(11)]
    policy = remit.load(HEAD + "".join(clauses))
    view = _view(policy, {"amount": 6.5}, {})
    bucket = _bucket(policy, view)
    assert bucket.together.alone is None
    found = {rule.norm.name for rule in bucket.at(bucket.together.hits(view))}
    assert found == {f"c{at}" for at in range(7)}


def test_a_bucket_reads_with_care_until_a_function_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "EAGER", 2)
    policy = remit.load(HEAD + "\nclause c\n  forbid call pay where amount > 5\n")
    view = _view(policy, {"amount": 6}, {})
    bucket = _bucket(policy, view)
    assert [bucket.together.hits(view) for _ in range(4)] == [CAREFUL, CAREFUL, 1, 1]
