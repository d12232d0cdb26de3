"""What a host cannot show, and the call that must be denied."""

from __future__ import annotations

import pytest

import remit
from remit import Call
from remit.hooks.events import POINTS, Event
from remit.host.canary import CANARY, Canary
from remit.host.coverage import coverage
from remit.host.guard import Guard
from remit.host.wrap import Denied, guard

POLICY = remit.load("""
spec s
author developer
tool pay(to: text)
clause calls_
  forbid call pay
clause results_
  forbid result of pay where has email
clause says_
  forbid message from assistant where has email
clause hears_
  forbid message from user where has email
clause both_
  forbid message where has secret
clause hands_
  forbid handoff
default warn for result
""")


def test_what_a_host_misses() -> None:
    """By clauses: those about steps that never come."""
    assert str(coverage(POLICY, POINTS)) == "everything is shown"
    tools = coverage(POLICY, ("pre_tool_call", "post_tool_call"), ["provider-side tools"])
    assert tools.blind == ("s::both_", "s::hands_", "s::hears_", "s::says_")
    assert "input" in tools.missing
    assert "not shown: provider-side tools" in str(tools)
    assert "`s::hands_` never applies here" in str(tools)
    said = coverage(POLICY, ("input", "output"))
    assert said.blind == ("s::calls_", "s::default.result", "s::hands_", "s::results_")
    assert coverage(POLICY, ("input",)).blind[-1] == "s::says_"


def test_the_canary_is_denied_whatever_the_policy_says() -> None:
    """By every gate, also one that allows all; without a gate it runs, and says so."""
    free = remit.load("spec s\nauthor developer\nclause c\n  permit call\n")
    gate = Guard(free).gate("c1")
    verdict = gate.decide(Event("pre_tool_call", (Call(CANARY),)))
    assert (verdict.kind, verdict.reason) == ("deny", "remit:canary")
    assert gate.decide(Event("pre_model_call", (Call(CANARY),)))  # the conversation goes on
    bird = Canary()
    with pytest.raises(Denied, match="in place"):
        guard(bird.tool, gate)("x")
    assert bird.ran == 0
    assert "no gate" in bird.tool()
    assert bird.ran == 1
