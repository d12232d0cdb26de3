"""Law 10 with another oracle: defeasible logic, by its proof conditions.

Random theories are made into specs as for the published cases (`docs/defeasible.md`), and the
policy must conclude what the logic with ambiguity blocking and team defeat proves.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.real.defeasible import Translation
from tests.real.theory import DEFEASIBLE, DEFEATER, STRICT, Literal, Rule, Theory, complement

import remit

law = settings.get_profile("laws")
NAMES = ("p", "q", "r", "s")  # a rule's premises stand before its head, so nothing goes in circles
LITERALS = tuple(sign + name for name in NAMES for sign in ("", "~"))


def definitely(theory: Theory, name: str) -> bool:
    """Proved by facts and strict rules."""
    strict = [rule for rule in theory.rules_for(name) if rule.kind == STRICT]
    return name in theory.facts or any(
        all(definitely(theory, one.name) for one in rule.body) for rule in strict
    )


def provable(theory: Theory, name: str) -> bool:
    """Proved defeasibly: whatever applies against it is beaten by something that applies for it."""
    if definitely(theory, name) or definitely(theory, complement(name)):
        return definitely(theory, name)
    team = [rule for rule in theory.rules_for(name) if applicable(theory, rule)]
    return bool(team) and all(
        any((one.id, attacker.id) in theory.superior for one in team)
        for attacker in theory.against(name)
        if applicable(theory, attacker)
    )


def applicable(theory: Theory, rule: Rule) -> bool:
    """Whether all premises are proved defeasibly."""
    return all(provable(theory, one.name) for one in rule.body)


@st.composite
def rules(draw: Any, number: int) -> Rule:
    """A rule about any literal but the first; often without premises, so that much is disputed."""
    at = draw(st.integers(1, len(LITERALS) - 1))
    before = LITERALS[: at // 2 * 2]
    body = draw(st.lists(st.sampled_from(before), max_size=2, unique=True)) if before else []
    kind = draw(st.sampled_from((DEFEASIBLE, DEFEASIBLE, DEFEASIBLE, STRICT, DEFEATER)))
    return Rule(f"r{number}", kind, Literal(LITERALS[at]), tuple(map(Literal, body)))


@st.composite
def theories(draw: Any) -> Theory:
    """A theory with up to nine rules, and superiority among those that oppose each other."""
    made = tuple(draw(rules(number)) for number in range(draw(st.integers(1, 9))))
    facts = draw(st.sets(st.sampled_from(LITERALS), max_size=2))
    order = draw(st.permutations([rule.id for rule in made]))  # superiority has no circles
    pairs = [
        (one.id, other.id)
        for one in made
        for other in made
        if one.head.name == complement(other.head.name)
        and order.index(one.id) < order.index(other.id)
    ]
    superior = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return Theory(dict.fromkeys(sorted(facts), ((),)), made, frozenset(superior))


@law
@given(theories())
def test_the_policy_concludes_what_the_logic_proves(theory: Theory) -> None:
    answers = Translation(theory, LITERALS).answers()
    wanted = {name: provable(theory, name) for name in LITERALS}
    assert {name: bool(answers[name].provable) for name in LITERALS} == wanted
    known = {name: definitely(theory, name) for name in LITERALS}
    assert {name: bool(answers[name].definite) for name in LITERALS} == known
    event(f"disputed: {sum(map(theory.is_disputed, NAMES))}")
    event(f"proved against a rule: {any(wanted[one] and theory.against(one) for one in LITERALS)}")


TEAM = Theory(
    {},
    tuple(
        Rule(name, DEFEASIBLE, Literal(head))
        for name, head in (("a", "p"), ("b", "p"), ("x", "~p"), ("y", "~p"))
    ),
    frozenset({("a", "x"), ("b", "y")}),
)


def test_a_team_wins_though_none_of_it_wins_alone() -> None:
    """Each of two rules beats one of the two against: exceptions say exactly that."""
    answers = Translation(TEAM, ("p", "~p")).answers()
    assert answers["p"].provable == {()}
    assert not answers["~p"].provable


def test_the_same_with_overrides_is_a_circle() -> None:
    """`overrides` leaves each permit open to the forbid that the other one beats."""
    found = remit.check("""
spec team
author developer
tool p()
act concluding = call p
default deny for call

clause a
  permit concluding
  overrides x
clause b
  permit concluding
  overrides y
clause x
  forbid concluding
clause y
  forbid concluding
""")[1]
    assert [one.code for one in found if one.is_error] == ["R0701"]


@pytest.mark.parametrize("superior", [("x", "a"), ("a", "b")])
def test_only_a_rule_against_is_ever_beaten(superior: tuple[str, str]) -> None:
    """What is superior to a rule for the literal, or stands on its side, changes nothing."""
    theory = Theory({}, TEAM.rules, frozenset({superior}))
    assert not Translation(theory, ("p",)).answers()["p"].provable
