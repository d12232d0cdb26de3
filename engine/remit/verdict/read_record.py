"""Reads decision records from files, and says what keeps data from being one.

Knows the form of a record, not the policy that it must follow from: `remit.verify` does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
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
}
_PLAIN: Mapping[str, type] = {
    "format": int, "policy": dict, "index": int, "step": dict, "context": dict, "verdict": str,
    "void": list, "note": str, "explanation": str, **dict.fromkeys((*TEXTS, *_ROWS), list),
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
        texts = data.get(name)
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


def compare(what: str, said: Collection[str], due: Collection[str]) -> Iterator[str]:
    """How a list of a record differs from what it must hold, in any order."""
    times, wanted = Counter(list(said)), Counter(list(due))
    yield from (f"`{what}` lacks `{one}`" for one in wanted if one not in times)
    yield from (f"`{what}` must not hold `{one[:200]}`" for one in times if one not in wanted)
    for one, count in times.items():
        if wanted[one] and count != wanted[one]:
            yield f"`{what}` holds `{one[:200]}` {count} times, not {wanted[one]}"


def claims_of_refusal(data: Mapping[str, Any]) -> Iterator[str]:
    """What a record must not say where no norm was asked: it denies, and claims nothing else."""
    if data["verdict"] != "deny":
        yield f"no norm was asked, so the verdict is `deny`, not `{data['verdict'][:200]}`"
    for name in (*TEXTS, "applied", "defeated", "unknown", "changes"):
        if data[name]:
            yield f"no norm was asked, so `{name}` must be empty"
    if "after" in data or len(data["errors"]) > 1:
        yield "no norm was asked, so there is nothing more to tell"


def same_json(one: object, other: object) -> bool:
    """Whether two values are the same JSON; unlike `==`, true is not 1 here."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
