"""Rego, by regorus: the interpreter (`Engine`) and its virtual machine (`Rvm`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .calls import Calls, Judge, Request, Rule
from .trace import INSIDE, Each, Event, Start, Trace, Whole

_RULE = "data.bench.decision"


def _rule(rule: Rule) -> str:
    tool = f'  input.tool == "{rule.tool}"\n' if rule.tool else ""
    return (
        f'{rule.effect} contains "{rule.id}" if {{\n{tool}'
        f'  input.principal.role == "{rule.role}"\n  input.args.amount > {rule.above}\n'
        f'  startswith(input.args.path, "{rule.prefix}")\n}}'
    )


def calls_text(work: Calls) -> str:
    """W1 in Rego."""
    head = ["package bench", "import rego.v1", 'default decision := "default"']
    last = 'decision := "deny" if count(deny) > 0\nelse := "allow" if count(allow) > 0\n'
    return "\n".join([*head, *map(_rule, work.rules), last])


def _engine(name: str, text: str) -> Any:
    engine = import_module("regorus").Engine()
    engine.set_policy_length_config(max_col=1000, max_file_bytes=1 << 28, max_lines=10_000_000)
    engine.add_policy(name, text)
    return engine


def calls(work: Calls) -> Judge:
    """The interpreter."""
    engine = loader(work)()

    def decide(request: Request) -> str:
        engine.set_input(request)
        return str(engine.eval_rule(_RULE))

    return Judge(decide)


def calls_machine(work: Calls) -> Judge:
    """The virtual machine, which takes and gives JSON."""
    regorus: Any = import_module("regorus")
    text = calls_text(work)
    program = regorus.Program.compile_from_modules("{}", [("bench.rego", text)], [_RULE])
    machine = regorus.Rvm()
    machine.load_program(program)
    machine.set_data_json("{}")

    def decide(request: Request) -> str:
        machine.set_input_json(json.dumps(request))
        return str(json.loads(machine.execute()))

    return Judge(decide)


def loader(work: Calls) -> Callable[[], Any]:
    """The policies from text."""
    text = calls_text(work)
    return lambda: _engine("bench.rego", text)


def _exfiltration(one: int) -> str:
    return f"""deny if {{
  input.step.tool == "send_email_{one}"
  not endswith(input.step.to, "{INSIDE}")
  some m in input.past
  m.kind == "result"
  m.tool == "read_{one}"
  contains(m.text, "SECRET_{one}")
}}"""


def trace(work: Trace) -> Start:
    """The whole conversation is the input of each decision."""
    decide = _over_all(work)
    return lambda: Whole(decide)


def trace_each(work: Trace) -> Start:
    """Every message is decided on, as every step is by a monitor."""
    decide = _over_all(work)
    return lambda: Each(decide)


def _over_all(work: Trace) -> Callable[[list[Event], Event], bool]:
    head = "package bench\nimport rego.v1\ndefault deny := false\n"
    engine = _engine("trace.rego", head + "\n".join(map(_exfiltration, range(work.rules))))

    def decide(past: list[Event], step: Event) -> bool:
        engine.set_input({"past": past, "step": step})
        return bool(engine.eval_rule("data.bench.deny"))

    return decide
