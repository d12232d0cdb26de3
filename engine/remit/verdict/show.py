"""A step as a text that labels can point into: what was said, or the call as one would write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit_grammar.source import Source, Span

LONGEST = 2_000  # characters of a text that are shown
VALUE = 200  # characters of one argument that are shown


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a step, with the place of each argument by name and of the whole."""

    source: Source
    whole: Span
    places: dict[str, Span]

    def place(self, name: str) -> Span:
        """Where an argument or field is shown; the whole if it is not."""
        return self.places.get(name, self.whole)


def show_step(step: Step, index: int) -> Shown:
    """The step as a source named `conversation, step N`, with N from 1."""
    name = f"conversation, step {index + 1}"
    if isinstance(step, Call):
        return _call(step, name)
    if isinstance(step, Result):
        head = f"result of {step.tool}: " if step.tool else "result: "
    elif isinstance(step, Handoff):
        head = f"handoff to {step.to}: "
    else:
        head = f"{step.role}: "
    source = Source(name, head + quoted(_text(step), LONGEST), has_lines=False)
    text = source.span(len(head))
    return Shown(source, text, {"text": text, "role": source.span(0, len(step.role))})


def _text(step: Message | Result | Handoff) -> str:
    if isinstance(step, Message) and step.parts:
        return "\n".join([step.text, *(part.text for part in step.parts)])
    return step.text


def _call(step: Call, name: str) -> Shown:
    pieces = [f"{step.tool}("]
    at = len(pieces[0])
    spans: dict[str, tuple[int, int]] = {"tool": (0, len(step.tool))}
    args: dict[str, Any] = dict(step.args)
    for number, (key, value) in enumerate(args.items()):
        lead = ", " if number else ""
        piece = f"{key}: {written(value)}"
        spans[str(key)] = (at + len(lead), at + len(lead) + len(piece))
        pieces.append(lead + piece)
        at += len(lead) + len(piece)
    if step.bad_args is not None:
        pieces.append(quoted(step.bad_args, VALUE))
    source = Source(name, "".join([*pieces, ")"]), has_lines=False)
    places = {key: source.span(*ends) for key, ends in spans.items()}
    return Shown(source, source.span(), places)


def written(value: Any) -> str:
    """A value of a call on one line, as the language would write it."""
    if isinstance(value, str):
        return quoted(value, VALUE)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {written(one)}" for key, one in list(value.items())[:20])
        return f"({inner})"[:VALUE]
    if isinstance(value, list):
        return f"[{', '.join(written(one) for one in value[:20])}]"[:VALUE]
    try:
        return str(value)[:VALUE]
    except Exception:  # noqa: BLE001 - a huge number, or an object that refuses to be shown
        return f"<{type(value).__name__}>"


def quoted(text: str, longest: int) -> str:
    """A text in quotes on one line, cut where it is long."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return '"' + cut.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
