"""A small host of AGENT-HOOKS: a loop that shows every point, built from its declaration.

It is what the conformance kit runs, and what the interceptor of Remit is tried in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from agent_hooks import InterceptionBlocked, InterceptionEmitter
from agent_hooks._types import EnforcementMode
from agent_hooks.approval import ApprovalResolver
from agent_hooks.composition import CompositionConfig
from agent_hooks.context import AgentContextBuilder
from agent_hooks.ctk.harness import Capability, RunOutcome, RunRecord, Scenario
from agent_hooks.ctk.scripted import redact_paths
from agent_hooks.declaration import BindingContext, HostRegistry, HostSurface
from agent_hooks.interceptor import Interceptor

DECLARATION = Path(__file__).resolve().parents[2] / "docs" / "schema" / "agent-hooks.json"


class Host:
    """The loop. `setup` takes a scripted agent and whoever is asked at each point."""

    name = "remit-reference-host"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({
        Capability.MODEL_CALLS, Capability.TOOL_CALLS, Capability.INT64_JSON,
        Capability.BIGINT_JSON, Capability.HOST_DECLARATION,
    })  # fmt: skip
    tool_seam_host_error = "continue"

    def __init__(self) -> None:
        self.ran: list[dict[str, Any]] = []
        self.seen: list[Any] = []
        self._scenario: Scenario | None = None
        self._emitter: InterceptionEmitter | None = None
        self._point: AgentContextBuilder | None = None

    def host_surface(self) -> HostSurface:
        """What the host can, for the kit."""
        names = sorted(one.value for one in self.capabilities)
        return HostSurface.from_capabilities(names, self.tool_seam_host_error)

    def declaration(self) -> dict[str, Any]:
        """The host's own declaration: a file of this repository."""
        data: dict[str, Any] = json.loads(DECLARATION.read_text("utf-8"))
        return data

    def setup(
        self, scenario: Scenario, interceptors: list[Interceptor],
        resolver: ApprovalResolver | None, mode: EnforcementMode,
        composition: CompositionConfig | None = None, identity_provider: str | None = "jcs-sha256",
        redact_for_approval: list[str] | None = None,
    ) -> None:  # fmt: skip
        """Fill in the declaration, and build the emitter from it."""
        document, registry = self.declaration(), HostRegistry.for_conformance(self.host_surface())
        paths = list(redact_for_approval or [])
        if identity_provider == "ctk-fault":
            registry.identity_provider("ctk-fault", _fails)
        if resolver is not None:
            registry.approval_resolver("given", resolver)
        if paths:
            registry.approval_redactor("paths", lambda context: redact_paths(context, paths))
        document["configuration"] |= {
            "mode": mode.value, "identity_provider": identity_provider,
            "composition": (composition or CompositionConfig.default()).to_wire(),
            "approval": {"resolver": "given" if resolver is not None else None,
                         "redactor": "paths" if paths else None},
        }  # fmt: skip
        registry.kind("remit.given", _giver(interceptors))
        document["bindings"] = [
            {"id": f"given-{at}", "kind": "remit.given", "config": {"at": at}}
            for at in range(len(interceptors))
        ]
        self.setup_declared(scenario, document, registry)

    def setup_declared(
        self, scenario: Scenario, document: dict[str, Any], registry: HostRegistry
    ) -> None:
        """Build the emitter from a declaration; what is wrong with it propagates."""
        self._scenario = scenario
        self._emitter = InterceptionEmitter.from_declaration_value(document, registry)
        self._point = AgentContextBuilder(
            agent_id="reference", framework="remit-reference-host", session_id="c1"
        )
        self.ran, self.seen = [], []

    def teardown(self) -> None:
        """Forget the run."""
        self._scenario = self._emitter = self._point = None

    async def run(self) -> RunRecord:
        """The whole run, from startup to shutdown."""
        assert self._emitter is not None
        assert self._point is not None
        outcome, said = RunOutcome.COMPLETED, None
        try:
            said = await self._loop()
        except InterceptionBlocked:
            outcome = RunOutcome.BLOCKED
        reason = "completed" if outcome is RunOutcome.COMPLETED else "error"
        await self._emitter.emit_unchecked(self._point.agent_shutdown(reason=reason))
        results = self._emitter.results
        return RunRecord(
            outcome, said, list(self.ran),
            identities=[(one.input_identity, one.enforced_identity) for one in results],
            records=[one.to_wire() for one in results],
        )  # fmt: skip

    async def _emit(self, context: dict[str, Any]) -> dict[str, Any]:
        assert self._emitter is not None
        await self._emitter.emit(context)
        return context

    async def _loop(self) -> Any:
        scenario, point = self._scenario, self._point
        assert scenario is not None
        assert point is not None
        await self._emit(point.agent_startup(tools_registered=sorted(scenario.tools)))
        heard = await self._emit(point.input(**scenario.input))
        messages: list[dict[str, Any]] = [
            {"role": heard["input"]["role"], "content": heard["input"]["content"]}
        ]
        for answer in scenario.model_script:
            sent = await self._emit(point.pre_model_call(model_id="m", messages=list(messages)))
            messages = list(sent["messages"])
            self.seen += [one["content"] for one in messages]
            made = await self._emit(point.post_model_call(
                model_id="m", content=answer.content, tool_calls=answer.tool_calls,
                finish_reason=answer.finish_reason,
            ))  # fmt: skip
            content, calls = made["response"]["content"], made["response"]["tool_calls"]
            if not calls:
                return (await self._emit(point.output(content=content)))["output"]["content"]
            messages.append({"role": "assistant", "content": content or "", "tool_calls": calls})
            messages += [await self._called(call) for call in calls]
        return None

    async def _called(self, call: dict[str, Any]) -> dict[str, Any]:
        """The message that answers a call; a deny is told to the model."""
        told = {"role": "tool", "tool_call_id": call["id"], "name": call["name"]}
        try:
            return {**told, "content": await self._result(call)}
        except InterceptionBlocked as blocked:
            verdict = blocked.result.verdict
            return {**told, "content": f"blocked: {verdict.message or verdict.reason}"}

    async def _result(self, call: dict[str, Any]) -> Any:
        assert self._scenario is not None
        assert self._point is not None
        name, args = call["name"], dict(call["args"])
        before = self._point.pre_tool_call(call_id=call["id"], name=name, args=args)
        args = (await self._emit(before))["tool_call"]["args"]
        value, is_error = self._scenario.tools[name].invoke(args)
        self.ran.append({"name": name, "args": dict(args)})
        after = self._point.post_tool_call(
            call_id=call["id"], name=name, args=dict(args), value=value, is_error=is_error
        )
        return (await self._emit(after))["tool_result"]["value"]


def _fails(context: Any) -> str:
    raise RuntimeError("no identity")


def _giver(interceptors: list[Interceptor]) -> Any:
    """Gives each interceptor once, by the place that a binding names."""
    left: dict[int, Interceptor] = dict(enumerate(interceptors))

    def give(config: Any, context: BindingContext) -> Interceptor:
        at = config.get("at") if isinstance(config, dict) else None
        if type(at) is not int or at not in left:
            raise ValueError(f"no interceptor for {context.id}")
        return left.pop(at)

    return give
