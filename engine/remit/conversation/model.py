"""What is judged: steps of a conversation, each with what is known of its origin.

A step is a message, a tool call, a tool result or a handoff. Steps are plain slotted objects, made
once by a reader (`from_*.py`) or by the host, and never changed by the engine: a redaction makes a
new step. Texts here are exactly what the conversation held; normalising is the program's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remit_grammar.value import field, record

if TYPE_CHECKING:
    from remit.conversation.pieces import Given, Part

MESSAGE, CALL, RESULT, HANDOFF = "message", "call", "result", "handoff"
KINDS = (MESSAGE, CALL, RESULT, HANDOFF)

# Roles that by nature carry no authority, whatever a policy says: what they say is what is judged.
NO_AUTHORITY = frozenset({"assistant", "tool", "function", "agent"})


@record
class Message:
    """Something said. `role` is the author's role name (`user`, `developer`, `assistant` ...).

    `text` is the speaker's own words; `parts` are quoted, attached or retrieved pieces.
    `time` is seconds since the epoch, where the conversation gives it. `refusal` is set where the
    host knows whether the message refuses.
    """

    role: str
    text: str = ""
    parts: tuple[Part, ...] = ()
    time: float | None = None
    refusal: bool | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    directives: tuple[Given, ...] = ()
    kind = MESSAGE


@record
class Call:
    """A tool call that the assistant proposes. `id` joins it to its result; empty if unknown.

    `args` is the decoded arguments. Where they were not a JSON object, `args` is empty and
    `bad_args` holds the text as it came: every condition on an argument is then unknown.
    """

    tool: str
    args: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    role: str = "assistant"
    bad_args: str | None = None
    time: float | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    directives: tuple[Given, ...] = ()
    kind = CALL


@record
class Result:
    """What a tool gave back. `value` is the decoded result where it was structured, else None.

    `tool` is the called tool's name, empty where the conversation does not tell. `error` is the
    tool's own error text, or None.
    """

    tool: str
    text: str = ""
    value: Any = None
    id: str = ""
    error: str | None = None
    role: str = "tool"
    time: float | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    directives: tuple[Given, ...] = ()
    kind = RESULT


@record
class Handoff:
    """One agent gives the conversation to another, with a message."""

    to: str
    text: str = ""
    role: str = "assistant"
    time: float | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    directives: tuple[Given, ...] = ()
    kind = HANDOFF


Step = Message | Call | Result | Handoff


NOTHING: tuple[()] = ()  # the parts and directives of nearly all steps: there is one empty tuple
FARTHEST = 1e15  # seconds before and after 1970 that a time may be
_TEXTS = {
    MESSAGE: ("role", "text"),
    CALL: ("tool", "id", "role"),
    RESULT: ("tool", "text", "id", "role"),
    HANDOFF: ("to", "text", "role"),
}


def malformed(step: Step) -> str | None:
    """What is wrong with a step that a host made: a field that should be a text and is none.

    Readers make only well-formed steps. Arguments that are no mapping are left to the conditions,
    which count them as unknown.
    """
    for name in _TEXTS[step.kind]:
        value = getattr(step, name)
        if type(value) is not str:
            return f"the `{name}` of the {step.kind} is no text, but {type(value).__name__}"
    if isinstance(step, Message):
        parts: object = step.parts
        if not isinstance(parts, tuple) or (parts and not all(map(_is_part, parts))):
            return "the `parts` of the message are no tuple of `Part`"
    given: object = step.directives
    if not isinstance(given, tuple) or not all(map(_is_given, given)):
        return "the `directives` of the step are no tuple of `Given`"
    if step.time is not None and not is_time(step.time):
        return "the `time` of the step is no number of seconds"
    context: object = step.context
    return None if isinstance(context, Mapping) else "the `context` of the step is no mapping"


def is_time(time: object) -> bool:
    """Whether it is a number of seconds within some thirty million years; no NaN, no flag."""
    return type(time) in (int, float) and -FARTHEST < time < FARTHEST  # type: ignore[operator]


def _is_part(one: object) -> bool:
    from remit.conversation.pieces import Part

    return type(one) is Part


def _is_given(one: object) -> bool:
    from remit.conversation.pieces import Given

    if type(one) is not Given or type(one.name) is not str or type(one.implied) is not bool:
        return False
    values: object = one.values
    return isinstance(values, Mapping) and all(_is_plain(value) for value in values.values())


def _is_plain(value: object) -> bool:
    return value is None or type(value) in (str, int, float, bool)
