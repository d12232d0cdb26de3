"""Which comment goes with which statement, and where the author left a blank line.

Reads positions only; what the text around a comment looks like is `unparse.py`'s business.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from remit_grammar import tree as t
from remit_grammar.source import Span
from remit_grammar.value import field, value

_BLANKS_AND_COMMENTS = re.compile(r"\s*(?:#[^\n]*\n\s*)*")


def _lists() -> defaultdict[int, list[t.Comment]]:
    return defaultdict(list)


@value
class Attached:
    """Comments by the index of their statement in the whole spec.

    `above`: on lines of their own before the statement; the index behind the last statement holds
    those at the end of the file. `inner`: inside the statement. `at_head`: behind the head of a
    clause, before its doc string. `trailing`: behind the statement. `below`: indented, on lines of
    their own at the end of a block.
    """

    above: defaultdict[int, list[t.Comment]] = field(default_factory=_lists)
    inner: defaultdict[int, list[t.Comment]] = field(default_factory=_lists)
    at_head: dict[int, t.Comment] = field(default_factory=dict)
    trailing: dict[int, t.Comment] = field(default_factory=dict)
    below: defaultdict[int, list[t.Comment]] = field(default_factory=_lists)


def attach(
    statements: Sequence[t.Statement], heads: frozenset[int], comments: Sequence[t.Comment]
) -> Attached:
    """Find the statement of each comment; `heads` are the statements that begin a block."""
    attached = Attached()
    starts = [one.span.start for one in statements]
    for comment in comments:
        at = bisect_right(starts, comment.span.start) - 1
        if at < 0:
            attached.above[0].append(comment)
        elif comment.span.start < statements[at].span.end:
            _attach_inside(attached, statements[at], at, comment)
        elif "\n" not in _between(statements[at].span, comment.span):
            attached.trailing[at] = comment
        elif _ends_block(attached, statements, heads, at, comment):
            attached.below[at].append(comment)
        else:
            attached.above[at + 1].append(comment)
    return attached


def _attach_inside(attached: Attached, statement: t.Statement, at: int, comment: t.Comment) -> None:
    """Before a doc string a comment may stay where it is, once."""
    has_doc = isinstance(statement, t.Clause | t.Directive) and statement.doc is not None
    rest = comment.span.source.text[comment.span.end : statement.span.end]
    before_doc = has_doc and _BLANKS_AND_COMMENTS.sub("", rest, count=1).startswith('"')
    if before_doc and at not in attached.at_head and not _is_first_on_line(comment.span):
        attached.at_head[at] = comment
    else:
        attached.inner[at].append(comment)


def _ends_block(
    attached: Attached,
    statements: Sequence[t.Statement],
    heads: frozenset[int],
    at: int,
    comment: t.Comment,
) -> bool:
    """Whether a comment on its own line is the last of a block rather than before the next."""
    is_last = at + 1 == len(statements) or at + 1 in heads
    in_body = at not in heads or isinstance(statements[at], t.Clause | t.Directive | t.Scenario)
    indented = comment.span.column > 1 and not attached.above[at + 1]
    return is_last and in_body and indented


def _between(first: Span, second: Span) -> str:
    return first.source.text[first.end : second.start]


def _is_first_on_line(span: Span) -> bool:
    text = span.source.text
    return not text[text.rfind("\n", 0, span.start) + 1 : span.start].strip()


def has_blank_before(span: Span) -> bool:
    """Whether the piece begins a line and the line before is blank."""
    text = span.source.text
    line_start = text.rfind("\n", 0, span.start) + 1
    if not line_start or text[line_start : span.start].strip(" \t\r\f\ufeff"):
        return False
    before = text.rfind("\n", 0, line_start - 1) + 1
    return not text[before : line_start - 1].strip()
