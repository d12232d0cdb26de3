"""A decision in words: the step and the clauses side by side, in the renderer of diagnostics.

The label on the step is primary, the labels on the clauses are secondary; who lost, to whom and why
are notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remit.checked.model import DEFAULT, Norm, Term
from remit.conversation.model import Call, Step
from remit.program.values import UNKNOWN
from remit.state.model import State
from remit.verdict.doubts import doubts
from remit.verdict.explain_said import said_notes, who_said
from remit.verdict.model import HALTED, Decision, Defeat
from remit.verdict.show import Shown, show_step
from remit.verdict.terms import atom_truth, atoms_of, told_truth
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import Diagnostic, Label

if TYPE_CHECKING:
    from remit.program.model import Program
    from remit.verdict.resolve import Applied
    from remit_grammar.source import Span

DONE = {
    "allow": "allowed", "warn": "allowed with a warning", "redact": "goes on, redacted",
    "rewrite": "goes on, rewritten", "ask": "waits for a person", "deny": "denied",
    "halt": "stops the conversation",
}  # fmt: skip
SENTENCE = {**DONE, "allow": "is allowed", "warn": "is allowed with a warning", "deny": "is denied"}
LEVEL = {
    "allow": Severity.NOTE, "warn": Severity.WARNING, "redact": Severity.WARNING,
    "rewrite": Severity.WARNING, "ask": Severity.WARNING, "deny": Severity.ERROR,
    "halt": Severity.ERROR,
}  # fmt: skip


def explain(decision: Decision) -> Diagnostic:
    """The whole explanation of a decision."""
    shown = show_step(decision.step, decision.index)
    deciding = decision.outcome.decided_by
    name = f"[{', '.join(one.rule.norm.name for one in deciding)}]" if deciding else ""
    return Diagnostic(
        f"{decision.verdict}{name}",
        _message(decision),
        Label(_place(decision, shown), _remark(decision)),
        tuple(_clauses(decision)),
        tuple(_notes(decision)),
        _help(decision),
        severity=LEVEL[decision.verdict],
    )


def one_line(decision: Decision) -> str:
    """The decision in one line: ``denied by `refunds.limit` (developer): ...``."""
    deciding = decision.outcome.decided_by
    if decision.errors and not deciding and not decision.applied:
        return f"denied: {_refusal(decision)}"
    if not deciding:
        return f"{DONE[decision.verdict]}: no norm in force speaks against it"
    program = decision.ground.program
    by = ", ".join(
        f"`{one.rule.norm.name}` ({program.level(one.rule.norm.strength)})" for one in deciding
    )
    doc = deciding[0].rule.norm.doc
    done = DONE[decision.verdict] + _with_a_yes(decision)
    return f"{done} by {by}" + (f": {doc}" if doc else "")


def _with_a_yes(decision: Decision) -> str:
    """Who agreed, where that is why the step goes on."""
    people = " and ".join(f"`{one}`" for one in decision.agreed)
    return f", for {people} agreed, as asked" if people else ""


def _message(decision: Decision) -> str:
    if decision.errors and not decision.applied:
        return _refusal(decision)
    if decision.note:
        return decision.note
    deciding = decision.outcome.decided_by
    docs = [one.rule.norm.doc for one in deciding if one.rule.norm.doc]
    if docs:
        return " ".join(dict.fromkeys(docs))
    if deciding and all(one.rule.norm.modality == DEFAULT for one in deciding):
        return f"no clause permits {_what(decision.step)}"
    return f"this {decision.step.kind} {SENTENCE[decision.verdict]}"


def _what(step: Step) -> str:
    if isinstance(step, Call) and step.tool:
        return f"a call of `{step.tool}`"
    return f"this {step.kind}"


def _refusal(decision: Decision) -> str:
    """Why a step was denied that no norm spoke of."""
    reason, text = decision.errors[0]
    return (
        text if reason == HALTED else f"the engine failed, and an error is never an allow: {text}"
    )


# ---- labels


def _place(decision: Decision, shown: Shown) -> Span:
    """The piece of the step that the verdict turns on."""
    for one in decision.outcome.decided_by:
        for span in _evidence(decision, one, shown):
            return span
    return shown.whole


def _evidence(decision: Decision, one: Applied, shown: Shown) -> Iterator[Span]:
    view, program = decision.view, decision.ground.program
    if view is None:
        return
    view.begin()
    for finder in one.rule.redacts:
        for start, end in finder.spans(shown.source.text):
            yield shown.source.span(start, end)
    atoms = atoms_of(one.rule, view)
    # What holds comes first; behind a `not` it is what does not hold that tells.
    for atom in sorted(atoms, key=lambda atom: atom_truth(program, atom, view, {}) is False):
        for name in names_in(atom):
            if name in shown.places:
                yield shown.places[name]


def names_in(term: Term) -> Iterator[str]:
    """The arguments and fields that a term looks at."""
    if term.op in ("arg", "field"):
        yield str(term.value)
    for arg in term.args:
        yield from names_in(arg)


def _remark(decision: Decision) -> str:
    view = decision.view
    if view is None or not decision.outcome.decided_by:
        return DONE[decision.verdict]
    view.begin()
    program = decision.ground.program
    first = decision.outcome.decided_by[0]
    for atom in atoms_of(first.rule, view):
        found = told_truth(program, atom, view)
        if found is True and atom.text:
            return f"`{atom.text}` holds"
        if found is UNKNOWN and atom.text and first.truth is UNKNOWN:
            return f"`{atom.text}` is unknown"
    texts = [atom.text for atom in atoms_of(first.rule, view) if atom.text]
    return f"`{texts[0]}` does not hold" if texts else DONE[decision.verdict]


def _clauses(decision: Decision) -> Iterator[Label]:
    program = decision.ground.program
    for one in decision.outcome.decided_by:
        norm = one.rule.norm
        if norm.span is not None:
            yield Label(norm.span, f"{_who(norm, program)} decides")
    lost = [loser.norm for loser, _ in decision.outcome.defeated]
    for norm in lost:
        if norm.span is not None and norm.modality != DEFAULT:  # that it gives way says little
            yield Label(norm.span, f"{_who(norm, program)} lost")


def _who(norm: Norm, program: Program) -> str:
    author, strength = program.level(norm.author), program.level(norm.strength)
    level = author if author == strength else f"{author}, strength {strength}"
    said = f", said in step {norm.said[0] + 1}" if norm.said and norm.said[0] >= 0 else ""
    return f"`{norm.name}` ({level}{said})"


# ---- notes


def _notes(decision: Decision) -> Iterator[str]:
    yield from _defeats(decision)
    yield from said_notes(decision)
    yield from _doubts(decision)
    for norm, error in decision.errors:
        yield f"`{_short(norm)}` failed and counts as unknown: {error}"
    deciding = set(decision.decided_by)
    for norm, kind in decision.violated:
        if norm not in deciding:
            yield f"also violated: `{_short(norm)}` (would {kind})"
    for change in decision.changes:
        yield f"`{change.path}` is changed by `{_short(change.by)}`"
    if decision.changes:
        would = "it goes on as" if decision else "it would go on as"
        yield f"{would}: {show_step(decision.after, decision.index).source.text}"
    if decision.ask:
        yield f"ask: {', '.join(decision.ask)}"
    for text in decision.advice:
        yield f"advice to the model: {text}"
    cites = [cite for one in decision.outcome.decided_by for cite in one.rule.norm.cites]
    if cites:
        yield f"cites: {', '.join(cites)}"


def _defeats(decision: Decision) -> Iterator[str]:
    """Who lost; a default only where its loss is what decided."""
    defaults = {one.rule.norm.id for one in decision.applied if one.rule.norm.modality == DEFAULT}
    for defeat in decision.defeated:
        if defeat.norm not in defaults or defeat.by in decision.decided_by:
            yield _defeat(decision, defeat)


def _doubts(decision: Decision) -> Iterator[str]:
    """The norms that count only because something is unknown, then what makes it unknown."""
    for doubt in decision.unknown:
        terms = ", ".join(f"`{term}`" for term in doubt.terms) or "an error in its condition"
        yield f"`{_short(doubt.norm)}` counts because this is unknown: {terms}"
    view, program = decision.view, decision.ground.program
    if view is None:
        return
    view.begin()
    rules = [one.rule for one in decision.applied if one.truth is UNKNOWN]
    yield from dict.fromkeys(why for rule in rules for why in doubts(program, rule, view))


def _defeat(decision: Decision, defeat: Defeat) -> str:
    """Who lost to whom and why, in words."""
    program = decision.ground.program
    norms = {one.rule.norm.id: one.rule.norm for one in decision.applied}
    winner, loser = norms[defeat.by], norms[defeat.norm]
    strong, weak = program.level(winner.strength), program.level(loser.strength)
    said = _said(decision, winner)
    why = {
        "authority": f"{strong} outranks {weak}",
        "exception": f"it is the exception to `{loser.name}`",
        "spoken": f"what is said beats what stands at equal strength, and it was said by {said}",
        "later": f"it was said later, by {said}",
        "goal": f"`{winner.goal}` comes before `{loser.goal}`",
        "caution": "nothing else tells them apart, and it holds back",
    }[defeat.reason]
    if defeat.reason == "exception" and loser.modality == "default":
        why = "a default holds only where nothing speaks"
    return f"`{loser.name}` lost to `{winner.name}`: {why} ({defeat.reason})"


def _said(decision: Decision, norm: Norm) -> str:
    """Who said a norm and when; empty for a standing one."""
    past = decision.view.past if decision.view is not None else None
    sayings = past.sayings.values() if isinstance(past, State) else ()
    return next((who_said(one) for one in sayings if one.id == norm.id), "")


def _help(decision: Decision) -> str | None:
    return str(decision.flip) if decision.flip is not None else None


def _short(norm_id: str) -> str:
    return norm_id.rpartition("::")[2]
