"""`verify` finds whatever is done to a ledger, and nothing in one that is as it was written."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import LARGE, SMALL, told

import remit
from remit.ledger import model
from remit.ledger.checkpoint import CheckpointError, checkpoint, read_checkpoint
from remit.ledger.sink import Ledger
from remit.ledger.verify import verify
from remit.ledger.write import Writer

Golden = Callable[[Path, str], None]
law = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def ledger(policy: remit.Policy, path: Path) -> Path:
    """Twelve lines."""
    with Ledger(path, sync="none") as made:
        session = told(policy, made)
        for step in (SMALL, LARGE, remit.Message("user", "hi"), SMALL, SMALL, LARGE, SMALL):
            session.decide(step)
    return path


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _codes(path: Path, lines: list[bytes]) -> list[str]:
    path.write_bytes(b"".join(lines))
    return [one.code for one in verify([path]).findings]


def test_a_ledger_is_whole(ledger: Path) -> None:
    found = verify([ledger])
    assert found.findings == []
    assert found.is_closed
    assert (found.records, found.kinds["decision"]) == (len(_lines(ledger)), 7)
    packed = ledger.with_suffix(".gz")
    packed.write_bytes(gzip.compress(ledger.read_bytes()))
    assert verify([packed]).to_json() == found.to_json()


@law
@given(st.data())
def test_any_changed_byte_is_found(ledger: Path, data: st.DataObject) -> None:
    whole = ledger.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 2))  # without the last line end, it is only cut
    other = data.draw(st.integers(1, 255))
    changed = bytearray(whole)
    changed[at] ^= other
    file = ledger.with_name("changed.jsonl")
    file.write_bytes(bytes(changed))
    assert not verify([file]).is_whole


@law
@given(st.data())
def test_any_other_row_of_lines_is_found(ledger: Path, data: st.DataObject) -> None:
    """Removed, doubled, in another order; all but lines cut off at the end."""
    lines = _lines(ledger)
    row = data.draw(st.lists(st.sampled_from(range(len(lines))), max_size=len(lines) + 2))
    file = ledger.with_name("moved.jsonl")
    file.write_bytes(b"".join(lines[number] for number in row))
    assert verify([file]).is_whole == (row == list(range(len(row))))


def _anew(lines: list[bytes], at: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a record and give it the hash that it would have."""
    data = json.loads(lines[at])
    change(data["record"])
    lines[at], _ = model.line(
        data["kind"], data["seq"], data["time"], data["prev"], model.encoded(data["record"])
    )


def test_each_mischief_has_its_finding(ledger: Path) -> None:
    lines = _lines(ledger)
    changed = [line.replace(b'"verdict":"ask"', b'"verdict":"allow"') for line in lines]
    assert _codes(ledger, changed) == ["R1302"]
    assert _codes(ledger, lines[:5] + lines[6:]) == ["R1303"]
    assert _codes(ledger, [*lines[:5], lines[6], lines[5], *lines[7:]]) == ["R1303", "R1303"]
    assert _codes(ledger, [*lines[:5], b"\n", *lines[6:]]) == ["R1301"]
    assert _codes(ledger, [*lines[:-1], lines[-1][:-9]]) == ["R1301"]
    assert _codes(ledger, lines[3:]) == ["R1303"], "it does not begin as a file does"
    _anew(lines, 5, lambda record: record.update(verdict="deny"))
    assert _codes(ledger, lines) == ["R1303"], "a new hash is not the one that follows"


def test_two_ledgers_are_not_one(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    Writer(other, sync="none").close()
    assert not verify([ledger, other]).is_whole


def test_findings_do_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(b"x\n" * 3_000)
    found = verify([file])
    assert (len(found.findings), found.more) == (1_000, 2_000)


@pytest.mark.parametrize(
    "text",
    [b"", b"\x00" * 10, b'{"hash":"' + b"0" * 64, b"[" * 10_000, b"\xff\xfe", b"\x28\xb5\x2f\xfd"],
)
def test_no_file_is_too_bad(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(text)
    assert verify([file]).records == 0
    assert verify([tmp_path / "none.jsonl"]).findings[0].code == "R0001"


# ---- checkpoints


def _kept(path: Path, data: dict[str, Any]) -> Path:
    file = path.with_name("checkpoint.json")
    file.write_text(json.dumps(data))
    return file


def test_a_checkpoint_shows_what_is_missing_at_the_end(ledger: Path) -> None:
    known = read_checkpoint(_kept(ledger, checkpoint(ledger)))
    assert verify([ledger], [known]).findings == []
    lines = _lines(ledger)
    ledger.write_bytes(b"".join(lines[:-2]))
    assert verify([ledger]).is_whole
    assert [one.code for one in verify([ledger], [known]).findings] == ["R1304"]


def test_a_checkpoint_shows_what_was_written_anew(policy: remit.Policy, ledger: Path) -> None:
    known = read_checkpoint(_kept(ledger, checkpoint(ledger)))
    lines, prev = _lines(ledger), model.START
    for at, line in enumerate(lines):
        data = json.loads(line)
        data["record"].pop("ask", None)
        lines[at], prev = model.line(
            data["kind"], data["seq"], data["time"], prev, model.encoded(data["record"])
        )
    ledger.write_bytes(b"".join(lines))
    assert verify([ledger]).is_whole
    assert [one.code for one in verify([ledger], [known]).findings] == ["R1304"]


def test_a_checkpoint_of_another_ledger(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    Writer(other, sync="none").close()
    known = read_checkpoint(_kept(ledger, checkpoint(other)))
    assert [one.code for one in verify([ledger], [known]).findings] == ["R1304"]


def test_signatures(ledger: Path, tmp_path: Path) -> None:
    """By keys as `openssl` makes them."""
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    from cryptography.hazmat.primitives import serialization as form

    def pem(key: Any) -> tuple[bytes, bytes]:
        private = key.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        )
        public = key.public_key().public_bytes(
            form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
        )
        return private, public

    (private, public), (_, other) = (pem(ed25519.Ed25519PrivateKey.generate()) for _ in range(2))
    data = checkpoint(ledger, private)
    assert read_checkpoint(_kept(ledger, data), public).seq == data["seq"]
    for changed, key in ((data, other), ({**data, "seq": 1}, public), (checkpoint(ledger), public)):
        with pytest.raises(CheckpointError, match="sign"):
            read_checkpoint(_kept(ledger, changed), key)
    for key in (b"", public, b"-----BEGIN PRIVATE KEY-----\n"):
        with pytest.raises(CheckpointError, match="no private Ed25519 key"):
            checkpoint(ledger, key)
    with pytest.raises(CheckpointError, match="no public Ed25519 key"):
        read_checkpoint(_kept(ledger, data), private)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_keys_of_openssl(ledger: Path, tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    private, public = tmp_path / "key.pem", tmp_path / "public.pem"
    for words in (
        ["genpkey", "-algorithm", "ed25519", "-out", str(private)],
        ["pkey", "-in", str(private), "-pubout", "-out", str(public)],
    ):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    data = checkpoint(ledger, private.read_bytes())
    assert read_checkpoint(_kept(ledger, data), public.read_bytes()).hash == data["hash"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"checkpoint": 2}', "\ud800", "[" * 10_000])
def test_what_is_no_checkpoint(tmp_path: Path, text: str) -> None:
    file = tmp_path / "checkpoint.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CheckpointError, match="no checkpoint"):
        read_checkpoint(file)
