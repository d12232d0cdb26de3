"""What can be wrong with a file before its first token."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from remit_grammar.fmt import format_text
from remit_grammar.parse import parse
from remit_grammar.read import LARGEST, decode_source, read_source
from remit_grammar.source import Source


def _decoded(data: bytes) -> Source:
    source, found = decode_source("made.spec", data)
    assert source is not None, found
    return source


def test_a_file_is_read_under_its_path(tmp_path: Path) -> None:
    """The name is what the author typed."""
    path = tmp_path / "a.spec"
    path.write_text("spec été\n", "utf-8")
    source, found = read_source(path)
    assert source is not None
    assert (source.text, source.name, found) == ("spec été\n", str(path), [])


@pytest.mark.parametrize("name", [".", "missing.spec", "a\0b"])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    """A folder, nothing, and a name that no file can have."""
    source, found = read_source(tmp_path / name)
    assert source is None
    assert [one.code for one in found] == ["R0001"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The reason is said."""
    path = tmp_path / "a.spec"
    path.touch(mode=0)
    _, found = read_source(path)
    assert "not permitted" in found[0].message


def test_not_utf8_names_the_byte() -> None:
    """Offset in bytes, line for people, a label on the character."""
    source, found = decode_source("x", "# é\nspec ".encode() + b"\xff\n")
    assert source is None
    (one,) = found
    assert one.code == "R0002"
    assert "byte 0xff at offset 10, line 2" in one.message
    assert one.primary is not None
    assert one.primary.span.place == "x:2:6"


def test_nul_is_refused_where_it_stands() -> None:
    """A NUL shows that the file is something else."""
    source, found = decode_source("x", b"spec a\n\0")
    assert source is None
    assert found[0].code == "R0003"
    assert found[0].primary is not None
    assert found[0].primary.span.line == 2


def test_ten_megabytes_are_refused_at_once(tmp_path: Path) -> None:
    """Only the first bytes are read, and the message says how many there are and may be."""
    path = tmp_path / "large.spec"
    path.write_bytes(b"# x\n" * 2_500_000)
    began = time.monotonic()
    source, found = read_source(path)
    assert source is None
    assert time.monotonic() - began < 20
    assert found[0].code == "R0004"
    assert "10,000,000" in found[0].message
    assert f"{LARGEST:,}" in found[0].message


def test_a_byte_order_mark_is_left_out() -> None:
    """Some editors write one, no author means one."""
    assert _decoded(b"\xef\xbb\xbfspec a").text == "spec a"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(end: str) -> None:
    """All three work, positions are right, and the formatter writes line feeds."""
    text = f'# one{end}spec a{end}{end}clause\tb{end}  "doc"{end}  forbid call x where ={end}'
    source = _decoded(text.encode())
    _, found = parse(source)
    assert [one.code for one in found] == ["R0101"]
    assert found[0].primary is not None
    assert found[0].primary.span.place == "made.spec:6:23"
    formatted, _ = format_text(_decoded(text.replace(" where =", "").encode()))
    assert formatted == '# one\nspec a\n\nclause b\n  "doc"\n  forbid call x\n'


def test_a_block_of_text_in_a_file_with_crlf() -> None:
    """Line ends of the file are not part of the policy."""
    block = 'clause a\n  """\n  one\n\n    two\n  """\n  forbid call\n'
    trees = [parse(_decoded(block.replace("\n", end).encode()))[0] for end in ("\n", "\r\n")]
    assert trees[0] == trees[1]
    assert '"one\\n\\n  two"' in repr(trees[0]).replace("'", '"')
