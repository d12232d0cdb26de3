"""How messages read: `docs/style.md`, as far as a test can tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from remit_grammar.codes import CODES

CODE = re.compile(r"R\d{4}")
# Words that say nothing, and words of programmers rather than of people who write policy.
BANNED = re.compile(r"\b(invalid|illegal|oops|sorry|please|exception|traceback|None|null)\b")


@pytest.mark.parametrize("code", CODES)
def test_a_title_is_a_lower_case_phrase(code: str) -> None:
    """Titles head pages and lists, so they stay short and carry no full stop."""
    title = CODES[code].title
    assert CODE.fullmatch(code)
    assert not _faults(title)
    assert len(title) <= 72


def test_titles_are_told_apart() -> None:
    """Two codes with one title are one code."""
    titles = [code.title for code in CODES.values()]
    assert len(set(titles)) == len(titles)


def test_messages_are_short_sentences_in_lower_case(modules: dict[Path, ast.Module]) -> None:
    """Every message that stands in a call beside its code."""
    found = [(path, *one) for path, tree in modules.items() for one in _messages(tree)]
    wrong = [
        f"{path.name}:{line} {code} {text!r}: {', '.join(faults)}"
        for path, line, code, text in found
        if (faults := _faults(text))
    ]
    assert found, "no message found: this test no longer sees how findings are made"
    assert not wrong, "\n".join(wrong)


def test_codes_in_the_code_are_registered(modules: dict[Path, ast.Module]) -> None:
    """A finding with an unknown code cannot be rendered."""
    used = {
        node.value
        for tree in modules.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    stray = {word for word in used if CODE.fullmatch(word)} - set(CODES)
    assert not stray, f"not in CODES: {sorted(stray)}"


def _faults(text: str) -> list[str]:
    """What the style says against a message; braces stand for a value put in."""
    faults = []
    if text != text.strip() or "\n" in text:
        faults.append("one line, no blanks around it")
    if text.rstrip("`").endswith((".", "!")):
        faults.append("ends with a full stop")
    first = re.match(r"[A-Z][a-z]+", text)
    if first:
        faults.append("starts with a capital")
    if banned := BANNED.search(re.sub(r"`[^`]*`", "", text)):
        faults.append(f"says `{banned[0]}`")
    return faults


def _messages(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Line, code and text of every call that has a code and a text among its arguments."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = [*call.args, *(one.value for one in call.keywords if one.arg == "message")]
        texts = [text for one in given if (text := _text(one)) is not None]
        codes = [text for text in texts if CODE.fullmatch(text)]
        rest = [text for text in texts if not CODE.fullmatch(text)]
        if codes and rest:
            yield call.lineno, codes[0], rest[0]


def _text(node: ast.expr) -> str | None:
    """A string or f-string as it will read, with `{}` for each value; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{}" for part in node.values)
    return None
