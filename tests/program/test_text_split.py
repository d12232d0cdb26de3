"""A bucket that is split by what a scan of the step's text leaves answers as a whole one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit.program.bucket import Bucket, parts_of
from remit.program.quick import quick_function
from remit.program.split import TextSplit
from remit.program.usual import Doubt
from remit.program.values import LONGEST, UNKNOWN
from remit.program.view import View
from remit.state.model import State
from remit.text.scan import Scanner

WORDS = ["alpha", "beta", "straße", "MASSE", "k9", "İx", "..", "ﬁn"]
CONDITIONS = [
    *(f'text contains "{word}"' for word in WORDS),
    *(f"text matches /{word.replace('.', '[.]')}/i" for word in WORDS),
    "text matches /al.*a$/", "text matches /^$/", 'text contains ""', "text has email",
    "text has card_number", 'text contains "alpha" or text matches /beta/',
    'text contains "alpha" and text contains "beta"', 'not text contains "alpha"',
    'text contains "alpha" or vip', 'text contains "alpha" and vip', "vip",
    'lower of text contains "masse"', 'quoted contains "alpha"',
    "text matches /alpha/ unless vip",
    '(text contains "beta" or text contains "k9") and (vip or text matches /a/)',
]  # fmt: skip
TEXTS = [
    *WORDS, *(word.upper() for word in WORDS), *(word.casefold() for word in WORDS), "", "alphA",
    "al a", "a@b.example", "4111 1111 1111 1111", "\ud800alpha", "nothing", "\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    clauses = [
        f"\nclause c{at}\n  forbid message where {one}\n" for at, one in enumerate(CONDITIONS)
    ]
    return remit.load("spec made\nauthor developer\ncontext vip: flag\n" + "".join(clauses))


def viewed(policy: remit.Policy, text: Any, context: dict[str, Any]) -> View:
    """The agent says a text."""
    program = policy.ground.program
    step = remit.Message("assistant", text)
    return View(step, program.known, context, State.new(program))


def applying(bucket: Bucket, view: View) -> set[str]:
    """The rules that apply, or may."""
    return {rule.norm.name for rule in bucket.rules if rule.applies(view) is not False}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(TEXTS), max_size=5).map(" ".join),
    st.sampled_from([{}, {"vip": True}, {"vip": False}]),
)
def test_the_part_for_a_text_holds_all_that_may_apply(
    policy: remit.Policy, text: str, context: dict[str, Any]
) -> None:
    """Literals whose cases differ in number, detectors, and conditions that hold without a word."""
    view = viewed(policy, text, context)
    whole = policy.ground.program.bucket(view)
    assert isinstance(whole.split, TextSplit)
    part = whole.narrowed(view)
    assert applying(part, view) == applying(whole, view)
    assert len(part.rules) <= len(whole.rules)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=5).map(" ".join), st.booleans())
def test_a_function_asks_what_the_scan_left(
    policy: remit.Policy, text: str, is_strange: bool
) -> None:
    """It says what the conditions say, also where the scan does not know what they look for."""
    contexts = policy.ground.program.known.contexts
    for rule in policy.ground.program.bucket(viewed(policy, text, {"vip": False})).rules:
        function = quick_function([list(parts_of(rule, None))], contexts).hits
        view, again = (viewed(policy, text, {"vip": False}) for _ in range(2))
        if is_strange:
            view.reading.scanner = Scanner()
        assert bool(function(view.step, view.args, view, None)) is rule.applies(again), (
            rule.norm.name
        )


def test_a_text_that_is_too_long_is_no_text(policy: remit.Policy) -> None:
    view = viewed(policy, "x" * (LONGEST + 1), {})
    rule = policy.ground.program.bucket(view).rules[0]
    assert rule.applies(view) is UNKNOWN
    with pytest.raises(Doubt):
        quick_function([list(parts_of(rule, None))], {}).hits(view.step, view.args, view, None)


def test_what_a_text_lacks_is_not_asked(policy: remit.Policy) -> None:
    view = viewed(policy, "nothing of the kind", {})
    whole = policy.ground.program.bucket(view)
    assert len(whole.narrowed(view).rules) < len(whole.rules) / 2


def test_where_no_scan_tells_all_are_asked(policy: remit.Policy) -> None:
    """A text that is too long to be searched, and a view without a scanner."""
    whole = policy.ground.program.bucket(viewed(policy, "x", {}))
    assert whole.narrowed(viewed(policy, "x" * (LONGEST + 1), {})) is whole
    view = viewed(policy, "x", {})
    view.reading.scanner = Scanner()
    assert whole.narrowed(view) is whole


def test_parts_are_kept_up_to_a_bound(
    policy: remit.Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TextSplit, "most", 3)
    whole = policy.ground.program.bucket(viewed(policy, "x", {}))
    whole._parts.clear()
    for text in TEXTS:
        view = viewed(policy, text, {})
        assert applying(whole.narrowed(view), view) == applying(whole, view)
        assert len(whole._parts) <= 3
