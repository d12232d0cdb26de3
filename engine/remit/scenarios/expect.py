"""Whether a decision is what a scenario expects; where not, the finding that says both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.checked.literals import literal
from remit.conversation.model import Call, Step
from remit.scenarios.expect_said import is_of, named, of_setting, of_void, why_void
from remit.state.model import State
from remit.verdict.model import Decision
from remit.verdict.show import written
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Span

Expectation = t.Expect | t.ExpectVoid | t.ExpectSetting | t.ExpectLoses


def disappointment(
    node: Expectation, decision: Decision, step: Span, names: Mapping[str, str]
) -> Diagnostic | None:
    """The finding about an expectation that was not met.

    `step` is where the step is written; `names` are the ids of directives by the names as written.
    """
    told = _told(node, decision, names)
    if told is None:
        return None
    message, label, help = told
    judged = (Label(step, "the step that was judged"),)
    return Diagnostic("R1101", message, Label(node.span, label), judged, help=help)


_Told = tuple[str, str, str | None]  # message, label, help


def _told(node: Expectation, decision: Decision, names: Mapping[str, str]) -> _Told | None:
    if isinstance(node, t.ExpectVoid):
        return of_void(node, decision, names)
    if isinstance(node, t.ExpectSetting):
        return of_setting(node, decision)
    return _outcome(node, decision) if isinstance(node, t.Expect) else _defeat(node, decision)


def _outcome(node: t.Expect, decision: Decision) -> _Told | None:
    missing = [name.text for name in node.by if not _is_any(name.text, decision.decided_by)]
    help = _why_not(missing[0], decision) if missing else None
    if node.verdict != decision.verdict:
        message = f"expected {node.verdict}, got {decision.verdict}"
        return message, _by(decision), help
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        return f"the verdict is {decision.verdict}, but not by {names}", _by(decision), help
    return None if node.giving is None else _giving(node.giving, decision)


def _by(decision: Decision) -> str:
    names = ", ".join(named(one) for one in decision.decided_by)
    if names:
        return f"{decision.verdict} by {names}"
    if decision.errors and not decision.applied:
        return f"{decision.verdict}: {decision.errors[0][1]}"
    return f"{decision.verdict}: no norm in force speaks against it"


def _why_not(name: str, decision: Decision) -> str:
    for defeat in decision.defeated:
        if is_of(name, defeat.norm):
            return f"`{name}` applied and lost to {named(defeat.by, defeat.reason)}"
    if _is_any(name, decision.decided_by):
        return f"`{name}` is in force, and decides as well"
    if _is_any(name, decision.in_force):
        return f"`{name}` is in force, but did not decide"
    void = next((one for one in decision.void if is_of(name, one.directive)), None)
    if void is not None:
        return f"`{name}` is void: {why_void(void, decision)}"
    return _about_setting(name, decision) or _about_saying(name, decision)


def _about_setting(name: str, decision: Decision) -> str:
    """What became of a norm that sets a setting, empty where it is none."""
    for setting in decision.settings:
        if any(is_of(name, one.id) for one in setting.claims):
            return f"`{name}` sets `{setting.name}`, and is in force; it gives no verdict"
        for lost in setting.lost:
            if is_of(name, lost.id):
                return f"`{name}` gave way to {named(lost.by, lost.reason)}"
    return ""


def _about_saying(name: str, decision: Decision) -> str:
    """What became of a directive, or that a norm does not apply."""
    if any(is_of(name, one.directive.id) for one in decision.heard.sayings):
        return f"`{name}` is said in this step, and counts from the next one on"
    state = None if decision.view is None else decision.view.past
    known = [one for one in decision.ground.program.templates if is_of(name, one)]
    if not known or not isinstance(state, State):
        return f"`{name}` does not apply to this step"
    if any(one.directive.id in known for one in state.sayings.values()):
        return f"`{name}` was said, and does not apply to this step"
    void = next((one for one in state.voids.values() if one.directive in known), None)
    if void is None:
        return f"`{name}` was not said before this step"
    return f"`{name}` was void in step {void.step + 1}: {why_void(void, decision)}"


def _giving(node: t.Expr, decision: Decision) -> _Told | None:
    """Whether the step goes on as expected."""
    wanted = literal(node)
    before, after = decision.step, decision.after
    if isinstance(after, Call):
        found: Any = _changed(wanted, before, after)
    else:
        found = _said(wanted, after)
    if found == wanted:
        return None
    message = f"the step goes on as {written(found)}"
    return message, f"expected {written(wanted)}", None


def _changed(wanted: Any, before: Step, after: Call) -> dict[str, Any]:
    """The arguments that were named or changed, as they are after the change."""
    named = wanted.keys() if isinstance(wanted, dict) else ()
    old: Mapping[str, Any] = before.args if isinstance(before, Call) else {}
    new = dict(after.args)
    return {key: new[key] for key in new if key in named or new[key] != old.get(key)}


def _said(wanted: Any, after: Step) -> Any:
    if isinstance(wanted, str):
        return getattr(after, "text", "")
    return getattr(after, "value", None)


def _defeat(node: t.ExpectLoses, decision: Decision) -> _Told | None:
    loser, winner = node.loser.text, node.winner.text
    lost = [(one.norm, one.by, one.reason) for one in decision.defeated]
    lost += [(one.id, one.by, one.reason) for setting in decision.settings for one in setting.lost]
    found = [(by, reason) for norm, by, reason in lost if is_of(loser, norm)]
    if any(is_of(winner, by) for by, _ in found):
        return None
    message = f"`{loser}` did not lose to `{winner}`"
    if found:
        return message, f"it lost to {named(*found[0])}", None
    if _is_any(loser, decision.in_force):
        return message, f"`{loser}` is in force", _why_not(winner, decision)
    return message, _why_not(loser, decision), None


def _is_any(name: str, ids: tuple[str, ...]) -> bool:
    return any(is_of(name, id) for id in ids)
