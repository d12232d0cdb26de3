"""What people said, in the words of an explanation: what is void and why, what a setting comes to,
what judges answered. Which norm beat which is told in `explain.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.checked.model import Constraint, Directive, Norm, Term
from remit.conversation.model import HANDOFF, MESSAGE
from remit.program.values import EVERY, UNKNOWN
from remit.program.view import Asked, View
from remit.state.model import State
from remit.state.sayings import Saying, Void
from remit.verdict.explain_consent import consent_notes
from remit.verdict.show import quoted, written
from remit.verdict.terms import conditions

if TYPE_CHECKING:
    from remit.state.settings import InForce
    from remit.verdict.judging import Hearing
    from remit.verdict.model import Decision

SHOWN = 60  # characters of what was said, or of a reason
MOST = 5  # notes of a kind


def said_notes(decision: Decision) -> Iterator[str]:
    """Every note about what was said, settings and judges, the most telling first."""
    view = decision.view
    if view is None or not isinstance(view.past, State):
        return
    yield from _spoken(decision, view.past)
    yield from (void_note(decision, one) for one in decision.void[:MOST])
    if len(decision.void) > MOST:
        yield f"and {len(decision.void) - MOST} more void directives in this step"
    yield from _earlier_voids(decision, view.past)
    yield from _settings(decision, view.past)
    yield from _past(decision, view)
    yield from consent_notes(decision, view, view.past)
    yield from _judges(decision)


def _spoken(decision: Decision, state: State) -> Iterator[str]:
    """Who said the spoken norms that decide."""
    deciding = {one.rule.norm.id for one in decision.outcome.decided_by}
    for one in state.sayings.values():
        if one.id in deciding:
            yield f"`{one.directive.name}` was said by {who_said(one)}"


# ---- void directives


def void_note(decision: Decision, void: Void) -> str:
    """Why a directive in the step changes nothing."""
    return f"void: {_attempt(decision, void)}"


def _attempt(decision: Decision, void: Void) -> str:
    program = decision.ground.program
    directive = program.templates[void.directive].directive
    who = _the(void.by, void.kind)
    said = f"`{directive.name}`: {quoted(void.text, SHOWN)}" if void.text else f"`{directive.name}`"
    wish = f"{who} tried to {aim(directive, dict(void.words or ()))} ({said})"
    if void.needs is not None:
        takes, has = program.level(void.needs), program.level(void.has)
        return f"{wish}: that takes {takes}, and {who} speaks as {has}"
    return f"{wish}: such text has no authority"


def _the(by: str, kind: str) -> str:
    return f"the {by}" if kind == MESSAGE and " " not in by else by


def aim(directive: Directive, words: dict[str, object]) -> str:
    """What whoever says a directive wants."""
    norm = directive.norm
    if isinstance(norm, Constraint):
        return f"set `{norm.setting}` {norm.op} {_value(norm.value, directive, words)}"
    verb = "lift" if norm.lifts else {"permit": "allow"}.get(norm.modality, norm.modality)
    what = norm.lifts[0].rpartition("::")[2] if norm.lifts else norm.act.text
    return f"{verb} `{what}`"


def _value(term: Term, directive: Directive, words: dict[str, object]) -> str:
    """The value that a directive sets, with the words that were said in their places."""
    if term.op == "var":
        word = str(term.value).rpartition(":")[2]
        return written(words[word]) if words.get(word, UNKNOWN) is not UNKNOWN else f"`{word}`"
    return written(term.value) if term.op == "const" else f"`{term.text}`"


def _earlier_voids(decision: Decision, state: State) -> Iterator[str]:
    """Earlier void directives that wanted what this decision is about."""
    deciding = [one.rule.norm for one in decision.outcome.decided_by]
    asked = [wanted for norm in deciding for term, _ in conditions(norm) for wanted in _voids(term)]
    about = [
        void for void in state.voids.values()
        if any(_wanted(decision, void, norm) for norm in deciding)
        or any(_is_asked_for(decision, state, void, wanted) for wanted in asked)
    ]  # fmt: skip
    for void in about[-MOST:]:
        yield f"in step {void.step + 1} {_attempt(decision, void)}, so it is void"


def _voids(term: Term) -> Iterator[Any]:
    """What the conditions `a void directive ...` in a term look for."""
    if term.op == "void":
        yield term.value
    for arg in term.args:
        yield from _voids(arg)


def _is_asked_for(decision: Decision, state: State, void: Void, wanted: Any) -> bool:
    only = replace(state, voids={void.key: void})
    view = decision.view
    assert view is not None, "asked only where the step was looked at"
    bare = View(view.step, view.known, view.context, only, view.answers)
    return only.void(wanted, bare) is True


def _wanted(decision: Decision, void: Void, norm: Norm) -> bool:
    wish = decision.ground.program.templates[void.directive].directive.norm
    if isinstance(wish, Constraint) or wish.modality != "permit":
        return False
    return norm.id in wish.lifts if wish.lifts else norm.act.key == wish.act.key


# ---- settings


def _settings(decision: Decision, state: State) -> Iterator[str]:
    """The settings that the deciding and the lost norms read."""
    norms = [one.rule.norm for one in decision.outcome.decided_by]
    norms += [loser.norm for loser, _ in decision.outcome.defeated]
    read = {name for norm in norms for term, _ in conditions(norm) for name in _read(term)}
    for one in decision.settings:
        if one.name in read:
            yield setting_note(decision, state, one)


def _read(term: Term) -> Iterator[str]:
    if term.op == "setting":
        yield str(term.value)
    for arg in term.args:
        yield from _read(arg)


def setting_note(decision: Decision, state: State, one: InForce) -> str:
    """The value of a setting, who set it, and who wanted another one."""
    if one.doubtful:
        names = ", ".join(f"`{_short(name)}`" for name in one.doubtful)
        return f"`{one.name}` is unknown: {names} cannot be told, or contradict each other"
    value = one.words if one.value is UNKNOWN else written(one.value)
    value = "every item" if one.value is EVERY else value
    by = ", ".join(f"`{_short(claim.id)}`{_said(state, claim.id)}" for claim in one.claims)
    lost = "".join(
        f"; `{_short(lost.id)}`{_said(state, lost.id)} lost to `{_short(lost.by)}` ({lost.reason})"
        for lost in one.lost[:MOST]
    )
    return f"`{one.name}` is {value}, {f'set by {by}' if by else 'its default'}{lost}"


def _said(state: State, norm: str) -> str:
    """Who said a norm and when, where it was said."""
    saying = next((one for one in state.sayings.values() if one.id == norm), None)
    return "" if saying is None else f" ({who_said(saying)})"


def who_said(saying: Saying) -> str:
    """Who said it and when: `the user in step 3: "you may swear"`."""
    step = saying.order[0]
    when = "before what is known here" if step < 0 else f"in step {step + 1}"
    text = f": {quoted(saying.text, SHOWN)}" if saying.text else ""
    unsure = "" if saying.certain else ", perhaps"
    by = saying.by if " " in saying.by or saying.by == HANDOFF else f"the {saying.by}"
    return f"{by} {when}{unsure}{text}"


# ---- the past


def _past(decision: Decision, view: View) -> Iterator[str]:
    """What was looked up in the past for the norms that decide, and what is owed."""
    norms = [one.rule.norm for one in decision.outcome.decided_by]
    asked = [term for norm in norms for one, _ in conditions(norm) for term in _of_past(one)]
    terms = {term.text: term for term in asked}
    for text, term in list(terms.items())[:MOST]:
        found = {key[1]: value for key, value in view.looked.items() if key[0] == term.value.id}
        if len(found) == 1 and term.type.kind != "flag":
            value = next(iter(found.values()))
            plain = "nothing" if value is None else written(value)
            yield f"`{text}` is {'unknown' if value is UNKNOWN else plain}"
    for text, term in terms.items():
        if term.value.id in decision.full:
            yield f"`{text}` has reached its cap: what was let go is unknown"
    owings = {one.debt.id: one.debt for one in decision.ground.program.owings}
    for name in dict.fromkeys(name for name, _ in decision.owed):
        debt = owings[name]
        yield f"owed: `{debt.owed.act.text}`, since `{debt.after.act.text}`"


def _of_past(term: Term) -> Iterator[Term]:
    if term.op == "past":
        yield term
    for arg in term.args:
        yield from _of_past(arg)


# ---- judges


def _judges(decision: Decision) -> Iterator[str]:
    hearing = decision.hearing
    if hearing is None:
        return
    notes = dict.fromkeys(_answer(hearing, asked) for asked in hearing.used)
    yield from list(notes)[:MOST]
    if len(notes) > MOST:
        yield f"and {len(notes) - MOST} more answers of judges"
    if hearing.spared:
        count = len(hearing.spared)
        some = f"{count} questions" if count > 1 else "1 question"
        yield f"{some} to judges spared: no answer would have changed the verdict"


def _answer(hearing: Hearing, asked: Asked) -> str:
    judge, question, _ = asked
    truth, told = hearing.used[asked], hearing.told.get(asked)
    answer = "cannot tell" if truth is UNKNOWN else "says yes to" if truth else "says no to"
    note = f"judge `{judge}` {answer} {quoted(question, SHOWN)}"
    if told is None:
        return f"{note}: no such judge was given" if asked in hearing.asked else note
    sure = f", sure to {told.confidence:.0%}" if told.confidence is not None else ""
    why = told.error or told.reason
    return f"{note}{sure}: {quoted(why, 2 * SHOWN)}" if why else f"{note}{sure}"


def _short(norm_id: str) -> str:
    """The name of a norm; where a spoken one was said is told beside it."""
    return norm_id.rpartition("::")[2].partition("@")[0]
