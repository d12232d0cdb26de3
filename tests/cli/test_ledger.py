"""`remit ledger`: what a person sees of a ledger that is whole, and of one that is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

from remit.ledger import model
from remit.models import schema

Remit = Callable[..., Result]
Golden = Callable[[Path, str], None]
DATA = Path("data") / "ledger"
OPENED = {"format": 1, "remit": "0.1.0", "ledger": "1e" * 16, "file": 1, "sync": "group"}
CALL = {"kind": "call", "tool": "refund", "args": {"order": "A1", "amount": 350}}
POLICY = "d" * 64
RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("opened", OPENED),
    ("policy", {"id": "acme.support", "digest": POLICY}),
    ("session", {
        "id": "5e" * 16, "conversation": "c1", "index": 0, "context": {},
        "policy": {"id": "acme.support", "digest": POLICY},
    }),
    ("decision", {
        "id": "a1" * 16, "session": "5e" * 16, "conversation": "c1", "policy": POLICY, "index": 0,
        "step": {"kind": "message", "role": "user", "text": "hello"}, "verdict": "allow",
        "nanoseconds": 9000,
    }),
    ("decision", {
        "id": "a2" * 16, "session": "5e" * 16, "conversation": "c1", "policy": POLICY, "index": 1,
        "step": CALL, "verdict": "ask", "decided_by": ["acme.support::refunds.limit"],
        "ask": ["manager"], "nanoseconds": 21000,
    }),
    ("answer", {"session": "5e" * 16, "conversation": "c1", "by": "manager", "yes": True,
                "call": CALL, "held": "a2" * 16}),
    ("decision", {
        "id": "a3" * 16, "session": "5e" * 16, "conversation": "c1", "policy": POLICY, "index": 2,
        "step": {**CALL, "args": {"order": "A1", "amount": {"$": "masked", "of": "x"}}},
        "verdict": "deny", "decided_by": ["acme.support::refunds.limit"], "nanoseconds": 21000,
    }),
    ("closed", {}),
]  # fmt: skip


def lines(records: Sequence[tuple[str, dict[str, Any]]] = RECORDS, first: int = 0) -> list[bytes]:
    """The lines of a ledger with these records, a second apart."""
    made, prev = [], model.START if not first else "0" * 63 + "1"
    for seq, (kind, record) in enumerate(records, first):
        time = f"2026-11-27T12:00:{seq:02}.000000Z"
        line, prev = model.line(kind, seq, time, prev, model.encoded(record))
        made.append(line)
    return made


@pytest.fixture
def write(folder: Path) -> Callable[[list[bytes]], str]:
    """Writes lines into a file."""

    def written(made: list[bytes]) -> str:
        (folder / "audit.jsonl").write_bytes(b"".join(made))
        return "audit.jsonl"

    return written


Write = Callable[[list[bytes]], str]


def test_a_ledger_that_is_whole(remit: Remit, write: Write, golden: Golden) -> None:
    done = remit("ledger", "verify", write(lines()))
    assert done.exit_code == 0
    golden(DATA / "whole.txt", done.output)
    data = json.loads(remit("ledger", "verify", "audit.jsonl", "--json").stdout)
    assert (data["whole"], data["records"], data["last"]["seq"]) == (True, 8, 7)
    again = remit("ledger", "verify", "-", stdin=b"".join(lines()[:-1]))
    assert again.exit_code == 0
    assert "not closed" in again.output


def _changed() -> list[bytes]:
    return [line.replace(b'"verdict":"deny"', b'"verdict":"allow"') for line in lines()]


GAP = {"records": {"decision": 3}, "verdicts": {"deny": 3}, "ids": [], "since": "", "until": "",
       "why": "`audit.jsonl` cannot be written: no space left on device"}  # fmt: skip
MENDED = {"bytes": 212, "lines": 0, "sha256": "e" * 64, "kept": "audit.jsonl.cut-eeeeeeeeeeee"}
BAD: dict[str, Callable[[], list[bytes]]] = {
    "R1301": lambda: [*lines()[:-1], lines()[-1][:-20]],
    "R1302": _changed,
    "R1303": lambda: lines()[:3] + lines()[5:],
    "R1305": lambda: lines([*RECORDS[:-1], ("gap", GAP)]),
    "R1306": lambda: lines([*RECORDS[:-1], ("opened", {**OPENED, "repaired": MENDED})]),
}


@pytest.mark.parametrize("code", ["R1305", "R1306"])
def test_what_a_ledger_says_of_itself_keeps_to_the_schema(code: str) -> None:
    validator = jsonschema.Draft202012Validator(schema("ledger"))
    for line in BAD[code]():
        validator.validate(json.loads(line))


@pytest.mark.parametrize("code", BAD)
def test_what_is_found(remit: Remit, write: Write, golden: Golden, code: str) -> None:
    done = remit("ledger", "verify", write(BAD[code]()))
    assert done.exit_code == (code not in ("R1305", "R1306"))
    golden(DATA / f"{code}.txt", done.output)


def test_a_cut_end_shows_against_a_checkpoint(
    remit: Remit, write: Write, folder: Path, golden: Golden
) -> None:
    done = remit("ledger", "checkpoint", write(lines()), "-o", "kept.json")
    assert (done.exit_code, done.output) == (0, "")
    words = ["ledger", "verify", "audit.jsonl", "--checkpoint", "kept.json"]
    assert remit(*words).exit_code == 0
    write(lines()[:-2])
    done = remit(*words)
    assert done.exit_code == 1
    golden(DATA / "R1304.txt", done.output)
    (folder / "kept.json").write_text("{}")
    done = remit(*words)
    assert done.exit_code == 2
    golden(DATA / "R1307.txt", done.output)


def test_what_cannot_be_read(remit: Remit, folder: Path) -> None:
    """A file that is none, or not there, is bad input; so is a key."""
    (folder / "odd.jsonl").write_text("{}\n")
    for words in (
        ["verify", "none.jsonl"], ["verify", "odd.jsonl"], ["show", "none.jsonl"],
        ["checkpoint", "odd.jsonl"], ["checkpoint", "none.jsonl"],
        ["checkpoint", "odd.jsonl", "--key", "none.pem"],
        ["verify", "odd.jsonl", "--checkpoint", "none.json"],
        ["verify", "odd.jsonl", "--public-key", "none.pem"],
    ):  # fmt: skip
        assert remit("ledger", *words).exit_code == 2, words


def test_what_is_in_it(remit: Remit, write: Write, golden: Golden) -> None:
    done = remit("ledger", "show", write(lines()))
    assert done.exit_code == 0
    golden(DATA / "show.txt", done.output)


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ((), [2, 3, 4, 5, 6]),
        (("--verdict", "ask,deny"), [4, 6]),
        (("--clause", "refunds.limit"), [4, 6]),
        (("--clause", "acme.support::refunds.limit"), [4, 6]),
        (("--clause", "limit"), []),
        (("--conversation", "c1", "--last", "2"), [5, 6]),
        (("--conversation", "c2"), []),
    ],
)
def test_what_is_looked_for(
    remit: Remit, write: Write, words: tuple[str, ...], seqs: list[int]
) -> None:
    done = remit("ledger", "show", write(lines()), "--json", *words)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [one["seq"] for one in found] == seqs
