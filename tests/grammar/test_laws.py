"""The laws of parser and formatter, on random trees, random noise between tokens, random text."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.grammar import strategies as made

from remit_grammar import tree as t
from remit_grammar.diagnostic import render_all
from remit_grammar.dump import dump, to_json
from remit_grammar.fmt import format_text
from remit_grammar.parse import LEVELS, MOST_ERRORS, _depth_exceeds, parse, tokens
from remit_grammar.source import Source
from remit_grammar.unparse import unparse, unparse_expr, unparse_statement
from remit_grammar.unparse_conditions import written_once

# Some trees are large on paper; saying so is not a failure of theirs.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
law = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))

NOISE = ["\n", "\n\n\n", "\t ", "\r\n", " # a remark\n", "\n  # one\n\n# two\n", '#"\n', " \n #\n"]


def _read(text: str) -> t.Spec:
    """The tree of a text without a mistake."""
    spec, found = parse(Source("made", text))
    assert not found, f"{text}\n{render_all(found)}"
    return spec


@law
@given(made.specs)
def test_what_is_written_reads_back(spec: t.Spec) -> None:
    """parse(unparse(tree)) == tree, and the formatter leaves its own text alone."""
    text = unparse(spec)
    back = _read(text)
    assert back == spec
    assert unparse(back) == text


@law
@given(made.specs, st.randoms(use_true_random=False))
def test_noise_changes_nothing(spec: t.Spec, random: object) -> None:
    """Line ends and comments between any two tokens: same tree, every comment kept, idempotent."""
    noisy = _with_noise(unparse(spec), random)
    read = _read(noisy)
    assert read == spec
    once, _ = format_text(Source("made", noisy))
    assert once is not None
    again = _read(once)
    assert again == spec
    assert Counter(c.text for c in again.comments) == Counter(c.text for c in read.comments)
    assert unparse(again) == once
    assert "\r" not in once


@law
@given(made.exprs)
def test_a_condition_on_one_line_reads_back(expr: t.Expr) -> None:
    """Parentheses stand where they must, whatever the shape."""
    text = unparse_expr(expr)
    assert "\n" not in text
    head = _read(f"define x = {text}").blocks[0].head
    assert isinstance(head, t.Define)
    assert head.body == expr


@law
@given(made.statements)
def test_a_statement_on_one_line_reads_back(statements: list[t.Statement]) -> None:
    """One line a statement, doc string and all; together they are the spec."""
    lines = [unparse_statement(one) for one in statements]
    assert not any("\n" in line for line in lines)
    spec = _read("\n".join(lines))
    assert [s for block in spec.blocks for s in (block.head, *block.body)] == statements


@law
@given(made.statements)
def test_writing_once_writes_the_same(statements: list[t.Statement]) -> None:
    """Conditions that are remembered read as others do, alone and in their statements."""
    lines = [unparse_statement(one) for one in statements]
    wheres = [one.act.where for one in statements if isinstance(one, t.Norm) and one.act.where]
    texts = [unparse_expr(where) for where in wheres]
    with written_once():
        assert [unparse_expr(where) for where in wheres] == texts
        assert [unparse_statement(one) for one in statements] == lines
        assert [unparse_expr(where) for where in wheres] == texts


@law
@given(made.statements)
def test_a_short_statement_is_not_deep(statements: list[t.Statement]) -> None:
    """What lets the parser ask only long ones."""
    for one in statements:
        size = len(tokens(Source("made", unparse_statement(one))))
        assert not _depth_exceeds(one, LEVELS * size)


@law
@given(made.statements)
def test_statements_of_one_form_are_read_apart(statements: list[t.Statement]) -> None:
    """A form is run through the table once, and each clause of it has its own words and places."""
    body = "\n".join(unparse_statement(one) for one in statements if isinstance(one, t.Norm))
    heads = [f"clause c{number}\n{body}\n" for number in range(3)]
    blocks = parse(Source("made", "".join(heads)))[0].blocks
    for number, head in enumerate(heads):
        (alone,) = parse(Source("made", head))[0].blocks
        assert blocks[number] == alone
        assert blocks[number].span.text == alone.span.text


@law
@given(made.specs)
def test_every_tree_can_be_shown(spec: t.Spec) -> None:
    """The dump tells trees apart as equality does, apart from their text; the data is whole."""
    back = _read(unparse(spec))
    assert dump(back) == dump(spec)
    assert len(to_json(spec)["blocks"]) == len(spec.blocks)


_LINES = r"""
clause x forbid call refund where amount > 3 ( ) [ ] , : :: . = "a" "open /re/i / 2026-12-01 24h
10 # not and or otherwise deny scenario user expect by unless except gold: a norm default allow for
earlier since within message from " \"\"\" \ ` { } é * any in satisfies of over is missing tool with
effects remember at most tool - directive heard 1e999 99999999999999h 2026-02-30 "\q" 1.5 if unknown
"""
_words = st.sampled_from([*_LINES.split(), "\n", "\x00", "\ufeff"])


@law
@given(st.text(max_size=60) | st.lists(_words, max_size=40).map(" ".join))
def test_nothing_raises_and_nothing_is_destroyed(text: str) -> None:
    """Any text gives a tree and findings; only text without mistakes of syntax is formatted."""
    source = Source("made", text)
    spec, found = parse(source)
    formatted, _ = format_text(source)
    assert len(found) <= MOST_ERRORS
    assert render_all(found).count("\n") >= len(found)
    if formatted is not None:
        assert parse(Source("made", formatted))[0] == spec


def _with_noise(text: str, random: object) -> str:
    pieces = []
    for token in tokens(Source("made", text)):
        noise = random.choice(["", "", "", *NOISE])  # type: ignore[attr-defined]
        pieces += [token.text, noise if noise else " "]
    return "".join(pieces)
