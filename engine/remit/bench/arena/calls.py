"""W1: one tool call against N rules; a deny beats an allow, and both beat the default.

With `named`, each rule is about one of at most 50 tools, which is kind to an index by tool.
Without, no rule names a tool: each is about a role, an amount and one of many folders, and may
apply to any call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .measure import Checked, Local, each

ROLES = ("admin", "analyst", "support", "guest")
REQUESTS = 500
NOTE = "please handle this carefully " * 3

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """`effect` is `deny` or `allow`; it applies to a call of `tool` (None: of any) by `role` with
    an amount above `above` and a path that begins with `prefix`."""

    id: str
    effect: str
    tool: str | None
    role: str
    above: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Calls:
    """The rules, and the requests that are decided under them."""

    rules: tuple[Rule, ...]
    requests: tuple[Request, ...]
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """An engine that decides requests: `allow`, `deny`, or `default` where no rule speaks.

    `ready` makes of a request what `decide` takes, outside the clock. `closed`: the engine has no
    third answer, so that `deny` stands for `default` too.
    """

    decide: Callable[[Any], str]
    ready: Callable[[Request], Any] = lambda request: request
    closed: bool = False


def workload(clauses: int, named: bool = True, requests: int = REQUESTS) -> Calls:
    """W1 with so many rules. The same numbers give the same workload."""
    tools = tuple(f"tool_{one}" for one in range(max(2, min(clauses // 5, 50))))
    folders = 8 if named else max(8, clauses // 2)
    rules = tuple(_rules(clauses, tools, folders, named))
    return Calls(rules, tuple(_requests(requests, tools, folders)), tools)


def _rules(clauses: int, tools: tuple[str, ...], folders: int, named: bool) -> list[Rule]:
    dice = random.Random(7)
    return [
        Rule(
            f"r{one}", "allow" if one % 3 else "deny", tools[one % len(tools)] if named else None,
            ROLES[(one // len(tools)) % 4 if named else one % 4],
            dice.randrange(900), f"/data/{dice.randrange(folders)}/",
        )
        for one in range(clauses)
    ]  # fmt: skip


def _requests(count: int, tools: tuple[str, ...], folders: int) -> list[Request]:
    dice = random.Random(11)
    return [
        {
            "principal": {"id": f"u{dice.randrange(4)}", "role": dice.choice(ROLES)},
            "tool": dice.choice(tools),
            "args": {
                "amount": dice.randrange(1000),
                "path": f"/data/{dice.randrange(folders)}/file_{one}.txt",
                "recipient": f"user{one}@example.org",
                "note": NOTE,
            },
            "conversation": {"tainted": bool(one % 2), "turn": one % 40, "channel": "chat"},
        }
        for one in range(count)
    ]


def oracle(work: Calls, request: Request) -> str:
    """The right answer, by looking at every rule."""
    effects = {rule.effect for rule in work.rules if _applies(rule, request)}
    return "deny" if "deny" in effects else "allow" if effects else "default"


def _applies(rule: Rule, request: Request) -> bool:
    args = request["args"]
    return (
        rule.tool in (None, request["tool"])
        and rule.role == request["principal"]["role"]
        and args["amount"] > rule.above
        and args["path"].startswith(rule.prefix)
    )


def entrant(name: str, work: Calls, judge: Judge) -> Local:
    """An engine on this workload, to be measured."""
    ready = [judge.ready(one) for one in work.requests]
    return Local(name, each(ready, judge.decide), lambda: _check(work, judge))


def _check(work: Calls, judge: Judge) -> Checked:
    wrong = []
    for request in work.requests:
        wanted, given = oracle(work, request), judge.decide(judge.ready(request))
        if given != wanted and not (judge.closed and (wanted, given) == ("default", "deny")):
            wrong.append(f"{request['tool']} {request['args']}: {given}, not {wanted}")
    return Checked(len(work.requests), len(wrong), wrong[0] if wrong else "")
