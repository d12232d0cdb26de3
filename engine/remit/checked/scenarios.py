"""Scenarios: whether the names they use exist and the values they give fit."""

from __future__ import annotations

from remit.checked import types as ty
from remit.checked.acts import AGENT
from remit.checked.conditions import Conditions
from remit.checked.header import Header
from remit.checked.literals import context_of
from remit.checked.names import ACTS, TOOLS, VALUES, label_span
from remit.checked.scope import Scope
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label

SPEAKERS = {"agent": AGENT, AGENT: AGENT}


def check_scenario(scope: Scope, block: t.Block, header: Header) -> None:
    """Put every finding about one scenario block into the scope's findings."""
    head = block.head
    assert isinstance(head, t.Scenario), "a scenario is needed"
    for binding in head.bindings:
        _binding(scope, binding)
    acted = False
    for one in block.body:
        if isinstance(one, (t.Expect, t.ExpectVoid, t.ExpectLoses)):
            if not acted:
                message = "nothing has happened yet that could be judged"
                help = "put the step before its `expect`"
                scope.names.found.append(Diagnostic("R1102", message, Label(one.span), help=help))
            _expected_names(scope, one)
        else:
            acted = True
            _happening(scope, one, header)


def _binding(scope: Scope, binding: t.Binding) -> None:
    found = scope.names.find(VALUES, binding.name, scope.unit)
    if found is None or not isinstance(found.node, t.Context):
        scope.names.unknown("context", binding.name, scope.names.known(VALUES, scope.unit))
        return
    Conditions(scope).value(binding.value, context_of(found.node).type)


def _happening(scope: Scope, one: t.Statement, header: Header) -> None:
    if isinstance(one, (t.Says, t.Calls, t.Hands)):
        known = [*SPEAKERS, "tool", *header.roles]
        if one.speaker.text not in known:
            scope.names.unknown("role", one.speaker, known)
    if isinstance(one, t.Calls):
        _call(scope, one)
    elif isinstance(one, t.Gives) and one.tool is not None:
        _tool(scope, one.tool)
        Conditions(scope).expr(one.value)


def _tool(scope: Scope, name: t.Name) -> bool:
    scope.names.find(TOOLS, name, scope.unit)
    if scope.tools and name.text not in scope.tools:
        scope.names.unknown("tool", name, list(scope.tools), code="R0801")
        return False
    return True


def _call(scope: Scope, one: t.Calls) -> None:
    """The arguments must be the tool's own; leaving some out or typing them wrong is a test."""
    if not _tool(scope, one.tool) or one.tool.text not in scope.tools:
        return
    tool = scope.tools[one.tool.text]
    for argument in one.arguments:
        if argument.name not in tool.params:
            place = label_span(argument.span, argument.name)
            name = t.Name((argument.name,), span=place)
            scope.names.unknown("argument", name, list(tool.params),
                                code="R0802", say=f"tool `{tool.name}` has no argument",
                                )  # fmt: skip
            continue
        if isinstance(argument.value, t.Ref):
            Conditions(scope).expr(argument.value, tool.params[argument.name].type)


def _expected_names(scope: Scope, one: t.Expect | t.ExpectVoid | t.ExpectLoses) -> None:
    if isinstance(one, t.ExpectVoid):
        return
    names = one.by if isinstance(one, t.Expect) else (one.loser, one.winner)
    for name in names:
        found = scope.names.find(ACTS, name, scope.unit)
        if found is None or isinstance(found.node, t.Act):
            if name.text.startswith("default."):
                continue
            scope.names.unknown("clause", name, scope.names.known(ACTS, scope.unit))
    if isinstance(one, t.Expect) and one.giving is not None:
        Conditions(scope).expr(one.giving, ty.ANY)
