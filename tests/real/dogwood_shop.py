"""The policies that come with `dogwood-py`, their ports in `dogwood/*.spec`, and conversations.

A policy of the wheel is asked as it is, with a permit for the tools that it does not speak of: by
itself it denies them, and in Remit a denied step has not happened. For the same reason each denied
request is asked in a conversation that ends with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import files
from pathlib import Path
from random import Random
from typing import Any

from tests.real.dogwood_text import replay

import remit
from remit import Call

HERE = Path(__file__).resolve().parent / "dogwood"
HOUR = 3600
SHOP = "examples/shopping_agent_policies"
TOOLS = ("grant_session", "revoke_session", "login", "approve_checkout", "approve_step_up",
         "get_shopping_cart", "list_products", "add_to_cart", "remove_from_cart",
         "checkout_cart")  # fmt: skip
TEXTS = ("user", "session_id", "cart_id", "item_id", "category", "status")
NUMBERS = ("amount", "quantity", "risk")
USUAL: dict[str, Any] = dict.fromkeys(TEXTS, "") | dict.fromkeys(NUMBERS, 0)


@dataclass(frozen=True)
class Step:
    """A call by somebody at a time, in seconds, with the arguments that it was given."""

    tool: str
    at: int
    given: dict[str, Any]
    caller: str = "alice"


@dataclass(frozen=True)
class Port:
    """A policy of the wheel. `other` are tools that only the test's own permit speaks of.

    `whole` is the longest of its windows, in seconds. `tools` are those that its tests call.
    """

    name: str
    path: str
    tools: tuple[str, ...]
    other: tuple[str, ...] = ()
    whole: int = HOUR

    @property
    def in_the_shop(self) -> bool:
        """Whether it is one of the shopping agent, whose arguments are nested."""
        return self.path.startswith(SHOP)

    @cached_property
    def policy(self) -> remit.Policy:
        """The port."""
        return remit.load(HERE / f"{self.name}.spec")

    def text(self) -> str:
        """The policy of the wheel, and the permit for other tools."""
        names = ", ".join(_action(one) for one in self.other)
        more = f"\npermit (principal, action in [{names}], resource);\n" if names else ""
        return wheel(self.path) + more

    def schemas(self) -> tuple[str, str]:
        """The actions and the kinds of events."""
        folder = self.path.rpartition("/")[0]
        events = "cli" if folder.endswith("cli") else folder.rpartition("/")[2]
        kinds = wheel(f"{SHOP}/event.dwschema" if events == "cli" else f"{folder}/event.dwschema")
        return wheel(f"{folder}/schema.cedarschema"), kinds


def _but(*tools: str) -> tuple[str, ...]:
    return tuple(one for one in TOOLS if one not in tools)


BUYING = ("approve_checkout", "add_to_cart", "checkout_cart", "checkout_cart", "approve_step_up")
ORDERING = ("checkout_cart",)
VISIT = ("grant_session", "revoke_session", "login", "list_products", "checkout_cart")
PORTS = (
    Port("approval_gate", f"{SHOP}/approval_gate.dw", BUYING, _but("checkout_cart")),
    Port("daily_budget", f"{SHOP}/daily_budget.dw", ORDERING, _but("checkout_cart"), 24 * HOUR),
    Port("daily_order_quota", f"{SHOP}/daily_order_quota.dw", ORDERING, _but("checkout_cart"),
         24 * HOUR),
    Port("item_risk_guardrail", f"{SHOP}/item_risk_guardrail.dw", BUYING,
         _but("add_to_cart", "checkout_cart"), HOUR // 6),
    Port("session_access", f"{SHOP}/session_access.dw", VISIT, ("grant_session", "revoke_session")),
    Port("session_login", f"{SHOP}/session_login.dw", VISIT, ("login",)),
    Port("tool_sequence", f"{SHOP}/tool_sequence.dw", BUYING, _but("checkout_cart")),
    Port("daily_transfer_limit", "examples/fastapi_simple/policy.dw", ("transfer",),
         whole=24 * HOUR),
    Port("hourly_transfer_quota", "examples/fastapi_simple/quota_policy.dw", ("transfer",)),
    Port("sell_small_only", "examples/cli/policy.dw", ("sell_shares",)),
)  # fmt: skip


def wheel(path: str) -> str:
    """The text of a file of the package. Raises `LookupError` where it has none of that name."""
    for one in files("dogwood-py") or ():
        if str(one) == path:
            return Path(str(one.locate())).read_text(encoding="utf-8")
    raise LookupError(f"the wheel has no {path}")


# ---- conversations


def written(port: Port) -> Iterator[tuple[str, list[Step], list[bool]]]:
    """The conversations of the port in `conversations.jsonl`, with what the engine says to them."""
    for line in (HERE / "conversations.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if one["port"] == port.name:
            yield one["title"], [Step(*step) for step in one["steps"]], one["allowed"]


def generated(port: Port, seed: int) -> list[Step]:
    """A conversation of few people and things, so that they meet, and often just at a bound."""
    dice, now, steps = Random(f"{port.name} {seed}"), 0, []
    for _ in range(dice.randint(6, 20)):
        now += dice.choice([0, 0, 1, *(port.whole // part for part in (1, 8, 24, 24))])
        tool, caller = dice.choice(port.tools), dice.choice(["alice", "alice", "bob"])
        steps.append(Step(tool, now, _given(dice, port), caller))
    return steps


def _given(dice: Random, port: Port) -> dict[str, Any]:
    if not port.in_the_shop:
        amount = dice.choice([10, 20, 50, 51])
        if "transfer" in port.tools:
            return {"amount": amount, "user": dice.choice(["ann", "ben"])}
        return {"shares": amount, "stock": "AMZN"}
    some = {name: dice.choice(["one"] * 4 + ["two"]) for name in TEXTS}
    status = dice.choice(["completed"] * 3 + ["approved"] * 3 + ["requested"])
    amounts = {"amount": dice.choice([5, 20, 25, 50]), "risk": dice.choice([10, 50, 51, 100])}
    return some | {"status": status} | amounts


# ---- judging


def remits(port: Port, steps: Sequence[Step]) -> list[bool]:
    """What the port says to each step; each caller is a conversation."""
    policy, found = port.policy, []
    sessions = {step.caller: policy.session() for step in steps}
    tools = policy.checked.tools
    for step in steps:
        full = USUAL | step.given if port.in_the_shop else step.given
        given = {name: full[name] for name in tools[step.tool].params}
        decision = sessions[step.caller].decide(Call(step.tool, given, time=float(step.at)))
        assert (decision.errors, decision.unknown) == ((), ()), decision
        found.append(bool(decision))
    return found


def dogwoods(port: Port, steps: Sequence[Step], *, drop: bool = True) -> list[bool]:
    """What the engine in the wheel says to each step. `drop`: a denied request has not happened."""
    text, (actions, events) = port.text(), port.schemas()
    lines = [_line(port, step) for step in steps]
    found: list[bool] = []
    while len(found) < len(steps):
        happened = [line for line, so in zip(lines, found, strict=False) if so or not drop]
        said = replay(text, actions, [*happened, *lines[len(found) :]], events)[len(happened) :]
        found += said[: said.index(False) + 1] if drop and False in said else said
    return found


def _line(port: Port, step: Step) -> str:
    given = dict(step.given)
    if port.in_the_shop:
        given = {"tool": step.tool, "input": USUAL | given, "toolUseId": "use"}
    resource = 'Agent::Gateway::"shop"'
    who, body = f'Agent::OAuthUser::"{step.caller}"', _value(given)
    return (f"@{step.at} scope(principal: {who}, resource: {resource}) "
            f"request_context(input: {body}) {_action(step.tool)}::request(input: {body}, "
            f'callerPrincipal: {who}, callerResource: {resource}, requestId: "r", '
            f'sessionId: "s")')  # fmt: skip


def _action(tool: str) -> str:
    name = "".join(part.capitalize() for part in tool.split("_"))
    return f'Agent::Action::"{name}"'


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    return f"{{ {', '.join(f'{name}: {_value(one)}' for name, one in value.items())} }}"
