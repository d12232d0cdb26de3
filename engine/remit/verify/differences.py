"""How what a record says differs from what it must say, in sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from remit.verdict.read_record import OF_THE_CONVERSATION, TEXTS

Row = Mapping[str, Any]
_ABSENT = object()
LONGEST = 80  # characters of a value in a sentence


def compare(what: str, said: Collection[str], due: Collection[str]) -> Iterator[str]:
    """How a list of texts differs from what it must hold, in any order."""
    times, wanted = Counter(list(said)), Counter(list(due))
    yield from (f"`{what}` lacks `{one}`" for one in wanted if one not in times)
    yield from (f"`{what}` must not hold `{one[:200]}`" for one in times if one not in wanted)
    for one, count in times.items():
        if wanted[one] and count != wanted[one]:
            yield f"`{what}` holds `{one[:200]}` {count} times, not {wanted[one]}"


def rows_differ(what: str, said: Sequence[Row], due: Sequence[Row], name: str) -> Iterator[str]:
    """How a list of rows differs from what it must hold, in this order."""
    names, wanted = [row[name] for row in said], [row[name] for row in due]
    yield from compare(what, names, wanted)
    yield from fields_differ(f"`{what}`", said, due, name)
    if names != wanted and Counter(names) == Counter(wanted):
        yield f"`{what}` is in another order than it was said in"


def fields_differ(what: str, said: Sequence[Row], due: Sequence[Row], name: str) -> Iterator[str]:
    """How rows of the same name differ in their fields; other rows are not looked at."""
    open_ones = list(due)
    for row in said:
        alike = [one for one in open_ones if one[name] == row[name]]
        if not alike:
            continue
        match = min(alike, key=lambda one: len(list(_fields(row, one))))
        open_ones = [one for one in open_ones if one is not match]
        for key, is_said, is_due in _fields(row, match):
            lead = f"{what} says that the {key} of `{row[name]}` is {is_said}"
            yield f"{lead}, but it is {is_due}"


def _fields(row: Row, due: Row) -> Iterator[tuple[str, str, str]]:
    for key in {**due, **row}:
        said, wanted = row.get(key, _ABSENT), due.get(key, _ABSENT)
        if _ABSENT in (said, wanted) or not same_json(said, wanted):
            yield str(key)[:LONGEST], _told(said), _told(wanted)


def _told(value: object) -> str:
    if value is _ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text[:LONGEST]}`"


def settings_differ(said: Sequence[Row], due: Sequence[Row]) -> Iterator[str]:
    """How the settings of a record differ from what they come to."""
    names = [one["setting"] for one in said]
    yield from compare("settings", names, [one["setting"] for one in due])
    plain = ("setting", "value", "known", "left")
    yield from fields_differ("`settings`", [_part(one, plain) for one in said],
                             [_part(one, plain) for one in due], "setting")  # fmt: skip
    for one in said:
        for wanted in (row for row in due if row["setting"] == one["setting"]):
            lead = f"settings.{one['setting']}"
            for key in ("in_force", "unsettled"):
                yield from compare(f"{lead}.{key}", one[key], wanted[key])
            yield from rows_differ_in_any_order(f"{lead}.lost", one["lost"], wanted["lost"])


def _part(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}


def rows_differ_in_any_order(what: str, said: Sequence[Row], due: Sequence[Row]) -> Iterator[str]:
    """How rows of norms differ from what they must be, in any order."""
    yield from compare(what, [row["norm"] for row in said], [row["norm"] for row in due])
    yield from fields_differ(f"`{what}`", said, due, "norm")


def claims_of_refusal(data: Row) -> Iterator[str]:
    """What a record must not say where no norm was asked: it denies, and claims nothing else."""
    if data["verdict"] != "deny":
        yield f"no norm was asked, so the verdict is `deny`, not `{data['verdict'][:200]}`"
    empty = (*TEXTS, "applied", "defeated", "unknown", "changes", "void", *OF_THE_CONVERSATION)
    for name in empty:
        if data.get(name):
            yield f"no norm was asked, so `{name}` must be empty"
    if "after" in data or len(data["errors"]) > 1:
        yield "no norm was asked, so there is nothing more to tell"


def same_json(one: object, other: object) -> bool:
    """Whether two values are the same JSON; unlike `==`, true is not 1 here."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
