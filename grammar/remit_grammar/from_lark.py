"""The grammar -> its table, by Lark. Lark is known here and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lark import Lark
from lark.grammar import Rule as LarkRule
from lark.lexer import PatternStr
from lark.parsers.lalr_analysis import Shift

from remit_grammar.table import Rule, Table, grammar, to_data

_KEPT = ("COMMENT", "OPEN_STRING", "STRAY")  # terminals that no rule uses, handled by us


def made() -> Table:
    """The table, made now; what of Lark it reads is held by a test."""
    options: dict[str, Any] = {"parser": "lalr", "lexer": "basic"}
    lark = Lark(grammar(), postlex=SimpleNamespace(always_accept=_KEPT), **options)
    lexer: Any = lark.parser.lexer.lexer
    patterns = [one for one in lexer.scanner.terminals if one.name not in lexer.ignore_types]
    [ignored] = [one for one in lexer.scanner.terminals if one.name in lexer.ignore_types]
    literals = {
        one.name: one.pattern.value for one in lark.terminals if isinstance(one.pattern, PatternStr)
    }
    assert list(lexer.callback) == ["NAME"], "only names can be words of the language"
    words = {literals[one.name]: one.name for one in lexer.callback["NAME"].scanner.terminals}
    rules, rows, start, end = _numbered(lark.parser.parser._parse_table)
    return Table(
        tuple((one.name, one.pattern.to_regexp()) for one in patterns),
        ignored.pattern.to_regexp(), words, _all_names(lark, literals), rules, rows, start, end,
    )  # fmt: skip


def _all_names(lark: Lark, literals: dict[str, str]) -> dict[str, str]:
    names = [one.name for one in lark.terminals if one.name != "__IGNORE_0"]
    return {name: literals.get(name, "") for name in names}


def _numbered(made: Any) -> tuple[tuple[Rule, ...], tuple[dict[str, int], ...], int, int]:
    """Rules and states, numbered as they are met from the start: equal grammars, equal tables."""
    start, end = made.start_states["start"], made.end_states["start"]
    order = {start: 0}
    rules: dict[LarkRule, int] = {}
    rows: list[dict[str, int]] = []
    for state in (waiting := [start]):
        row = {}
        for symbol, (action, to) in sorted(made.states[state].items()):
            if action is not Shift:
                row[str(symbol)] = ~rules.setdefault(to, len(rules))
                continue
            if to not in order:
                order[to] = len(order)
                waiting.append(to)
            row[str(symbol)] = order[to]
        rows.append(row)
    return tuple(map(_rule, rules)), tuple(rows), order[start], order[end]


def _rule(rule: LarkRule) -> Rule:
    """Names that begin with two underscores are Lark's, for repeated parts; one: a mere choice."""
    origin = str(rule.origin.name)
    size = len(rule.expansion)
    if (rule.options.expand1 and not rule.alias) or (origin[0] == "_" != origin[1]):
        assert size == 1, f"{origin} hands on one part"
        return Rule(origin, 1, "", None, (), True)
    lists = origin.startswith("__") or origin == "start"
    spread = tuple(at for at, part in enumerate(rule.expansion) if part.name.startswith("__"))
    spread = tuple(at for at in spread if not rule.expansion[at].is_term)
    take = _taken(rule)
    plain = take == tuple(range(size)) and not spread
    name = "" if lists else str(rule.alias or origin)
    return Rule(origin, size, name, None if plain else take, spread, False)


def _taken(rule: LarkRule) -> tuple[int | None, ...]:
    """The parts that are not mere words; None for each part in brackets that is absent."""
    taken: list[int | None] = []
    at = 0
    for absent in rule.options.empty_indices or (False,) * len(rule.expansion):
        if absent:
            taken.append(None)
            continue
        part: Any = rule.expansion[at]
        if rule.options.keep_all_tokens or not (part.is_term and part.filter_out):
            taken.append(at)
        at += 1
    return tuple(taken)


def written() -> str:
    """The table as it is kept, a row a line."""
    data = to_data(made())
    lines = [f'"{key}": {_lines(value)}' for key, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in value) + "\n]"
    return json.dumps(value)


if __name__ == "__main__":
    Path(__file__).with_name("remit.table.json").write_text(written(), encoding="utf-8")
