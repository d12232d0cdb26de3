"""Whether a directive is void, and a setting has a value, as a scenario expects; where not, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.checked.literals import literal
from remit.checked.types import Type
from remit.program.domain import EVERY
from remit.program.domain_words import named as in_words
from remit.program.values import UNKNOWN
from remit.state.sayings import Void
from remit.state.settings import InForce, sets
from remit.verdict.model import Decision
from remit.verdict.show import written
from remit_grammar import tree as t

Told = tuple[str, str, str | None]  # message, label, help


# ---- names


def is_of(name: str, id: str) -> bool:
    """Whether a name, with or without its spec, is that of a norm or of its directive."""
    bare = id.partition("@")[0]
    return name in (bare, bare.rpartition("::")[2])


def named(id: str, reason: str = "") -> str:
    """A norm for people, with the reason why it won; a spoken one with the step, from 1."""
    bare, _, order = id.partition("@")
    step = order.partition("~")[0].partition(".")[0]
    said = f"said in step {int(step) + 1}" if step.isdigit() else "said before" if order else ""
    remarks = ", ".join(one for one in (reason, said) if one)
    return f"`{bare.rpartition('::')[2]}`" + (f" ({remarks})" if remarks else "")


# ---- void directives


def of_void(node: t.ExpectVoid, decision: Decision, names: Mapping[str, str]) -> Told | None:
    """Why a directive is not void in the step, None where it is."""
    name = node.directive.text
    id = names.get(name, name)
    if any(one.directive == id for one in decision.void):
        return None
    said = [one for one in decision.heard.sayings if one.directive.id == id]
    if said:
        level = decision.ground.program.level(said[0].strength)
        return f"`{name}` is not void", f"{said[0].by} may say it, as {level}", None
    others = ", ".join(named(one.directive) for one in decision.void)
    help = f"void in this step: {others}" if others else None
    return f"`{name}` is not void", f"`{name}` is not heard in this step", help


def why_void(void: Void, decision: Decision) -> str:
    """Why a directive changes nothing: ``user says it as user, and it needs developer``."""
    level = decision.ground.program.level
    if void.needs is None:
        return f"{void.by} has no authority to say it"
    return f"{void.by} says it as {level(void.has)}, and it needs {level(void.needs)}"


# ---- settings


def of_setting(node: t.ExpectSetting, decision: Decision) -> Told | None:
    """Why a setting has another value at the step, None where it has the one that is expected."""
    name, wanted = node.setting.text, literal(node.value)
    found = next((one for one in decision.settings if one.name == name), None)
    kind = decision.ground.program.settings[name].type
    label = f"expected {_shown(wanted, kind)}"
    if found is None:
        problem = decision.errors[0][1] if decision.errors else "the step was not judged"
        return f"`{name}` has no value at this step", label, problem
    if found.value is not UNKNOWN and _same(found.value, wanted):
        return None
    return f"`{name}` is {_shown(found.value, kind)} at this step", label, _why(found, decision)


def _same(value: Any, wanted: Any) -> bool:
    """Whether two values are one: items of sets have no order, and `true` is not 1."""
    if isinstance(value, list) and isinstance(wanted, list):
        return set(value) == set(wanted)
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _shown(value: Any, kind: Type) -> str:
    if value is UNKNOWN:
        return "unknown"
    if kind.kind in ("time", "duration"):
        return in_words(value, kind.kind)
    return "every item" if value is EVERY else written(value)


def _why(found: InForce, decision: Decision) -> str:
    """What makes the value what it is, and what lost or is yet to come."""
    if found.doubtful:
        parts = [f"{_listed(found.doubtful)} leave{_s(found.doubtful)} it unknown"]
    elif found.claims:
        ids = [one.id for one in found.claims]
        parts = [f"{_listed(ids)} leave{_s(ids)} {found.words}"]
    else:
        setting = decision.ground.program.settings[found.name]
        has_default = setting.every or setting.default is not None
        parts = [f"nothing sets it{': this is its default' if has_default else ''}"]
    parts += [f"{named(one.id)} gave way to {named(one.by, one.reason)}" for one in found.lost]
    later = [one.id for one in decision.heard.sayings if sets(one) == found.name]
    parts += [f"{named(one)} counts from the next step on" for one in later]
    return "; ".join(parts)


def _s(ids: list[str]) -> str:
    return "s" if len(ids) == 1 else ""


def _listed(ids: list[str]) -> str:
    return " and ".join(named(one) for one in ids)
