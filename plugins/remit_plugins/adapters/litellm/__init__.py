"""Remit as a guardrail of the LiteLLM proxy: what models are asked and answer, judged on the way.

The framework is imported when the guardrail is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.litellm.hooks import GAPS, POINTS, hooks_of
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

DROPS = ("run_in_parallel", "scan_raw_request")
__all__ = ["GAPS", "POINTS", "guardrail", "policy_file"]


def guardrail(guard: Guard, *, also: Collection[str] = ()) -> Callable[..., Any]:
    """What a proxy makes its guardrail by: name it in the configuration, `guardrail: FILE.NAME`.

    `also` are the call types besides chat that pass unjudged (`aembedding`, `aimage_generation`);
    the others are refused. Raises `MissingError` where LiteLLM is not installed; what it gives
    raises `ValueError` for a configuration under which a request could go round it.
    """
    base = need("litellm.integrations.custom_guardrail", "litellm").CustomGuardrail
    # LiteLLM looks for hooks in the class itself, and passes over inherited ones.
    made = type("RemitGuardrail", (base,), hooks_of(guard, frozenset(also)))

    def make(*, event_hook: Any = None, default_on: bool = False, **named: Any) -> Any:
        modes = {getattr(one, "value", one) for one in _listed(event_hook)}
        if not default_on:
            raise ValueError(
                "without `default_on: true` clients choose whether they are held to it"
            )
        if not {"pre_call", "post_call"} <= modes:
            raise ValueError("`mode` must have both `pre_call` and `post_call`")
        if dropped := [one for one in DROPS if named.get(one)]:
            raise ValueError(f"with `{dropped[0]}` the proxy drops what the policy changes")
        return made(event_hook=sorted({*modes, "pre_mcp_call"}), default_on=True, **named)

    return make


def policy_file(*, policy: str, also: Collection[str] = (), **named: Any) -> Any:
    """A guardrail from the configuration alone: `policy` is a file, with the installed plugins."""
    import remit
    from remit.host.guard import Guard

    return guardrail(Guard(remit.load(policy), installed=True), also=also)(**named)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
