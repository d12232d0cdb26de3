"""Priority graph -> program: conditions become functions, edges become bit masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remit.checked.model import Act, Checked, Norm, Term
from remit.graph.model import PriorityGraph
from remit.program import values
from remit.program.conditions import compile_term, compile_truth
from remit.program.model import Program, Rule
from remit.program.values import UNKNOWN, Truth
from remit.program.view import Known, View
from remit.text.finders import Finder, finder, matcher
from remit.text.model import Pattern

Test = Callable[[View], Truth]


def build_program(checked: Checked, graph: PriorityGraph) -> Program:
    """The program of a graph without circles."""
    rules = tuple(_rule(i, norm, checked) for i, norm in enumerate(graph.norms))
    beaten_by = [0] * len(rules)
    for winner, loser in graph.edges:
        beaten_by[loser] |= 1 << winner
    reasons = {pair: edge.reason for pair, edge in graph.edges.items()}
    named = frozenset(name for norm in graph.norms for name in _mentioned(norm.act))
    return Program(rules, tuple(beaten_by), reasons, checked.chain, Known.of(checked), named)


def _mentioned(act: Act) -> frozenset[str]:
    return (act.tools or frozenset()) | (act.roles or frozenset())


def _rule(index: int, norm: Norm, checked: Checked) -> Rule:
    contexts = dict(checked.contexts)
    value = norm.remedy.value
    is_act = _all(list(_act_tests(norm.act, checked)))
    tests = [compile_truth(term, contexts) for term in (norm.act.where, norm.where) if term]
    if norm.unless is not None:
        tests.append(_negated(compile_truth(norm.unless, contexts)))
    return Rule(
        index, norm, _all([*_act_tests(norm.act, checked), *tests]),
        is_act, _redacts(norm), None if value is None else compile_term(value, contexts),
    )  # fmt: skip


def _all(tests: list[Test]) -> Test:
    """Every one of the tests."""
    if not tests:
        return lambda view: True
    if len(tests) == 1:
        return tests[0]
    return lambda view: values.every(test(view) for test in tests)


def _negated(test: Test) -> Test:
    return lambda view: values.negation(test(view))


def _act_tests(act: Act, checked: Checked) -> Iterator[Test]:
    """What the index does not already tell: agents, effects, and whether tool or role is known."""
    if act.tools is not None or act.roles is not None:
        yield lambda view: UNKNOWN if view.unnamed else True
    if act.agents is not None:
        agents = act.agents
        yield lambda view: getattr(view.step, "to", "") in agents
    if act.effects:
        yield _effects(act.effects, checked)


def _effects(effects: frozenset[str], checked: Checked) -> Test:
    """What an undeclared tool does is unknown."""
    tools = checked.tools

    def has_effects(view: View) -> Truth:
        tool = tools.get(view.tool)
        return UNKNOWN if tool is None else effects <= tool.effects

    return has_effects


def _redacts(norm: Norm) -> tuple[Finder, ...]:
    """What a redaction takes out: what the remedy names, or what the condition looks for."""
    remedy = norm.remedy
    if remedy.kind != "redact":
        return ()
    if remedy.what is not None:
        return (finder(remedy.what, remedy.patterns),)
    if remedy.patterns:
        return (matcher(remedy.patterns),)
    terms = (norm.act.where, norm.where)
    return tuple(found for term in terms if term is not None for found in looked_for(term))


def looked_for(term: Term) -> Iterator[Finder]:
    """Finders for what a condition finds in a text where it is true; nothing below a `not`."""
    if term.op in ("and", "or"):
        for arg in term.args:
            yield from looked_for(arg)
    elif term.op == "has":
        yield finder(*term.value)
    elif term.op == "matches":
        yield matcher(term.value)
    elif term.op == "contains" and term.args[1].op == "const":
        yield matcher((Pattern(str(term.args[1].value), is_regex=False),))
