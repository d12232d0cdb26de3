"""The example policies of `dogwood-py` as specs: what the package says that they do."""

from __future__ import annotations

from importlib.metadata import files
from typing import Any

import pytest
from tests.real.dogwood_examples import ADD, CHECKOUT, EXAMPLES, SPECS, Trace, judged
from tests.real.dogwood_oracle import MISSING, native

pytestmark = pytest.mark.skipif(native is None, reason=MISSING)

HOUR, DAY = 3600, 86_400


def _do(time: int, tool: str, **args: Any) -> tuple[int, str, dict[str, Any]]:
    """A call of the shop."""
    usual = {"user": "alice", "session_id": "s1", "cart_id": "c1", "item_id": "book",
             "category": "book", "amount": 20, "quantity": 1, "risk": 10,
             "status": "requested"}  # fmt: skip
    return time, tool, usual | args


def _bought(time: int, **args: Any) -> tuple[int, str, dict[str, Any]]:
    return _do(time, CHECKOUT, status="completed", **args)


def _approved(time: int, tool: str = "approve_checkout", **args: Any) -> Any:
    return _do(time, tool, status="approved", **args)


def _send(time: int, amount: int, user: str = "alice") -> tuple[int, str, dict[str, Any]]:
    return time, "transfer", {"amount": amount, "user": user}


RISKY = {"item_id": "iphone17", "risk": 100}
SAID: list[tuple[str, Trace, str]] = [  # the verdicts on the calls that the policy speaks of
    ("approval_gate", [_do(0, CHECKOUT), _approved(1), _do(2, CHECKOUT), _do(1 + HOUR, CHECKOUT),
                       _do(2 + HOUR, CHECKOUT)], "- + + -"),
    ("approval_gate", [_do(0, "approve_checkout"), _do(1, CHECKOUT), _approved(2, cart_id="c2"),
                       _do(3, CHECKOUT), _do(4, CHECKOUT, cart_id="c2"),
                       _do(5, CHECKOUT, cart_id="c2", user="bob")], "- - + -"),
    ("daily_budget", [_bought(0), _bought(1), _bought(2), _bought(3, amount=10),
                      _do(4, CHECKOUT, amount=999), _bought(DAY), _bought(DAY + 1)],
     "+ + - + + - +"),
    ("daily_order_quota", [_bought(0), _do(1, CHECKOUT), _bought(2), _bought(3),
                           _do(4, CHECKOUT), _bought(5, user="bob"), _bought(DAY + 1)],
     "+ + + - + + +"),
    ("item_risk_guardrail", [_do(0, ADD), _do(1, CHECKOUT), _do(2, ADD, **RISKY),
                             _approved(3, "approve_step_up", **RISKY), _do(4, ADD, **RISKY),
                             _do(5, CHECKOUT, **RISKY), _do(6, ADD, item_id="watch", risk=90),
                             _do(603, ADD, **RISKY), _do(604, ADD, **RISKY)], "+ + - + + - + -"),
    ("session_access", [_do(0, "list_products"), _do(1, "grant_session"), _do(2, "list_products"),
                        _do(3, "list_products", session_id="s2"), _do(4, "revoke_session"),
                        _do(5, "list_products"), _do(6, "grant_session"), _do(7, CHECKOUT),
                        _do(6 + HOUR, CHECKOUT), _do(7 + HOUR, CHECKOUT)], "- + - - + + -"),
    ("session_login", [_do(0, "list_products"), _do(1, "login"), _do(2, "list_products"),
                       _do(3, CHECKOUT, user="bob"), _do(HOUR + 2, CHECKOUT)], "- + - -"),
    ("tool_sequence", [_do(0, CHECKOUT), _do(1, ADD), _do(2, CHECKOUT),
                       _do(3, CHECKOUT, item_id="pen"), _do(HOUR + 2, CHECKOUT)], "- + - -"),
    ("transfer_budget", [_send(0, 40), _send(1, 20), _send(2, 10), _send(3, 50, "bob"),
                         _send(DAY, 1), _send(DAY + 2, 40), _send(DAY + 3, 11)],
     "+ - + + - + -"),
    ("transfer_quota", [_send(0, 1), _send(1, 1), _send(2, 1), _send(3, 1, "bob"),
                        _send(HOUR, 1), _send(HOUR + 1, 1)], "+ + - + - +"),
    ("small_sales", [(0, "sell_shares", {"shares": 25, "stock": "AMZN"}),
                     (1, "sell_shares", {"shares": 500, "stock": "MSFT"}),
                     (2, "sell_shares", {"shares": 50, "stock": "MSFT"})], "+ - +"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "trace", "told"), SAID, ids=[name for name, *_ in SAID])
def test_what_the_package_says(name: str, trace: Trace, told: str) -> None:
    """The traces by hand: allowed (+) and denied (-), by both."""
    assert " ".join("-+"[one] for one in judged(EXAMPLES[name], trace)) == told


def test_every_policy_of_the_package_is_here() -> None:
    """None of the shop is left out, and each has its trace."""
    assert (
        {one.stem for one in SPECS.glob("*.spec")} == set(EXAMPLES) == {name for name, *_ in SAID}
    )
    shipped = {one.as_posix() for one in files("dogwood-py") or () if one.suffix == ".dw"}
    assert shipped == {f"examples/{one.policy}" for one in EXAMPLES.values()}
