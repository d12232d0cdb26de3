"""Texts, patterns and numbers: from a literal to its value, and from a value to a literal.

Knows nothing of tokens or of the tree. Every value written here reads back as the same value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

ESCAPES = r"""the escapes are \" \\ \/ \n \t \r and \u{1F600}"""

_PLAIN = re.compile(r"[ !#-\[\]-~]*")  # what stands for itself; the rest is looked at one by one
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/", "\n": "", "\r\n": ""}
_WRITTEN = {"\n": r"\n", "\t": r"\t", "\r": r"\r", '"': r"\"", "\\": r"\\"}
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def string_value(raw: str) -> str:
    r"""The value of a string literal with its quotes.

    In a block whose first line holds only the three quotes, that line and a last line of blanks are
    left out, and so is the indentation that all lines share.
    """
    if not raw.startswith('"""'):
        return _unescape(raw[1:-1])
    body = raw[3:-3].replace("\r\n", "\n")
    first, line_end, rest = body.partition("\n")
    return _unescape(_dedent(rest) if line_end and not first.strip(" \t") else body)


def unknown_escapes(raw: str) -> Iterator[tuple[int, int]]:
    """Where, in a literal with its quotes, an escape stands that does not exist."""
    for match in _ESCAPE.finditer(raw):
        if _resolved(match[1]) is None:
            yield match.start(), match.end()


def _dedent(text: str) -> str:
    lines = text.split("\n")
    closed = not lines[-1].strip(" \t")
    margins = [_margin(line) for line in lines[:-1] if line.strip(" \t")]
    width = _shared([*margins, _margin(lines[-1])])
    kept = lines[:-1] if closed else lines
    return "\n".join(line[width:] if line.strip(" \t") else "" for line in kept)


def _shared(margins: list[str]) -> int:
    """How many blanks and tabs all margins begin with."""
    least, most = min(margins), max(margins)
    pairs = zip(least, most, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), len(least))


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unescape(body: str) -> str:
    def value(match: re.Match[str]) -> str:
        resolved = _resolved(match[1])
        return match[0] if resolved is None else resolved

    return _ESCAPE.sub(value, body) if "\\" in body else body


def _resolved(code: str) -> str | None:
    """The character an escape stands for; None where there is no such escape."""
    if code.startswith("u{") and len(code) > 2:
        number = int(code[2:-1], 16)
        fits = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
        return chr(number) if fits else None
    return _SIMPLE.get(code)


def string_literal(value: str) -> str:
    """The text in double quotes, on one line."""
    text = value if _PLAIN.fullmatch(value) else "".join(map(_written, value))
    return f'"{text}"'


def _written(char: str) -> str:
    if char in _WRITTEN:
        return _WRITTEN[char]
    hidden = char in _BIDI or unicodedata.category(char) in ("Cc", "Zl", "Zp")
    return f"\\u{{{ord(char):X}}}" if hidden else char


def block_lines(value: str) -> list[str] | None:
    '''The lines between `"""` and `"""`, before indentation; None where one line reads better.'''
    if "\n" not in value:
        return None
    lines = value.split("\n")
    if any(line != line.rstrip() for line in lines) or not value.strip():
        return None  # blanks at the end of a line do not survive editors
    return [_block_line(line) for line in lines]


def _block_line(line: str) -> str:
    margin = _margin(line)
    body = "".join(char if char == '"' else _written(char) for char in line[len(margin) :])
    return margin + body.replace('"""', r"\"\"\"")


def regex_literal(pattern: str, flags: str) -> str:
    """The pattern between slashes; a slash inside is escaped once."""
    return "/" + re.sub(r"\\.|/", _slash, pattern, flags=re.DOTALL) + "/" + flags


def _slash(match: re.Match[str]) -> str:
    return r"\/" if match[0] == "/" else match[0]


def number_literal(value: float) -> str:
    """The number so that it reads back with its value and kind."""
    return repr(value)


def duration_literal(seconds: float) -> str:
    """The largest whole unit that gives exactly so many seconds (to the millisecond)."""
    thousandths = round(seconds * 1000)
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if thousandths and thousandths % (size * 1000) == 0:
            return f"{thousandths // (size * 1000)}{unit}"
    return f"{thousandths}ms" if thousandths else "0s"
