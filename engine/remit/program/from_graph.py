"""Outline -> program: conditions become functions, and who beats whom becomes bit masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

from remit.checked.norm import Norm, conditions_of
from remit.program import values
from remit.program.conditions import compile_term, compile_truth
from remit.program.lazy import LazyRow
from remit.program.model import Lending, Program, Setter, Template
from remit.program.outline import CALLED, JUDGED, VOID, Outline
from remit.program.rule import ANY_NAME, Rule, may_be
from remit.program.values import UNKNOWN, Truth
from remit.program.view import Known, View

if TYPE_CHECKING:
    from remit.checked.model import Directive, Loan
    from remit.checked.norm import Act, Term
    from remit.program.reading import Reading
    from remit.program.watches import Owing, Watch
    from remit.text.finders import Finder

Test = Callable[[View], Truth]
# What is looked up for explanations that may come. A void directive that asks for the step is one
# whose own condition holds, and that may ask. Where a value came from is too dear for that, so an
# explanation tells of it what the decision itself asked.
ASK_PAST = ("past", "overdue", "void")


def build_program(outline: Outline) -> Program:
    """The program of an outline. A rule is made when it is first looked at."""
    known = outline.known._replace(read=_reads_of(outline))
    reads, asking = outline.reads, JUDGED in outline.reads
    size = len(outline.norms)
    return Program(
        LazyRow(size, lambda number: make_rule(number, outline.norms[number], known, asking)),
        LazyRow(size, lambda number: sum(1 << winner for winner in outline.beaten[number])),
        outline,
        named=outline.names, goals=outline.goals, goals_rank=outline.goals_rank,
        chain=outline.chain, known=known, roles=outline.roles,
        templates={one.id: make_template(one, known) for one in outline.directives},
        lendings=tuple(make_lending(one, known) for one in outline.loans),
        settings=outline.settings, setters=make_setters(outline),
        watches=_watches(outline, known), owings=_owings(outline, known),
        reads_void=VOID in reads, reads_calls=CALLED in reads, origins=outline.origins,
        labels={one.name: labelled(one.name, known) for one in known.labels},
    )  # fmt: skip


def _watches(outline: Outline, known: Known) -> tuple[Watch, ...]:
    if not outline.histories:
        return ()
    from remit.program.watches import make_watch

    return tuple(make_watch(one, known) for one in outline.histories)


def _owings(outline: Outline, known: Known) -> tuple[Owing, ...]:
    if not outline.debts:
        return ()
    from remit.program.watches import make_owing

    return tuple(make_owing(one, known) for one in outline.debts)


def _redacts(norm: Norm) -> tuple[Finder, ...]:
    if norm.remedy.kind != "redact":
        return ()
    from remit.program.looks import finder_for, redacting

    return tuple(map(finder_for, redacting(norm)))


def _reads_of(outline: Outline) -> Callable[[], Reading]:
    @cache
    def by_one_scan() -> Callable[[], Reading]:
        from remit.program.looks import finder_for
        from remit.program.reading import Reading
        from remit.text.scan import Scanner

        return partial(Reading, Scanner(lambda: map(finder_for, outline.looks)))

    return lambda: by_one_scan()()


def make_rule(index: int, norm: Norm, known: Known, asking: bool = False) -> Rule:
    """A norm as it runs; `asking`: there are judges whom its conditions may need."""
    contexts = dict(known.contexts)
    value = norm.remedy.value
    is_act = _all(list(_act_tests(norm.act, known)))
    tests = [compile_truth(term, contexts) for term in (norm.act.where, norm.where) if term]
    if norm.unless is not None:
        tests.append(_negated(compile_truth(norm.unless, contexts)))
    return Rule(
        index, norm, _all([*_act_tests(norm.act, known), *tests]),
        is_act, _redacts(norm), None if value is None else compile_term(value, contexts),
        asks=asking and _may_ask(norm), looks=any(map(asks_past, conditions_of(norm))),
    )  # fmt: skip


def asks_past(term: Term) -> bool:
    """Whether a condition asks what was before the step."""
    asks = term.op in ASK_PAST or (term.op == "field" and term.value == "called")
    return asks or any(map(asks_past, term.args))


def _may_ask(norm: Norm) -> bool:
    """Whether a judge may be needed: by a condition, or by what it asks about other steps."""
    if norm.act.label is not None:
        return True
    todo = conditions_of(norm)
    while todo:
        term = todo.pop()
        if term.op in ("judged", "void", "past", "overdue"):
            return True
        todo += term.args
    return False


def make_template(directive: Directive, known: Known) -> Template:
    """A directive as it runs."""
    from remit.text.finders import matcher

    hears = matcher(directive.patterns) if directive.patterns else None
    norm = directive.norm
    if isinstance(norm, Norm):
        return Template(directive, hears, make_rule(-1, norm, known))
    return Template(directive, hears, None, compile_term(norm.value, dict(known.contexts)))


def make_lending(loan: Loan, known: Known) -> Lending:
    """A loan as it runs; one without a limit reaches every step, one for a setting none."""
    if loan.only is None:
        anywhere = loan.setting is None
        return Lending(loan, is_step(loan.act, loan.where, known), lambda view: anywhere)
    reaches = is_step(loan.only, loan.only_where, known)
    return Lending(loan, is_step(loan.act, loan.where, known), reaches)


def make_setters(outline: Outline) -> dict[str, tuple[Setter, ...]]:
    """The standing norms on each setting, the strongest first."""
    contexts = dict(outline.known.contexts)
    made = [Setter(one, compile_term(one.value, contexts)) for one in outline.constraints]
    made.sort(key=lambda one: (one.constraint.strength, one.constraint.id))
    return {name: tuple(one for one in made if one.constraint.setting == name)
            for name in outline.settings}  # fmt: skip


def is_step(act: Act, where: Term | None, known: Known) -> Test:
    """Whether a step is an act, its kind and names included, and meets a condition besides."""
    contexts = dict(known.contexts)
    conditions = [compile_truth(term, contexts) for term in (act.where, where) if term]
    test = _all([*_act_tests(act, known), *conditions])
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


def _act_tests(act: Act, known: Known) -> Iterator[Test]:
    """What the index does not already tell: agents, effects, and whether tool or role is known."""
    if act.tools is not None or act.roles is not None:
        yield lambda view: UNKNOWN if view.unnamed else True
    if act.agents is not None:
        agents = act.agents
        yield lambda view: getattr(view.step, "to", "") in agents
    if act.effects:
        yield _effects(act.effects, known)
    if act.label is not None:
        yield labelled(act.label, known)


def labelled(name: str, known: Known) -> Test:
    """Whether some statement gives the step the label."""
    tests = [is_step(one.act, one.where, known) for one in known.labels if one.name == name]
    return lambda view: values.some(test(view) for test in tests)


def _effects(effects: frozenset[str], known: Known) -> Test:
    """What an undeclared tool does is unknown."""
    tools = known.tools

    def has_effects(view: View) -> Truth:
        tool = tools.get(view.tool)
        return UNKNOWN if tool is None else effects <= tool.effects

    return has_effects
