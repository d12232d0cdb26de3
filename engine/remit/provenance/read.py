"""From a value to the lines that are filed of it: its texts, what is encoded in them, forms."""

from __future__ import annotations

from collections.abc import Iterator

from remit.provenance.forms import forms_in, plain_number
from remit.provenance.normal import joined, line, line_of, normalised, tokens, windows
from remit.provenance.unwrap import Unwrapping

Plain = str | int | float | bool


def text_of(leaf: object) -> str | None:
    """A plain value as text; None for absence, and for a number that is none."""
    if type(leaf) is str:
        return leaf
    if type(leaf) is bool:
        return "true" if leaf else "false"
    if type(leaf) in (int, float):
        return plain_number(leaf)  # type: ignore[arg-type]
    return None


def plain_values(inside: Unwrapping, value: object) -> tuple[list[Plain], int]:
    """The plain values in a value, and their size in characters; none if it is above the cap."""
    found, size = list[Plain](), 0
    for leaf in inside.leaves(value):
        text = text_of(leaf)
        if text is None:
            inside.whole = inside.whole and type(leaf) is not int
            continue
        size += len(text)
        if size > inside.caps.value:
            inside.whole = False
            return [], 0
        found.append(leaf)  # type: ignore[arg-type] # it has a text, so it is plain
    return found, size


def texts_in(inside: Unwrapping, values: list[Plain]) -> Iterator[str]:
    """The texts of plain values, and what is encoded in them; not JSON that says what it holds."""
    for value in values:
        text = text_of(value) or ""
        for how, one in inside.layers(text) if type(value) is str else [("", text)]:
            if how != "json" or "\\" in text:
                yield text_of(one) or ""


def numbers_in(values: list[Plain]) -> Iterator[str]:
    """The numbers among plain values that a text would not show as they are."""
    for value in values:
        if type(value) in (int, float) and tokens(text := text_of(value) or "") != [text]:
            yield text


def lines_of(inside: Unwrapping, values: list[Plain]) -> bytes:
    """The lines of plain values, so separated that nothing goes on from one to the next."""
    lines = [line([f"n:{one}"]) for one in numbers_in(values)]
    for text in texts_in(inside, values):
        lines += _lines(inside, text)
    return b" \n".join(one[:-1] for one in lines if one) + b" " if any(lines) else b""


def _lines(inside: Unwrapping, text: str) -> list[bytes]:
    """A text as a line, and its other forms as another."""
    pieces, forms = list[bytes](), set[str]()
    for window, forced in windows(text):
        normal = normalised(window)
        chunks = normal.split()
        forms |= forms_in(normal, chunks)
        pieces.append(line_of(chunks))
        inside.whole = inside.whole and not forced
    return [joined(pieces), line(sorted(forms))]
