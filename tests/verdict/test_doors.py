"""Ways past a policy that a sceptic found: each small, each closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import remit
from remit import Call, Message, Part, Result, Step
from remit_grammar.source import Source

CARD = "4111 1111 1111 1111"
HEAD = "spec doors\nauthor developer\n"


def decide(text: str, step: Step | Mapping[str, Any], **context: Any) -> remit.Decision:
    """The decision of a policy of one spec."""
    return remit.load(HEAD + text).session(context).decide(step)


def codes(*texts: str) -> list[str]:
    """The codes of the errors of a policy of several texts."""
    _, found = remit.check(*(Source(f"s{n}", text) for n, text in enumerate(texts)))
    return [one.code for one in found if one.is_error]


TIERS = """context tier: one of standard, gold default standard
clause limit
  forbid call refund where amount > 200
  except g: permit where tier is gold
"""


def test_an_argument_called_like_a_choice_is_not_the_choice() -> None:
    """No tool is declared, so the agent may name its arguments as it likes."""
    assert decide(TIERS, Call("refund", {"amount": 500, "gold": "standard"})).verdict == "deny"
    assert decide(TIERS, Call("refund", {"amount": 500}), tier="gold").verdict == "allow"


def test_a_context_of_null_is_unknown() -> None:
    text = "context bad: flag default false\nclause c\n  forbid call pay where bad\n"
    assert decide(text, Call("pay"), bad=None).verdict == "deny"
    assert decide(text, Call("pay", context={"bad": None}), bad=True).verdict == "deny"


def test_a_misspelt_context_is_said_or_makes_the_others_unknown() -> None:
    text = "context risk: flag default false\nclause c\n  forbid call pay where risk\n"
    with pytest.raises(ValueError, match="did you mean `risk`"):
        decide(text, Call("pay"), riskk=True)
    assert decide(text, Call("pay", context={"riskk": True})).verdict == "deny"
    assert decide(text, Call("pay")).verdict == "allow"


@pytest.mark.parametrize("role", ["asistant", "Assistant", "model", ""])
def test_a_role_nobody_knows_may_be_the_agent(role: str) -> None:
    text = "clause c\n  forbid message where has card_number\n"
    decision = decide(text, Message(role, CARD))
    assert decision.verdict == "deny"
    assert decision.unknown[0].terms == ("who says it",)
    assert decide(text, Message("user", CARD)).verdict == "allow"


def test_a_result_without_its_tool_may_be_any() -> None:
    text = "clause c\n  forbid result of inbox\n"
    assert decide(text, Result("")).verdict == "deny"
    assert decide(text, Result("other")).verdict == "allow"


@pytest.mark.parametrize(
    "step",
    [
        Message("assistant", f"2222 {CARD}"),
        Message("assistant", "see", parts=(Part("x", name=CARD),)),
        Message("assistant", "see", parts=(Part(CARD),)),
    ],
)
def test_a_card_number_is_found_wherever_it_hides(step: Step) -> None:
    text = "clause c\n  forbid message where has card_number\n  otherwise redact card_number\n"
    decision = decide(text, step)
    assert decision.verdict == "redact"
    assert CARD not in repr(decision.after)


def test_what_cannot_be_taken_out_is_denied() -> None:
    """The name of a field cannot be changed without changing what the call means."""
    text = "clause c\n  forbid call where has card_number\n  otherwise redact card_number\n"
    assert decide(text, Call("note", {"x": {CARD: 1}})).verdict == "deny"


def test_a_rewritten_result_keeps_nothing() -> None:
    text = 'clause c\n  forbid result where has card_number\n  otherwise rewrite text to "gone"\n'
    decision = decide(text, Result("t", text=CARD, value={"card": CARD}, error=CARD))
    assert decision.verdict == "rewrite"
    assert CARD not in repr(decision.after)


def test_null_for_a_parameter_with_a_default_is_unknown() -> None:
    text = "tool t(fast: flag = true)\nclause c\n  forbid call t where fast is true\n"
    assert decide(text, Call("t", {"fast": None})).verdict == "deny"
    assert decide(text, Call("t", {"fast": False})).verdict == "allow"


def test_null_for_a_field_with_a_default_is_unknown(tmp_path: Path) -> None:
    """Inside a record as at its top."""
    fields = {"fast": {"type": "boolean", "default": True}}
    options = {"type": "object", "properties": fields}
    schema = {"type": "object", "properties": {"options": options}, "required": ["options"]}
    tools = [{"name": "t", "inputSchema": schema}]
    (tmp_path / "tools.json").write_text(json.dumps(tools), "utf-8")
    spec = tmp_path / "doors.spec"
    clause = 'tools from "tools.json"\nclause c\n  forbid call t where options.fast is true\n'
    spec.write_text(HEAD + clause, "utf-8")
    session = remit.load(spec).session()
    assert session.decide(Call("t", {"options": {"fast": None}})).verdict == "deny"
    assert session.decide(Call("t", {"options": {}})).verdict == "deny"
    assert session.decide(Call("t", {"options": {"fast": False}})).verdict == "allow"


def test_a_date_may_be_a_default() -> None:
    text = "tool x(when: time = 2026-06-01)\nclause c\n  forbid call x where when > 2026-05-01\n"
    assert decide(text, Call("x")).verdict == "deny"


@pytest.mark.parametrize("url", ["http://ok.com\\@evil.com", "http:evil.com", "https:/evil.com"])
def test_a_host_that_readers_disagree_on_is_unknown(url: str) -> None:
    text = 'clause c\n  forbid call get where not host of url in ["ok.com", "http", "https"]\n'
    assert decide(text, Call("get", {"url": url})).unknown


def test_a_clause_cannot_hide_behind_a_default() -> None:
    text = "default warn for call\nclause `default`.call\n  forbid call rm\n  otherwise halt\n"
    assert codes(HEAD + text)


def test_low_goals_do_not_decide_between_high_norms() -> None:
    root = (
        "spec r\nauthor root\nextends d\nclause x\n  forbid call pay\n  serves safety\n"
        "clause y\n  permit call pay\n  serves speed\n"
    )
    low = "spec d\nauthor guideline\ngoals speed > safety strict\n"
    policy, found = remit.check(Source("d", low), Source("r", root))
    assert policy is not None, found
    decision = policy.session().decide(Call("pay"))
    assert decision.verdict == "deny"
    assert [one.reason for one in decision.defeated] == ["caution"]


@pytest.mark.parametrize(
    "step",
    [
        Message("assistant", None),  # type: ignore[arg-type]
        Message(None, "x"),  # type: ignore[arg-type]
        Message("assistant", "x", parts=(1,)),  # type: ignore[arg-type]
        Call(5, {}),  # type: ignore[arg-type]
        Result("t", context=None),  # type: ignore[arg-type]
    ],
)
def test_a_malformed_step_is_denied_and_told(step: Step) -> None:
    decision = decide("clause c\n  forbid call x\n", step)
    assert decision.verdict == "deny"
    assert decision.errors[0][0] == "engine_error"
    assert decision.explain().message
    assert decision.to_json()["verdict"] == "deny"


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 10**400, True, "noon", [1]])
def test_a_time_that_is_none_is_refused(time: Any) -> None:
    """What a host gives as time of a step and is no number of seconds: denied, never raised."""
    session = remit.load("spec s\nauthor root\nclause c\n  forbid call pay\n").session()
    decision = session.decide(remit.Call("look", {}, time=time))
    assert (decision.verdict, decision.errors[0][0]) == ("deny", "engine_error")
