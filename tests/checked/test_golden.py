"""Every finding of the checker, as a policy author reads it.

`bad/NAME.spec` is one file; `bad/NAME/main.spec` is a file with others beside it. What is printed
is in `bad/NAME.stderr`. The specs in `good/` have no finding at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import remit
from remit_grammar.codes import CODES
from remit_grammar.diagnostic import render_all
from remit_grammar.source import Source

Golden = Callable[[Path, str], None]

HERE = Path(__file__).resolve().parent
CHECKED = [
    *(code for code in CODES if code[:3] in ("R03", "R04", "R05", "R08")),
    "R0204", "R0601", "R0603", "R0604", "R0605", "R1102",
]  # fmt: skip


def _cases(folder: str) -> list[Path]:
    """The entry file of every case."""
    home = HERE / folder
    return sorted([*home.glob("*.spec"), *home.glob("*/main.spec")])


def _name(entry: Path) -> str:
    return entry.parent.name if entry.name == "main.spec" else entry.stem


def _findings(entry: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(entry.parent)
    return render_all(remit.check(Path(entry.name))[1])


@pytest.mark.parametrize("entry", _cases("bad"), ids=_name)
def test_findings(entry: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed, to the letter."""
    golden(HERE / "bad" / f"{_name(entry)}.stderr", _findings(entry, monkeypatch))


@pytest.mark.parametrize("entry", _cases("good"), ids=_name)
def test_good_specs_have_no_finding(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a warning."""
    assert _findings(entry, monkeypatch) == ""


@pytest.mark.parametrize("code", CHECKED)
def test_every_code_is_at_work(code: str) -> None:
    """A code that no case shows may not exist at all."""
    texts = [path.read_text("utf-8") for path in (HERE / "bad").glob("*.stderr")]
    assert [text for text in texts if f"[{code}]" in text], f"no case in bad/ shows {code}"


@pytest.mark.parametrize("entry", _cases("bad"), ids=_name)
def test_a_place_has_one_finding(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One mistake gives one message: no two findings of one severity underline the same text."""
    monkeypatch.chdir(entry.parent)
    found = remit.check(Path(entry.name))[1]
    labels = [one.primary.span for one in found if one.primary and one.is_error]
    places = [(span.source.name, span.start, span.end) for span in labels]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("entry", _cases("bad"), ids=_name)
def test_a_fix_removes_its_finding(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix is sure: with it made, the same finding is not there any more."""
    monkeypatch.chdir(entry.parent)
    for one in remit.check(Path(entry.name))[1]:
        if one.fix is None:
            continue
        span = one.fix.span
        text = span.source.text[: span.start] + one.fix.text + span.source.text[span.end :]
        if span.source.name != entry.name:
            continue
        again = remit.check(Source(entry.name, text))[1]
        line = span.source.line(span.line)
        same = [
            two for two in again
            if two.message == one.message and two.primary and one.primary
            and two.primary.span.start == one.primary.span.start
        ]  # fmt: skip
        assert not same, f"{one.message}: {line}"


def test_messages_are_short() -> None:
    """A message stands on one line of a terminal, its code before it."""
    for path in (HERE / "bad").glob("*.stderr"):
        for line in path.read_text("utf-8").splitlines():
            message = re.match(r"(?:error|warning)\[R\d+\]: (.*)", line)
            assert message is None or len(message[1]) <= 110, line
