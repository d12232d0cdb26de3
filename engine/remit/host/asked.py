"""Requests for approval that wait for an answer, each bound to its call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call
from remit.hooks.events import Request
from remit.program.binding import digest

if TYPE_CHECKING:
    from remit.verdict.model import Decision

MOST = 100  # requests that wait; beyond, the oldest is asked anew (as in `remit.state.consent`)
Waiting = dict[str, Request]


def request_of(
    decision: Decision, conversation: str, agent: str, expires: float | None
) -> Request | None:
    """What people are asked; None where the step is no call that a yes could be bound to."""
    call = decision.after
    if not isinstance(call, Call):
        return None
    bound = digest(call.tool, call.args)
    if not isinstance(bound, str):
        return None
    policy, clauses = decision.ground.digest, tuple(sorted(decision.decided_by))
    parts = [policy, clauses, bound, sorted(decision.ask), conversation]
    name = sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return Request(
        name, call, decision.ask, conversation, policy, clauses, str(decision), agent, expires
    )


def wait(waiting: Waiting, request: Request) -> Request:
    """Note a request; one that waits already keeps the time at which it expires."""
    request = waiting.pop(request.id, request)
    waiting[request.id] = request
    if len(waiting) > MOST:
        del waiting[next(iter(waiting))]
    return request


def without(waiting: Waiting, decision: Decision) -> Waiting:
    """The requests without those about a call that goes on now."""
    call = decision.after
    if not waiting or not decision or not isinstance(call, Call):
        return waiting
    return {name: one for name, one in waiting.items()
            if not same_call(one.call, call)}  # fmt: skip


def same_call(one: Call, other: Call) -> bool:
    """Whether two calls are the same: tool and arguments, none of them unreadable."""
    names = digest(one.tool, one.args), digest(other.tool, other.args)
    readable = isinstance(names[0], str) and one.bad_args is None and other.bad_args is None
    return readable and names[0] == names[1]


def to_json(request: Request) -> dict[str, Any]:
    """A request as plain data, from which `of_json` makes it again."""
    from remit.conversation.from_steps import step_to_json  # late: it loads a reader

    return request.to_json() | {"call": step_to_json(request.call)}


def of_json(data: Mapping[str, Any]) -> Request:
    """What `to_json` gave. Raises `ValueError`, `KeyError`, `TypeError` if it is none."""
    from remit.conversation.from_steps import step_from_json

    call = step_from_json(data["call"])
    if not isinstance(call, Call):
        raise TypeError("what is asked about is no call")
    texts = [data[name] for name in ("id", "conversation", "policy", "reason", "agent")]
    people, clauses = tuple(data["people"]), tuple(data["clauses"])
    if not all(type(one) is str for one in (*texts, *people, *clauses)):
        raise ValueError("a text of a request is none")
    id, conversation, policy, reason, agent = texts
    expires = data.get("expires")
    if expires is not None and type(expires) not in (int, float):
        raise ValueError("the time at which a request expires is no number")
    return Request(id, call, people, conversation, policy, clauses, reason, agent, expires)
