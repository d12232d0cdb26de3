"""Where a ledger cannot be written, nothing opens, and nothing is silent."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import LARGE, SMALL, rows, told

import remit
from remit.ledger import model
from remit.ledger.errors import LedgerError
from remit.ledger.sink import Ledger
from remit.ledger.verify import verify
from remit.ledger.write import Writer

EMPTY = model.encoded({})


class Disk:
    """The system's calls on files, which fail where they are told to; the lowest seam there is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None  # bytes that are left
        self.syncs = True
        self.cuts = True
        self._write, self._cut = os.write, os.ftruncate
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "ftruncate", self.cut)
        monkeypatch.setattr("remit.ledger.file._sync", self.sync)

    def write(self, handle: int, data: bytes) -> int:
        """Writes as much as there is room for."""
        if self.room is not None:
            if self.room == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            data = data[: self.room]
            self.room -= len(data)
        return self._write(handle, data)

    def cut(self, handle: int, size: int) -> None:
        """Cuts, unless that fails too."""
        if not self.cuts:
            raise OSError(errno.EIO, "Input/output error")
        self._cut(handle, size)

    def sync(self, handle: int) -> None:
        """Has nothing to do, or fails."""
        if not self.syncs:
            raise OSError(errno.EIO, "Input/output error")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """One with room."""
    return Disk(monkeypatch)


def test_a_full_disk_denies(policy: remit.Policy, path: Path, disk: Disk) -> None:
    """The decision, and all that are told; what was half written is gone; it says so later."""
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        assert session.decide(SMALL)
        disk.room = 100
        made = [session.decide(SMALL) for _ in range(3)]
        assert {one.verdict for one in made} == {"deny"}
        assert "no space left on device" in made[0].errors[0][1]
        with pytest.raises(LedgerError, match="no space"):
            told(policy, ledger, "c2")
        disk.room = None
        assert session.decide(SMALL), "what was denied did not happen"
    assert [one["index"] for one in rows(path)] == [0, 4]
    gap = rows(path, "gap")[0]
    assert gap["records"] == {"decision": 3, "session": 1}
    assert gap["verdicts"] == {"deny": 3}
    assert len(gap["ids"]) == 3
    assert [one.code for one in verify([path]).findings] == ["R1305"]
    assert ledger.missed == 4


