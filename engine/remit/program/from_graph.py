"""Priority graph -> program: conditions become functions, edges become bit masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remit.checked.model import Act, Checked, Directive, Loan, Norm, Term
from remit.graph.model import PriorityGraph
from remit.program import values
from remit.program.conditions import compile_term, compile_truth
from remit.program.model import (
    ANY_NAME,
    Lending,
    Program,
    Rule,
    Setter,
    Template,
    Wanted,
    may_be,
)
from remit.program.values import UNKNOWN, Truth
from remit.program.view import Known, View
from remit.program.watches import every_term, watches_of
from remit.text.finders import Finder, finder, matcher
from remit.text.model import Pattern
from remit.text.patterns import Matcher

Test = Callable[[View], Truth]


def build_program(checked: Checked, graph: PriorityGraph) -> Program:
    """The program of a graph without circles."""
    rules = tuple(make_rule(i, norm, checked) for i, norm in enumerate(graph.norms))
    beaten_by = [0] * len(rules)
    for winner, loser in graph.edges:
        beaten_by[loser] |= 1 << winner
    reasons = {pair: edge.reason for pair, edge in graph.edges.items()}
    spoken = [one.norm.act for one in checked.directives if isinstance(one.norm, Norm)]
    acts = [*(norm.act for norm in graph.norms), *spoken]
    watches, owings = watches_of(checked)
    return Program(
        rules, tuple(beaten_by), reasons, checked.chain, Known.of(checked),
        named=frozenset(name for act in acts for name in _mentioned(act)),
        goals=checked.goals if checked.strict_goals else (), goals_rank=checked.goals_rank,
        roles=checked.roles,
        templates={one.id: make_template(one, checked) for one in checked.directives},
        lendings=tuple(make_lending(one, checked) for one in checked.loans),
        settings=checked.settings, setters=make_setters(checked), watches=watches, owings=owings,
        reads_void=_reads(checked, "void"), reads_calls=_reads(checked, "field", "called"),
        origins=_origins(checked),
        labels={one.name: labelled(one.name, checked) for one in checked.labels},
    )  # fmt: skip


def _mentioned(act: Act) -> frozenset[str]:
    return (act.tools or frozenset()) | (act.roles or frozenset())


def make_rule(index: int, norm: Norm, checked: Checked) -> Rule:
    """A norm as it runs."""
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


def _reads(checked: Checked, op: str, value: object = None) -> bool:
    """Whether any condition has an operation, on a certain value if one is given."""
    return any(one.op == op and value in (None, one.value) for one in every_term(checked))


def _origins(checked: Checked) -> tuple[Wanted, ...]:
    """What conditions ask of where values come from, each once."""
    terms = (one for one in every_term(checked) if one.op in ("quotes", "came from"))
    return tuple(dict.fromkeys(Wanted(one.op, *one.value) for one in terms))


def make_template(directive: Directive, checked: Checked) -> Template:
    """A directive as it runs."""
    hears = Matcher(directive.patterns) if directive.patterns else None
    norm = directive.norm
    if isinstance(norm, Norm):
        return Template(directive, hears, make_rule(-1, norm, checked))
    return Template(directive, hears, None, compile_term(norm.value, dict(checked.contexts)))


def make_lending(loan: Loan, checked: Checked) -> Lending:
    """A loan as it runs; one without a limit reaches every step, one for a setting none."""
    if loan.only is None:
        anywhere = loan.setting is None
        return Lending(loan, is_step(loan.act, loan.where, checked), lambda view: anywhere)
    reaches = is_step(loan.only, loan.only_where, checked)
    return Lending(loan, is_step(loan.act, loan.where, checked), reaches)


def make_setters(checked: Checked) -> dict[str, tuple[Setter, ...]]:
    """The standing norms on each setting, the strongest first."""
    contexts = dict(checked.contexts)
    made = [Setter(one, compile_term(one.value, contexts)) for one in checked.constraints]
    made.sort(key=lambda one: (one.constraint.strength, one.constraint.id))
    return {name: tuple(one for one in made if one.constraint.setting == name)
            for name in checked.settings}  # fmt: skip


def is_step(act: Act, where: Term | None, checked: Checked) -> Test:
    """Whether a step is an act, its kind and names included, and meets a condition besides."""
    contexts = dict(checked.contexts)
    conditions = [compile_truth(term, contexts) for term in (act.where, where) if term]
    test = _all([*_act_tests(act, checked), *conditions])
    return lambda view: test(view) if may_be(act, _own_key(view)) else False


def _own_key(view: View) -> tuple[str, str]:
    return view.kind, ANY_NAME if view.unnamed else view.tool or view.role


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
    if act.label is not None:
        yield labelled(act.label, checked)


def labelled(name: str, checked: Checked) -> Test:
    """Whether some statement gives the step the label."""
    tests = [is_step(one.act, one.where, checked) for one in checked.labels if one.name == name]
    return lambda view: values.some(test(view) for test in tests)


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
