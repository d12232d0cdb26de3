"""Who opposes whom and who wins, case by case against sections 3 and 4 of the semantics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import remit
from remit.checked.model import Act, Norm, Tool
from remit.graph.opposition import can_meet, lifts, opposes, verdict
from remit.graph.overlap import exclude, rooms_of

ROOT, SYSTEM, DEVELOPER, USER = range(4)
GOALS = ("empower", "prevent_harm")
ACT, OTHER = Act("refund", "call", frozenset({"refund"})), Act("mail", "call", frozenset({"mail"}))


def norm(id: str, modality: str, rank: int = DEVELOPER, **more: Any) -> Norm:
    """A norm on the act `refund` with author and strength of one rank, unless said otherwise."""
    base = Norm(id, id, "s", modality, author=rank, strength=rank, act=ACT)
    return replace(base, **more)


def wins(one: Norm, other: Norm, goals: tuple[str, ...] = GOALS) -> tuple[str, str]:
    """Winner and reason, which must be the same whichever is named first."""
    assert opposes(one, other)
    assert opposes(other, one)
    ((first, reason),) = verdict(one, other, goals)
    assert verdict(other, one, goals) == [(not first, reason)]
    return (one if first else other).id, reason


# ---- the reasons, in their order


def test_authority_comes_first() -> None:
    """The greater strength wins against an exception, a goal and caution."""
    strong = norm("strong", "permit", SYSTEM, goal="prevent_harm", lifts=("weak",))
    weak = norm("weak", "forbid", SYSTEM, strength=USER, goal="empower", overrides=("strong",))
    assert wins(strong, weak) == ("strong", "authority")


def test_strength_decides_and_not_the_author() -> None:
    """A lowered clause of root loses to what stands higher."""
    lowered = norm("lowered", "forbid", ROOT, strength=USER)
    permit = norm("permit", "permit", DEVELOPER)
    assert wins(lowered, permit) == ("permit", "authority")


@pytest.mark.parametrize("modality", ["permit", "protect", "forbid", "require"])
def test_an_exception_comes_before_goal_and_caution(modality: str) -> None:
    """At equal strength, whatever kinds the two are."""
    general = norm("general", "forbid", goal="empower")
    special = norm("special", modality, goal="prevent_harm", overrides=("general",))
    assert wins(general, special) == ("special", "exception")


def test_two_that_override_each_other_make_a_circle() -> None:
    """Both edges are drawn; the search for circles reports them."""
    one, other = norm("a", "forbid", overrides=("b",)), norm("b", "permit", overrides=("a",))
    assert sorted(verdict(one, other, ())) == [(False, "exception"), (True, "exception")]


def test_a_goal_comes_before_caution() -> None:
    """The higher one, and only where both serve one and the goals are strict."""
    permit, forbid = norm("p", "permit", goal="empower"), norm("f", "forbid", goal="prevent_harm")
    assert wins(permit, forbid) == ("p", "goal")
    assert wins(permit, forbid, GOALS[::-1]) == ("f", "goal")
    assert wins(permit, forbid, ()) == ("f", "caution")
    assert wins(permit, replace(forbid, goal=None)) == ("f", "caution")
    assert wins(permit, replace(forbid, goal="empower")) == ("f", "caution")


@pytest.mark.parametrize(
    ("cautious", "other"),
    [("forbid", "protect"), ("forbid", "permit"), ("require", "protect"), ("require", "permit"),
     ("default", "forbid")],
)  # fmt: skip
def test_caution_decides_the_rest(cautious: str, other: str) -> None:
    """Forbid over require over protect over permit; equals by name, so that it always decides."""
    ((first, reason),) = verdict(norm("a", cautious), norm("b", other), ())
    assert (first, reason) == (True, "caution")


def test_caution_orders_forbid_require_protect_permit() -> None:
    """The whole row, also of pairs that oppose only through an override."""
    kinds = ["forbid", "require", "protect", "permit"]
    for place, kind in enumerate(kinds):
        for other in kinds[place + 1 :]:
            assert verdict(norm("z", kind), norm("a", other), ()) == [(True, "caution")]


# ---- who opposes whom


@pytest.mark.parametrize("holding", ["forbid", "require"])
@pytest.mark.parametrize("author", [ROOT, SYSTEM, DEVELOPER, USER])
def test_a_permit_lifts_what_was_issued_at_or_above_its_author(holding: str, author: int) -> None:
    """It never overrules someone below who narrows their own use."""
    held = norm("held", holding, author)
    assert opposes(norm("p", "permit", DEVELOPER), held) == (author <= DEVELOPER)


def test_it_is_the_author_of_the_forbid_that_counts() -> None:
    """Root's default of strength user may be lifted by a developer; the user's own wish may not."""
    permit = norm("p", "permit", DEVELOPER)
    roots = norm("roots", "forbid", ROOT, strength=USER)
    assert wins(permit, roots) == ("p", "authority")
    assert not opposes(permit, norm("wish", "forbid", USER))


def test_a_permit_speaks_on_the_same_act_or_the_clause_it_names() -> None:
    """Two different acts that one step is never oppose: the step must pass both."""
    permit, forbid = norm("p", "permit"), norm("f", "forbid", act=OTHER)
    assert not opposes(permit, forbid)
    assert opposes(replace(permit, lifts=("f",)), forbid)
    assert not opposes(replace(permit, lifts=("g",)), norm("f", "forbid"))


@pytest.mark.parametrize(
    "pair",
    [("forbid", "forbid"), ("forbid", "require"), ("require", "require"), ("permit", "permit"),
     ("permit", "protect"), ("protect", "protect"), ("default", "forbid")],
)  # fmt: skip
def test_norms_of_one_mind_do_not_oppose(pair: tuple[str, str]) -> None:
    """Both hold back, or both open."""
    one, other = norm("a", pair[0]), norm("b", pair[1])
    assert not opposes(one, other)
    assert not opposes(other, one)


@pytest.mark.parametrize("holding", ["forbid", "require", "default"])
@pytest.mark.parametrize("author", [ROOT, SYSTEM, DEVELOPER, USER])
def test_protect_opposes_whoever_forbids(holding: str, author: int) -> None:
    """And wins against everyone weaker; against the stronger and its equals it loses."""
    freedom = norm("free", "protect", SYSTEM)
    held = norm("held", holding, author)
    winner, reason = wins(freedom, held)
    if holding != "default" or author != SYSTEM:
        assert winner == ("free" if author > SYSTEM else "held")
        assert reason == ("caution" if author == SYSTEM else "authority")


def test_protect_reaches_narrower_acts() -> None:
    """A freedom cannot be taken away by another pattern for the same step."""
    freedom = norm("free", "protect", ROOT, act=Act("call", "call"))
    assert wins(freedom, norm("f", "forbid", USER, act=OTHER)) == ("free", "authority")


@pytest.mark.parametrize("opening", ["permit", "protect"])
def test_a_default_yields_to_what_opens_at_equal_strength(opening: str) -> None:
    """On any act: an allow-list is a default and permits."""
    default = norm("d", "default", act=Act("call", "call"))
    assert wins(norm("open", opening), default) == ("open", "exception")
    assert wins(norm("open", opening, strength=USER), default) == ("d", "authority")


def test_a_default_of_someone_below_is_not_lifted_by_a_permit() -> None:
    """A user's own default deny stands against a developer's permit."""
    default = norm("d", "default", USER, act=Act("call", "call"))
    assert not opposes(norm("p", "permit", DEVELOPER), default)
    assert not lifts(norm("p", "permit", DEVELOPER), default)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (ACT, OTHER, False),
        (ACT, Act("any", "call"), True),
        (ACT, Act("any", "step"), True),
        (ACT, Act("m", "message"), False),
        (Act("m", "message", roles=frozenset({"user"})), Act("n", "message"), True),
        (Act("m", "message", roles=frozenset({"user"})),
         Act("n", "message", roles=frozenset({"assistant"})), False),
        (Act("h", "handoff", agents=frozenset({"a"})),
         Act("i", "handoff", agents=frozenset({"a", "b"})), True),
    ],
)  # fmt: skip
def test_acts_that_one_step_can_be(one: Act, other: Act, meet: bool) -> None:
    """As far as kinds and names tell."""
    assert can_meet(one, other, {}) is meet
    assert can_meet(other, one, {}) is meet


@pytest.mark.parametrize(
    ("effects", "meet"), [({"spends"}, True), ({"sends"}, False), (None, True)]
)
def test_acts_meet_on_declared_effects(effects: set[str] | None, meet: bool) -> None:
    """What an undeclared tool does is unknown, so it may have any effect."""
    tools = {} if effects is None else {"refund": Tool("refund", {}, frozenset(effects))}
    spending = Act("spending", "call", effects=frozenset({"spends"}))
    assert can_meet(ACT, spending, tools) is meet
    assert can_meet(spending, ACT, tools) is meet


# ---- conditions that exclude each other


@pytest.mark.parametrize(
    ("conditions", "excluded"),
    [
        (["amount > 200", "amount <= 200"], True),
        (["amount > 200", "amount <= 201"], False),
        (["amount >= 200", "amount <= 200"], False),
        (["amount > 200", "not (amount > 100)"], True),
        (["amount > 200 or to = \"x\"", "amount < 100"], False),
        (["200 < amount", "100 > amount"], True),
        (["to = \"x\"", "to = \"y\""], True),
        (["to = \"x\"", "to != \"x\""], True),
        (["to in [\"x\", \"y\"]", "to in [\"y\", \"z\"]"], False),
        (["to in [\"x\", \"y\"]", "not (to in [\"x\", \"y\"])"], True),
        (["tier is gold", "tier is standard"], True),
        (["amount = 5", "amount > 7"], True),
        (["amount > 200", "other < 100"], False),
        (["\"x\" in names", "\"y\" in names"], False),
        (["amount > 1", "text contains \"a\""], False),
    ],
)  # fmt: skip
def test_exclude(conditions: list[str], excluded: bool) -> None:
    """Sound: it says that conditions exclude each other only where they do."""
    head = (
        "spec s\nauthor root\ncontext tier: one of standard, gold\n"
        "tool f(amount: number, other: number, to: text, names: list of text)\n"
    )
    clauses = [
        f"clause c{n}\n  forbid call f where {condition}\n"
        for n, condition in enumerate(conditions)
    ]
    norms = remit.load(head + "".join(clauses)).checked.norms
    first, second = map(rooms_of, norms)
    assert exclude(first, second) is excluded
    assert exclude(second, first) is excluded
    assert None not in (first, second), "each may apply alone"
