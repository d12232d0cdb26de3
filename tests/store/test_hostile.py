"""What is no stored policy is refused in words; what is one never runs, never hangs, never raises.

Whoever writes a store may write any policy. So what is held here is that bytes from anywhere are
refused, or are a policy: one that decides, and whose every mistake denies.
"""

from __future__ import annotations

import json
import zlib
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.state import small
from tests.store.parts import Parts, sealed_parts

import remit
from remit.policy import Policy, check
from remit.seal import sealed
from remit.store.errors import StoreError
from remit.store.layout import FORM, MAGIC
from remit_grammar.diagnostic import render

ODD: list[Any] = [
    None, True, -1, 0, 1.5, 10**30, 10**6, "", "x", "and", "\ud800", [], [1], [[]], ["x", 1], {},
    {"a": 1}, {"$": "code"}, [["not", []]],
]  # fmt: skip
STEPS: list[Any] = [
    remit.Call("pay", {"order": "A1", "amount": 1}), remit.Message("user", "stop"),
    remit.Call("look", {"order": "A1"}), remit.Message("assistant", "idiot"),
    remit.Result("look", "free"), remit.Handoff("other"),
]  # fmt: skip


@cache
def stored() -> bytes:
    """A policy with something of everything."""
    return small.policy_of(tuple(small.BLOCKS), tuple(small.SPOKEN), 2).store()


def refused(data: object, why: str) -> None:
    """Loading says so, in one line and as a finding."""
    with pytest.raises(StoreError, match=why) as error:
        Policy.from_store(data)  # type: ignore[arg-type] # that is the case
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400
    assert [one.code for one in error.value.diagnostics] == ["R0005"]


def used(data: bytes) -> bool:
    """Whether bytes are a policy. It decides without raising, and tells what it can."""
    try:
        session = Policy.from_store(data).session(judges={"reader": small.rude})
    except StoreError:
        return False
    for step in STEPS:
        decision = session.decide(step)
        assert not (decision.errors and not decision.applied and decision)
    return True


# ---- bytes


@pytest.mark.parametrize("data", [b"", b"x", b"REMITP", "text", None, b"spec a\n" * 100])
def test_other_bytes_are_refused(data: object) -> None:
    refused(data, "not what `remit compile` writes")


def test_another_form_is_refused() -> None:
    data = sealed(MAGIC, FORM + 1, "00" * 32, b"")
    refused(data, f"it is of form {FORM + 1}, and this version reads form {FORM}")


def test_another_language_is_refused() -> None:
    parts = Parts.of(stored())
    parts.head["language"] = 2
    refused(parts.joined(), "another version of the language than 1")


def test_what_is_cut_short_is_refused() -> None:
    """Everywhere at the beginning and the end, and here and there between."""
    data = stored()
    for size in [*range(120), *range(120, len(data), 997), *range(len(data) - 50, len(data))]:
        with pytest.raises(StoreError):
            Policy.from_store(data[:size])
    refused(data + b"\0", "damaged or cut short")


def test_a_flipped_bit_is_refused() -> None:
    data, random = stored(), Random(5)
    for at in [*range(len(MAGIC) + 66), *(random.randrange(len(data)) for _ in range(300))]:
        flipped = bytearray(data)
        flipped[at] ^= 1 << random.randrange(8)
        with pytest.raises(StoreError):
            Policy.from_store(bytes(flipped))


# ---- with the right checksum


@pytest.mark.parametrize("head", [
    b"", b"{}", b"[]", b"null", b"1", b"{", b"\xff", b'{"language":1}', b"NaN", b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000, b"1" * 10_000,
])  # fmt: skip
def test_another_head_is_refused(head: bytes) -> None:
    refused(sealed_parts("00" * 32, head), "the stored policy cannot be used")


def test_a_head_that_is_longer_than_all_is_refused() -> None:
    refused(sealed(MAGIC, FORM, "00" * 32, b"\xff\xff\xff\xff{}"), "cannot be used")
    refused(sealed(MAGIC, FORM, "00" * 32, b"\0"), "its head")


def test_pieces_of_another_size_are_refused() -> None:
    parts = Parts.of(stored())
    head = {**parts.head, "rest": 10**15}
    refused(sealed_parts(parts.digest, json.dumps(head).encode()), "longer or shorter")


