"""Near mistakes: the fix that a finding offers is right, and what is nearly one is left alone."""

from __future__ import annotations

import pytest

from remit_grammar.diagnostic import render_all
from remit_grammar.parse import parse
from remit_grammar.source import Source
from remit_grammar.unparse import unparse

# What was written, and what the fix makes of it.
FIXED = [
    ('user "x" meaning "lift"', 'user "x" meaning lift'),
    ('user "x" means lift', 'user "x" meaning lift'),
    ('result of a "x" implies lift', 'result of a "x" implying lift'),
    ('user "x" with tier: gold', 'user "x" with tier = gold'),
    ("judge m says true", "judge m answers true"),
    ("judge m is false", "judge m answers false"),
    ("judge m unknown", "judge m answers unknown"),
    ("judge m answers yes", "judge m answers true"),
    ("judge m answers no", "judge m answers false"),
    ("judge m answers Unknown", "judge m answers unknown"),
    ('judge m answers true "q"', 'judge m answers true to "q"'),
    ('judge m answers true for "q"', 'judge m answers true to "q"'),
    ('expect setting a.b is "x"', 'expect setting a.b = "x"'),
    ("expect setting a.b in [1]", "expect setting a.b = [1]"),
    ("expect setting a.b 3", "expect setting a.b = 3"),
    ("expect a.b = 3", "expect setting a.b = 3"),
]
# A fix would be a guess here, but there is help.
HELPED = {
    'user "x" implying a meaning b': "the order is",
    'user "x" meaning a implying b meaning c': "write one list",
    'user "x" meaning a quoting "y"': "right behind the text",
    'user "x" meaning (a: 3)': "write the name of a directive",
    "agent calls b() meaning a": "only a text",
    "expect setting a.b <= 3": "is written with `=`",
    "expect setting = 3": "name the setting",
    "judge answers true": "name the judge",
    'judge m answers "q" true': "the answer comes first",
}
FINE = [
    'judge judge answers true to "x"',
    "judge answers answers false",
    "expect setting loses to answers",
    "expect judge loses to meaning::implying",
    'user "x" meaning meaning implying implying with meaning = implying',
    "result of judge answers implying meaning",
    'user "x"\n  # now\n  with effects # what it does\n  = 3',
]


def _scenario(line: str) -> str:
    return f'scenario "made"\n  {line}\n  expect allow\n'


@pytest.mark.parametrize(("wrong", "right"), FIXED)
def test_the_fix(wrong: str, right: str) -> None:
    """One finding, whose fix gives a text without a finding."""
    text = _scenario(wrong)
    (found,) = parse(Source("made", text))[1]
    assert found.fix is not None, render_all([found])
    span = found.fix.span
    fixed = text[: span.start] + found.fix.text + text[span.end :]
    assert fixed == _scenario(right)
    assert not parse(Source("made", fixed))[1]


@pytest.mark.parametrize("line", HELPED)
def test_the_help(line: str) -> None:
    """One finding, which says what to do and offers no guess."""
    (found,) = parse(Source("made", _scenario(line)))[1]
    assert HELPED[line] in (found.help or ""), render_all([found])
    assert found.fix is None


@pytest.mark.parametrize("line", FINE)
def test_what_is_no_slip(line: str) -> None:
    """The new words are names where a name stands."""
    found = parse(Source("made", _scenario(line)))[1]
    assert not found, render_all(found)


@pytest.mark.parametrize(
    "statement",
    [
        "delegate user to `asking` for `it`",
        "delegate user to call where `asking` for `it`::x where y",
        "delegate `hands` to call",
        "define x = count of [`one` of a, `end` of turn]",
        "act x = call `starts` with effects spends",
        "clause x forbid call otherwise rewrite `hands` to 3",
        'clause x forbid call otherwise redact `speaks` as "x"',
        _scenario('user "x" meaning `ends` with a = 1'),
        _scenario("result `starts` with a = 1"),
    ],
)
def test_names_that_look_like_a_phrase(statement: str) -> None:
    """The formatter leaves the backquotes that keep a name and the next word apart."""
    spec, found = parse(Source("made", statement))
    assert not found, render_all(found)
    text = unparse(spec)
    assert parse(Source("made", text)) == (spec, []), text
