"""Texts as they are told: cut, safe to send, and free of what the conversation holds.

A reason is made of the policy's own words. What an error says may quote the conversation, so of an
error only its class is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from remit.checked.norm import DEFAULT
from remit.verdict.explain import DONE, one_line
from remit.verdict.model import HALTED
from remit_plugins.telemetry.names import MOST_REASON

if TYPE_CHECKING:
    from remit.verdict.model import Decision

_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?=:|$)")  # how the text of an error begins


def cut(text: str, most: int) -> str:
    """The beginning of a text, as UTF-8 can hold it: half a character spoils a whole batch."""
    if len(text) > most:
        text = text[: most - 1] + "…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def reason_code(decision: Decision) -> str:
    """What kind of reason there is for a decision."""
    deciding = decision.outcome.decided_by
    if not deciding:
        refused = decision.errors[0][0] if decision.errors and decision.view is None else ""
        return "default_allow" if not refused else "halted" if refused == HALTED else "error"
    if decision.agreed:
        return "approval_granted"
    if all(one.rule.norm.modality == DEFAULT for one in deciding):
        return "default_allow" if decision else "default_deny"
    return "clause_matched"


def reason(decision: Decision, code: str) -> str:
    """Why, in the words of the policy."""
    if code == "error":
        return f"the engine failed, and an error is never an allow: {error_class(decision)}"
    if code == "halted":
        return decision.errors[0][1]
    docs = [one.rule.norm.doc for one in decision.outcome.decided_by if one.rule.norm.doc]
    return cut(" ".join(dict.fromkeys(docs)) or one_line(decision), MOST_REASON)


def sentence(decision: Decision, code: str) -> str:
    """The whole decision in one sentence."""
    if code in ("error", "halted"):
        return f"{DONE[decision.verdict]}: {reason(decision, code)}"
    return cut(one_line(decision), MOST_REASON)


def error_class(decision: Decision) -> str:
    """The class of the error for which a step was refused."""
    return class_of(decision.errors[0][1])


def class_of(told: str) -> str:
    """The class that the text of an error begins with."""
    found = _CLASS.match(told)
    return found.group() if found else "an error"
