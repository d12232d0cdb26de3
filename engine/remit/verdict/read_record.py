"""Reads decision records from files, and says what keeps data from being one.

Knows the form of a record, not the policy that it must follow from: `remit.verify` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from remit.conversation.decode import Broken, decode
from remit.conversation.locate import find_items
from remit.conversation.place import Place
from remit.conversation.stream import Counted, Unreadable, chunks, open_bytes
from remit_grammar.diagnostic import Diagnostic, Label

FORMAT = 1  # of the records that this version reads
REFUSALS = ("engine_error", "halted")  # reasons for a deny that no norm gave
TEXTS = ("decided_by", "in_force", "advice", "ask")
_ROWS: Mapping[str, Mapping[str, type]] = {
    "applied": {"norm": str, "modality": str, "author": str, "strength": str, "unknown": bool},
    "defeated": {"norm": str, "by": str, "reason": str},
    "unknown": {"norm": str, "terms": list},
    "changes": {"path": str, "kind": str, "by": str},
    "errors": {"norm": str, "error": str},
    "void": {"directive": str, "step": int, "by": str, "kind": str, "name": str, "has": str,
             "text": str},
}  # fmt: skip
OF_THE_CONVERSATION = (  # absent where empty
    "past", "said", "settings", "judged", "looked", "owed", "full", "agreed",
)  # fmt: skip
_SAID: Mapping[str, type] = {
    "norm": str, "directive": str, "author": str, "strength": str, "step": int, "place": int,
    "by": str, "text": str, "words": dict, "certain": bool,
}  # fmt: skip
_MAY_HAVE: Mapping[str, Mapping[str, type]] = {
    "said": _SAID,
    "settings": {"setting": str, "known": bool, "left": str, "in_force": list, "lost": list,
                 "unsettled": list},
    "judged": {"judge": str, "question": str, "text_sha256": str, "answer": str},
    "looked": {"history": str, "key": list},
    "owed": {"debt": str, "step": int, "turn": int, "sure": bool},
}  # fmt: skip
_LEFT_OUT: Mapping[str, type] = {"loan": str, "sets": dict, "needs": str, "certain": bool}
_PAST: Mapping[str, type] = {
    "said": list, "void": list, "turn": list, "turn_seen": bool, "cap": str, "cut": bool,
    "asked": list,
}  # fmt: skip
_ASKED: Mapping[str, type] = {"call": str, "tool": str, "step": int, "people": list}
_PERSON: Mapping[str, type] = {"who": str}
ANSWERS = ("true", "false", "unknown", "spared")
_PLAIN: Mapping[str, type] = {
    "format": int, "policy": dict, "index": int, "step": dict, "context": dict, "verdict": str,
    "note": str, "explanation": str, **dict.fromkeys((*TEXTS, *_ROWS), list),
}  # fmt: skip
_KINDS = {int: "a whole number", dict: "an object", str: "a text", list: "a list", bool: "a flag"}


NO_RECORD = "this is no decision record"
HOW = "`remit judge ... --json` makes decision records"


class Reading(NamedTuple):
    """One record of a file and its place there, or what keeps it from being read."""

    data: Any
    label: Label | None = None
    problem: Diagnostic | None = None


def read_records(path: str | Path) -> Iterator[Reading]:
    """The records of a file: JSONL, one JSON object, or a JSON list; plain or packed. Never raises.

    `-` is standard input. The whole file is held in memory.
    """
    is_stdin = str(path) == "-"
    name = "standard input" if is_stdin else str(path)
    try:
        opened = open_bytes(None if is_stdin else Path(path))
        with nullcontext(opened) if is_stdin else opened as file:
            text = b"".join(chunks(Counted(file), name)).decode("utf-8-sig")
    except Unreadable as error:
        yield Reading(None, problem=Diagnostic(error.code, error.message, help=error.help))
    except UnicodeDecodeError as error:
        message = f"`{name}` is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}"
        yield Reading(None, problem=Diagnostic("R0002", message))
    else:
        yield from _of_file(name, text)


def _of_file(name: str, text: str) -> Iterator[Reading]:
    if not text.strip():
        problem = Diagnostic("R0901", f"`{name}` is empty", help=HOW)
        yield Reading(None, problem=problem)
        return
    for place in _places(name, text):
        yield from _of_text(place)


def _places(name: str, text: str) -> list[Place]:
    """The texts that are JSON each: the lines if the first one is, else the whole."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_json(lines[0][1]):
        return [Place(name, line, first_line=number) for number, line in lines]
    return [Place(name, text)]


