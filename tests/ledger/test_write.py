"""What a ledger holds, and that it holds it before a step takes effect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.conftest import LARGE, SMALL, rows, told

import remit
from remit.hooks import hookimpl
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger import model
from remit.ledger.ends import numbered
from remit.ledger.errors import LedgerError
from remit.ledger.masks import Masks
from remit.ledger.sink import Ledger
from remit.ledger.verify import verify
from remit.ledger.write import Sync, Writer
from remit.models import schema
from remit.state.plain import from_plain, to_common

EMPTY = model.encoded({})


def whole(*paths: Path) -> bool:
    """Whether files are a ledger without a finding."""
    return not verify(paths).findings


def test_every_decision_is_there_in_order(policy: remit.Policy, path: Path) -> None:
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger, context={"tier": "standard"})
        made = [session.decide(step) for step in (SMALL, LARGE, remit.Message("user", "hello"))]
    found = rows(path)
    assert [one["verdict"] for one in found] == [one.verdict for one in made]
    assert [one["index"] for one in found] == [0, 1, 2]
    assert {one["conversation"] for one in found} == {"c1"}
    assert {one["agent"] for one in found} == {"desk"}
    assert found[1]["decided_by"] == list(made[1].decided_by)
    assert found[1]["ask"] == ["manager"]
    assert found[1]["advice"] == ["Wait."]
    assert found[1]["violated"] == [{"norm": made[1].decided_by[0], "remedy": "ask"}]
    begun = rows(path, "session")
    assert (begun[0]["context"], begun[0]["id"]) == ({"tier": "standard"}, found[0]["session"])
    assert rows(path, "policy") == [{"id": policy.name, "digest": policy.digest}]
    assert whole(path)


def test_it_is_written_before_the_step_takes_effect(policy: remit.Policy, path: Path) -> None:
    """A plugin that hears after it finds the line with the system already."""
    seen: list[int] = []

    class Reads:
        @hookimpl(trylast=True)
        def remit_decided(self) -> None:
            seen.append(len(rows(path)))

    with Ledger(path, sync="none") as ledger:
        session = policy.session(tell=Teller(manager([ledger, Reads()])))
        for _ in range(3):
            session.decide(SMALL)
    assert seen == [1, 2, 3]


def test_answers_are_records_of_their_own(policy: remit.Policy, path: Path) -> None:
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        session.approve(session.decide(LARGE), "manager")
        assert session.decide(LARGE)
    asked, granted = rows(path)
    answer = rows(path, "answer")[0]
    assert (answer["by"], answer["yes"], answer["held"]) == ("manager", True, asked["id"])
    assert granted["held"] == asked["id"]
    assert whole(path)


def test_anybody_can_check_the_chain(policy: remit.Policy, path: Path) -> None:
    """With nothing but a library for RFC 8785 and one for SHA-256."""
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        for text in ("é", "𝒳", "\ud800", "a\u2028b\x00"):
            session.decide(remit.Message("user", text))
        for args in ({"😀": 1, "\ue000": 2}, {"n": 10**30, "x": 1e-9, "y": 2.0}, {"$": [1.5]}):
            session.decide(remit.Call("send", args))
    prev = model.START
    for seq, line in enumerate(path.read_bytes().splitlines()):
        data = json.loads(line)
        assert rfc8785.dumps(data) == line
        stated = data.pop("hash")
        assert (data["seq"], data["prev"]) == (seq, prev)
        assert sha256(rfc8785.dumps(data)).hexdigest() == stated
        prev = stated


texts = st.text(st.characters(exclude_categories=()), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    | st.tuples(inner, inner),
    max_leaves=8,
)  # fmt: skip


@given(values)
def test_what_is_written_is_canonical_and_nothing_is_lost(value: Any) -> None:
    data = {"v": to_common(value)}
    assert model.encoded(data) == rfc8785.dumps(data)
    again = from_plain(json.loads(model.encoded(data)))["v"]
    assert again == value
    assert type(again) is type(value)


class Mute:
    """Raises whatever is asked of it."""

    def _raise(self, *_: Any) -> Any:
        raise RuntimeError

    __eq__ = __len__ = __iter__ = __bool__ = __str__ = __repr__ = _raise
    __hash__ = None  # type: ignore[assignment] # it has none


@pytest.mark.parametrize(
    "odd", [Mute(), float("nan"), {1: 2}, {"a": {1, 2}}, b"x", [[[[Mute()]]]], "\udfff", 1 << 9000]
)
def test_no_step_is_too_odd_for_a_record(policy: remit.Policy, path: Path, odd: Any) -> None:
    deep: Any = odd
    for _ in range(500):
        deep = [deep]
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        made = [session.decide(remit.Call("send", {"to": one})) for one in (odd, deep)]
        made += [session.decide(odd), session.decide(remit.Call("send", odd))]
    assert [one["verdict"] for one in rows(path)] == [one.verdict for one in made]
    assert whole(path)


# ---- files


def test_it_goes_on_where_it_ended(policy: remit.Policy, path: Path) -> None:
    for _ in range(3):
        with Ledger(path, sync="none") as ledger:
            told(policy, ledger).decide(SMALL)
    assert len(rows(path)) == len(rows(path, "opened")) == len(rows(path, "closed")) == 3
    assert whole(path)


def test_the_chain_goes_on_over_files(path: Path) -> None:
    with Writer(path, sync="none", most_bytes=2_000) as writer:
        for number in range(30):
            writer.append("decision", model.encoded({"n": number}))
    full = sorted(path.parent.glob("audit.0*.jsonl"))
    assert len(full) > 3
    assert full[0] == numbered(path, 1)
    assert all(one.stat().st_size <= 2_400 for one in full)
    assert whole(path, *full)
    later = verify([path, *full[1:]])
    assert later.is_whole
    assert later.first is not None
    assert later.first.seq > 0, "the oldest may be put away"
    assert [one.code for one in verify([path, *full[:1], *full[2:]]).findings] == ["R1303"]


def test_without_its_newest_file_a_ledger_goes_on_from_the_full_ones(path: Path) -> None:
    with Writer(path, sync="none", most_bytes=1_000) as writer:
        for number in range(9):
            writer.append("decision", model.encoded({"n": number}))
    path.unlink()
    Writer(path, sync="none").close()
    assert whole(path, *path.parent.glob("audit.0*.jsonl"))


def test_a_file_may_grow_old(path: Path) -> None:
    """By the clock of the ledger, also over runs."""
    hour = 3_600 * 10**9
    with Writer(path, sync="none", most_seconds=60, clock=lambda: hour) as writer:
        writer.append("decision", EMPTY)
        writer.append("decision", EMPTY)
    with Writer(path, sync="none", most_seconds=60, clock=lambda: 2 * hour) as writer:
        writer.append("decision", EMPTY)
    assert numbered(path, 1).exists()


def test_there_is_one_writer(path: Path) -> None:
    with Writer(path, sync="none") as writer:
        with pytest.raises(LedgerError, match="another process writes"):
            Writer(path, sync="none")
        writer.append("decision", EMPTY)
    Writer(path, sync="none", wait=5).close()


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_path_that_names_no_file(name: str) -> None:
    with pytest.raises(LedgerError, match="is no file"):
        Writer(name)


def test_a_file_that_is_no_ledger_is_left_alone(path: Path) -> None:
    for text in ("{}\n" * 3, "hello\nworld\n", "x" * 3_000_000):
        path.write_text(text)
        with pytest.raises(LedgerError, match="does not begin as a ledger does"):
            Writer(path, sync="none")
        assert path.read_text() == text


def test_a_forked_process_does_not_write(path: Path) -> None:
    """Two processes with one head would make two lines of one number."""
    code = (
        "import os, sys, warnings\n"
        "from remit.ledger.write import Writer\n"
        "writer = Writer(sys.argv[1], sync='none')\n"
        "warnings.simplefilter('ignore')\n"
        "if os.fork() == 0:\n"
        "    try:\n"
        "        writer.append('decision', b'{}')\n"
        "    except Exception as error:\n"
        "        print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "writer.append('decision', b'{}')\n"
        "writer.close()\n"
    )
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    done = _python(code, str(path))
    assert "a forked process cannot write" in done.stdout
    assert len(rows(path, "decision")) == 1


def _python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip


# ---- threads


@pytest.mark.parametrize("sync", ["none", "group", "each"])
def test_threads_share_a_ledger(policy: remit.Policy, path: Path, sync: Sync) -> None:
    """Each line whole, each conversation in its own order."""

    def talk(number: int) -> None:
        session = told(policy, ledger, f"c{number}")
        for _ in range(25):
            session.decide(LARGE)

    with Ledger(path, sync=sync) as ledger, ThreadPoolExecutor(8) as pool:
        list(pool.map(talk, range(8)))
    found = rows(path)
    assert len(found) == 200
    for number in range(8):
        own = [one["index"] for one in found if one["conversation"] == f"c{number}"]
        assert own == list(range(25))
    assert whole(path)


def test_waiting_for_the_disk_is_shared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wait serves all that was written before it, and none comes back before its own."""
    waits: list[int] = []
    from remit.ledger.file import Grown

    plain = Grown.sync

    def counted(self: Grown) -> None:
        waits.append(self.size)
        plain(self)

    monkeypatch.setattr(Grown, "sync", counted)
    with Writer(path, sync="each") as writer:
        writer.append("decision", EMPTY)
        assert len(waits) == 1
        writer._syncing.acquire()  # the disk is busy
        with ThreadPoolExecutor(4) as pool:
            done = [pool.submit(writer.append, "decision", EMPTY) for _ in range(4)]
            while writer._last < 5:
                pass
            assert not any(one.done() for one in done)
            writer._syncing.release()
        assert len(waits) == 2
        assert {one.result().seq for one in done} == {2, 3, 4, 5}


