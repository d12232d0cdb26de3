"""What the terminals of the grammar are called, and what they do."""

from __future__ import annotations

from functools import cache

from remit_grammar.machine import Machine
from remit_grammar.table import END, table
from remit_grammar.words import RESERVED, SOFT

NESTING = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}


@cache
def literals() -> dict[str, str]:
    """Terminal name -> the word it stands for, for keywords and signs."""
    return {name: word for name, word in table().literals.items() if word}


@cache
def terminals() -> dict[str, str]:
    """Terminal name -> the word or sign it stands for, empty where it is a pattern."""
    return {name: word for name, word in table().literals.items() if not name.startswith("__")}


def keywords() -> frozenset[str]:
    """Every word that the language keeps for itself somewhere."""
    return SOFT | RESERVED


@cache
def leaders() -> frozenset[str]:
    """Terminals that can begin a statement."""
    return frozenset(Machine().accepts()) - {END}
