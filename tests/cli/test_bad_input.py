"""Whatever is wrong with the input: a finding, exit 2, no traceback, nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from click.testing import Result

Remit = Callable[..., Result]

SPEC = "spec a.b\nauthor developer\nclause c\n  forbid call x\n"
DEEP = "(" * 10_000 + "1 = 1" + ")" * 10_000

BAD_SPECS = {
    "not UTF-8": (b"spec a.b # \xe9\n", "R0002"),
    "UTF-16": (SPEC.encode("utf-16"), "R0002"),
    "10 MB": (SPEC.encode() + b"# x\n" * 2_600_000, "R0004"),
    "nested": (SPEC.replace("call x", f"call x where {DEEP}").encode(), "R0106"),
    "unterminated": (SPEC.encode() + b'clause d "never ends\n', "R0103"),
    "NUL": (SPEC.encode() + b"\0", "R0003"),
    "missing import": (b"spec a.b\nauthor developer\nextends nowhere.at_all\n", "R0303"),
    "tools that are no JSON": (b'spec a.b\nauthor developer\ntools from "t.json"\n', "R0803"),
}


@pytest.mark.parametrize("case", BAD_SPECS)
@pytest.mark.parametrize("command", ["check", "judge", "test", "graph", "show"])
def test_a_spec_that_cannot_be_read(remit: Remit, folder: Path, command: str, case: str) -> None:
    """Every command that takes a spec says the same."""
    data, code = BAD_SPECS[case]
    (folder / "bad.spec").write_bytes(data)
    (folder / "t.json").write_text("{oops")
    words = {"judge": ["-", "--spec", "bad.spec"], "show": ["norms", "bad.spec"]}
    done = remit(command, *words.get(command, ["bad.spec"]), stdin="[]")
    assert done.exit_code == 2, done.output
    assert f"error[{code}]" in done.output


@pytest.mark.parametrize("case", ["not UTF-8", "10 MB", "nested", "unterminated", "NUL"])
def test_fmt_writes_none_of_them(remit: Remit, folder: Path, case: str) -> None:
    """The file is byte for byte what it was, and no other appears."""
    data, code = BAD_SPECS[case]
    (folder / "bad.spec").write_bytes(data)
    done = remit("fmt", "bad.spec")
    assert done.exit_code == 2
    assert f"error[{code}]" in done.stderr
    assert (folder / "bad.spec").read_bytes() == data
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "text", [SPEC.replace("\n", "\r\n"), SPEC.replace("  ", "\t"), "\ufeff" + SPEC]
)
def test_odd_texts_that_are_fine(remit: Remit, folder: Path, text: str) -> None:
    """CRLF, tabs and a byte order mark change nothing, not even the digest."""
    (folder / "plain.spec").write_text(SPEC, newline="")
    (folder / "odd.spec").write_text(text, newline="")
    plain, odd = (
        json.loads(remit("check", "--json", f"{one}.spec").stdout) for one in ("plain", "odd")
    )
    assert odd["policy"] == plain["policy"]


@pytest.mark.parametrize(
    "words", [["check", "."], ["fmt", "."], ["judge", ".", "--spec", "shop.spec"]]
)
def test_a_folder_for_a_file(remit: Remit, folder: Path, words: list[str]) -> None:
    """It is named as what it is."""
    done = remit(*words)
    assert done.exit_code == 2
    assert "error[R0001]" in done.output


@pytest.mark.parametrize(
    "words", [["check", "none"], ["fmt", "none"], ["judge", "none", "--spec", "shop.spec"],
              ["judge", "-", "--spec", "none"], ["verify", "none", "--spec", "shop.spec"]],
)  # fmt: skip
def test_a_file_that_is_missing(remit: Remit, folder: Path, words: list[str]) -> None:
    """Its name is in the finding."""
    done = remit(*words)
    assert done.exit_code == 2
    assert "error[R0001]" in done.output
    assert "`none`" in done.output


def _cut() -> bytes:
    chat = [{"role": "user", "content": "".join(chr(33 + i * i % 90) for i in range(50_000))}]
    packed = zstandard.compress(json.dumps(chat).encode())
    return packed[: len(packed) // 2]


def _call(arguments: str) -> bytes:
    function = f'{{"name": "x", "arguments": {arguments}}}'
    text = f'[{{"role": "assistant", "tool_calls": [{{"id": "1", "function": {function}}}]}}]'
    return text.encode()


BAD_CONVERSATIONS = {
    "unknown role": (b'[{"role": "auditor", "content": "x"}]', "R0904"),
    "misspelt role": (b'[{"role": "usr", "content": "x"}]', "did you mean `user`?"),
    "malformed": (b'{"messages": []}\n{"messages": [}\n', "in.json:2:15"),
    "NaN": (b'[{"role": "user", "content": "x", "n": NaN}]', "R0901"),
    "1,000 deep": (b"[" * 1000 + b"]" * 1000, "R0906"),
    "deep arguments": (_call('{"a":' * 1000 + "1" + "}" * 1000), "R0906"),
    "too many digits": (_call('{"a": ' + "9" * 5000 + "}"), "R0901"),
    "cut zstd": (_cut(), "R0905"),
    "empty": (b"", "R0901"),
    "no conversation": (b'{"a": 1}', "R0902"),
    "not UTF-8": (b'[{"role": "user", "content": "\xff"}]', "R0002"),
}


@pytest.mark.parametrize("case", BAD_CONVERSATIONS)
def test_a_conversation_that_cannot_be_judged(remit: Remit, folder: Path, case: str) -> None:
    """The finding tells; exit 2."""
    data, told = BAD_CONVERSATIONS[case]
    (folder / "in.json").write_bytes(data)
    done = remit("judge", "in.json", "--spec", "shop.spec")
    assert done.exit_code == 2, done.output
    assert told in done.stderr


def test_one_bad_record_does_not_hide_the_others(remit: Remit, folder: Path) -> None:
    """The good ones are judged; the exit code still is 2."""
    good = _call('"{\\"amount\\": 1}"').decode()
    (folder / "in.jsonl").write_text(f'{{"messages": {good}}}\n{{oops\n{{"messages": {good}}}\n')
    done = remit("judge", "in.jsonl", "--spec", "shop.spec", "--json")
    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 2
    assert json.loads(done.stderr)["diagnostic"]["code"] == "R0901"


@pytest.mark.parametrize("arguments", ["null", '""', '"{oops"', '"[1]"', "7"])
def test_a_call_without_proper_arguments(remit: Remit, folder: Path, arguments: str) -> None:
    """It is judged, and what asks for an argument is unknown, so the clause holds."""
    (folder / "a.spec").write_text(
        "spec a\nauthor developer\ntool x(a: number)\nclause c\n  forbid call x where a > 9\n"
    )
    (folder / "in.json").write_bytes(_call(arguments))
    done = remit("judge", "in.json", "--spec", "a.spec", "--json")
    record = json.loads(done.stdout)
    assert record["verdict"] == "deny"
    assert record["unknown"] == [{"norm": "a::c", "terms": ["a > 9"]}]


def test_ids_that_are_used_twice(remit: Remit, folder: Path) -> None:
    """A warning; both conversations are judged, under ids that differ."""
    line = json.dumps({"id": "a", "messages": [{"role": "user", "content": "hi"}]})
    (folder / "in.jsonl").write_text(f"{line}\n{line}\n")
    done = remit("judge", "in.jsonl", "--spec", "shop.spec", "--json")
    assert "R0908" in done.stderr
    assert [json.loads(one)["conversation"] for one in done.stdout.splitlines()] == ["a", "a (2)"]


def test_numbers_beyond_64_bit_are_compared_exactly(remit: Remit, folder: Path) -> None:
    """They are numbers like any other."""
    (folder / "in.json").write_bytes(
        _call('{"order": "A", "amount": 123456789012345678901234567890}').replace(
            b'"x"', b'"refund"'
        )
    )
    done = remit("judge", "in.json", "--spec", "shop.spec")
    assert done.exit_code == 1
    assert "amount: 123456789012345678901234567890" in done.stdout


def test_half_characters(remit: Remit, folder: Path) -> None:
    """A lone surrogate is noted, replaced, and can be printed."""
    (folder / "in.json").write_bytes(b'[{"role": "user", "content": "\\ud800!"}]')
    done = remit("judge", "in.json", "--spec", "shop.spec")
    assert done.exit_code == 0
    assert "note[R0903]" in done.stderr
    assert '"\ufffd!"' in done.stdout


@pytest.mark.slow
def test_a_message_of_50_mb(remit: Remit, folder: Path) -> None:
    """It is judged, and shown in part."""
    (folder / "in.json").write_text(json.dumps([{"role": "user", "content": "x" * 50_000_000}]))
    done = remit("judge", "in.json", "--spec", "shop.spec")
    assert done.exit_code == 0
    assert len(done.stdout) < 500


@pytest.mark.parametrize(
    "words",
    [[], ["chek"], ["check"], ["judge", "a"], ["check", "--stict", "a"],
     ["test", "shop.spec", "--fail-under", "many"], ["graph", "shop.spec", "--format", "png"],
     ["show", "nothing"], ["show", "schema", "spec"], ["explain", "R9999"],
     ["new", "forbid"], ["new", "a..b"], ["new", "../a"], ["test", "shop.spec", "-k", "nothing"]],
)  # fmt: skip
def test_usage(remit: Remit, folder: Path, words: list[str]) -> None:
    """What was typed wrongly is said on the error stream; exit 2."""
    done = remit(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage: remit" in done.stderr
    assert [one.name for one in folder.iterdir()] == ["shop.spec"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["chek"], "Did you mean `check`?"),
        (["explain", "101"], "Did you mean `R0101`?"),
        (["explain", "R01O1"], "Did you mean `R0101`?"),
    ],
)
def test_suggestions(remit: Remit, words: list[str], told: str) -> None:
    """A word that is nearly right."""
    assert told in remit(*words).stderr
