"""Confirmations against the reference definition, the verifier, and saving (laws 4, 5, 7, 10)."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.definition_consent import Past, Step, agreed, asked, confirmed

import remit
from remit import Call, Message
from remit.verify import verify_records

POLICY = remit.load("""
spec consent
author developer
tool pay(to: text, amount: number)
tool send(to: text)
tool gift(to: text)

clause pay.user
  forbid call pay unless confirmed by user
  otherwise ask user
clause pay.boss
  forbid call pay where amount > 1 unless confirmed by boss
  otherwise ask boss
clause send.both
  forbid call send unless confirmed by user and confirmed by boss
  otherwise ask user
clause send.boss
  forbid call send unless confirmed by boss
  otherwise ask boss
clause gift.asked
  forbid call gift
  otherwise ask user
clause gift.large
  forbid call gift where to is "B"
  otherwise ask boss
clause held_back
  forbid message from user where text contains "go ahead"
""")
PEOPLE = ("user", "boss")
CALLS = [
    Call("pay", {"to": "A", "amount": 1}), Call("pay", {"to": "A", "amount": 2}),
    Call("pay", {"amount": 2.0, "to": "A"}), Call("send", {"to": "A"}),
    Call("gift", {"to": "A"}), Call("gift", {"to": "B"}),
]  # fmt: skip
SAYS = [
    Message("user", "yes"), Message("user", "yes"), Message("user", "Yes, please go ahead."),
    Message("user", "yes, but 3"), Message("user", "what?"),
    Message("developer", "yes"), Message("assistant", "yes"), Message("stranger", "yes"),
]  # fmt: skip
_calls = st.sampled_from(CALLS)
_says = st.sampled_from(SAYS)
_words = st.tuples(st.sampled_from(["approval", "refusal"]), st.sampled_from(PEOPLE), _calls)
_actions = st.one_of(
    st.lists(st.one_of(_calls, _says, _words), min_size=1, max_size=3),
    st.builds(
        lambda call, other, who: [call, other, *(("approval", one, call) for one in who), call],
        _calls,
        _calls,
        st.sets(st.sampled_from(PEOPLE)),
    ),
    st.builds(lambda call, says: [call, says, ("approval", "boss", call), call], _calls, _says),
    st.builds(lambda call, says: [call, ("approval", "boss", call), says, call], _calls, _says),
)


def _name(call: Call) -> Any:
    """What tells a call apart, said otherwise than in the engine."""
    return call.tool, tuple(sorted((name, float(v) if name == "amount" else v)
                                   for name, v in call.args.items()))  # fmt: skip


def _as_told(step: Call | Message, decision: remit.Decision) -> list[Step]:
    """A step for the definition. A stranger may be anybody, so what they say ends everything."""
    if isinstance(step, Call):
        return [Step("call", _name(step), asks=frozenset(decision.ask), took_effect=bool(decision))]
    agrees = step.text.lower().startswith("yes") and "but" not in step.text
    if step.role == "stranger":
        return [Step("message", by=who) for who in ("user", "developer")] + [
            Step("refusal", _name(call), by=who) for who in PEOPLE for call in CALLS
        ]
    return [Step("message", by=step.role, took_effect=bool(decision), agrees=agrees)]


def _expected(past: Past, call: Call) -> list[str]:
    """Who is asked, from the clauses above."""
    yes = {who for who in PEOPLE if confirmed(past, who, _name(call))}
    if call.tool == "gift":
        needed = {"user", "boss"} if call.args["to"] == "B" else {"user"}
        return [] if agreed(past, frozenset(needed), _name(call)) else sorted(needed)
    if call.tool == "pay":
        needed = {"user"} | ({"boss"} if call.args["amount"] > 1 else set())
        return sorted(needed - yes)
    return sorted(({"user"} if len(yes) < 2 else set()) | ({"boss"} - yes))


@settings(settings.get_profile("laws"))
@given(st.lists(_actions, min_size=2, max_size=6))
def test_as_the_definition_says(actions: list[list[Any]]) -> None:
    """Who is asked at every call, whose word the host may give, saved and verified all along."""
    session, records = POLICY.session(), list[dict[str, Any]]()
    past: Past = ()
    for one in chain.from_iterable(actions):
        if isinstance(one, tuple):
            kind, who, call = one
            open_for = asked(past, who, _name(call))
            assert _tells(session, kind, who, call) == open_for
            past += (Step(kind, _name(call), by=who),) if open_for else ()
            continue
        session = POLICY.restore(session.save())
        due = _expected(past, one) if isinstance(one, Call) else []
        decision = session.decide(one)
        assert sorted(decision.ask) == due
        assert bool(decision) == (not due and "go ahead" not in getattr(one, "text", ""))
        past += tuple(_as_told(one, decision))
        records.append(decision.to_json())
    assert verify_records(json.loads(json.dumps(records)), POLICY) == []


def _tells(session: remit.Session, kind: str, who: str, call: Call) -> bool:
    """Give the host's word; whether it was taken."""
    try:
        (session.approve if kind == "approval" else session.refuse)(call, who)
    except remit.ApprovalError:
        return False
    return True
