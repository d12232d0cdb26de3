"""The example policies of `dogwood-py` as specs, judged beside Dogwood's reference interpreter.

Both are told what took effect, as an agent's host would tell it: a call that the policy denies is
not recorded. A call that a policy says nothing of is allowed by the spec; Dogwood denies it, for
its policies are meant to stand side by side, so there the two are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.real.dogwood_oracle import Events, Oracle, shipped

import remit
from remit import Call

SPECS = Path(__file__).parent / "dogwood"
SCOPE = {"callerPrincipal": 'Agent::OAuthUser::"u"', "callerResource": 'Agent::Gateway::"g"',
         "requestId": '"r"'}  # fmt: skip
SESSION = {**SCOPE, "sessionId": '"s"'}
SHOP, FAST = "shopping_agent_policies/", "fastapi_simple/"
CHECKOUT, ADD = "checkout_cart", "add_to_cart"
Trace = Sequence[tuple[int, str, Mapping[str, Any]]]  # time, tool, arguments


@dataclass(frozen=True)
class Example:
    """A policy of the package: its files there, and the tools it speaks of."""

    spec: str
    policy: str
    schema: str
    events: str | None = None
    tools: frozenset[str] = frozenset()
    nested: bool = False  # arguments are inside a record, beside the tool's name

    @cached_property
    def compiled(self) -> remit.Policy:
        """The spec."""
        return remit.load(SPECS / f"{self.spec}.spec")

    @cached_property
    def oracle(self) -> Oracle:
        """The policy itself."""
        events = shipped(self.events) if self.events else None
        return Oracle(shipped(self.policy), shipped(self.schema), events)

    def line(self, time: int, tool: str, args: Mapping[str, Any]) -> str:
        """The call in a trace."""
        events = Events("Agent", SCOPE["callerPrincipal"], SCOPE["callerResource"],
                        SESSION if self.events else SCOPE)  # fmt: skip
        given = {"tool": tool, "input": args, "toolUseId": "t"} if self.nested else args
        return events.request(time, tool.title().replace("_", ""), given)


def _shop(name: str, *tools: str) -> Example:
    files = (f"{SHOP}{name}.dw", f"{SHOP}schema.cedarschema", f"{SHOP}event.dwschema")
    return Example(name, *files, frozenset(tools), nested=True)


EVERY = ("grant_session", "revoke_session", "login", "approve_checkout", "approve_step_up",
         "get_shopping_cart", "list_products", ADD, "remove_from_cart", CHECKOUT)  # fmt: skip
EXAMPLES = {one.spec: one for one in (
    _shop("approval_gate", CHECKOUT),
    _shop("daily_budget", CHECKOUT),
    _shop("daily_order_quota", CHECKOUT),
    _shop("item_risk_guardrail", ADD, CHECKOUT),
    _shop("session_access", *EVERY[2:]),
    _shop("session_login", *EVERY[:2], *EVERY[3:]),
    _shop("tool_sequence", CHECKOUT),
    Example("transfer_budget", f"{FAST}policy.dw", f"{FAST}schema.cedarschema",
            f"{FAST}event.dwschema", frozenset({"transfer"})),
    Example("transfer_quota", f"{FAST}quota_policy.dw", f"{FAST}schema.cedarschema",
            f"{FAST}event.dwschema", frozenset({"transfer"})),
    Example("small_sales", "cli/policy.dw", "cli/schema.cedarschema",
            tools=frozenset({"sell_shares"})),
)}  # fmt: skip


def judged(example: Example, trace: Trace) -> Iterator[bool]:
    """What both say of each call that the policy speaks of. Fails where they differ."""
    session, oracle, lines = example.compiled.session(), example.oracle, list[str]()
    for time, tool, args in trace:
        decision = session.decide(Call(tool, dict(args), time=time))
        line = example.line(time, tool, args)
        if tool in example.tools:
            outside = oracle.verdicts([*lines, line])[-1]
            assert bool(decision) == outside, "\n".join([*lines, line, str(decision)])
            yield outside
        assert decision or tool in example.tools
        lines += [line] if decision else []
