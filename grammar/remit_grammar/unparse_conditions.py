"""Conditions, acts and types -> documents. Parentheses stand only where the grammar needs them.

Each expression gives a `_Piece`: its document, how tightly it binds, and whether it ends in a way
that would swallow a following comma, `since`, `within` or `over`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from remit_grammar import tree as t
from remit_grammar.layout import LINE, Doc, Kept, enclosed, flat, group, row, separated
from remit_grammar.literals import (
    duration_literal,
    number_literal,
    regex_literal,
    string_literal,
)
from remit_grammar.words import label_text, name_text, word_or_text

# How tightly an expression binds, loosest first; the same steps as the rules of the grammar.
OR, AND, NOT, TEST, SUM, PRODUCT, UNARY, PRIMARY = range(8)


class _Piece(NamedTuple):
    doc: Doc
    level: int = PRIMARY
    open_end: bool = False  # goes on with a comma, `since` or `within`
    open_of: bool = False  # goes on with `over`


_known: ContextVar[dict[int, tuple[t.Expr, _Piece]] | None] = ContextVar("known", default=None)


@contextmanager
def written_once() -> Iterator[None]:
    """Inside, each condition is written once, however often it is asked for; all on one line."""
    before = _known.set({})
    try:
        yield
    finally:
        _known.reset(before)


def expr_text(expr: t.Expr) -> str:
    """An expression on one line."""
    doc = _piece(expr).doc
    return doc if isinstance(doc, str) else flat(doc)


def expr_doc(expr: t.Expr) -> Doc:
    """An expression where any expression may stand and nothing follows that it could take."""
    return _piece(expr).doc


def closed_doc(expr: t.Expr) -> Doc:
    """An expression before a comma, `since` or `within` that belongs to something else."""
    piece = _piece(expr)
    return _in_parens(piece.doc) if piece.open_end else piece.doc


def sum_doc(expr: t.Expr) -> Doc:
    """An expression where the grammar has `sum`: no bare `and`, `not` or comparison."""
    return _at(expr, SUM)[0]


def _in_parens(doc: Doc) -> Doc:
    return group("(", doc, ")")


def _at(expr: t.Expr, level: int) -> tuple[Doc, bool]:
    """The expression so that it binds at least as `level` asks, and whether its end is open."""
    piece = _piece(expr)
    if piece.level < level:
        return _in_parens(piece.doc), False
    return piece.doc, piece.open_end


def _piece(expr: t.Expr) -> _Piece:
    known = _known.get()
    if known is None:
        return _PIECES[type(expr)](expr)
    found = known.get(id(expr))
    if found is None:
        piece = _PIECES[type(expr)](expr)
        if not isinstance(piece.doc, str):
            piece = piece._replace(doc=flat(piece.doc))
        # the node is kept too: as long as it is there, no other has its id
        found = known[id(expr)] = expr, piece
    return found[1]


def _infix(left: t.Expr, op: str, right: t.Expr, levels: tuple[int, int, int]) -> _Piece:
    own, for_left, for_right = levels
    before, _ = _at(left, for_left)
    after, is_open = _at(right, for_right)
    if isinstance(before, str) and isinstance(after, str):  # the usual thing
        return _Piece(f"{before} {op} {after}", own, is_open)
    return _Piece(row(before, f" {op} ", after), own, is_open)


def _joined(word: str, operands: tuple[t.Expr, ...], own: int, inner: int) -> _Piece:
    if len(operands) == 1:
        return _piece(operands[0])
    docs = [_at(one, inner) for one in operands]
    parts: list[Doc] = [docs[0][0]] if docs else []
    for doc, _ in docs[1:]:
        parts += [LINE, f"{word} ", doc]
    return _Piece(group(*parts), own, bool(docs) and docs[-1][1])


def _not(expr: t.Not) -> _Piece:
    doc, is_open = _at(expr.operand, NOT)
    return _Piece(row("not ", doc), NOT, is_open)


def _quantified(expr: t.Quantified) -> _Piece:
    collection = sum_doc(expr.collection)
    body, is_open = _at(expr.body, NOT)
    head = f"{expr.quantifier} {name_text(expr.variable)} in "
    return _Piece(group(head, collection, " satisfies", LINE, body), NOT, is_open)


def _arithmetic(expr: t.Arithmetic) -> _Piece:
    levels = (PRODUCT, PRODUCT, UNARY) if expr.op == "*" else (SUM, SUM, PRODUCT)
    return _infix(expr.left, expr.op, expr.right, levels)


def _negative(expr: t.Negative) -> _Piece:
    piece = _piece(expr.operand)
    if piece.level < UNARY:
        return _Piece(group("-", _in_parens(piece.doc)), UNARY)
    return _Piece(row("-", piece.doc), UNARY, piece.open_end, piece.open_of)


def _postfix(subject: t.Expr | None, *rest: Doc, is_open: bool = False) -> _Piece:
    before = [] if subject is None else [sum_doc(subject), " "]
    return _Piece(row(*before, *rest), TEST, is_open)


def _state(expr: t.State) -> _Piece:
    return _postfix(expr.subject, f"is {'not ' if expr.negated else ''}{expr.state}")


def _judged(expr: t.Judged) -> _Piece:
    question = string_literal(expr.question)
    return _postfix(expr.subject, f"judged {question} by {name_text(expr.judge)}")


def _void_directive(expr: t.VoidDirective) -> _Piece:
    parts: list[Doc] = ["a void directive"]
    if expr.directive:
        parts.append(" " + name_text(expr.directive, bare=True))
    if expr.origin:
        parts += [" came from ", head_doc(expr.origin)]
    parts += [" asking for it"] if expr.asking else []
    is_open = expr.origin is not None and not expr.asking
    return _Piece(row(*parts), TEST, is_open)


def _of(expr: t.Of) -> _Piece:
    parts: list[Doc] = [f"{name_text(expr.function, before='of')} of "]
    is_open = open_of = False
    if expr.argument is not None:
        piece = _piece(expr.argument)
        bare = piece.level >= UNARY and not (expr.over and (piece.open_of or piece.open_end))
        parts.append(piece.doc if bare else _in_parens(piece.doc))
        is_open = bare and (piece.open_end or isinstance(expr.argument, t.Ref))
        open_of = expr.over is None
    if expr.over is not None:
        parts += [" over "] if expr.argument is not None else []
        parts.append(past_doc(expr.over))
        is_open = True
    return _Piece(row(*parts), PRIMARY, is_open, open_of)


def _apply(expr: t.Apply) -> _Piece:
    arguments = enclosed("(", map(closed_doc, expr.arguments), ")")
    return _Piece(row(name_text(expr.function), arguments))


_PIECES: dict[type, Callable[[Any], _Piece]] = {
    t.Text: lambda e: _Piece(string_literal(e.value)),
    t.Number: lambda e: _Piece(number_literal(e.value), UNARY if e.value < 0 else PRIMARY),
    t.Duration: lambda e: _Piece(f"{e.amount}{e.unit}"),
    t.Date: lambda e: _Piece(e.text),
    t.Listing: lambda e: _Piece(enclosed("[", map(closed_doc, e.items), "]")),
    t.Record: lambda e: _Piece(enclosed("(", map(field_doc, e.fields), ")")),
    t.Ref: lambda e: _Piece(name_text(e.name)),
    t.Apply: _apply,
    t.Of: _of,
    t.Not: _not,
    t.And: lambda e: _joined("and", e.operands, AND, NOT),
    t.Or: lambda e: _joined("or", e.operands, OR, AND),
    t.Compare: lambda e: _infix(e.left, e.op, e.right, (TEST, SUM, SUM)),
    t.Matches: lambda e: _postfix(e.subject, "matches ", regex_text(e.regex)),
    t.State: _state,
    t.Quantified: _quantified,
    t.Has: lambda e: _postfix(e.subject, f"has {name_text(e.detector)}"),
    t.Judged: _judged,
    t.Quotes: lambda e: _postfix(e.subject, "quotes ", head_doc(e.origin), is_open=True),
    t.CameFrom: lambda e: _postfix(e.subject, "came from ", head_doc(e.origin), is_open=True),
    t.Arithmetic: _arithmetic,
    t.Negative: _negative,
    t.Earlier: lambda e: _Piece(group("earlier ", past_doc(e.past)), TEST, True),
    t.Previous: lambda e: _Piece(group("previous ", _act_in_past(e.act)), TEST, True),
    t.VoidDirective: _void_directive,
    t.NormAsks: lambda e: _Piece("a norm in force asks for it", TEST),
    t.Confirmed: lambda e: _Piece(f"confirmed by {word_or_string(e.who)}", TEST),
}


def field_doc(one: t.Field) -> Doc:
    """`name: value`."""
    return row(f"{label_text(one.name)}: ", expr_doc(one.value))


def regex_text(regex: t.Regex) -> str:
    """`/pattern/flags`."""
    return regex_literal(regex.pattern, regex.flags)


def pattern_text(one: t.Text | t.Regex) -> str:
    """A text or a regex, as `heard` and `detector` take them."""
    return regex_text(one) if isinstance(one, t.Regex) else string_literal(one.value)


# ---- acts ---------------------------------------------------------------------------------------

_BEFORE_NAMES = {"call": " ", "message": " from ", "result": " of ", "handoff": " to "}


def names_doc(names: Iterable[t.Name], *, bare: bool = False, before: str = "") -> Doc:
    """Names with commas; `bare` where the first may not be a keyword; `before` a word."""
    texts = [name_text(name, bare=bare and not at, before=before) for at, name in enumerate(names)]
    return group(*separated(texts)) if len(texts) > 1 else "".join(texts)


def head_doc(head: t.Head) -> Doc:
    """What kind of step."""
    if head.kind == "named":
        return names_doc(head.names)
    parts: list[Doc] = [head.kind]
    if head.names:
        before = "with" if head.effects else ""
        names = names_doc(head.names, bare=head.kind == "call", before=before)
        parts += [_BEFORE_NAMES.get(head.kind, " "), names]
    if head.effects:
        parts += [" with effects ", names_doc(head.effects)]
    if head.labelled:
        parts.append(f" labelled {name_text(head.labelled)}")
    return row(*parts)


def act_doc(act: t.Pattern, *, closed: bool = False) -> Doc:
    """An act of a statement; `closed` where `since` or `within` follows."""
    if act.where is None:
        return head_doc(act.head)
    where = closed_doc(act.where) if closed else expr_doc(act.where)
    return group(head_doc(act.head), LINE, "where ", where)


def happening_doc(past: t.Past) -> Doc:
    """An act in the past as statements have it: without parentheses."""
    parts: list[Doc] = [act_doc(past.act, closed=bool(past.since or past.within))]
    if past.since:
        parts += [LINE, "since ", act_doc(past.since, closed=past.within is not None)]
    if past.within:
        parts += [LINE, "within ", bound_doc(past.within)]
    return group(*parts)


def past_doc(past: t.Past) -> Doc:
    """An act in the past as conditions have it: with parentheses around a `where`."""
    parts: list[Doc] = [_act_in_past(past.act)]
    if past.since:
        parts += [LINE, "since ", _act_in_past(past.since)]
    if past.within:
        parts += [LINE, "within ", bound_doc(past.within)]
    return group(*parts)


def _act_in_past(act: t.Pattern) -> Doc:
    if act.where is None:
        return head_doc(act.head)
    return group("(", head_doc(act.head), LINE, "where ", expr_doc(act.where), ")")


def bound_doc(bound: t.Bound) -> Doc:
    """How far, as after `within`."""
    if bound.unit == "s":
        canonical = duration_literal(bound.amount)
        return Kept(bound.written or canonical, canonical)
    if bound.unit.startswith("end"):
        return bound.unit
    amount = number_literal(bound.amount)
    return f"{amount} {bound.unit.removesuffix('s') if amount == '1' else bound.unit}"


# ---- types --------------------------------------------------------------------------------------


def type_doc(type_: t.TypeExpr) -> Doc:
    """A type."""
    if isinstance(type_, t.NamedType):
        return name_text(type_.name)
    if isinstance(type_, t.ListType):
        return row(f"{name_text(type_.name, before='of')} of ", type_doc(type_.item))
    return group("one of ", *separated(map(word_or_string, type_.choices)))


def word_or_string(word: str) -> str:
    """A word as a name where it can be one, else in quotes."""
    return word_or_text(word) or string_literal(word)