def _is_json(text: str) -> bool:
    try:
        decode(text)
    except Broken:
        return False
    return True


def _of_text(place: Place) -> Iterator[Reading]:
    try:
        value, _ = decode(place.text)
    except Broken as broken:
        label = place.label(*(broken.at or (0, 1)), remark=broken.remark)
        problem = Diagnostic(broken.code, broken.message, label, help=broken.help)
        yield Reading(None, problem=problem)
        return
    if value == []:
        problem = Diagnostic("R1001", f"`{place.name}` holds no records", help=HOW)
        yield Reading(None, place.label(0, 2), problem)
    elif isinstance(value, list):
        for item, at in zip(value, find_items(place.text), strict=True):
            yield Reading(item, place.label(*at))
    else:
        yield Reading(value, place.label(0, len(place.text)))


def malformed(data: object) -> Iterator[str]:
    """What keeps the data from being a decision record."""
    if not isinstance(data, Mapping) or not {"format", "policy", "verdict"} & data.keys():
        yield NO_RECORD
        return
    for name, kind in _PLAIN.items():
        if type(data.get(name)) is not kind:
            yield f"`{name}` is not {_KINDS[kind]}" if name in data else f"`{name}` is missing"
    if data.get("format") != FORMAT:
        yield f"this version reads records of format {FORMAT}"
    for name, kinds in _ROWS.items():
        rows = data.get(name)
        yield from _malformed_rows(name, rows if isinstance(rows, list) else [], kinds)
    for name in TEXTS:
        yield from _no_texts(name, data.get(name))
    yield from _void_rows("void", data.get("void"))
    yield from _of_the_conversation(data)


