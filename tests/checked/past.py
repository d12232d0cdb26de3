"""What the tests of the rules about the past share: short steps, short policies, verdicts."""

from __future__ import annotations

from typing import Any

import remit
from remit import Call, Message

HEAD = (
    "spec s\nauthor developer\n"
    "tool pay(order: text, amount: number, note?: text, urgent?: flag)\n"
    "tool approve(order: text, cost: number)\ntool log()\n"
)
YES, GO = Message("user", "yes"), Message("user", "go on")


def pay(order: Any = "A", amount: Any = 10, **more: Any) -> Call:
    """A payment; `time` and `id` are those of the step."""
    own = {name: more.pop(name) for name in ("time", "id") if name in more}
    return Call("pay", {"order": order, "amount": amount, **more}, **own)


def approve(order: Any = "A", cost: Any = 10, **more: Any) -> Call:
    """An approval."""
    return Call("approve", {"order": order, "cost": cost}, **more)


def log(**more: Any) -> Call:
    """A call that nothing is asked of."""
    return Call("log", **more)


def says(text: str = "hello", **more: Any) -> Message:
    """The agent says something."""
    return Message("assistant", text, **more)


def run(body: str, *steps: Any, truncated: bool = False) -> list[str]:
    """The verdicts on the steps."""
    session = remit.load(HEAD + body).session(truncated=truncated)
    return [session.decide(one).verdict for one in steps]


def last(body: str, *steps: Any) -> str:
    """The verdict on the last step, those before it taking effect."""
    *before, verdict = run(body, *steps)
    assert set(before) <= {"allow"}, before
    return verdict


def forbid(condition: str, act: str = "call pay") -> str:
    """A policy of one clause."""
    return f"clause c\n  forbid {act} where {condition}\n"


def value(term: str, *steps: Any, other: str = "12345") -> Any:
    """What a term comes to at a call of `log` behind the steps."""
    session = remit.load(f"{HEAD}{forbid(f'{term} = {other}', 'call log')}").session()
    for one in steps:
        assert session.decide(one)
    decision = session.decide(log(time=steps[-1].time if steps else None))
    assert decision.view is not None
    (found,) = decision.view.looked.values()
    return found


def codes(body: str) -> list[str]:
    """The codes of what is wrong."""
    return [one.code for one in remit.check(HEAD + body)[1] if one.is_error]
