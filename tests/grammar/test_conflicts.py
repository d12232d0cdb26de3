"""The grammar has the conflicts that `remit.lark` lists at its top, and no others."""

from __future__ import annotations

import logging
import re
from importlib.resources import files
from typing import Any

import pytest
from lark import Lark

KNOWN = {"COMMA", "SINCE", "WITHIN", "OVER", "NAME"}


def test_conflicts_are_those_that_are_documented(caplog: pytest.LogCaptureFixture) -> None:
    """Lark settles shift/reduce conflicts in silence; a new one would change what a text means."""
    grammar = files("remit_grammar").joinpath("remit.lark").read_text("utf-8")
    options: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "debug": True}
    logger = logging.getLogger("lark")
    before = logger.level
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(grammar, **options)
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(before)
    found = set(re.findall(r"conflict for terminal (\w+)", caplog.text))
    assert found == KNOWN
