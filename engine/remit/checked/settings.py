"""Settings and the norms that set them: their types, their values, who may say so."""

from __future__ import annotations

from remit.checked import types as ty
from remit.checked.acts import Acts
from remit.checked.checks import a
from remit.checked.conditions import Conditions
from remit.checked.literals import setting_of
from remit.checked.model import Constraint, Setting, Term
from remit.checked.names import VALUES
from remit.checked.scope import Scope
from remit.checked.types import Type
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.value import replace

ORDERED = ("number", "time", "duration")
TYPES = ("text", "flag", "one_of", *ORDERED)  # of a single value; a set holds texts or numbers


def check_setting(acts: Acts, node: t.Setting) -> None:
    """Put every finding about a declaration into the findings."""
    setting, found = setting_of(node), acts.names.found
    if not _may_be(setting.type):
        message = f"a setting cannot be {a(setting.type)}"
        help = "a setting is text, number, flag, time, duration, `one of ...`, or a set of these"
        found.append(Diagnostic("R0401", message, Label(node.type.span), help=help))
    elif setting.every and setting.type.kind != "set":
        message = f"`every` is a default of sets, and this is {a(setting.type)}"
        help = f"write the value, or `setting {node.name}: set of {setting.type}`"
        found.append(Diagnostic("R0401", message, Label(node.span), help=help))
    elif node.default is not None and not isinstance(node.default, t.Every):
        Conditions(acts.scope(None)).value(node.default, setting.type)


def _may_be(kind: Type) -> bool:
    if kind.kind == "set":
        return kind.item is not None and kind.item.kind in ("text", "number", "one_of")
    return kind.kind in TYPES


def read_constraint(acts: Acts, node: t.SetNorm, made: Constraint) -> Constraint | None:
    """The `set` norm with its setting and value; None, and a finding, where it has a mistake."""
    setting = find_setting(acts, node.setting)
    if setting is None or not _may_be(setting.type):
        return None
    scope = replace(acts.scope(None), settled=False)
    conditions = Conditions(scope)
    wanted = _wanted(conditions, node, setting)
    value = None if wanted is None else conditions.value(node.value, wanted)
    if value is None or not _has_values(conditions, node, value):
        return None
    return replace(made, setting=setting.name, op=node.op, value=value)


def find_setting(home: Acts | Scope, name: t.Name) -> Setting | None:
    """The setting that a name means there; a finding where there is none."""
    names, unit = home.names, home.unit
    before = len(names.found)
    found = names.find(VALUES, name, unit)
    if found is not None and isinstance(found.node, t.Setting):
        return setting_of(found.node, found.unit.name)
    if len(names.found) == before:
        known = [one for seen in [unit, *unit.sees]
                 for one, declared in names.table(VALUES, seen).items()
                 if isinstance(declared.node, t.Setting)]  # fmt: skip
        help = "" if known else f"declare it: `setting {name.text}: ...`"
        names.unknown("setting", name, known, help=help)
    return None


def _wanted(conditions: Conditions, node: t.SetNorm, setting: Setting) -> Type | None:
    """The type of the value; None, and a finding, where the operator does not fit the setting."""
    kind = setting.type
    if kind.kind == "set":
        if node.op in ("=", "in", "<=", ">="):
            return kind
        help = "write `in` for no more than these items, `>=` for at least these, `=` for these"
    elif node.op == "in":
        return ty.list_of(kind)
    elif node.op == "=" or kind.kind in ORDERED:
        return kind
    else:
        help = "write `=` and a value, or `in` and a list"
    conditions.complain("R0401", node, f"`{node.op}` does not narrow {a(kind)}", help)
    return None


def _has_values(conditions: Conditions, node: t.SetNorm, value: Term) -> bool:
    """Whether a list leaves a value at all."""
    empty = node.op == "in" and value.op == "list" and not value.args and value.type.kind == "list"
    if empty:
        conditions.complain("R0705", node, "an empty list leaves no value", "name what may be")
    return not empty
