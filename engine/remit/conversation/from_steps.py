"""Remit's own form of steps and conversations, to and from JSON data.

What `step_to_json` writes, `step_from_json` reads back to an equal step. The form is strict: an
unknown field is an error, for a misspelt `args` must not become a call without arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from remit.conversation.decode import Broken, clean
from remit.conversation.findings import Findings, kind_of
from remit.conversation.locate import Path
from remit.conversation.model import (
    CALL,
    HANDOFF,
    KINDS,
    MESSAGE,
    RESULT,
    Call,
    Handoff,
    Message,
    Result,
    Step,
)
from remit.conversation.pieces import Given, Part
from remit.conversation.shared import Joiner, arguments, conversation_of, note_replaced, seconds
from remit.conversation.whole import Conversation
from remit_grammar.diagnostic import Diagnostic, SpecError, did_you_mean

ORIGINS = ("quoted", "attached", "retrieved")
_ALL = ("context", "directives")
_FIELDS: dict[str, tuple[str, ...]] = {
    MESSAGE: ("kind", "role", "text", "parts", "time", "refusal", *_ALL),
    CALL: ("kind", "tool", "args", "id", "role", "bad_args", "time", *_ALL),
    RESULT: ("kind", "tool", "text", "value", "id", "error", "role", "time", *_ALL),
    HANDOFF: ("kind", "to", "text", "role", "time", *_ALL),
}
_KNOWN = {kind: frozenset(fields) for kind, fields in _FIELDS.items()}
_PART_FIELDS = ("text", "origin", "name")
_GIVEN_FIELDS = ("name", "values", "implied")
_CONVERSATION_FIELDS = frozenset({"id", "steps", "labels", "context", "cut"})


def step_to_json(step: Step) -> dict[str, Any]:
    """The step as plain data; fields at their default are left out."""
    data: dict[str, Any] = {"kind": step.kind}
    for name, plain in _PLAIN[step.kind]:
        value = getattr(step, name)
        if value != plain:
            data[name] = value if type(value) is str else _value_to_json(value)
    return data


_ALWAYS = {MESSAGE: ("role", "text"), CALL: ("tool", "args"), RESULT: ("tool",), HANDOFF: ("to",)}
# For each field the value with which it is left out; one that no value is like, where it never is.
_PLAIN: dict[str, tuple[tuple[str, Any], ...]] = {
    step.kind: tuple(
        (name, object() if name in _ALWAYS[step.kind] else getattr(step, name))
        for name in _FIELDS[step.kind][1:]
    )
    for step in (Message(""), Call(""), Result(""), Handoff(""))
}


def _value_to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_part_to_json(one) if isinstance(one, Part) else _given_to_json(one)
                for one in value]  # fmt: skip
    return dict(value) if isinstance(value, Mapping) else value


def _part_to_json(part: Part) -> dict[str, str]:
    return {name: getattr(part, name) for name in _PART_FIELDS if getattr(part, name)}


def _given_to_json(given: Given) -> dict[str, Any]:
    data: dict[str, Any] = {"name": given.name}
    if given.values:
        data["values"] = dict(given.values)
    return {**data, "implied": True} if given.implied else data


def conversation_to_json(conversation: Conversation) -> dict[str, Any]:
    """The conversation as plain data, in the form that `read_steps` reads."""
    data: dict[str, Any] = {"id": conversation.id}
    if conversation.context:
        data["context"] = dict(conversation.context)
    if conversation.labels:
        data["labels"] = dict(conversation.labels)
    if conversation.cut:
        data["cut"] = True
    data["steps"] = [step_to_json(step) for step in conversation.steps]
    return data


def step_from_json(data: object) -> Step:
    """The step that the data describes. Raises `SpecError` with all that is wrong with it."""
    step, diagnostics = read_step(data)
    if step is None:
        raise SpecError(diagnostics)
    return step


def read_step(data: object) -> tuple[Step | None, list[Diagnostic]]:
    """The step that the data describes, or None, with what is wrong. Never raises.

    A text is taken for JSON only by the readers of files: here `data` is a mapping.
    """
    found = Findings()
    step = None
    try:
        value, replaced = clean(data)
        step = _step(value, (), found)
        if replaced:
            note_replaced(found)
    except Broken as broken:
        found.broken(broken)
    return None if found.failed else step, found.diagnostics()


def read_steps(data: dict[str, Any], found: Findings) -> Conversation:
    """The conversation of a record `{"id", "context", "labels", "steps"}`."""
    _check_fields(data, _CONVERSATION_FIELDS, (), found)
    joiner = Joiner(found)
    for index, item in enumerate(found.list_at(data, "steps", ())):
        step = _step(item, ("steps", index), found)
        if isinstance(step, Call):
            joiner.call(step, ("steps", index))
        elif isinstance(step, Result):
            joiner.result(step, ("steps", index))
        elif step is not None:
            joiner.steps.append(step)
    conversation = conversation_of(data, joiner.steps, found)
    cut = data.get("cut", False)
    if not isinstance(cut, bool):
        found.wrong(("cut",), cut, "true or false")
    conversation.cut = cut is True
    return conversation


def _step(data: object, path: Path, found: Findings) -> Step | None:
    if not isinstance(data, dict):
        found.wrong(path, data, "a step")
        return None
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in _MAKERS:
        _bad_kind(kind, path, found)
        return None
    _check_fields(data, _KNOWN[kind], path, found)
    return _MAKERS[kind](data, path, found)


def _bad_kind(kind: object, path: Path, found: Findings) -> None:
    help = "the kinds are " + ", ".join(f"`{known}`" for known in KINDS)
    if kind is None:
        found.add("R0903", "a step without its `kind`", path, help=help)
    elif isinstance(kind, str):
        found.add("R0903", f"`{kind[:80]}` is no kind of step", (*path, "kind"), help=help)
    else:
        message = f"the `kind` of a step is {kind_of(kind)}, where text belongs"
        found.add("R0903", message, (*path, "kind"), help=help)


def _check_fields(data: dict[str, Any], known: frozenset[str], path: Path, found: Findings) -> None:
    if data.keys() <= known:
        return
    for name in sorted(data.keys() - known):
        close = did_you_mean(name[:80], known)
        help = f"did you mean `{close}`?" if close else "the fields are " + ", ".join(sorted(known))
        found.add("R0903", f"`{name[:80]}` is not a field here", (*path, name), help=help)


def _message(data: dict[str, Any], path: Path, found: Findings) -> Message:
    return Message(
        role=_needed(data, "role", path, found),
        text=found.text_at(data, "text", path),
        parts=_parts(data, path, found),
        time=_time(data, path, found),
        refusal=_refusal(data, path, found),
        context=found.object_at(data, "context", path),
        directives=_directives(data, path, found),
    )


def _directives(data: dict[str, Any], path: Path, found: Findings) -> tuple[Given, ...]:
    items = found.list_at(data, "directives", path)
    made = (_given(item, (*path, "directives", at), found) for at, item in enumerate(items))
    return tuple(given for given in made if given is not None)


def _given(item: object, path: Path, found: Findings) -> Given | None:
    if not isinstance(item, dict):
        found.wrong(path, item, "a directive")
        return None
    _check_fields(item, frozenset(_GIVEN_FIELDS), path, found)
    if item.get("name") in (None, ""):
        found.add("R0903", "a directive without its `name`", path)
    implied = item.get("implied", False)
    if not isinstance(implied, bool):
        found.wrong((*path, "implied"), implied, "true or false")
    values = found.object_at(item, "values", path)
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            found.wrong((*path, "values", name), value, "a text, a number or a flag")
    return Given(found.text_at(item, "name", path), values, implied is True)


def _call(data: dict[str, Any], path: Path, found: Findings) -> Call:
    args, bad = arguments(data.get("args"), (*path, "args"), found)
    if data.get("bad_args") is not None:
        args, bad = {}, found.text_at(data, "bad_args", path)
    return Call(
        tool=_needed(data, "tool", path, found),
        args=args,
        id=found.text_at(data, "id", path),
        role=found.text_at(data, "role", path) or "assistant",
        bad_args=bad,
        time=_time(data, path, found),
        context=found.object_at(data, "context", path),
        directives=_directives(data, path, found),
    )


def _result(data: dict[str, Any], path: Path, found: Findings) -> Result:
    return Result(
        tool=found.text_at(data, "tool", path),
        text=found.text_at(data, "text", path),
        value=data.get("value"),
        id=found.text_at(data, "id", path),
        error=_optional(data, "error", path, found),
        role=found.text_at(data, "role", path) or "tool",
        time=_time(data, path, found),
        context=found.object_at(data, "context", path),
        directives=_directives(data, path, found),
    )


def _handoff(data: dict[str, Any], path: Path, found: Findings) -> Handoff:
    return Handoff(
        to=_needed(data, "to", path, found),
        text=found.text_at(data, "text", path),
        role=found.text_at(data, "role", path) or "assistant",
        time=_time(data, path, found),
        context=found.object_at(data, "context", path),
        directives=_directives(data, path, found),
    )


_MAKERS: dict[str, Callable[[dict[str, Any], Path, Findings], Step]] = {
    MESSAGE: _message,
    CALL: _call,
    RESULT: _result,
    HANDOFF: _handoff,
}


def _needed(data: dict[str, Any], key: str, path: Path, found: Findings) -> str:
    if data.get(key) in (None, ""):
        found.add("R0903", f"a {data['kind']} without its `{key}`", path)
    return found.text_at(data, key, path)


def _optional(data: dict[str, Any], key: str, path: Path, found: Findings) -> str | None:
    return None if data.get(key) is None else found.text_at(data, key, path)


def _time(data: dict[str, Any], path: Path, found: Findings) -> float | None:
    value = data.get("time")
    made = seconds(value)
    if made is None and value is not None:
        found.wrong((*path, "time"), value, "a number of seconds since 1970")
    return made


def _refusal(data: dict[str, Any], path: Path, found: Findings) -> bool | None:
    value = data.get("refusal")
    if value is None or isinstance(value, bool):
        return value
    found.wrong((*path, "refusal"), value, "true or false")
    return None


def _parts(data: dict[str, Any], path: Path, found: Findings) -> tuple[Part, ...]:
    items = found.list_at(data, "parts", path)
    made = (_part(item, (*path, "parts", index), found) for index, item in enumerate(items))
    return tuple(part for part in made if part is not None)


def _part(item: object, path: Path, found: Findings) -> Part | None:
    if not isinstance(item, dict):
        found.wrong(path, item, "a part")
        return None
    _check_fields(item, frozenset(_PART_FIELDS), path, found)
    origin = found.text_at(item, "origin", path) or "quoted"
    if origin not in ORIGINS:
        help = "a part is " + ", ".join(f"`{known}`" for known in ORIGINS)
        found.add("R0903", f"`{origin[:80]}` is no origin", (*path, "origin"), help=help)
    return Part(found.text_at(item, "text", path), origin, found.text_at(item, "name", path))
