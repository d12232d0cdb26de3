"""What a record says was looked up in the past of its conversation, and what was owed then.

Alone it is taken on trust, but not what no look-up can give: of a history that the policy does not
ask, or of a type that its fold does not give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from remit.checked.model import History
from remit.program.values import UNKNOWN, Partly, is_number, keyed, typed
from remit.verify.said import MARK
from remit.verify.watched import CALLED, Key, Watched

Place = tuple[str, Key]  # a history or a debt, and the values by which it is looked up
Row = Mapping[str, Any]
ORIGINS = ("quotes ", "came from ")  # how look-ups begin that ask where a value came from


def read_looked(watched: Watched, data: Row) -> tuple[dict[Place, Any], list[str]]:
    """What a record looked up, by where; and what no look-up can have given."""
    found: dict[Place, Any] = {}
    problems: list[str] = []
    for row in data.get("looked", ()):
        place, value = (row["history"], _key(row["key"])), plain_of(row["value"])
        wrong = _wrong(watched, place, value)
        if place in found:
            wrong = "is told twice"
        if wrong is not None:
            problems.append(f"`looked`: `{row['history'][:200]}` {wrong}")
        found[place] = value
    problems += _owed(watched, data.get("owed", ()), found)
    problems += _full(watched, data.get("full", ()))
    return found, problems


def origin_place(how: str, value: Any, wanted: Any) -> Place:
    """Where a look-up for the origin of a value is told; the SHA-256 of its JSON stands for it."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=repr, skipkeys=True)
    return f"{how} {wanted!r}", (sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),)


def plain_of(value: Any) -> Any:
    """A value of a record: what is marked as unknown, as part of a list, or as plain, is so."""
    if isinstance(value, list):
        return [plain_of(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value == MARK:
        return UNKNOWN
    if value.keys() == {"partly"} and isinstance(value["partly"], list):
        return Partly(plain_of(value["partly"]))
    if value.keys() == {"plain"} and isinstance(value["plain"], dict):
        value = value["plain"]
    return {name: plain_of(one) for name, one in value.items()}


def told(value: Any) -> str:
    """A value, in a sentence."""
    if type(value) is Partly:
        return f"`{_words(list(value))}` and perhaps more"
    return f"`{_words(value)}`"


def _words(value: Any) -> str:
    return "unknown" if value is UNKNOWN else json.dumps(value, default=str)[:80]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; 1 is 1.0, but no flag."""
    if isinstance(one, list) or isinstance(other, list):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if is_number(one) and is_number(other):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _key(values: list[Any]) -> Key:
    """Values by which something is looked up; text of what can be none stays what it is."""
    return tuple(_by(plain_of(one)) for one in values)


def _by(value: Any) -> Any:
    one = keyed(value)
    return ("none", json.dumps(value, default=str)) if one is UNKNOWN is not value else one


def _wrong(watched: Watched, place: Place, value: Any) -> str | None:
    """Why no look-up can have given the value."""
    name, key = place
    if name in watched.watches:
        history = watched.watches[name].history
        arity, fits = len(history.what.keys), _fits(history, value)
    elif name in watched.owings:
        arity, fits = 0, value is UNKNOWN or type(value) is bool
    elif name == CALLED and watched.calls:
        arity, fits = 1, value is None or value is UNKNOWN or type(value) is dict
    elif watched.origins and name.startswith(ORIGINS):
        return None if value is UNKNOWN or type(value) is bool else f"cannot come to {told(value)}"
    else:
        return "is nothing that the policy asks of the past"
    if len(key) != arity or any(type(one) is tuple and one[0] == "none" for one in key):
        return "is not looked up by such values"
    return None if fits else f"cannot come to {told(value)}"


def _fits(history: History, value: Any) -> bool:
    """Whether a fold can come to a value."""
    fold = history.fold
    if fold == "remember":
        items = isinstance(value, list) and len(value) <= history.most
        return items and len({keyed(one) for one in value} - {UNKNOWN, None}) == len(value)
    if value is UNKNOWN:
        return True
    if fold in ("earlier", "previous"):
        return type(value) is bool
    if fold in ("count", "distinct"):
        return type(value) is int and value >= 0
    if fold == "sum":
        return is_number(value)
    if fold in ("smallest", "largest"):
        return value is None or is_number(value)
    if type(value) is Partly or history.of is None:
        return False
    return typed(value, history.of.type) is not UNKNOWN


def _full(watched: Watched, names: Sequence[str]) -> Iterator[str]:
    """What cannot have reached a cap: what the policy does not ask, or keeps nothing of."""
    for name in dict.fromkeys(names):
        watch = watched.watches.get(name)
        if watch is None or watch.history.fold == "previous":
            yield f"`full`: `{name[:200]}` has no cap"
    if len(set(names)) < len(names):
        yield "`full` names one question twice"


def _owed(watched: Watched, rows: Any, looked: Mapping[Place, Any]) -> Iterator[str]:
    """What nobody can owe, and what is overdue though nothing is owed."""
    for row in rows:
        if row["debt"] not in watched.owings:
            yield f"`owed`: the policy has no debt `{row['debt'][:200]}`"
        elif row["step"] < 0 or row["turn"] < 0:
            yield f"`owed`: `{row['debt'][:200]}` cannot be owed since then"
    owed = [(row["debt"], row["sure"]) for row in rows]
    if len(set(owed)) < len(owed):
        yield "`owed` tells of one debt twice"
    for (name, _), value in looked.items():
        if name in watched.owings and value is True and (name, True) not in owed:
            yield f"`looked`: `{name[:200]}` is overdue, but it is not owed"
