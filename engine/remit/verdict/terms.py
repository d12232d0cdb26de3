"""The conditions of a rule term by term: for explanations, coverage and the question "what if".

The smallest terms that have a truth of their own (comparisons, tests, quantifiers) are *atoms*.
This is the slow way to evaluate; it agrees with the compiled conditions, and a test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from remit.checked.identity import canonical
from remit.checked.norm import atoms
from remit.program.conditions import compile_term
from remit.program.from_graph import asks_past
from remit.program.values import UNKNOWN, Truth, as_truth, every, negation, some

if TYPE_CHECKING:
    from remit.checked.model import Norm, Term
    from remit.program.model import Program
    from remit.program.rule import Rule
    from remit.program.view import View
    from remit.state.model import State

MOST_LOOKS = 100  # conditions that are asked for the sake of explanations; spoken norms besides
Forced = Mapping[str, Truth]  # atoms in canonical form, with the truth they are given


def conditions(norm: Norm) -> Iterator[tuple[Term, bool]]:
    """The conditions of a norm, with the truth that each must have for the norm to apply."""
    for term, wanted in ((norm.act.where, True), (norm.where, True), (norm.unless, False)):
        if term is not None:
            yield term, wanted


def norm_atoms(norm: Norm) -> list[Term]:
    """All atoms of a norm."""
    return [atom for term, _ in conditions(norm) for atom in atoms(term)]


def atoms_of(rule: Rule, view: View) -> list[Term]:
    """All atoms of a rule, ready to be asked of a step: a spoken norm finds its words."""
    if rule.frame is not None:
        rule.frame(view)
    return norm_atoms(rule.norm)


def value_of(program: Program, term: Term, view: View) -> Any:
    """The value of any term; unknown where it cannot be told."""
    try:
        return _compiled(program, term)[0](view)
    except Exception:  # noqa: BLE001 - as in a decision: what fails is unknown
        return UNKNOWN


def key(program: Program, term: Term) -> str:
    """What two terms share that ask the same."""
    return _compiled(program, term)[1]


def _compiled(program: Program, term: Term) -> tuple[Callable[[View], Any], str]:
    """A term's function and canonical form, made once: a program keeps its terms alive."""
    found = program.atoms.get(id(term))
    if found is None:
        found = (compile_term(term, dict(program.known.contexts)), canonical(term))
        program.atoms[id(term)] = found
    return found


def atom_truth(program: Program, atom: Term, view: View, forced: Forced) -> Truth:
    """The truth of an atom, unless it is forced."""
    if forced:
        given = forced.get(key(program, atom))
        if given is not None:
            return given
    return as_truth(value_of(program, atom, view))


def told_truth(program: Program, atom: Term, view: View) -> Truth | None:
    """The truth of an atom; None where it rests on what the decision did not look up."""
    view.untold = False
    found = as_truth(value_of(program, atom, view))
    return None if found is UNKNOWN and view.untold else found


def look_up(state: State, view: View) -> None:
    """Ask the past, while it still tells, what an explanation of the decision may ask.

    What is beyond `MOST_LOOKS`, or of a norm that the step's values rule out, is left untold.
    """
    program, bucket = state.program, state.program.bucket(view).narrowed(view)
    if bucket.looks is None:
        bucket.looks = tuple(_looks(program, bucket.rules))
    view.begin()
    for look in bucket.looks:
        with suppress(Exception):  # as in a decision: what fails is unknown
            look(view)
    for rule in islice(state.spoken(view), MOST_LOOKS):
        with suppress(Exception):
            atoms_of(rule, view)  # it finds its words
            for look in _looks(program, [rule]):
                look(view)


def _looks(program: Program, rules: Sequence[Rule]) -> Iterator[Callable[[View], Any]]:
    """What asks the past in the conditions of some rules, each once."""
    labelled = [rule.is_act for rule in rules if rule.norm.act.label is not None]
    atoms = (atom for rule in rules if rule.looks for atom in norm_atoms(rule.norm))
    asking = dict(reversed(_compiled(program, atom)) for atom in atoms if asks_past(atom))
    return islice([*labelled, *asking.values()], MOST_LOOKS)


def truth(program: Program, term: Term, view: View, forced: Forced) -> Truth:
    """The truth of a condition with some atoms forced."""
    if term.op == "not":
        return negation(truth(program, term.args[0], view, forced))
    if term.op in ("and", "or"):
        join = every if term.op == "and" else some
        return join(truth(program, arg, view, forced) for arg in term.args)
    return atom_truth(program, term, view, forced)


def rule_truth(program: Program, rule: Rule, view: View, forced: Forced) -> Truth:
    """Whether a rule applies, with some atoms forced."""
    parts: list[Truth] = [rule.is_act(view)]
    if rule.frame is not None:
        parts.append(rule.frame(view))
    for term, wanted in conditions(rule.norm):
        found = truth(program, term, view, forced)
        parts.append(found if wanted else negation(found))
    return every(parts)


def unknown_terms(program: Program, rule: Rule, view: View) -> tuple[str, ...]:
    """The atoms that are unknown, as written; what the tool does, where that is what is unknown."""
    doubtful = [
        atom.text or canonical(atom)
        for atom in atoms_of(rule, view)
        if told_truth(program, atom, view) is UNKNOWN
    ]
    if rule.frame is not None and rule.frame(view) is UNKNOWN:
        doubtful.append("whether it was said")
    if rule.is_act(view) is UNKNOWN:
        doubtful.append(_doubt_about_act(rule.norm, view))
    return tuple(dict.fromkeys(doubtful))


def _doubt_about_act(norm: Norm, view: View) -> str:
    if view.unnamed:
        return "who says it" if view.kind == "message" else "which tool it is"
    return f"whether {view.tool} has the effects {', '.join(sorted(norm.act.effects))}"