def test_a_group_is_on_the_disk_soon(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    from remit.ledger.file import Grown

    done = Event()
    monkeypatch.setattr(Grown, "sync", lambda self: done.set())
    with Writer(path, sync="group") as writer:
        writer.append("decision", EMPTY)
        assert done.wait(30)


# ---- masks


def test_what_is_masked_is_not_there(policy: remit.Policy, path: Path) -> None:
    masks = Masks(
        {"call send": ["args.text"], "message user": ["text"], "context": ["tier"]}, b"key"
    )
    with Ledger(path, sync="none", masks=masks) as ledger:
        session = told(policy, ledger, context={"tier": "gold"})
        session.decide(remit.Call("send", {"to": "a", "text": "secret"}))
        session.decide(remit.Message("user", "secret, at most 3"))
        session.decide(remit.Message("assistant", "shown"))
        session.hand_on("user").decide(remit.Call("send", {"to": "b", "text": "secret"}))
    text = path.read_text("utf-8")
    assert "secret" not in text
    assert "gold" not in text
    assert "at most 3" not in text
    assert "shown" in text
    assert rows(path, "session")[1]["saved"]["$"] == "masked"
    first, _, _, last = rows(path)
    assert first["step"]["args"] == {"to": "a", "text": masks.hidden("secret")}
    assert first["step"]["args"]["text"] == last["step"]["args"]["text"]
    assert whole(path)


def test_masks_go_through_lists_and_dotted_names() -> None:
    masks = Masks({"*": ["args.people.name", "args.a.b"]}, b"key")
    call = remit.Call("send")
    data: dict[str, Any] = {
        "args": {"people": [{"name": "Ann"}, {"age": 3}], "a.b": 1, "a": {"b": 2, "c": 3}}
    }
    shown, hidden = masks.of_step(call, data)
    assert hidden
    assert shown["args"] == {
        "people": [{"name": masks.hidden("Ann")}, {"age": 3}], "a.b": masks.hidden(1),
        "a": {"b": masks.hidden(2), "c": 3},
    }  # fmt: skip
    assert data["args"]["a"]["b"] == 2
    assert masks.of_step(call, {"args": {}}) == ({"args": {}}, False)


@pytest.mark.parametrize("name", ["cal", "", "call\tsend"])
def test_a_mask_that_names_no_steps_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names no steps to mask"):
        Masks({name: ["text"]})


@pytest.mark.parametrize("redacted", [True, False])
def test_what_the_policy_redacts(policy: remit.Policy, path: Path, redacted: bool) -> None:
    """It is not kept in clear unless that is asked for; what goes on is kept."""
    with Ledger(path, sync="none", masks=Masks(redacted=redacted)) as ledger:
        session = told(policy, ledger)
        session.decide(remit.Message("user", "my card: 1234567812345678"))
        session.decide(remit.Message("user", "stop 1234567812345678"))
    assert ("1234567812345678" in path.read_text("utf-8")) is not redacted
    first, second = rows(path)
    assert (first["verdict"], second["verdict"]) == ("redact", "halt")
    assert first["after"]["text"] == "my card: [redacted]"


# ---- traces


def test_a_trace_is_named_where_there_is_one(
    policy: remit.Policy, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's module is asked if it is loaded; nothing loads it."""
    from types import ModuleType, SimpleNamespace

    tracing = ModuleType("opentelemetry.trace")
    context = SimpleNamespace(is_valid=True, trace_id=0xABC, span_id=0xDEF)
    span = SimpleNamespace(get_span_context=lambda: context)
    tracing.get_current_span = lambda: span  # type: ignore[attr-defined] # a stand-in
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", tracing)
    with Ledger(path, sync="none") as ledger:
        told(policy, ledger).decide(SMALL)
        context.is_valid = False
        told(policy, ledger).decide(SMALL)
    first, second = rows(path)
    assert (first["trace"], first["span"]) == (f"{0xABC:032x}", f"{0xDEF:016x}")
    assert "trace" not in second


# ---- the schema


def test_what_is_written_keeps_to_the_schema(policy: remit.Policy, path: Path) -> None:
    """Every kind of line, with most of what can stand in it."""
    validator = jsonschema.Draft202012Validator(schema("ledger"))
    masks = Masks({"call send": ["args.text"], "message user": ["text"]})
    with Ledger(path, sync="none", masks=masks, keep=[policy], most_bytes=6_000) as ledger:
        session = told(policy, ledger, context={"tier": "gold"}, judges={"reader": lambda _: True})
        session.approve(session.decide(LARGE), "manager", person="Ann")
        for step in (
            LARGE, SMALL, SMALL, SMALL, remit.Message("user", "at most 3, 1234567812345678"),
            remit.Message("assistant", "hm"), remit.Call("send", {"to": Mute()}), {"kind": 1},
            remit.Message("tool", "at most 5"), remit.Call("send", {"text": "a"}, bad_args="{"),
        ):  # fmt: skip
            session.decide(step)
        session.hand_on("user", {"limit": ("<=", 2)}).decide(SMALL)
    kinds = set()
    for file in path.parent.glob("audit*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            data = json.loads(line)
            kinds.add(data["kind"])
            assert not [*validator.iter_errors(data)], data
    assert kinds >= {"opened", "rotated", "policy", "session", "decision", "answer"}
