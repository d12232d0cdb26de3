"""Whether a decision is what a scenario expects; where not, the finding that says both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.checked.literals import literal
from remit.conversation.model import Call, Step
from remit.verdict.model import Decision
from remit.verdict.show import written
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Span

Expectation = t.Expect | t.ExpectLoses | t.ExpectVoid


def disappointment(node: Expectation, decision: Decision, step: Span) -> Diagnostic | None:
    """The finding about an expectation that was not met; `step` is where the step is written."""
    if isinstance(node, t.ExpectVoid):
        message = "directives are not heard in this version, so none can be void"
        return Diagnostic("R1102", message, Label(node.span))
    told = _outcome(node, decision) if isinstance(node, t.Expect) else _defeat(node, decision)
    if told is None:
        return None
    message, label, help = told
    judged = (Label(step, "the step that was judged"),)
    return Diagnostic("R1101", message, Label(node.span, label), judged, help=help)


_Told = tuple[str, str, str | None]  # message, label, help


def _outcome(node: t.Expect, decision: Decision) -> _Told | None:
    if node.verdict != decision.verdict:
        message = f"expected {node.verdict}, got {decision.verdict}"
        return message, _by(decision), None
    missing = [name.text for name in node.by if not _is_any(name.text, decision.decided_by)]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        help = _why_not(missing[0], decision)
        return f"the verdict is {decision.verdict}, but not by {names}", _by(decision), help
    return None if node.giving is None else _giving(node.giving, decision)


def _by(decision: Decision) -> str:
    names = ", ".join(f"`{_short(one)}`" for one in decision.decided_by)
    if names:
        return f"{decision.verdict} by {names}"
    return f"{decision.verdict}: no norm in force speaks against it"


def _why_not(name: str, decision: Decision) -> str:
    for defeat in decision.defeated:
        if _is(name, defeat.norm):
            return f"`{name}` applied and lost to `{_short(defeat.by)}` ({defeat.reason})"
    if _is_any(name, decision.in_force):
        return f"`{name}` is in force, but did not decide"
    return f"`{name}` does not apply to this step"


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
    for one in decision.defeated:
        if _is(loser, one.norm):
            if _is(winner, one.by):
                return None
            told = f"it lost to `{_short(one.by)}` ({one.reason})"
            return f"`{loser}` did not lose to `{winner}`", told, None
    in_force = _is_any(loser, decision.in_force)
    told = f"`{loser}` is in force" if in_force else f"`{loser}` does not apply to this step"
    return f"`{loser}` did not lose to `{winner}`", told, None


def _is(name: str, id: str) -> bool:
    return name in (id, _short(id))


def _is_any(name: str, ids: tuple[str, ...]) -> bool:
    return any(_is(name, id) for id in ids)


def _short(id: str) -> str:
    return id.rpartition("::")[2]
