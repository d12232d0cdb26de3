"""Documents: text with places where a line may end, and the rule that decides where it does.

A group is laid out on one line where that fits; else all its own line ends are taken and its inner
groups are tried one by one. Knows nothing of the language.
"""

from __future__ import annotations

from collections.abc import Iterable

from remit_grammar.value import value

WIDTH = 100  # columns
INDENT = 2


@value
class Line:
    """A place where a line may end; `flat` stands there when it does not.

    What follows is indented, except behind the last line end of a group in brackets (`closing`).
    """

    flat: str = " "
    closing: bool = False


@value
class Block:
    """A text of several lines between its quotes; `flat` is the same text on one line."""

    lines: tuple[str, ...]
    flat: str


@value
class Kept:
    """A literal as its author wrote it; `flat` is the one way to write its value."""

    written: str
    flat: str


@value
class Group:
    """Parts that stand on one line, or are broken at all their `Line`s and indented."""

    parts: tuple[Doc, ...]
    indent: int = INDENT


Doc = str | Line | Block | Kept | Group


LINE = Line()  # the usual one: a blank, or a line end


def group(*parts: Doc) -> Group:
    """A group of parts."""
    return Group(parts)


def row(*parts: Doc) -> Doc:
    """Parts beside each other that give no indentation of their own; plain text stays so."""
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else Group(parts, indent=0)


def separated(docs: Iterable[Doc]) -> list[Doc]:
    """The docs with a comma and a place for a line end between two."""
    parts: list[Doc] = []
    for doc in docs:
        parts += [",", LINE, doc] if parts else [doc]
    return parts


def enclosed(opening: str, docs: Iterable[Doc], closing: str) -> Doc:
    """The docs with commas in brackets."""
    parts = separated(docs)
    if not parts:
        return opening + closing
    return group(opening, Line(""), *parts, Line("", closing=True), closing)


def flat(doc: Doc) -> str:
    """The document on one line: the same text for the same tree, however it was written."""
    if isinstance(doc, str):
        return doc
    if isinstance(doc, Group):
        return "".join([part if isinstance(part, str) else flat(part) for part in doc.parts])
    return doc.flat


def render(doc: Doc, indent: int = 0) -> str:
    """The document in lines of at most `WIDTH` columns where that can be, all indented."""
    out = [" " * indent]
    column = indent
    # what is still to be written, last first: (its indentation, whether its lines end, the part)
    todo: list[tuple[int, bool, Doc]] = [(indent, False, doc)]
    while todo:
        margin, broken, part = todo.pop()
        if isinstance(part, Group):
            breaks = not _fits(part, todo, WIDTH - column)
            inner = margin + part.indent if breaks else margin
            todo += [(inner, breaks, one) for one in reversed(part.parts)]
            continue
        text = _text(part, margin, broken)
        out.append(text)
        line_end = text.rfind("\n")
        column = column + len(text) if line_end < 0 else len(text) - line_end - 1
    return "".join(out)


def _text(part: str | Line | Block | Kept, margin: int, broken: bool) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Kept):
        return part.written
    if isinstance(part, Line):
        return "\n" + " " * (margin - INDENT * part.closing) if broken else part.flat
    edge = " " * margin
    lines = [edge + line if line else "" for line in part.lines]
    return "\n".join(['"""', *lines, edge + '"""'])


def _fits(doc: Doc, rest: list[tuple[int, bool, Doc]], room: int) -> bool:
    """Whether the document and what follows it up to the next line end take at most `room`."""
    todo: list[tuple[bool, Doc]] = [(broken, part) for _, broken, part in rest[-_LOOK:]]
    todo.append((False, doc))
    while todo and room >= 0:
        broken, part = todo.pop()
        if isinstance(part, Group):
            todo += [(False, one) for one in reversed(part.parts)]
        elif isinstance(part, Block) or (broken and isinstance(part, Line)):
            return True
        else:
            room -= len(flat(part))
    return room >= 0


_LOOK = 20  # parts behind a group that are looked at; more than stand on one line in practice