def test_where_it_is_to_go_on_it_says_so(
    policy: remit.Policy, path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    with Ledger(path, sync="none", failing="go on") as ledger:
        session = told(policy, ledger)
        disk.room = 100
        made = [session.decide(one) for one in (SMALL, LARGE)]
        assert [one.verdict for one in made] == ["allow", "ask"]
        session.approve(made[1], "manager")
        assert ledger.missed == 3
        assert len(caplog.records) == 1, "once for each gap"
        assert "no space left" in caplog.text
        disk.room = None
        session.decide(LARGE)
    gap = rows(path, "gap")[0]
    assert gap["records"] == {"decision": 2, "answer": 1}
    assert gap["verdicts"] == {"allow": 1, "ask": 1}
    assert [one["index"] for one in rows(path)] == [2]
    assert [one.code for one in verify([path]).findings] == ["R1305"]


def test_the_hook_tells_what_is_missing(policy: remit.Policy, path: Path, disk: Disk) -> None:
    """So that telemetry can count it."""
    with Ledger(path, sync="none", failing="go on") as ledger:
        from remit.hooks.model import Told

        decision = policy.session().decide(SMALL)
        here = Told("0" * 32, decision, "c1", 0.0)
        assert ledger.remit_decided(here).keys() == {"remit.ledger.seq", "remit.ledger.hash"}
        disk.room = 0
        assert "no space" in str(ledger.remit_decided(here)["remit.ledger.error"])


def test_what_cannot_be_taken_away_goes_before_the_next(path: Path, disk: Disk) -> None:
    with Writer(path, sync="none") as writer:
        size = path.stat().st_size
        disk.room = 30
        with pytest.raises(LedgerError):
            writer.append("decision", EMPTY)
        assert path.stat().st_size == size
        disk.room, disk.cuts = 30, False
        with pytest.raises(LedgerError):
            writer.append("decision", EMPTY)
        with pytest.raises(LedgerError):
            writer.append("decision", EMPTY)
        disk.room, disk.cuts = None, True
        assert writer.append("decision", EMPTY).seq == 1
    assert verify([path]).findings == []


def test_a_disk_that_does_not_keep_denies(policy: remit.Policy, path: Path, disk: Disk) -> None:
    with Ledger(path, sync="each") as ledger:
        session = told(policy, ledger)
        disk.syncs = False
        assert session.decide(SMALL).verdict == "deny"
        disk.syncs = True
        assert session.decide(SMALL)
    assert [(one["index"], one["verdict"]) for one in rows(path)] == [
        (0, "allow"), (0, "deny"), (1, "allow"),
    ]  # fmt: skip
    first, corrected, _ = rows(path)
    assert corrected["corrects"] == first["id"]
    assert verify([path]).is_whole


def test_a_group_that_is_not_kept_fails_whoever_comes_next(path: Path, disk: Disk) -> None:
    with Writer(path, sync="group") as writer:
        disk.syncs = False
        writer.append("decision", EMPTY)
        assert writer._committer is not None
        while writer._committer.error is None:
            pass
        disk.syncs = True
        with pytest.raises(LedgerError, match="input/output error"):
            writer.append("decision", EMPTY)
        writer.append("decision", EMPTY)
    assert verify([path]).findings == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_is_read_only(policy: remit.Policy, path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(LedgerError, match="permission denied"):
            Ledger(path)
    finally:
        path.parent.chmod(0o700)


def test_a_disk_that_is_read_only(
    policy: remit.Policy, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system says it to everybody, root too."""

    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(LedgerError, match="read-only file system"):
        Ledger(path)
    with Ledger(path, failing="go on") as ledger:
        assert told(policy, ledger).decide(SMALL)
        assert ledger.missed == 2


@pytest.mark.parametrize("bad", ["none/audit.jsonl", "", "file/audit.jsonl"])
def test_a_place_that_cannot_be_written(policy: remit.Policy, tmp_path: Path, bad: str) -> None:
    """With `deny` it does not begin; going on, it goes on, and comes back when it can."""
    (tmp_path / "file").write_text("")
    where = tmp_path / bad
    with pytest.raises(LedgerError):
        Ledger(where)
    with Ledger(where, failing="go on") as ledger:
        assert told(policy, ledger).decide(SMALL)
        assert ledger.missed == 2
        if bad.startswith("none"):
            where.parent.mkdir()
            ledger._again = 0.0  # a second has gone by
            assert told(policy, ledger).decide(SMALL)
            assert rows(where, "gap")[0]["records"] == {"session": 1, "decision": 1}


def test_a_lock_that_is_held(policy: remit.Policy, path: Path) -> None:
    with Writer(path, sync="none"):
        with pytest.raises(LedgerError, match="another process"):
            Ledger(path)
        ledger = Ledger(path, sync="none", failing="go on")
        assert told(policy, ledger).decide(SMALL)
    ledger._again = 0.0
    assert told(policy, ledger).decide(SMALL)
    ledger.close()
    assert len(rows(path)) == 1
    assert [one.code for one in verify([path]).findings] == ["R1305"]


def test_after_its_end_nothing_is_written(policy: remit.Policy, path: Path) -> None:
    ledger = Ledger(path, sync="group")
    session = told(policy, ledger)
    ledger.close()
    assert session.decide(SMALL).verdict == "deny"
    ledger.close()


@pytest.mark.parametrize("how", ["removed", "moved", "cut", "longer"])
def test_a_file_that_is_touched_while_it_is_written(path: Path, how: str) -> None:
    """It shows in the ledger, and nothing more is lost."""
    with Writer(path, sync="none") as writer:
        for _ in range(3):
            writer.append("decision", EMPTY)
        away = path.with_name("away.jsonl")
        if how == "removed":
            path.unlink()
        elif how == "moved":
            path.rename(away)
        elif how == "cut":
            os.truncate(path, path.stat().st_size - 100)
        else:
            with path.open("ab") as file:
                file.write(b"{not a line")
        writer._look = 0.0  # a second has gone by
        assert writer.append("decision", EMPTY).seq == 5
    found = verify([path, away] if how == "moved" else [path])
    assert "R1306" in {one.code for one in found.findings}
    assert found.is_whole == (how != "cut")
    assert found.last is not None
    assert found.last.seq == 6


def test_an_interrupt_in_the_middle_of_a_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def interrupted(handle: int, data: bytes) -> int:
        real(handle, data[: len(data) // 2])
        raise KeyboardInterrupt

    with Writer(path, sync="none") as writer:
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                writer.append("decision", EMPTY)
        writer.append("decision", EMPTY)
    assert verify([path]).findings == []


@given(st.lists(st.sampled_from(["ok", "full", "torn", "lost"]), min_size=1, max_size=12))
@settings(deadline=None, max_examples=60,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_nothing_opens_when_the_ledger_fails(
    policy: remit.Policy, tmp_path: Path, weather: list[str]
) -> None:
    """What was allowed is in the ledger, whatever the disk did in between."""
    path = tmp_path / f"{os.urandom(8).hex()}.jsonl"
    with pytest.MonkeyPatch.context() as patched:
        disk = Disk(patched)
        with Ledger(path, sync="each") as ledger:
            session = told(policy, ledger)
            allowed = []
            for number, state in enumerate(weather):
                disk.room = {"full": 0, "torn": 57}.get(state)
                disk.syncs, disk.cuts = state != "lost", state != "torn"
                if session.decide(remit.Call("send", {"to": str(number), "text": ""})):
                    allowed.append(number)
            disk.room, disk.syncs, disk.cuts = None, True, True
    kept = rows(path)
    corrected = {one.get("corrects") for one in kept}
    there = [one["index"] for one in kept
             if one["verdict"] == "allow" and one["id"] not in corrected]  # fmt: skip
    assert set(allowed) <= set(there)
    assert allowed == [number for number, state in enumerate(weather) if state == "ok"]
    assert verify([path]).is_whole


# ---- the end of the process


def _process(code: str, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], env=environment, stdout=subprocess.PIPE, text=True
    )


WRITES = """
import sys
from concurrent.futures import ThreadPoolExecutor
from remit.ledger.write import Writer

writer = Writer(sys.argv[1], sync=sys.argv[2], most_bytes=50_000)
def write(part):
    number = 0
    while True:
        place = writer.append("decision", b'{"text":"%s"}' % (b"x" * (number * 37 % 5000)))
        sys.stdout.write(f"{place.seq}\\n")
        sys.stdout.flush()
        number += 1
with ThreadPoolExecutor(2) as pool:
    list(pool.map(write, range(2)))
"""


@pytest.mark.skipif(os.name != "posix", reason="no kill -9 here")
@pytest.mark.parametrize(
    ("sync", "after"), [("none", 1), ("group", 150), ("each", 40), ("none", 700)]
)
def test_a_killed_process_loses_at_most_the_line_it_writes(
    path: Path, sync: str, after: int
) -> None:
    """Whatever it had said that it wrote is there; opening it again mends the rest and says so."""
    process = _process(WRITES, str(path), sync)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(after)]
    process.kill()
    said += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.wait()
    process.stdout.close()
    left = path.read_bytes() if path.exists() else b""
    cut = bool(left) and not left.endswith(b"\n")
    Writer(path, sync="none").close()
    files = [path, *path.parent.glob("audit.0*.jsonl")]
    found = verify(files)
    assert found.is_whole
    assert [one.code for one in found.findings] == ["R1306"] * cut
    seqs = set(_seqs(files))
    assert set(said) <= seqs
    assert found.last is not None
    assert sorted(seqs) == list(range(found.last.seq + 1))


def _seqs(files: list[Path]) -> Iterator[int]:
    for file in files:
        for line in file.read_bytes().splitlines(keepends=True):
            read = model.parsed(line)
            assert read is not None
            yield read.seq


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_the_last_line_ends_it_is_mended(tmp_path: Path, data: Any) -> None:
    """Also where the system had filled the rest with nothing."""
    path = tmp_path / f"{os.urandom(8).hex()}.jsonl"
    with Writer(path, sync="none") as writer:
        for number in range(3):
            writer.append("decision", model.encoded({"n": number, "text": "é" * 50}))
    whole = path.read_bytes()
    end = data.draw(st.integers(0, len(whole)))
    rest = data.draw(st.sampled_from([b"", b"\x00" * 50, b"\x00" * 50 + b"\n", b"\n"]))
    path.write_bytes(whole[:end] + rest)
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(path.read_bytes(), whole, strict=False))
    kept = whole[: whole.rfind(b"\n", 0, len(list(pairs))) + 1]
    mended = path.read_bytes()[len(kept) :]
    if not kept and b"\n" in mended:
        return  # it does not begin as a ledger does any more
    Writer(path, sync="none").close()
    assert path.read_bytes().startswith(kept)
    found = verify([path])
    assert found.is_whole
    assert [one.code for one in found.findings] == ["R1306"] * bool(mended)
    if mended:
        aside = [one for one in tmp_path.glob(f"{path.name}.cut-*") if one.read_bytes() == mended]
        assert len(aside) == 1


def test_a_last_line_that_does_not_hold_is_put_aside(path: Path) -> None:
    """As after a power failure; the file beside it is the evidence, whoever did it."""
    with Writer(path, sync="none") as writer:
        for _ in range(2):
            writer.append("decision", model.encoded({"n": 1}))
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:2]) + whole[2].replace(b'"n":1', b'"n":2'))
    Writer(path, sync="none").close()
    found = verify([path])
    assert [one.code for one in found.findings] == ["R1306"]
    assert rows(path, "opened")[1]["repaired"]["lines"] == 1
    assert path.read_bytes().startswith(b"".join(whole[:2]))


def test_a_small_limit_of_the_system(path: Path) -> None:
    """A file that may not grow further, as the system itself says it."""
    code = """
import resource, signal, sys
import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.sink import Ledger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
policy = remit.load("spec a.b\\nauthor user\\ntool t()\\n")
with Ledger(sys.argv[1], sync="none") as ledger:
    session = policy.session(tell=Teller(manager([ledger])))
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
    print(*[session.decide(remit.Call("t")).verdict for _ in range(20)])
"""
    if sys.platform == "win32":
        pytest.skip("no such limit here")
    process = _process(code, str(path))
    verdicts = process.communicate(timeout=120)[0].split()
    kept = len(rows(path))
    assert verdicts == ["allow"] * kept + ["deny"] * (20 - kept)
    assert 0 < kept < 20
    assert verify([path]).is_whole
    assert path.stat().st_size <= 5_000