FORGED: dict[str, tuple[Any, ...]] = {  # where, and what stands there
    "a kind of step that is not there": ("head", "index", {"call": {}}),
    "a norm that is not there": ("head", "index", "call", "pay", [10**6]),
    "a level that is no number": ("head", "roles", {"user": "root"}),
    "a pattern that takes more than linear time": (
        "head", "directives", 0, 4, [[r"(a)\1", True, ""]],
    ),
    "a pattern with an unknown flag": ("head", "directives", 0, 4, [["a", True, "x"]]),
    "a context that is not there": (
        "head", "labels", 0, 2, ["context", [], "text", "nobody"],
    ),
    "an operation without arguments": ("head", "labels", 0, 2, ["=", [], "flag"]),
    "an operation that is none": ("head", "labels", 0, 2, ["eval", [], "flag", "1"]),
    "a source that is not there": ("head", "settings", "limit", 5, [0, 1, 99]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_no_compiler_writes_is_refused(name: str) -> None:
    """Where loading needs it."""
    parts = Parts.of(stored())
    *place, to = FORGED[name]
    _put(parts, place, to)
    refused(parts.joined(), "the stored policy cannot be used")


def test_a_circle_is_refused_where_it_is_met() -> None:
    """Who beats whom only ever points backwards, so nothing beats itself."""
    parts = Parts.of(stored())
    number = parts.head["index"]["call"]["pay"][0]
    parts.norms[number][1] = {"authority": [number]}
    session = Policy.from_store(parts.joined()).session()
    decision = session.decide(STEPS[0])
    assert decision.verdict == "deny"
    assert "beaten by a norm behind it" in decision.errors[0][1]


def test_a_norm_that_cannot_be_read_denies_every_step_that_needs_it() -> None:
    """And leaves the others alone; reading all of it finds it."""
    parts = Parts.of(stored())
    (number,) = {
        at for at, (norm, _) in enumerate(parts.norms) if norm[1] == "c.kinds"
    }  # fmt: skip
    parts.norms[number][0][3] = "allow"
    data = parts.joined()
    decision = Policy.from_store(data).session().decide(remit.Call("send", {"to": "x"}))
    assert decision.verdict == "deny"
    assert decision.errors[0][0] == "engine_error"
    assert "StoreError: the stored policy cannot be used: norm" in decision.errors[0][1]
    assert Policy.from_store(data).session().decide(remit.Call("walk", {}))


def test_odd_values_anywhere_never_raise() -> None:
    """Values all over a store are replaced by odd ones: it is refused, or it decides."""
    parts, random = Parts.of(stored()), Random(3)
    places = [place for place in _places(parts) if place[0] != "texts"]
    counts = {True: 0, False: 0}
    for _ in range(150):
        changed = deepcopy(parts)
        _put(changed, random.choice(places), random.choice(ODD))
        counts[used(changed.joined())] += 1
    assert min(counts.values()) > 15, counts


def test_deep_conditions_are_refused() -> None:
    """Where they are read, without the interpreter falling over."""
    parts = Parts.of(stored())
    deep: Any = ["const", [], "flag", True]
    for _ in range(400):
        deep = ["not", [deep], "flag"]
    _put(parts, ["head", "labels", 0, 2], deep)
    refused(parts.joined(), "nested too deep")


def test_a_text_that_unpacks_to_more_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs no more than saying so, and decisions do without."""
    from remit.store import sources

    monkeypatch.setattr(sources, "MOST_TEXT", 1 << 20)
    parts = Parts.of(stored())
    for bomb in (zlib.compress(b" " * (2 << 20)), b"", b"no zlib", zlib.compress(b"\xff")):
        parts.texts[0] = bomb
        parts.head["sources"][0][2] = len(bomb)
        policy = Policy.from_store(parts.joined())
        decision = policy.session().decide(remit.Call("pay", {"order": "A1", "amount": 1}))
        assert decision.verdict in ("deny", "ask")
        with pytest.raises(StoreError, match="the text of"):
            render(decision.explain())


# ---- all of it


def test_reading_all_finds_what_loading_does_not(tmp_path: Path) -> None:
    """A weaker index, a norm of another strength, facts that are none."""
    path = tmp_path / "small.remit"
    path.write_bytes(stored())
    assert check(path)[0] is not None

    def says(parts: Parts) -> str:
        path.write_bytes(parts.joined())
        policy, found = check(path)
        assert policy is None
        assert [one.code for one in found] == ["R0005"]
        return found[0].message

    parts = Parts.of(stored())
    parts.head["index"]["call"]["pay"] = []
    assert "does not follow" in says(parts)
    parts = Parts.of(stored())
    parts.norms[0][0][5] = 4
    assert "does not follow" in says(parts)
    parts = Parts.of(stored())
    parts.rest["files"] = [[]]
    assert "the rest has not the form" in says(parts)


def test_a_stored_policy_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "small.remit"
    path.write_bytes(stored())
    policy, found = check(path, "spec a\nauthor user\n")
    assert policy is None
    assert found[0].message.endswith("is a whole policy, so it stands alone")
    assert check(tmp_path / "nowhere.remit")[1][0].code == "R0001"
    (tmp_path / "text.remit").write_text("spec a\nauthor user\n", "utf-8")
    assert check(tmp_path / "text.remit")[1][0].code == "R0005"
    other = tmp_path / "other.name"
    other.write_bytes(stored())
    assert remit.load(other).stored


def _places(parts: Parts) -> list[list[Any]]:
    found: list[list[Any]] = []
    todo: list[list[Any]] = [["head"], ["norms"], ["rest"]]
    while todo:
        place = todo.pop()
        value = _at(parts, place)
        inner = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(
            value, list) else ()  # fmt: skip
        todo += [[*place, one] for one in inner]
        found += [place] if len(place) > 1 else []
    return found


def _at(parts: Parts, place: list[Any]) -> Any:
    value = getattr(parts, place[0])
    for key in place[1:]:
        value = value[key]
    return value


def _put(parts: Parts, place: list[Any], to: Any) -> None:
    holder = _at(parts, place[:-1])
    if isinstance(holder, list) and place[-1] == len(holder):
        holder.append(to)
    else:
        holder[place[-1]] = to
