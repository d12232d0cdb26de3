"""Keywords as names: accepted, or refused with a fix that works; never a trap."""

from __future__ import annotations

import pytest

from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, render_all
from remit_grammar.expected import SPOKEN
from remit_grammar.parse import parse
from remit_grammar.source import Source
from remit_grammar.terminals import keywords, terminals
from remit_grammar.words import LEADERS, RESERVED, SECOND, SOFT

NAMES = [
    "spec {}", "author {}", "extends {}", "import a, {}", "chain {} > x", "chain x > {}",
    "goals x > {} strict", "role {} speaks as x", "role x speaks as {}", "tool {}()",
    "tool x(a: {})", "tool x() gives {}", "tool x() effects {}", "tool x() effects a, {}",
    "context x: {}", "context x: list of {}", "context x: one of {}", "context x: one of a, {}",
    "setting x: text default {}", "setting x: set of text default every {}",
    'detector {} = "x"', "define {} = 1", "define f({}) = 1", "define f(a, {}) = 1",
    "define f = {}", "define f = {} > 3", "define f = x = {}", "define f = {}(3)",
    "define f = {} of x", "define f = count of {} and y", "define f = any {} in x satisfies y",
    "define f = any x in {} satisfies y", "define f = x and {}", "define f = not {}",
    "define f = [{}, a]", "define f = x has {}", 'define f = judged "x" by {}', "define f = x::{}",
    "define f = {}::x", "define f = earlier message from {}",
    "define f = earlier {} within 3 turns", "define f = confirmed by {}",
    "define f = sum of {} over call x", "define f = x quotes result of {}",
    "remember {} = x in call", "act {} = call", "act x = {}", "act x = call a, {}",
    "act x = message from {}", "act x = result of {}", "act x = handoff to {}",
    "act x = call with effects {}", "act x = message labelled {}", "label {} on call",
    "default deny for call at {}", "default deny for {}", "delegate {} to call",
    'never "x" a norm spoken by {} beats a norm of strength y',
    'never "x" a norm spoken by x beats a norm of strength {}',
    "clause {} forbid call", "clause x at {} forbid call", "clause x forbid {}",
    "clause x set {} = 3", "clause x forbid call overrides {}",
    "clause x forbid call overrides a, {}",
    "clause x forbid call otherwise ask {}", "clause x forbid call otherwise rewrite {} to 3",
    "clause x forbid call serves {}", 'directive {} heard "x" permit call',
    'directive x at {} heard "x" permit call', 'directive x heard judged "x" by {} permit call',
    'scenario "x" with {} = 3 expect deny', 'scenario "x"\n  {} calls x()\n  expect deny',
    'scenario "x"\n  {} approves\n  expect deny',
    'scenario "x"\n  {} hands to x "y"\n  expect deny', 'scenario "x"\n  x calls {}() expect deny',
    'scenario "x"\n  x hands to {} "a"\n  expect deny', 'scenario "x" expect deny by {}',
    'scenario "x" expect deny by a, {}', 'scenario "x" expect void {}',
    'scenario "x" expect {} loses to x', 'scenario "x" expect x loses to {}',
    'scenario "x" result of {} "x" expect deny', 'scenario "x" expect deny\n  result {}',
    'scenario "x" a "x" meaning {} expect deny', 'scenario "x" a "x" meaning a, {} expect deny',
    'scenario "x" a "x" meaning {}(a: 1) expect deny',
    'scenario "x" a "x" meaning a implying {} expect deny',
    'scenario "x" result 1 implying a, {} expect deny',
    'scenario "x" a calls b() with {} = 1 expect deny',
    'scenario "x" a "x" with b = 1, {} = 1 expect deny',
    'scenario "x" judge {} answers true expect deny', 'scenario "x" expect setting {} = 3',
    'scenario "x" expect setting x = {}',
]  # fmt: skip
# Before a colon every word is a name.
LABELS = [
    "tool x({}: text)", "tool x(a: one of b, c, {}?: text)", "context {}: text",
    "setting {}: text", "clause x forbid call except {}: permit", "define f = ({}: 1)",
    'scenario "x" a calls b(c: 1, {}: 2) expect deny',
    'scenario "x" a "x" meaning a, b(c: 1, {}: 2) expect deny',
]  # fmt: skip
# A name is optional here, so some keywords go on with the statement or begin the next one.
OPTIONAL = [
    "act x = call {}", "define f = earlier call {}", "define f = a void directive {}",
    "clause x forbid call otherwise redact {}", 'scenario "x"\n  {} "hi"\n  expect deny',
]  # fmt: skip
# These go on with something of their own, so what is missing may be said in another way.
BEGINNERS = {"not", "earlier", "previous", "has", "judged"}
WORDS = sorted(SOFT | RESERVED | SECOND)


