"""Small policies that ask of the past in every way there is, and conversations that meet them."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

import remit
from remit.judges.model import Question

HEAD = """spec small
author developer
tool pay(order: text, amount: number)
tool look(order: text)
tool send(to: text)
context tier: one of standard, gold default standard
setting limit: number default 100
remember seen = order in call look at most 3
"""

# Each is a clause, a directive or a loan; a policy is a choice of them.
BLOCKS = {
    "count": "forbid call pay where (count of call pay within {n} steps) >= 2",
    "turns": "forbid call pay where (count of call pay within {n} turns) >= 2",
    "per": "forbid call pay where (count of (call pay where order = this.order)) >= {n}",
    "sum": "forbid call pay where "
    "(sum of amount over (call pay where order = this.order)) + amount > 20",
    "soon": "forbid call pay where (sum of amount over call pay within 10m) > 3 otherwise warn",
    "most": "forbid call pay where amount > (largest of amount over call pay within {n} steps)",
    "least": "forbid call pay where amount < (smallest of amount over call pay)",
    "first": "forbid call send where (first of order over call look within 10m) = to",
    "last": 'forbid call send where (last of order over call look since message from user) = "A1"',
    "many": "forbid call send where (distinct of to over call send) > {n} otherwise ask lead",
    "kinds": "forbid call send where (distinct of to over call send within {n} steps) > 1",
    "earlier": "forbid call pay where not (earlier (call look where order = this.order))",
    "again": "forbid call look where earlier (call look where order = this.order) "
    "since (call pay where order = this.order) within 10m",
    "just": "forbid call send where previous (call look where order = this.to)",
    "memory": "forbid call send where to not in seen otherwise ask lead",
    "before": "require call look before call pay",
    "within": "require call look within {n} steps after call pay",
    "answer": "require message from assistant within 5m after call send",
    "turn": "require call look within end of turn after call pay",
    "called": 'forbid result of look where called.order = "B2"',
    "limit": "forbid call pay where amount > limit",
    "void": "forbid call pay where a void directive",
    "tier": "forbid call send where tier is gold and previous call send",
    "halt": "forbid call send where (count of call send) > 5 otherwise halt",
    "judged": 'forbid message from assistant where judged "is rude" by reader',
    "source": "forbid call send unless to came from message from user",
    "quoted": "forbid call pay where order quotes result of look",
    "label": "forbid call send where to came from result labelled odd",
    "user_says": "forbid call send unless confirmed by user otherwise ask user",
    "lead_says": "forbid call pay where amount > 1 unless confirmed by lead otherwise ask lead",
    "asked": "forbid refusal unless a norm in force asks for it",
}
SPOKEN = {
    "directive stop": '  heard "stop"\n  forbid call send',
    "directive no_pay": "  heard /no (?P<what>A1|B2)/\n  forbid call pay where order = what",
    "directive less": r"  heard /at most (?P<n>\d+)/" + "\n  set limit <= number of n",
    "directive free at user": '  heard "free"\n  permit c.turns',
    "delegate user to result of look": "",
}
LABEL = 'label odd on result of look where text contains "free"'


@cache
def policy_of(names: tuple[str, ...], said: tuple[str, ...], n: int) -> remit.Policy:
    """A policy of some of the blocks; `n` is the length of its windows."""
    clauses = [f"clause c.{name}\n  {BLOCKS[name].replace('{n}', str(n))}" for name in names]
    spoken = [f"{name}\n{SPOKEN[name]}" for name in said]
    labels = [LABEL] if "label" in names else []
    return remit.load("\n".join([HEAD, *labels, *clauses, *spoken]) + "\n")


def rude(question: Question) -> bool:
    """A judge."""
    return "idiot" in question.subject


def policies() -> st.SearchStrategy[remit.Policy]:
    """Policies with two to eight clauses."""
    names = st.sets(st.sampled_from(sorted(BLOCKS)), min_size=2, max_size=8)
    said = st.sets(st.sampled_from(sorted(SPOKEN)), max_size=3)
    return st.builds(
        lambda names, said, n: policy_of(
            tuple(sorted(names | ({"turns"} if "directive free at user" in said else set()))),
            tuple(sorted(said)), n),
        names, said, st.integers(1, 3),
    )  # fmt: skip


_orders = st.sampled_from(["A1", "A1", "B2", "any", "\ud800é", None, 7, True, ["A1"], {"$": 1}])
_amounts = st.sampled_from([1, 2, 5, 10, 0.5, 1.0, -0.0, 10**30, "x", None, True])
_texts = st.sampled_from(
    ["hi", "stop", "no A1", "no B2 and no A1", "at most 5", "at most 50", "you are free", "idiot",
     "I can't help with that.", "", "yes", "Yes, please."]
)  # fmt: skip
_times = st.one_of(
    st.none(),
    st.sampled_from([0, 1.5, 100, 599.5, 601, 700, 1300.25, 1e9]),
)


def _call(tool: str, **args: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"kind": st.just("call"), "tool": st.just(tool), "args": st.fixed_dictionaries(args),
             "time": _times, "id": st.sampled_from(["", "1", "2"])}  # fmt: skip
    return st.fixed_dictionaries(fixed)


_message = st.fixed_dictionaries({
    "kind": st.just("message"), "role": st.sampled_from(["user", "user", "assistant", "stranger"]),
    "text": _texts, "time": _times,
})  # fmt: skip
_result = st.fixed_dictionaries({
    "kind": st.just("result"), "tool": st.sampled_from(["look", "pay"]), "text": _texts,
    "id": st.sampled_from(["", "1", "2"]), "time": _times,
})  # fmt: skip
steps = st.one_of(
    _call("pay", order=_orders, amount=_amounts), _call("look", order=_orders),
    _call("send", to=_orders), _call("pay", order=st.just("A1"), amount=_amounts),
    _call("look", order=st.just("A1")), _message, _message, _result,
)  # fmt: skip
conversations = st.lists(steps, min_size=3, max_size=16)
