"""agent-control-spec: a manifest and Rego, in this process."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .by_regorus import calls_text
from .calls import Calls, Judge, Request

_MANIFEST = """agent_control_specification_version: "0.4.0-alpha.1"
metadata: {name: bench}
extends: []
policies:
  bench: {type: rego, bundle: ./policy, query: data.bench.verdict}
intervention_points:
  pre_tool_call:
    policy_target: "$.tool_call.args"
    policy_target_kind: tool_args
    tool_name_from: "$.tool_call.name"
    policy: {id: bench, query: data.bench.verdict}
tools:
"""
_VERDICT = """
verdict := {"decision": "deny", "reason": decision} if decision != "allow"
else := {"decision": "allow"}
"""


def loader(work: Calls) -> Callable[[], Any]:
    """The activated policy."""
    tools = "".join(
        f"  {one}: {{type: Tool, id: {one}, clearance: [], security_labels: []}}\n"
        for one in work.tools
    )
    text = calls_text(work).replace("input.tool ==", "input.snapshot.tool_call.name ==")
    text = text.replace("input.principal", "input.snapshot.actor")
    text = text.replace("input.args", "input.policy_target.value") + _VERDICT
    policy: Any = import_module("agent_control_spec").ActivatedPolicy
    sources = {"bench": {"modules": {"bench.rego": text}}}
    return lambda: policy.from_memory(_MANIFEST + tools, sources)


def calls(work: Calls) -> Judge:
    """A context is built for each call, as the documentation has it."""
    policy = loader(work)()
    builder: Any = import_module("agent_hooks").AgentContextBuilder
    build = builder(agent_id="a", framework="x", session_id="s").pre_tool_call

    def decide(request: Request) -> str:
        context = build(call_id="c", name=request["tool"], args=request["args"])
        context["actor"] = request["principal"]
        context["conversation"] = request["conversation"]
        found = policy.evaluate("pre_tool_call", context).to_wire()
        return str(found.get("reason") if found["decision"] == "deny" else found["decision"])

    return Judge(decide)