def _findings(text: str) -> list[Diagnostic]:
    return parse(Source("made", text))[1]


def _fixed(text: str, found: Diagnostic) -> str:
    assert found.fix is not None, render_all([found])
    span = found.fix.span
    return text[: span.start] + found.fix.text + text[span.end :]


def _help_of_unfinished(found: list[Diagnostic]) -> str:
    """A keyword at the end may lack what it begins: backquotes are then only the help."""
    return found[0].help or "" if found[0].code == "R0102" else ""


@pytest.mark.parametrize("place", NAMES)
def test_a_keyword_in_place_of_a_name(place: str) -> None:
    """Either it is a name there, or the one finding says so and its fix parses."""
    assert not _findings(place.format("plain")), place
    for word in WORDS:
        text = place.format(word)
        found = _findings(text)
        assert not _findings(place.format(f"`{word}`"))
        if found and word not in BEGINNERS and "backquotes" not in _help_of_unfinished(found):
            code = "R0101" if found[0].help == "did you mean `call`?" else "R0105"
            assert [one.code for one in found] == [code], f"{text}\n{render_all(found)}"
            assert code == "R0105" or word == "calls"
            assert not _findings(_fixed(text, found[0])), text


@pytest.mark.parametrize("place", LABELS)
def test_a_keyword_before_a_colon(place: str) -> None:
    """`from: text` needs no backquotes."""
    for word in WORDS:
        assert not _findings(place.format(word)), place.format(word)


@pytest.mark.parametrize("place", OPTIONAL)
def test_a_keyword_where_a_name_may_be_missing(place: str) -> None:
    """In backquotes it is always a name; without, nothing is read as something else in silence."""
    wanted = parse(Source("made", place.format("plain")))[0]
    for word in WORDS:
        assert not _findings(place.format(f"`{word}`"))
        spec, found = parse(Source("made", place.format(word)))
        is_result = word == "result" and '"hi"' in place  # a statement of scenarios
        assert found or is_result or _shape(spec) == _shape(wanted), place.format(word)


def _shape(spec: t.Spec) -> list[type]:
    return [type(s) for block in spec.blocks for s in (block.head, *block.body)]


def test_the_lists_of_words_are_those_of_the_grammar() -> None:
    """Writing text does not load the grammar, so the words stand twice."""
    of_grammar = {word for word in terminals().values() if word[:1].isalpha()}
    assert of_grammar <= SOFT | RESERVED
    assert not SOFT & RESERVED
    assert keywords() == SOFT | RESERVED
    for word in SOFT | RESERVED:
        assert bool(_findings(f"spec {word}")) == (word in RESERVED), word
    for word in LEADERS - {"if"}:
        assert word in keywords()


def test_every_terminal_has_words() -> None:
    """The name of a terminal never reaches an author."""
    ours = {"COMMENT", "OPEN_STRING", "STRAY"}  # have findings of their own
    assert {name for name in terminals() if not terminals()[name]} <= set(SPOKEN) | ours
