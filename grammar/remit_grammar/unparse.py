"""Syntax tree -> text: whole specs as the formatter writes them, pieces on one line.

`parse` of what stands here gives the same tree. Nothing is checked and the parser is not loaded.
"""

from __future__ import annotations

from remit_grammar import tree as t
from remit_grammar.comments import Attached, attach, has_blank_before
from remit_grammar.layout import INDENT, Doc, flat, render
from remit_grammar.unparse_conditions import (
    act_doc,
    bound_doc,
    expr_text,
    field_doc,
    happening_doc,
    head_doc,
    pattern_text,
    type_doc,
)
from remit_grammar.unparse_statements import doc_string, part_doc, statement_doc
from remit_grammar.words import name_text

# Blocks without a body stand together when they are of one kind; kinds are set apart.
_KINDS: tuple[tuple[type, ...], ...] = (
    (t.Remit, t.SpecName, t.Author, t.Fact, t.Effective, t.Extends, t.Import),
    (t.Chain, t.Goals, t.Role),
    (t.Tools, t.Tool),
    (t.Context, t.Setting),
    (t.Detector, t.Define, t.Remember, t.Act, t.LabelOn),
    (t.Default, t.Delegate),
    (t.NeverBeats, t.NeverAllow),
)
_KIND_OF = {one: number for number, kind in enumerate(_KINDS) for one in kind}


def unparse_expr(expr: t.Expr) -> str:
    """A condition or value on one line; equal trees give equal text."""
    return expr_text(expr)


def unparse_statement(statement: t.Statement) -> str:
    """A statement on one line, with its doc string; equal trees give equal text."""
    doc = doc_string(statement)
    text = flat(statement_doc(statement))
    return f"{text} {flat(doc)}" if doc else text


def _small_doc(node: t.Node) -> Doc:
    match node:
        case t.Name():
            return name_text(node)
        case t.Pattern():
            return act_doc(node)
        case t.Past():
            return happening_doc(node)
        case t.Head():
            return head_doc(node)
        case t.Bound():
            return bound_doc(node)
        case t.Field():
            return field_doc(node)
        case t.Regex():
            return pattern_text(node)
        case t.NamedType() | t.ListType() | t.OneOfType():
            return type_doc(node)
        case t.Comment():
            return node.text
    return part_doc(node)


def unparse(spec: t.Spec) -> str:
    """The whole spec in the layout of the formatter, every comment kept; ends with a line end."""
    writer = _Writer(spec)
    for number, block in enumerate(spec.blocks):
        writer.block(block, number > 0 and _apart(spec.blocks[number - 1], block))
    writer.end()
    return "".join(f"{line}\n" for line in writer.lines)


def _apart(one: t.Block, other: t.Block) -> bool:
    """Whether a blank line must stand between two blocks."""
    return _kind(one) is None or _kind(one) != _kind(other)


def _kind(block: t.Block) -> int | None:
    return None if block.body else _KIND_OF.get(type(block.head))


class _Writer:
    """Statements and comments in, lines out. `at` is the index of the next statement."""

    def __init__(self, spec: t.Spec) -> None:
        self.lines: list[str] = []
        self.at = 0
        statements: list[t.Statement] = []
        heads: set[int] = set()
        for block in spec.blocks:
            heads.add(len(statements))
            statements += [block.head, *block.body]
        self.comments: Attached = attach(statements, frozenset(heads), spec.comments)

    def block(self, block: t.Block, apart: bool) -> None:
        """Write a block; `apart`: a blank line stands before it."""
        self._statement(block.head, 0, blank=True if apart else None)
        for number, one in enumerate(block.body):
            self._statement(one, INDENT, blank=None if number else False)

    def end(self) -> None:
        """Write the comments at the end of the file."""
        self._comments(self.comments.above[self.at], 0, None)

    def _statement(self, one: t.Statement, indent: int, *, blank: bool | None) -> None:
        """Write a statement and its comments.

        `blank`: whether a blank line stands before all of it; None: as the author has it.
        """
        at, self.at = self.at, self.at + 1
        above, inner = self.comments.above[at], self.comments.inner[at]
        self._comments(above, indent, blank)
        self._gap(None if above else blank, one)
        self.lines += [" " * indent + comment.text for comment in inner]
        self.lines.append(render(statement_doc(one), indent))
        self._trail(self.comments.at_head.get(at))
        if doc := doc_string(one):
            self.lines.append(render(doc, indent + INDENT))
        self._trail(self.comments.trailing.get(at))
        below = self.comments.below[at]
        self._comments(below, INDENT, None if indent else False)

    def _comments(self, comments: list[t.Comment], indent: int, blank: bool | None) -> None:
        for number, comment in enumerate(comments):
            self._gap(None if number else blank, comment)
            self.lines.append(" " * indent + comment.text)

    def _gap(self, blank: bool | None, node: t.Node) -> None:
        wanted = has_blank_before(node.span) if blank is None else blank
        if wanted and self.lines:
            self.lines.append("")

    def _trail(self, comment: t.Comment | None) -> None:
        if comment:
            self.lines[-1] += f"  {comment.text}"
