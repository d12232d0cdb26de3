"""The grammar as Lark has it, and what its terminals are called."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark
from lark.lexer import PatternStr

from remit_grammar.words import RESERVED, SOFT

_KEPT = ("COMMENT", "OPEN_STRING", "STRAY")  # terminals that no rule uses, handled here
NESTING = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}


class _Keep:
    """Tells Lark's lexer to keep the terminals that we sort out ourselves."""

    always_accept = _KEPT

    def process(self, stream: Any) -> Any:
        """Hand the tokens on as they come."""
        return stream


@cache
def lark() -> Lark:
    """The parser, made once."""
    text = files("remit_grammar").joinpath("remit.lark").read_text(encoding="utf-8")
    options: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "propagate_positions": True}
    return Lark(text, postlex=_Keep(), **options)


@cache
def literals() -> dict[str, str]:
    """Terminal name -> the word it stands for, for keywords and signs."""
    terminals = lark().terminals
    return {one.name: one.pattern.value for one in terminals if isinstance(one.pattern, PatternStr)}


@cache
def terminals() -> dict[str, str]:
    """Terminal name -> the word or sign it stands for, empty where it is a pattern."""
    names = [one.name for one in lark().terminals if not one.name.startswith("__")]
    return {name: literals().get(name, "") for name in names}


def keywords() -> frozenset[str]:
    """Every word that the language keeps for itself somewhere."""
    return SOFT | RESERVED


@cache
def leaders() -> frozenset[str]:
    """Terminals that can begin a statement."""
    return frozenset(lark().parse_interactive("").accepts()) - {"$END"}
