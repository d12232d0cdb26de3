"""What a name means inside a condition: variables, arguments, fields of the step, declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.checked.files import Unit
from remit.checked.model import Act, Term, Tool
from remit.checked.names import Names
from remit.checked.types import ANY, FLAG, RECORD, TEXT, TIME, Param, Type, common, one_of
from remit_grammar.value import field, record, replace, value

# what every step has, and what steps of a kind have besides
STEP_FIELDS = {"kind": one_of("message", "call", "result", "handoff"), "time": TIME, "role": TEXT}
FIELDS: dict[str, dict[str, Type]] = {
    "message": {"text": TEXT, "quoted": TEXT, "refuses": FLAG, "agrees": FLAG},
    "call": {"tool": TEXT, "text": TEXT, "arguments": RECORD},
    "result": {"tool": TEXT, "text": TEXT, "failed": FLAG, "value": ANY, "called": RECORD},
    "handoff": {"agent": TEXT, "text": TEXT},
    "step": {"text": TEXT},
}


@record
class Budget:
    """How deep and how large one condition has grown, its definitions opened."""

    depth: int = 0
    opened: int = 0
    spent: bool = False  # and that was reported


@value
class Scope:
    """Where a condition stands. `act` is what the step is known to be, None outside any act."""

    names: Names
    unit: Unit
    tools: Mapping[str, Tool]
    act: Act | None = None
    variables: Mapping[str, Term] = field(default_factory=dict)
    inside: tuple[str, ...] = ()  # definitions being opened, to find circles
    depth: int = 0  # quantifiers around this place, so that no variable hides another's value
    budget: Budget = field(default_factory=Budget)  # shared by all scopes of one condition
    ended: Mapping[str, str] = field(default_factory=dict)  # variables whose `any` ended before
    settled: bool = True  # whether settings have their values here; not while norms set them
    acts: Any = None  # reads acts (`Acts`), for what conditions say of the past
    around: Scope | None = None  # of a condition about the past: where `this` step is spoken of

    def bind(self, name: str, kind: Type) -> tuple[Scope, Term]:
        """The scope with one more variable, and the variable."""
        item = Term("var", (), kind, f"{name}.{self.depth}")
        inner = replace(self, variables={**self.variables, name: item}, depth=self.depth + 1)
        return inner, item

    def opened(self, unit: Unit, params: Mapping[str, Term], key: str) -> Scope:
        """The scope of a definition's body: its file's names and its parameters."""
        inside = (*self.inside, key)
        return replace(self, unit=unit, variables=params, inside=inside)

    def candidates(self) -> list[Tool]:
        """The declared tools that the act can be a call of."""
        if self.act is None or self.act.kind not in ("call", "step"):
            return []
        if self.act.tools is not None:
            names = self.act.tools if len(self.act.tools) == 1 else sorted(self.act.tools)
            return [self.tools[name] for name in names if name in self.tools]
        return [tool for tool in self.tools.values() if self.act.effects <= tool.effects]

    def is_open(self) -> bool:
        """Whether the act can be a call of a tool that nothing declares."""
        if self.act is None or self.act.kind != "call":
            return False
        if self.act.tools is not None:
            return not self.act.tools <= self.tools.keys()
        return not self.tools

    def argument(self, name: str) -> Type | None:
        """The type of an argument of the call, None if no tool it may be has one of that name."""
        params = [tool.params[name] for tool in self.candidates() if name in tool.params]
        if not params:
            return ANY if self.is_open() else None
        return _common_type(params)

    def step_field(self, name: str) -> Type | None:
        """The type of a field of the step, None if steps of this kind have none of that name."""
        if self.act is None:
            return None
        found = FIELDS[self.act.kind].get(name) or STEP_FIELDS.get(name)
        if name == "tool" and found is not None and self.tools:
            return one_of(*sorted(self.tools))
        if name == "role" and found is not None:
            return one_of(*self.role_names())
        return found

    def role_names(self) -> list[str]:
        """Every role a condition may speak of."""
        return sorted({"assistant", "agent", "tool", *self.names.roles})

    def argument_names(self) -> list[str]:
        """The arguments that a condition of this act may name."""
        return [name for tool in self.candidates() for name in tool.params]

    def everything(self) -> list[str]:
        """All names that mean something here, for suggestions."""
        names = [*self.variables, *self.argument_names(), *self.names.known("value", self.unit)]
        if self.act is not None:
            names += [*FIELDS[self.act.kind], *STEP_FIELDS]
        return names


def _common_type(params: list[Param]) -> Type:
    result = params[0].type
    for param in params[1:]:
        result = common(result, param.type)
    return result
