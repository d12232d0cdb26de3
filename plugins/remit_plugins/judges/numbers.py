"""Numbers that stand for one person, by country. Needs `remit[detectors]` (python-stdnum).

Only what carries a check digit or a date in a form of its own, as people write it. A bare row of
nine digits is an order number as often as anything else, and is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

_D = r"[0-9]"
# The module of python-stdnum, what to call the number, and the form in which it is looked for.
_KINDS = (
    ("us.ssn", "US social security number", rf"{_D}{{3}}-{_D}{{2}}-{_D}{{4}}"),
    ("ca.sin", "Canadian social insurance number", rf"{_D}{{3}}[ -]{_D}{{3}}[ -]{_D}{{3}}"),
    ("gb.nhs", "British NHS number", rf"{_D}{{3}}[ -]{_D}{{3}}[ -]{_D}{{4}}"),
    ("fr.nir", "French social security number", rf"[1278](?: ?{_D}){{12}} ?{_D} ?{_D}"),
    ("de.idnr", "German tax number", rf"{_D}{{2}} {_D}{{3}} {_D}{{3}} {_D}{{3}}"),
    ("es.dni", "Spanish identity number", rf"{_D}{{8}}-?[A-Z]"),
    ("es.nie", "Spanish foreigner number", rf"[XYZ]-?{_D}{{7}}-?[A-Z]"),
    (
        "it.codicefiscale",
        "Italian tax code",
        rf"[A-Z]{{6}}{_D}{{2}}[A-Z]{_D}{{2}}[A-Z]{_D}{{3}}[A-Z]",
    ),
    ("br.cpf", "Brazilian tax number", rf"{_D}{{3}}\.{_D}{{3}}\.{_D}{{3}}-{_D}{{2}}"),
    ("in_.aadhaar", "Indian Aadhaar number", rf"{_D}{{4}}[ -]{_D}{{4}}[ -]{_D}{{4}}"),
    ("pl.pesel", "Polish PESEL number", rf"{_D}{{11}}"),
    ("se.personnummer", "Swedish personal number", rf"(?:{_D}{{2}})?{_D}{{6}}[-+]{_D}{{4}}"),
    ("fi.hetu", "Finnish personal code", rf"{_D}{{6}}[-+A-Y]{_D}{{3}}[0-9A-Z]"),
    ("dk.cpr", "Danish personal number", rf"{_D}{{6}}-{_D}{{4}}"),
    (
        "be.nn",
        "Belgian national number",
        rf"{_D}{{2}}\.{_D}{{2}}\.{_D}{{2}}-{_D}{{3}}[. ]{_D}{{2}}",
    ),
    ("ch.ssn", "Swiss social security number", rf"756\.{_D}{{4}}\.{_D}{{4}}\.{_D}{{2}}"),
    ("mx.curp", "Mexican personal code", rf"[A-Z]{{4}}{_D}{{6}}[HM][A-Z]{{5}}[0-9A-Z]{_D}"),
    ("cn.ric", "Chinese identity number", rf"{_D}{{17}}[0-9X]"),
    ("kr.rrn", "Korean registration number", rf"{_D}{{6}}-{_D}{{7}}"),
)


def personal_numbers(text: str) -> Iterator[str]:
    """What each kind of number in the text is called; nothing of the number."""
    for module, name, form in _KINDS:
        pattern = _pattern(form)
        if any(_is_valid(module, found[0]) for found in pattern.finditer(text)):
            yield name


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z.\-])(?:{form})(?![0-9A-Za-z]|[.\-][0-9])", re.ASCII)


def _is_valid(module: str, number: str) -> bool:
    valid: Any = _module(module).is_valid
    return bool(valid(number))


@cache
def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")
