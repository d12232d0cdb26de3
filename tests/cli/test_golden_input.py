"""What a person sees for input that no text file can hold: golden output of the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import Result

from remit.conversation import read
from remit.store.layout import FORM

Remit = Callable[..., Result]
Golden = Callable[[Path, str], None]
DATA = Path("data") / "bad"
SPEC = b"spec a.b\nauthor developer\nclause c\n  forbid call x\n"
SAID = b'{"messages": [{"role": "user", "content": "hello"}]}'

SPECS = {
    "R0002": SPEC + b"# \xe9\n",
    "R0003": SPEC + b"# a\0b\n",
    "R0004": SPEC + b"# x\n" * 2_600_000,
    "R0005": b"REMITP\r\n" + FORM.to_bytes(2, "big") + bytes(100),
}
CONVERSATIONS = {
    "R0904": ("in.json", b'{"messages": [{"role": "wizard", "content": "hello"}]}'),
    "R0905": ("in.json.zst", zstandard.compress(SAID)[:-6]),
    "R0906": ("in.json", b'{"messages": ' + b"[" * 1000 + b"]" * 1000 + b"}"),
    "R0907": ("in.jsonl", SAID + b"\n" + SAID.replace(b"hello", b"x" * 300_000) + b"\n"),
}


@pytest.mark.parametrize("code", SPECS)
def test_specs(remit: Remit, folder: Path, golden: Golden, code: str) -> None:
    (folder / "bad.spec").write_bytes(SPECS[code])
    done = remit("check", "bad.spec")
    assert done.exit_code == 2
    golden(DATA / f"{code}.txt", done.output)


@pytest.mark.parametrize("code", CONVERSATIONS)
def test_conversations(
    remit: Remit, folder: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    name, data = CONVERSATIONS[code]
    monkeypatch.setattr(read, "LIMIT", 100_000)  # the real limit, 256 MiB, takes too long here
    (folder / name).write_bytes(data)
    done = remit("judge", name, "--spec", "shop.spec", "--quiet")
    assert done.exit_code == 2
    golden(DATA / f"{code}.txt", done.stderr)


def _without_the_verdict(record: dict[str, Any]) -> object:
    return {key: value for key, value in record.items() if key != "verdict"}


def _by_another_policy(record: dict[str, Any]) -> object:
    return {**record, "policy": {**record["policy"], "digest": "0" * 64}}


def _more_permissive(record: dict[str, Any]) -> object:
    return {**record, "verdict": "allow"}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("R1001", _without_the_verdict),
        ("R1002", _by_another_policy),
        ("R1003", _more_permissive),
    ],
)
def test_records(
    remit: Remit,
    folder: Path,
    golden: Golden,
    code: str,
    change: Callable[[dict[str, Any]], object],
) -> None:
    call = {"kind": "call", "tool": "refund", "args": {"order": "A1", "amount": 350}}
    (folder / "in.json").write_text(json.dumps({"id": "one", "steps": [call]}), "utf-8")
    made = remit("judge", "in.json", "--spec", "shop.spec", "--json")
    record = change(json.loads(made.stdout))
    (folder / "record.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    done = remit("verify", "record.jsonl", "--spec", "shop.spec")
    assert done.exit_code in (1, 2)
    digest = json.loads(made.stdout)["policy"]["digest"]
    golden(
        DATA / f"{code}.txt", done.output.replace(digest, "D" * 64).replace(digest[:12], "D" * 12)
    )
