"""What `load` keeps: used as long as a compilation would see the same files, and else made anew."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import remit
from remit.scenarios import measure, run_scenarios
from remit.seal import sealed
from remit.store import cache
from remit.store.layout import FORM

SHOP = """spec shop
author developer
extends house
tools from "tools.json"
clause refunds "Not above {most}."
  forbid call refund where amount > {most}
scenario "a small refund"
  agent calls refund(order: "A1", amount: 1)
  expect allow
"""
HOUSE = (
    "spec house\nauthor system\nclause quiet\n  forbid message from assistant where text = {word}\n"
)
TOOLS = {"refund": {"type": "object", "properties": {"amount": {"type": "number"},
                                                     "order": {"type": "string"}}}}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache; specs are beside it."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("REMIT_CACHE", str(folder))
    (tmp_path / "shop.spec").write_text(SHOP.format(most=200), "utf-8")
    (tmp_path / "house.spec").write_text(HOUSE.format(word='"no"'), "utf-8")
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS), "utf-8")
    return folder


def load(place: Path) -> tuple[remit.Policy, bool]:
    """The policy, and whether it was compiled for that: then there is an entry of another time."""
    before = stamps(place)
    policy = remit.load(place.parent / "shop.spec")
    return policy, stamps(place) != before


def stamps(place: Path) -> set[tuple[str, int]]:
    """The entries, and when they were written."""
    return {(one.name, one.stat().st_mtime_ns) for one in place.glob("*")}


def verdicts(policy: remit.Policy) -> list[str]:
    """What it says of a few steps."""
    steps: list[remit.Step] = [
        remit.Call("refund", {"order": "A1", "amount": 250}),
        remit.Message("assistant", "no"),
        remit.Message("assistant", "yes"),
    ]
    return [policy.session().decide(step).verdict for step in steps]


def test_it_is_compiled_once(place: Path) -> None:
    """And is the same the second time, whatever is asked of it."""
    first, compiled = load(place)
    assert compiled
    second, compiled = load(place)
    assert not compiled
    assert verdicts(first) == verdicts(second) == ["deny", "deny", "allow"]
    assert (first.name, first.digest, first.store()) == (second.name, second.digest, second.store())
    assert first.graph == second.graph
    one, other = ([result.to_json() for result in run_scenarios(each)] for each in (first, second))
    assert [{**each, "seconds": 0} for each in one] == [{**each, "seconds": 0} for each in other]
    assert other[0]["passed"]
    told = [measure(each, run_scenarios(each)).to_json() for each in (first, second)]
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ["shop.spec", "house.spec", "tools.json"])
def test_any_file_that_changes_is_seen(place: Path, name: str) -> None:
    """Though its size and its time stay."""
    load(place)
    path = place.parent / name
    text, stamp = path.read_text("utf-8"), path.stat()
    changed = text.replace("200", "300").replace('"no"', '"on"').replace("number", "string")
    assert changed != text
    path.write_text(changed, "utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    try:
        policy, compiled = load(place)
    except remit.SpecError:
        assert name == "tools.json"
        return
    assert compiled
    assert verdicts(policy) == {"shop.spec": ["allow", "deny", "allow"],
                                "house.spec": ["deny", "allow", "allow"]}[name]  # fmt: skip


def test_a_nearer_file_is_seen(place: Path) -> None:
    """A spec that is found by its name, where there was none before."""
    (place.parent / "house.spec").rename(place.parent / "elsewhere.spec")
    (place.parent / "house").mkdir()
    (place.parent / "elsewhere.spec").rename(place.parent / "house" / "house.spec")
    assert load(place)[1]
    assert not load(place)[1]
    (place.parent / "house.spec").write_text(HOUSE.format(word='"yes"'), "utf-8")
    policy, compiled = load(place)
    assert compiled
    assert verdicts(policy) == ["deny", "allow", "deny"]


def test_a_file_that_is_gone_is_seen(place: Path) -> None:
    load(place)
    (place.parent / "house.spec").unlink()
    with pytest.raises(remit.SpecError):
        load(place)


def test_another_version_compiles_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(place)
    monkeypatch.setattr(remit, "__version__", "0.0.0")
    assert load(place)[1]


@pytest.mark.parametrize("damage", [
    lambda data: b"", lambda data: data[:-1], lambda data: data[:50], lambda data: b"x" * 1000,
    lambda data: data[:200] + b"\0" + data[201:],
    lambda data: sealed(cache.MAGIC, FORM, "00" * 32, data[46:]),
    lambda data: sealed(cache.MAGIC, FORM, data[10:42].hex(), b"\0\0\0\1{" + b"x" * 99),
    lambda data: sealed(cache.MAGIC, FORM, data[10:42].hex(), data[46:-9]),
])  # fmt: skip
def test_a_damaged_entry_is_made_anew(place: Path, damage: object) -> None:
    """And nobody hears of it."""
    load(place)
    (entry,) = place.glob("*")
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))  # type: ignore[operator]
    policy, compiled = load(place)
    assert compiled
    assert verdicts(policy) == ["deny", "deny", "allow"]
    assert entry.read_bytes() == whole


def test_only_the_user_may_read_it(place: Path) -> None:
    load(place)
    (entry,) = place.glob("*")
    if sys.platform != "win32":
        assert entry.stat().st_mode & 0o777 == 0o600
        assert place.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_a_folder_that_others_may_write_to_is_not_used(place: Path) -> None:
    """They might put in a policy of theirs."""
    load(place)
    place.chmod(0o777)
    before = stamps(place)
    assert verdicts(load(place)[0]) == ["deny", "deny", "allow"]
    assert stamps(place) == before


def test_a_folder_that_cannot_be_made_is_done_without(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.parent / "file").write_text("", "utf-8")
    monkeypatch.setenv("REMIT_CACHE", str(place.parent / "file" / "cache"))
    assert verdicts(load(place)[0]) == ["deny", "deny", "allow"]


def test_it_can_be_switched_off(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMIT_CACHE", "off")
    load(place)
    assert not place.exists()
    assert cache.folder({"REMIT_CACHE": "0"}) is None
    assert cache.folder({"XDG_CACHE_HOME": "relative", "LOCALAPPDATA": ""}) is None or (
        sys.platform == "darwin"
    )


def test_texts_are_not_kept(place: Path) -> None:
    """Only files: a text is there for once."""
    remit.load("spec a\nauthor user\n")
    assert not place.exists()


def test_scenarios_of_specs_that_changed_are_not_run(place: Path) -> None:
    """They are of another policy."""
    load(place)
    policy, _ = load(place)
    (place.parent / "shop.spec").write_text(SHOP.format(most=300), "utf-8")
    with pytest.raises(ValueError, match="the specs have changed"):
        run_scenarios(policy)
    with pytest.raises(ValueError, match="holds no scenarios"):
        run_scenarios(remit.Policy.from_store(policy.store()))
