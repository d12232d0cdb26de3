"""The grammar as a table: what `lex.py` and `machine.py` run.

Lark makes the table of `remit.lark` (`from_lark.py`), which takes half a second. So the table is
kept beside the grammar as `remit.table.json`, and is used where it was made of this very grammar;
else it is made anew. `python -m remit_grammar.from_lark` writes the file.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pkgutil import get_data  # `importlib.resources` takes longer to load than the table
from typing import Any, NamedTuple

from remit_grammar.value import value

END = "$END"


class Rule(NamedTuple):
    """One way to read something: `size` parts on the stack become one value under `origin`.

    `take` says which parts its builder gets, with None where an optional part is absent; without
    `take` it gets them all. The parts in `spread` are lists, of which it gets the items. `name` is
    its builder; without one the parts make a list. A rule that `passes` leaves its only part alone.
    """

    origin: str
    size: int
    name: str
    take: tuple[int | None, ...] | None
    spread: tuple[int, ...]
    passes: bool


@value
class Table:
    """The terminals in the order in which they are tried, the rules, and the states of the parser.

    A row says by terminal what to do in a state: go to the state of that number, or, where it is
    negative, apply rule `~number`. By the origin of a rule it says where to go on behind it.
    """

    terminals: tuple[tuple[str, str], ...]  # name and pattern
    ignored: str
    words: dict[str, str]  # what would be a NAME, but is a terminal of its own
    literals: dict[str, str]  # terminal -> the word or sign it stands for; empty: a pattern
    rules: tuple[Rule, ...]
    rows: tuple[dict[str, int], ...]
    start: int
    end: int


def grammar() -> str:
    """The text of the grammar."""
    return _kept("remit.lark").decode().replace("\r\n", "\n")


def _kept(name: str) -> bytes:
    data = get_data("remit_grammar", name)
    assert data is not None, "packages are loaded from files or archives, which both give data"
    return data


@cache
def table() -> Table:
    """The table of the grammar, had once."""
    try:
        kept = json.loads(_kept("remit.table.json"))
    except (OSError, ValueError):
        kept = {}
    if kept.get("grammar") == mark():
        return _from_data(kept)
    from remit_grammar.from_lark import made

    return made()


def mark() -> str:
    """What tells this grammar from any other."""
    return sha256(grammar().encode()).hexdigest()


def to_data(whole: Table) -> dict[str, Any]:
    """The table as data; rows share their parts, as most of them are alike."""
    sets: dict[tuple[str, ...], int] = {}
    rows = []
    for row in whole.rows:
        reduced: dict[int, list[str]] = {}
        for symbol in sorted(row):
            if row[symbol] < 0:
                reduced.setdefault(~row[symbol], []).append(symbol)
        shifts = {symbol: row[symbol] for symbol in sorted(row) if row[symbol] >= 0}
        by_set = [[rule, sets.setdefault(tuple(all), len(sets))] for rule, all in reduced.items()]
        rows.append([shifts, by_set])
    return {
        "grammar": mark(), "terminals": whole.terminals, "ignored": whole.ignored,
        "words": whole.words, "literals": whole.literals, "rules": whole.rules,
        "sets": list(sets), "rows": rows, "start": whole.start, "end": whole.end,
    }  # fmt: skip


def _from_data(data: dict[str, Any]) -> Table:
    terminals = tuple((name, pattern) for name, pattern in data["terminals"])
    rows = tuple(_row(row, data["sets"]) for row in data["rows"])
    rules = tuple(map(_rule, data["rules"]))
    words, literals = data["words"], data["literals"]
    return Table(
        terminals, data["ignored"], words, literals, rules, rows, data["start"], data["end"]
    )


def _row(data: list[Any], sets: list[list[str]]) -> dict[str, int]:
    row: dict[str, int] = data[0]
    for rule, number in data[1]:
        row.update(dict.fromkeys(sets[number], ~rule))
    return row


def _rule(data: list[Any]) -> Rule:
    origin, size, name, take, spread, passes = data
    return Rule(origin, size, name, None if take is None else tuple(take), tuple(spread), passes)
