"""What `--context name=value` declares, typed as the policy declares it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from remit.checked.types import Type
    from remit.policy import Policy


def read_context(pairs: Sequence[str], policy: Policy) -> dict[str, Any]:
    """The values by name. Raises a usage error where a name or value does not fit the policy."""
    return dict(_pair(pair, policy) for pair in pairs)


def _pair(pair: str, policy: Policy) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    name = name.strip()
    if not equals or not name:
        raise click.UsageError(f"`{pair}` is not of the form name=value.")
    declared = policy.ground.program.known.contexts
    if name not in declared:
        from remit_grammar.diagnostic import did_you_mean

        close = did_you_mean(name, declared)
        known = ", ".join(declared) or "none"
        hint = f"Did you mean `{close}`?" if close else f"It declares: {known}."
        raise click.UsageError(f"the policy declares no context `{name}`. {hint}")
    return name, _value(name, text.strip(), declared[name].type)


def _value(name: str, text: str, kind: Type) -> Any:
    if kind.kind == "one_of":
        if text not in kind.choices:
            raise _misfit(name, text, str(kind))
        return text
    if kind.kind in ("text", "time"):
        return text
    if kind.kind in ("list", "set") and not text.startswith("["):
        items = [one.strip() for one in text.split(",")]
        return [_value(name, one, kind.item) for one in items] if kind.item else items
    return _json(name, text, kind)


def _json(name: str, text: str, kind: Type) -> Any:
    try:
        value = json.loads(text, parse_constant=lambda word: word)
    except (ValueError, RecursionError):
        if kind.kind == "any":
            return text
        raise _misfit(name, text, str(kind)) from None
    if kind.kind != "any" and not isinstance(value, _PYTHON[kind.kind]):
        raise _misfit(name, text, str(kind))
    if isinstance(value, bool) and kind.kind in ("number", "duration"):
        raise _misfit(name, text, str(kind))
    return value


_PYTHON: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "duration": (int, float),
    "flag": (bool,),
    "record": (dict,),
    "list": (list,),
    "set": (list,),
}


def _misfit(name: str, text: str, kind: str) -> click.UsageError:
    return click.UsageError(f"the context `{name}` is {kind}, and `{text}` is not.")
