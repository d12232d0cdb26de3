"""What a conversation under one policy comes to under another: semantics 8, a policy replaced.

What both policies ask of the past goes on. What only the new one asks has not been seen, so it is
unknown, as where the beginning of a conversation was cut off. Nothing is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.checked.model import Constraint, Directive, Happening, Term
from remit.program.values import UNKNOWN
from remit.state.keep import memory_from_data, memory_to_data
from remit.state.memory import Memory
from remit.state.model import State
from remit.state.save import handed_on
from remit.state.sayings import Saying, needs, perhaps, spoken_rule

if TYPE_CHECKING:
    from remit.program.model import Program
    from remit.program.watches import Watch


def taken_over(old: State, program: Program, *, begun: bool, equal: bool) -> State:
    """The state of a session that goes on under another policy.

    `begun`: it has judged steps; `equal`: the two policies have one digest.
    Raises `ValueError` where the chain of command is another one.
    """
    if old.program.chain != program.chain:
        raise ValueError(
            "the chain of command is another one, so it is not known who said what: "
            "begin with `session(truncated=True)`"
        )
    begun = begun or old.cut
    same = {name for name, template in program.templates.items()
            if _is_same(template.directive, old.program)}  # fmt: skip
    state = State(program, cap=old.cap, turn=old.turn, turn_seen=old.turn_seen)
    state.answers = dict(old.answers)
    state.consent = old.consent if equal else ()  # asked by other clauses, so a yes is for others
    unseen = set(program.templates) - same
    for saying in old.sayings.values():
        if saying.directive.id in same or saying.directive.id not in old.program.templates:
            unseen |= _carry(state, old, saying)
    state.voids = {key: one for key, one in old.voids.items() if one.directive in same}
    if begun and unseen:
        state.cut = True
        state.say(one for one in perhaps(program) if one.directive.id in unseen)
    state.cut = state.cut or old.cut
    state.memory = _memory(old.memory, program, begun=begun, equal=equal)
    return state


# ---- what was said


def _is_same(directive: Directive, program: Program) -> bool:
    """Whether another policy has the directive with the same content; texts for people apart."""
    other = program.templates.get(directive.id)
    return other is not None and _bare(other.directive) == _bare(directive)


def _bare(directive: Directive) -> Directive:
    return replace(directive, norm=replace(directive.norm, doc=None, cites=()), doc=None)


def _carry(state: State, old: State, saying: Saying) -> set[str]:
    """Say it under the new policy; the directive's id where it could not be said like that."""
    program = state.program
    norm = saying.directive.norm
    if saying.directive.id not in old.program.templates:  # handed on with the session
        assert isinstance(norm, Constraint), "only settings are handed on"
        if norm.setting in program.settings:
            state.say([handed_on(norm.setting, norm.op, norm.value.value, saying.author,
                                 saying.order)])  # fmt: skip
        return set()
    directive = program.templates[saying.directive.id].directive
    told = replace(saying, directive=directive, rule=None, value=None)
    if not _may_say(state, told) or not _same_loan(program, old.program, saying.loan):
        return {directive.id}
    state.say([spoken_rule(program, told)])
    return set()


def _may_say(state: State, saying: Saying) -> bool:
    """Whether somebody under the new policy has that authority, and it would not be void."""
    program, file = state.program, saying.directive.author
    ranks = [*program.roles.values(), *(one.loan.level for one in program.lendings)]
    spoken = {max(rank, file, cap) for rank in ranks for cap in range(state.cap + 1)}
    if saying.author not in spoken:
        return False
    return needs(state, saying.directive, saying.author, saying.strength) is None


def _same_loan(program: Program, old: Program, id: str | None) -> bool:
    """Whether what lent the authority lends the same under the new policy."""
    loans = [[one.loan for one in each.lendings if one.loan.id == id] for each in (program, old)]
    return id is None or (loans[0] == loans[1] != [])


# ---- what was done


def _memory(old: Memory, program: Program, *, begun: bool, equal: bool) -> Memory:
    """The memory with what both policies ask for; the rest as where the beginning is cut."""
    same = {one.history.id for one in program.watches if _asks_the_same(one, old.program, program)}
    data = memory_to_data(old)
    fresh = Memory(program, cut=begun)
    empty = memory_to_data(fresh)
    data["folds"] = {name: data["folds"][name] if name in same and name in data["folds"] else fold
                     for name, fold in empty["folds"].items()}  # fmt: skip
    owed = {one.debt.id for one in program.owings
            if _mean_the_same([one.debt.owed, one.debt.after], old.program, program)}  # fmt: skip
    data["debts"] = {name: data["debts"][name] if name in owed and name in data["debts"] else debts
                     for name, debts in empty["debts"].items()}  # fmt: skip
    data["last"] = _last(data["last"], program, same, begun=begun)
    keeps = not program.reads_origins or _keeps_origins(old, program, equal=equal)
    unseen = begun and fresh.watches and not (old.watches and keeps)
    data["cut"] = old.cut or unseen
    if empty["origins"] is None or not keeps:
        data["origins"] = empty["origins"]
    elif not equal:
        assert old.origins is not None, "they are kept, so they are there"
        data["origins"]["late"] = old.origins.late_for(program)
    if program.reads_calls and not old.program.reads_calls:
        data["calls"], data["answered"], data["calls_cut"] = {}, [], begun
    return memory_from_data(program, data)


def _keeps_origins(old: Memory, program: Program, *, equal: bool) -> bool:
    """Whether where texts came from goes on. A label is a word of one policy, so not with them."""
    labels = bool(old.program.labels or program.labels)
    return old.origins is not None and (equal or not labels)


def _last(known: Any, program: Program, same: set[str], *, begun: bool) -> Any:
    """What the step just before was; unknown where nobody asked."""
    found = {name: one for name, one in known.items() if name in same}
    for watch in program.watches:
        history = watch.history
        if begun and history.fold == "previous" and history.id not in same:
            found[history.id] = [UNKNOWN, [UNKNOWN] * len(history.what.keys)]
    return found


def _asks_the_same(watch: Watch, old: Program, new: Program) -> bool:
    """Whether the other policy asks it too, and means the same by it."""
    history = watch.history
    if not any(one.history.id == history.id for one in old.watches):
        return False
    happenings = [history.what, *([] if history.since is None else [history.since])]
    return _mean_the_same(happenings, old, new, [] if history.of is None else [history.of])


def _mean_the_same(
    happenings: Sequence[Happening], old: Program, new: Program, terms: Sequence[Term] = ()
) -> bool:
    """Whether the tools, roles and contexts that are spoken of are the same in both policies."""
    names = {term.value for term in _terms(happenings, terms) if term.op == "context"}
    return all(_same_tools(one, old, new) for one in happenings) and all(
        old.known.contexts.get(name) == new.known.contexts.get(name) for name in names
    )


def _same_tools(happening: Happening, old: Program, new: Program) -> bool:
    act = happening.act
    if act.kind not in ("call", "result", "step"):
        return old.known.roles == new.known.roles
    tools, others = old.known.tools, new.known.tools
    names = act.tools if act.tools is not None else tools.keys() | others.keys()
    return all(tools.get(name) == others.get(name) for name in names)


def _terms(happenings: Sequence[Happening], terms: Sequence[Term]) -> Iterator[Term]:
    todo = list(terms)
    for one in happenings:
        todo += [*one.keys, *([] if one.where is None else [one.where])]
    while todo:
        term = todo.pop()
        yield term
        todo += term.args
