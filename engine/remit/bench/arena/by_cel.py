"""CEL in Rust, by common-expression-language: one program a rule, and the host combines."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .calls import Calls, Judge, Request, Rule
from .trace import INSIDE, Event, Start, Trace, Whole


def _expression(rule: Rule) -> str:
    tool = f'tool == "{rule.tool}" && ' if rule.tool else ""
    return (
        f'{tool}principal.role == "{rule.role}" && args.amount > {rule.above} '
        f'&& args.path.startsWith("{rule.prefix}")'
    )


def loader(work: Calls) -> Callable[[], list[tuple[str, Any]]]:
    """The programs from text, those that deny first."""
    cel: Any = import_module("cel")
    ordered = sorted(work.rules, key=lambda rule: rule.effect != "deny")
    texts = [(rule.effect, _expression(rule)) for rule in ordered]
    return lambda: [(effect, cel.compile(text)) for effect, text in texts]


def calls(work: Calls) -> Judge:
    """Every program in turn, until one holds."""
    cel: Any = import_module("cel")
    programs = loader(work)()

    def decide(request: Request) -> str:
        context = cel.Context(variables=request)
        return next((effect for effect, one in programs if one.execute(context)), "default")

    return Judge(decide)


def _exfiltration(one: int) -> str:
    return (
        f'step.tool == "send_email_{one}" && !step.to.endsWith("{INSIDE}") '
        f'&& past.exists(m, m.kind == "result" && m.tool == "read_{one}" '
        f'&& m.text.contains("SECRET_{one}"))'
    )


def trace(work: Trace) -> Start:
    """The whole conversation is the input of each decision."""
    cel: Any = import_module("cel")
    programs = [cel.compile(_exfiltration(one)) for one in range(work.rules)]

    def decide(past: list[Event], step: Event) -> bool:
        context = cel.Context(variables={"past": past, "step": step})
        return any(one.execute(context) for one in programs)

    return lambda: Whole(decide)
