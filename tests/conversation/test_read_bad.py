"""Bad input never raises: each mistake has its finding, and later records are still read."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.conversation import read
from remit.conversation.findings import MOST
from remit.conversation.from_steps import read_step
from remit.conversation.read import Reader, Reading, conversation_from, read_conversations
from remit_grammar.diagnostic import Diagnostic, render_all

zstandard = pytest.importorskip("zstandard")

Golden = Callable[[Path, str], None]
BAD = Path(__file__).parent / "data" / "bad"
GOOD_LINE = b'{"messages": [{"role": "user", "content": "hi"}]}\n'


def codes(problems: list[Diagnostic]) -> list[str]:
    return [one.code for one in problems]


def only(path: Path) -> list[Diagnostic]:
    """The findings of a file that holds one bad record."""
    ((made, problems),) = read_conversations(path)
    assert made is None
    return problems


def write(folder: Path, data: bytes, name: str = "in.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def shown(readings: list[Reading]) -> str:
    out = []
    for number, (made, problems) in enumerate(readings, 1):
        head = f"record {number}: " + (f"`{made.id}`, steps: {len(made.steps)}" if made else "none")
        out.append(f"{head}\n{render_all(problems)}")
    return "\n".join(out)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in BAD.iterdir() if path.suffix != ".txt")
)
def test_findings_as_people_see_them(
    name: str, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BAD)
    golden(BAD / f"{name}.txt", shown(list(read_conversations(name))))


def test_one_bad_line_of_utf_8(tmp_path: Path) -> None:
    bad = '{"messages": [{"role": "user", "content": "café \xff"}]}\n'.encode("latin-1")
    good = '{"messages": [{"role": "user", "content": "café"}]}\n'.encode()
    first, second, third = Reader(write(tmp_path, good + bad + good))
    assert first[0]
    assert third[0]
    assert second[0] is None
    assert codes(second[1]) == ["R0002"]
    label = second[1][0].primary
    assert label
    assert (label.span.line, label.span.column) == (2, 47)


def test_utf_16_is_one_finding(tmp_path: Path) -> None:
    path = write(tmp_path, (GOOD_LINE * 5).decode().encode("utf-16"), "in.json")
    (problem,) = only(path)
    assert problem.code == "R0002"
    assert "UTF-16" in (problem.help or "")


@pytest.mark.parametrize("name", ["in.json", "in.jsonl"])
def test_byte_order_mark_and_crlf_are_accepted(tmp_path: Path, name: str) -> None:
    data = b"\xef\xbb\xbf" + GOOD_LINE.replace(b"\n", b"\r\n") * 2
    readings = list(Reader(write(tmp_path, data, name)))
    assert [problems for _, problems in readings] == [[], []]
    assert all(made and made.steps for made, _ in readings)


def test_nul(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"messages": [\n\0]}', "in.json")
    (problem,) = only(path)
    assert problem.code == "R0003"
    assert problem.primary
    assert (problem.primary.span.line, problem.primary.span.column) == (2, 1)


@pytest.mark.parametrize("what", [".", "nothing.json", "no/where.json", "a\0b", "x" * 5000])
def test_files_that_cannot_be_opened(tmp_path: Path, what: str) -> None:
    (problem,) = only(tmp_path / what)
    assert problem.code == "R0001"


def test_an_unknown_format_name(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD_LINE)
    ((made, (problem,)),) = Reader(path, format="opnai")
    assert made is None
    assert problem.code == "R0902"
    assert "`openai`" in (problem.help or "")


@pytest.mark.parametrize("keep", [3, 10, 30])
def test_cut_zstd_gives_the_whole_records_before_the_cut(tmp_path: Path, keep: int) -> None:
    lines = b"".join(b'{"id": %d, "messages": []}\n' % number for number in range(20_000))
    data = zstandard.compress(lines)
    path = write(tmp_path, data[: len(data) * keep // 40], "in.jsonl.zst")
    *good, (last, problems) = Reader(path)
    assert last is None
    assert codes(problems) == ["R0905"]
    assert [made.id for made, _ in good if made] == [str(number) for number in range(len(good))]


def test_cut_gzip(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(GOOD_LINE)[:-9], "in.jsonl.gz")
    assert codes(list(Reader(path))[-1][1]) == ["R0905"]


@pytest.mark.parametrize(
    "pack", [zstandard.ZstdCompressor(write_checksum=True).compress, gzip.compress]
)
def test_corrupt_data(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    data = bytearray(pack(GOOD_LINE * 100))
    data[12:20] = b"\xff" * 8
    path = write(tmp_path, bytes(data), "in.jsonl")
    assert codes(list(Reader(path))[-1][1]) == ["R0905"]


@pytest.mark.parametrize("ending", ["zst", "gz"])
def test_a_name_that_lies(tmp_path: Path, ending: str) -> None:
    assert codes(only(write(tmp_path, GOOD_LINE, f"in.jsonl.{ending}"))) == ["R0905"]


@pytest.mark.parametrize("depth", [201, 1_000, 200_000])
@pytest.mark.parametrize("name", ["in.json", "in.jsonl"])
def test_deep_nesting(tmp_path: Path, depth: int, name: str) -> None:
    deep = b"[" * (depth - 1) + b"]" * (depth - 1)
    data = b'{"context":' + deep + b', "messages": []}\n'
    path = write(tmp_path, data + GOOD_LINE, name)
    first, second = Reader(path)
    assert codes(first[1]) == ["R0906"]
    assert first[1][0].primary
    assert first[1][0].primary.span.column == 12 + 199
    assert second[0]


def test_nesting_up_to_the_limit_is_read(tmp_path: Path) -> None:
    text = "[" * 500 + '\\"'  # brackets within a text do not count
    deep = "[" * 198 + "]" * 198
    data = f'{{"context": {{"a": {deep}, "b": "{text}"}}, "messages": []}}'
    ((made, problems),) = Reader(write(tmp_path, data.encode()))
    assert problems == []
    assert made


def test_deep_brackets_that_are_not_json(tmp_path: Path) -> None:
    data = b'"' + b"[" * 100_000 + b'"" ' + b"[" * 100_000 + b"\n"
    first, second = Reader(write(tmp_path, data + GOOD_LINE))
    assert codes(first[1]) == ["R0901"]
    assert second[0]


def test_long_numbers(tmp_path: Path) -> None:
    lines = [b'{"messages": [], "context": {"n": %s}}\n' % (b"9" * n) for n in (4300, 4301)]
    first, second = Reader(write(tmp_path, b"".join(lines)))
    assert first[0]
    assert first[0].context["n"] == 10**4300 - 1
    assert codes(second[1]) == ["R0901"]


def test_a_record_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LIMIT", 1000)
    large = b'{"messages": [], "context": {"a": "' + b"x" * 600_000 + b'"}}\n'
    first, second, third = Reader(write(tmp_path, GOOD_LINE + large + GOOD_LINE))
    assert first[0]
    assert third[0]
    assert codes(second[1]) == ["R0907"]
    assert second[1][0].primary
    assert second[1][0].primary.span.line == 2
    pretty = b'{"messages":\n[\n' + b" \n" * 1000 + b"]}"
    assert codes(only(write(tmp_path, pretty + b"\n" * 9, "in.json"))) == ["R0907"]


def test_a_zstd_bomb_stays_within_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "LIMIT", 1 << 20)
    path = write(tmp_path, zstandard.compress(b"[" * (1 << 27)), "in.jsonl.zst")
    assert codes(only(path)) == ["R0907"]


def test_a_message_of_50_mb(tmp_path: Path) -> None:
    text = "Grüße, [Welt]! " * (50 * 1024 * 1024 // 17)
    data = json.dumps({"messages": [{"role": "user", "content": text}]}, ensure_ascii=False)
    path = write(tmp_path, data.encode(), "in.json")
    started = time.monotonic()
    ((made, problems),) = Reader(path)
    assert time.monotonic() - started < 20  # about one second on a laptop
    assert problems == []
    assert made
    assert getattr(made.steps[0], "text", "") == text


def test_many_findings_are_cut_and_counted() -> None:
    made, problems = conversation_from({"messages": [1] * 1000})
    assert made is None
    assert len(problems) == MOST
    assert "950 more" in problems[-1].notes[0]


def test_an_error_after_many_warnings_still_counts() -> None:
    orphans: list[Any] = [{"role": "tool", "content": "x"}] * 100
    made, problems = conversation_from({"messages": [*orphans, 5]})
    assert made is None
    assert any(one.is_error for one in problems)


def test_values_from_code_that_json_cannot_hold() -> None:
    circle: list[Any] = []
    circle.append(circle)
    for value, code in [
        (circle, "R0906"),
        ({1: 2}, "R0903"),
        ({"messages": [], "context": {"a": {1, 2}}}, "R0903"),
        ({"messages": [], "context": {"a": float("nan")}}, "R0901"),
        ({"messages": [], "context": {"a": 10**4300}}, "R0901"),
        (b"x", "R0903"),
    ]:
        made, problems = conversation_from(value)
        assert made is None
        assert codes(problems) == [code]


def test_a_nearly_full_stack_is_a_finding() -> None:
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]

    def sink(frames: int) -> Reading:
        return sink(frames - 1) if frames else conversation_from({"messages": deep})

    made, problems = sink(sys.getrecursionlimit() - 150)
    assert made is None
    assert codes(problems) == ["R0906"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = (
    "messages steps role content tool_calls type text kind function arguments name id system "
    "tool_use tool_result source document call message parts args input time context user tool "
    "tools_ref result function_call function_call_output call_id output refusal error custom"
)
words = st.sampled_from(KEYS.split())
any_json = st.recursive(
    scalars | words,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=5)
    ),
    max_leaves=25,
)
messages = st.lists(st.dictionaries(words, any_json, max_size=5), max_size=3)
records = any_json | st.dictionaries(words, any_json | messages) | messages
formats = st.sampled_from([None, "openai", "anthropic", "trace", "steps"])


@settings(max_examples=250, deadline=None)
@given(records, formats)
def test_no_value_raises(record: object, format: str | None) -> None:
    made, problems = conversation_from(record, format=format)
    assert (made is None) == any(one.is_error for one in problems)
    step, problems = read_step(record)
    assert (step is None) == any(one.is_error for one in problems)
    render_all(problems)


@settings(max_examples=200, deadline=None)
@given(st.lists(records, min_size=1, max_size=3), formats)
def test_no_text_raises(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], format: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text("\n".join(json.dumps(value) for value in values), "utf-8")
    for made, problems in Reader(path, format=format):
        assert (made is None) == any(one.is_error for one in problems)
        assert render_all(problems).encode() or not problems


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["in.json", "in.jsonl", "in.json.gz"]))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = write(tmp_path_factory.getbasetemp(), data, name)
    for made, problems in Reader(path):
        assert made or problems
        assert render_all(problems).encode() or not problems
