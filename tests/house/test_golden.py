"""The `golden` fixture itself: a golden test that cannot fail would hold nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Golden = Callable[[Path, str], None]


@pytest.mark.parametrize("text", ["", "one\n", "no line end", "two\r\nlines\r\n", "é\u2028\n"])
def test_the_same_text_passes(golden: Golden, tmp_path: Path, text: str) -> None:
    """Every byte is kept: line ends, none at the end, anything but ASCII."""
    file = tmp_path / "case.txt"
    file.write_bytes(text.encode())
    golden(file, text)
    assert file.read_bytes() == text.encode()


@pytest.mark.parametrize("text", ["", "one", "one\r\n", "one\n\n", "One\n"])
def test_another_text_fails_or_is_written(
    golden: Golden, tmp_path: Path, text: str, update: bool
) -> None:
    """Also where they differ only in what a reader does not see."""
    file = tmp_path / "case.txt"
    file.write_bytes(b"one\n")
    if not update:
        with pytest.raises(pytest.fail.Exception, match="--update"):
            golden(file, text)
        return
    golden(file, text)
    assert file.read_bytes() == text.encode()


def test_a_missing_file_fails_or_is_written(golden: Golden, tmp_path: Path, update: bool) -> None:
    """A new case needs one run with `--update`, in a folder that need not exist yet."""
    file = tmp_path / "new" / "case.txt"
    if not update:
        with pytest.raises(pytest.fail.Exception, match="no such golden file"):
            golden(file, "text\n")
        return
    golden(file, "text\n")
    assert file.read_bytes() == b"text\n"