def _of_the_conversation(data: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the fields that a record has only where there is something to tell."""
    for name, kinds in _MAY_HAVE.items():
        if type(data.get(name, [])) is not list:
            yield f"`{name}` is not {_KINDS[list]}"
        else:
            yield from _malformed_rows(name, data.get(name, []), kinds)
    yield from _said_rows("said", data.get("said"))
    for row in _objects(data.get("settings")):
        if "value" not in row:
            yield "an entry of `settings` has no `value`"
        yield from _no_texts("in_force", row.get("in_force"))
        yield from _no_texts("unsettled", row.get("unsettled"))
        lost = row.get("lost")
        yield from _malformed_rows("lost", lost if isinstance(lost, list) else [],
                                   _ROWS["defeated"])  # fmt: skip
    for row in _objects(data.get("judged")):
        if row.get("answer") not in ANSWERS:
            yield f"an entry of `judged` has no `answer` that is one of {', '.join(ANSWERS)}"
    for row in _objects(data.get("looked")):
        if "value" not in row:
            yield "an entry of `looked` has no `value`"
    for row in _objects(data.get("owed")):
        if not _is_time(row.get("time", "")):
            yield "an entry of `owed` has no `time` that is a number or null"
    if type(data.get("full", [])) is not list:
        yield f"`full` is not {_KINDS[list]}"
    yield from _no_texts("full", data.get("full"))
    if type(data.get("agreed", [])) is not list:
        yield "`agreed` is not a list"
    yield from _no_texts("agreed", data.get("agreed"))
    past = data.get("past", {})
    if type(past) is not dict:
        yield f"`past` is not {_KINDS[dict]}"
    else:
        yield from _past(past)


def _past(past: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in _PAST.items():
        if name in past and type(past[name]) is not kind:
            yield f"`past.{name}` is not {_KINDS[kind]}"
    for name in past.keys() - _PAST.keys():
        yield f"`past` has no `{str(name)[:80]}`"
    yield from _no_texts("past.turn", past.get("turn"))
    for name, kinds in (("said", _SAID), ("void", _ROWS["void"])):
        rows = past.get(name)
        yield from _malformed_rows(f"past.{name}", rows if isinstance(rows, list) else [], kinds)
    yield from _said_rows("past.said", past.get("said"))
    yield from _void_rows("past.void", past.get("void"))
    yield from _asked_rows(past.get("asked", []))


def _asked_rows(rows: object) -> Iterator[str]:
    yield from _malformed_rows("past.asked", rows if isinstance(rows, list) else [], _ASKED)
    for row in _objects(rows):
        if type(row.get("args", {})) is not dict:
            yield "the `args` of an entry of `past.asked` are no object"
        people = row.get("people")
        yield from _malformed_rows("people", people if isinstance(people, list) else [], _PERSON)
        for one in _objects(people):
            if "yes" in one and (type(one["yes"]), type(one.get("said"))) != (int, bool):
                yield "a yes of an entry of `past.asked` has not a step and whether it was said"
            if type(one.get("passed", False)) is not bool:
                yield "the `passed` of somebody in `past.asked` is no flag"


def _said_rows(name: str, rows: object) -> Iterator[str]:
    for row in _objects(rows):
        yield from _left_out(name, row)
        if not _are_words(row.get("words")):
            yield f"the `words` of an entry of `{name}` are no texts, numbers or flags"
        sets = row.get("sets", {"setting": "", "op": "", "value": 0})
        if isinstance(sets, dict) and not (
            sets.keys() == {"setting", "op", "value"}
            and type(sets["setting"]) is str and type(sets["op"]) is str
        ):  # fmt: skip
            yield f"the `sets` of an entry of `{name}` has not a setting, an operator and a value"


def _void_rows(name: str, rows: object) -> Iterator[str]:
    for row in _objects(rows):
        yield from _left_out(name, row)
        if row.get("words", {}) is not None and not _are_words(row.get("words", {})):
            yield f"the `words` of an entry of `{name}` are no texts, numbers or flags"


def _left_out(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    for key, kind in _LEFT_OUT.items():
        if key in row and type(row[key]) is not kind:
            yield f"the `{key}` of an entry of `{name}` is not {_KINDS[kind]}"


def _are_words(words: object) -> bool:
    """Whether each word is plain, or `{"unknown": true}`."""
    return isinstance(words, dict) and all(
        value is None or type(value) in (str, int, float, bool) or _is_unknown(value)
        for value in words.values()
    )


def _is_unknown(value: object) -> bool:
    return type(value) is dict and list(value.items()) == [("unknown", True)]


def _is_time(value: object) -> bool:
    return value is None or type(value) in (int, float)


def _objects(rows: object) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _no_texts(name: str, texts: object) -> Iterator[str]:
    if isinstance(texts, list) and not all(isinstance(one, str) for one in texts):
        yield f"`{name}` holds something that is no text"


def gathered(found: Iterable[Diagnostic], policy: str) -> list[Diagnostic]:
    """The findings about a file, with one for all records that cannot be verified for one reason.

    These are records of another digest, and data that is no record; `policy` is the id of the
    policy that they were verified against.
    """
    kept: dict[object, Diagnostic] = {}
    times: Counter[object] = Counter()
    for index, one in enumerate(found):
        alike = one.code == "R1002" or one.message == NO_RECORD
        key = (one.code, one.message) if alike else index
        kept.setdefault(key, one)
        times[key] += 1
    return [_with_help(one, times[key], policy) for key, one in kept.items()]


def _with_help(one: Diagnostic, count: int, policy: str) -> Diagnostic:
    notes = one.notes + ((f"so it is with {count:,} records of this file",) if count > 1 else ())
    if one.message == NO_RECORD:
        return replace(one, notes=notes, help=HOW)
    if one.code != "R1002":
        return one
    if one.message.startswith(f"made by `{policy}` ("):
        notes += ("the id is the same: the content of the policy changed",)
        return replace(one, notes=notes, help="verify with the specs of that time")
    help = "the policy has changed since, or another one made them: verify with its specs"
    return replace(one, notes=notes, help=help)


def _malformed_rows(name: str, rows: list[Any], kinds: Mapping[str, type]) -> Iterator[str]:
    for row in rows:
        if not isinstance(row, dict):
            yield f"`{name}` holds something that is no object"
            continue
        for key, kind in kinds.items():
            if type(row.get(key)) is not kind:
                yield f"an entry of `{name}` has no `{key}` that is {_KINDS[kind]}"
