"""Remit against Dogwood, whose reference engine comes with the package `dogwood-py`.

`REMIT_CASES` says how many policies are generated; each is asked in ten conversations. Skipped
where the package is not installed, but for the ports, whose verdicts are written down.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.real.dogwood_cases import VALUES, Happens, Rules, rules_of, smaller, steps_of
from tests.real.dogwood_page import (
    APART,
    DOGWOOD,
    EVENTS,
    RAW,
    REMIT,
    SAME,
    Apart,
    Same,
    apart_rows,
    clauses,
    conditions,
    only_rows,
    port_rows,
    same_rows,
)  # fmt: skip
from tests.real.dogwood_shop import HOUR, PORTS, Port, Step, dogwoods, generated, remits, written
from tests.real.dogwood_spec import HEAD, Judged, judge, spec
from tests.real.dogwood_text import actions, events, installed, logs, policy, problems, replay

import remit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dogwood.md"
POLICIES = int(os.environ.get("REMIT_CASES", "100"))
CONVERSATIONS = 10  # for each policy
PARTS = 8  # of the generated policies, so that several processes can share them
has_dogwood = installed()
needs_dogwood = pytest.mark.skipif(not has_dogwood, reason="dogwood-py is optional")
by_name = pytest.mark.parametrize("port", [pytest.param(port, id=port.name) for port in PORTS])


# ---- generated policies


@needs_dogwood
@pytest.mark.parametrize("part", range(PARTS))
def test_both_say_the_same_to_every_step(part: int) -> None:
    """On each conversation of each generated policy."""
    for seed in range(part, POLICIES, PARTS):
        rules = rules_of(seed)
        ours = remit.load(spec(rules))
        assert problems(policy(rules), actions(), events(rules)) == [], seed
        for steps in (steps_of(seed * 1_000 + number, rules) for number in range(CONVERSATIONS)):
            if differences(rules, judge(rules, ours, steps)):
                pytest.fail(f"policy {seed}: {story(rules, steps)}", pytrace=False)


def differences(rules: Rules, judged: list[Judged]) -> list[int]:
    """The steps to which Dogwood says something else."""
    found = []
    for lines, places in logs(rules, judged):
        said = replay(policy(rules), actions(), lines, events(rules))
        assert len(said) == len(places), "a request without a verdict"
        found += [place for place, so in zip(places, said, strict=True)
                  if so != judged[place].allowed]  # fmt: skip
    return found


def story(rules: Rules, steps: tuple[Happens, ...]) -> str:
    """The smallest part of the case that still tells them apart."""
    done = False
    while not done:
        done = True
        for less in smaller(rules, steps):
            if differences(less[0], judge(less[0], remit.load(spec(less[0])), less[1])):
                (rules, steps), done = less, False
                break
    judged = judge(rules, remit.load(spec(rules)), steps)
    told = [f"{one.step} Remit: {one.allowed}" for one in judged]
    wrong = differences(rules, judged)
    return "\n".join([spec(rules), policy(rules), *told, f"Dogwood differs at {wrong}"])


def test_every_kind_of_question_is_asked() -> None:
    """Of the policies of an ordinary run; and both verdicts are common."""
    found: Counter[str] = Counter()
    said: Counter[bool] = Counter()
    for seed in range(120):
        rules = rules_of(seed)
        found.update(one.fold for rule in rules.rules for one in rule.asked)
        found.update(
            name
            for rule in rules.rules for one in rule.asked
            for name, has in [
                ("since", one.since is not None), ("within", one.within is not None),
                ("ever", one.within is None), ("results", one.what.kind == "result"),
                ("same", bool(one.what.same)), ("above", bool(one.what.above)),
                ("after", one.what.after is not None),
                ("attempts", rules.attempts), ("apart", rules.apart), (rule.effect, True),
            ] if has
        )  # fmt: skip
        if seed < 40:
            judged = judge(rules, remit.load(spec(rules)), steps_of(seed * 1_000, rules))
            said.update(one.allowed for one in judged if one.step.tool in rules.rules[0].tools)
    kinds = {"earlier", "previous", "kept", "count", *VALUES, "since", "within", "ever", "results",
             "same", "above", "after", "attempts", "apart", "permit", "forbid",
             "require"}  # fmt: skip
    assert set(found) == kinds
    assert min(found.values()) >= 4, found
    assert min(said.values()) * 4 > said.total(), said


# ---- the policies of the wheel


@by_name
def test_a_port_says_what_the_engine_said(port: Port) -> None:
    """On the conversations that are written down, also where the package is not installed."""
    for title, steps, allowed in written(port):
        assert remits(port, steps) == allowed, title


@needs_dogwood
@by_name
def test_a_policy_of_the_wheel_says_what_is_written_down(port: Port) -> None:
    actions, events = port.schemas()
    assert problems(port.text(), actions, events) == []
    for title, steps, allowed in written(port):
        assert dogwoods(port, steps) == allowed, title


@needs_dogwood
@by_name
def test_a_port_says_the_same_as_the_policy(port: Port) -> None:
    """On generated conversations, of which some must be denied and some allowed."""
    said: Counter[bool] = Counter()
    for seed in range(max(16, POLICIES // 6)):
        steps = generated(port, seed)
        theirs = dogwoods(port, steps)
        assert remits(port, steps) == theirs, (seed, steps)
        said.update(theirs)
    assert min(said[True], said[False]) >= 5, said


@needs_dogwood
def test_a_denied_order_counts_in_the_engine_alone() -> None:
    """Why a denied request is left out of what follows: the README of the example says so too."""
    port = next(one for one in PORTS if one.name == "daily_budget")
    orders = [Step("checkout_cart", at, {"user": "ann", "amount": amount, "status": "completed"})
              for at, amount in ((0, 40), (HOUR, 20), (2 * HOUR, 10))]  # fmt: skip
    assert remits(port, orders) == dogwoods(port, orders) == [True, False, True]
    assert dogwoods(port, orders, drop=False) == [True, False, False]


# ---- the page


@pytest.mark.parametrize("case", [pytest.param(one, id=one.title) for one in SAME])
def test_a_bound_is_the_same(case: Same) -> None:
    assert case.remits() == case.said
    if has_dogwood:
        assert case.dogwoods() == case.said


@pytest.mark.parametrize("case", [pytest.param(one, id=one.title) for one in APART])
def test_a_difference_is_as_told(case: Apart) -> None:
    assert case.remits() == case.remit != case.dogwood
    if has_dogwood:
        assert problems(case.policy, actions(), EVENTS) == []
        assert case.dogwoods() == case.dogwood


@pytest.mark.parametrize("text", [pytest.param(text, id=title) for title, text in REMIT])
def test_remit_can_say_it(text: str) -> None:
    remit.load(f"{HEAD}{RAW}{clauses(text)}\n")


@needs_dogwood
@pytest.mark.parametrize("text", [pytest.param(text, id=title) for title, text in DOGWOOD])
def test_dogwood_can_say_it(text: str) -> None:
    assert problems(conditions(text), actions(), EVENTS) == []


def test_the_page_shows_the_cases(update: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    now = _put(page, "same", same_rows())
    now = _put(now, "apart", apart_rows())
    now = _put(now, "remit", only_rows(REMIT))
    now = _put(now, "dogwood", only_rows(DOGWOOD))
    now = _put(now, "ports", port_rows())
    if update:
        PAGE.write_text(now, encoding="utf-8")
    else:
        assert now == page, "`pytest --update` writes the page anew"


def _put(page: str, mark: str, lines: Iterator[str]) -> str:
    """The page with what stands between two marks replaced."""
    head, start, rest = page.partition(f"<!-- {mark} -->\n")
    _, end, tail = rest.partition(f"<!-- /{mark} -->")
    assert start, f"the page lost its mark `{mark}`"
    assert end, f"the page lost the end of its mark `{mark}`"
    text = "\n".join(lines)
    return f"{head}{start}\n{text}\n\n{end}{tail}"
