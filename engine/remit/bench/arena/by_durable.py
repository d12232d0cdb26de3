"""durable_rules: Rete. Facts stay in working memory, and joins are made as they come."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

from .calls import Calls, Judge, Request
from .trace import INSIDE, Event, Start, Trace

# In one turn: 2.0.28 raises MemoryError at the 1,025th of a process, and crashes on `delete_state`.
CONVERSATIONS = 60
_number = count()  # names of rule sets and ids of facts are for the whole process


def calls(work: Calls) -> Judge:
    """Each request is an event; rules that deny have precedence."""
    lang, engine = _modules()
    found: list[str] = []
    name = _rule_set(work, found)

    def decide(request: Request) -> str:
        found.clear()
        event = {
            "id": next(_number), "tool": request["tool"], "role": request["principal"]["role"],
            "amount": request["args"]["amount"], "path": request["args"]["path"],
        }  # fmt: skip
        try:
            lang.post(name, event)
        except engine.MessageNotHandledException:
            return "default"
        return found[0] if found else "default"

    return Judge(decide)


def loader(work: Calls) -> Callable[[], str]:
    """A rule set of the rules, which has no text."""
    return lambda: _rule_set(work, [])


def _rule_set(work: Calls, found: list[str]) -> str:
    lang, _ = _modules()
    m, name = lang.m, f"calls_{next(_number)}"
    with lang.ruleset(name):
        for rule in work.rules:
            test = (m.role == rule.role) & (m.amount > rule.above)
            test = test & m.path.matches(rule.prefix + ".*")
            if rule.tool:
                test = (m.tool == rule.tool) & test
            precedence = lang.pri(0 if rule.effect == "deny" else 1)
            lang.when_all(precedence, test)(_note(found, rule.effect))
    return name


def _note(found: list[str], word: str) -> Callable[[Any], None]:
    def act(context: Any) -> None:
        found.append(word)

    return act


def trace(work: Trace) -> Start:
    """One session of the rule set is a conversation."""
    lang, _ = _modules()
    m, c, name = lang.m, lang.c, f"trace_{next(_number)}"
    found: list[str] = []
    with lang.ruleset(name):
        for one in range(work.rules):
            secret = (m.kind == "result") & (m.tool == f"read_{one}")
            secret = secret & m.text.matches(f".*SECRET_{one}.*")
            sends = (m.kind == "call") & (m.tool == f"send_email_{one}") & (m.outside == 1)
            lang.when_all(c.first << secret, c.second << sends)(_note(found, "deny"))
    return lambda: _Monitor(name, found)


class _Monitor:
    def __init__(self, name: str, found: list[str]) -> None:
        self._lang, self._engine = _modules()
        self._name, self._found = name, found
        self._session = str(next(_number))

    def observe(self, event: Event) -> None:
        outside = int(bool(event["to"]) and not event["to"].endswith(INSIDE))
        fact = {**event, "outside": outside, "id": next(_number), "sid": self._session}
        try:
            self._lang.assert_fact(self._name, fact)
        except self._engine.MessageNotHandledException:
            return

    def decide(self, event: Event) -> bool:
        self._found.clear()
        self.observe(event)
        return bool(self._found)


def _modules() -> tuple[Any, Any]:
    return import_module("durable.lang"), import_module("durable.engine")
