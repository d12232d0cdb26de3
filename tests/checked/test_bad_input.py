"""Bad input through the front door: findings, never a traceback, and nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest

import remit
from remit import SpecError
from remit_grammar.read import LARGEST
from remit_grammar.source import Source

HEAD = "spec s\nauthor developer\n"


def _codes(*specs: str | Path | Source) -> list[str]:
    policy, found = remit.check(*specs)
    assert (policy is None) == any(one.is_error for one in found)
    return [one.code for one in found]


@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment\n", "\ufeff\n"])
def test_nothing_at_all(text: str) -> None:
    """An empty text says neither its name nor its author."""
    assert set(_codes(text)) == {"R0204", "R0605"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "R0002"), (b"spec s\xff", "R0002"),
        (b"spec s\x00\nauthor developer\n", "R0003"), (b"\xfe\xffs\x00p\x00", "R0002"),
        (b" " * (LARGEST + 1), "R0004"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes, code: str) -> None:
    """One finding, about the file."""
    path = tmp_path / "x.spec"
    path.write_bytes(data)
    assert _codes(path) == [code]


def test_paths_that_name_no_file(tmp_path: Path) -> None:
    """A folder, a missing file, and names that no system takes."""
    for path in (tmp_path, tmp_path / "none.spec", Path("a\0b"), Path("x" * 5000)):
        assert _codes(path) == ["R0001"]


@pytest.mark.parametrize(
    "name", ["x" * 5000, "../../nothing/here", "con", "a b", "*", "%s{}", "\u202e"]
)
def test_hostile_names_of_files(name: str) -> None:
    """Each is only a name that nothing has."""
    assert _codes(f'{HEAD}extends "{name}"\nclause a\n  forbid output\n') == ["R0303"]
    assert _codes(f"{HEAD}extends `{name}`\nclause a\n  forbid output\n") == ["R0303"]


@pytest.mark.parametrize("name", ["__class__", "x" * 100_000, "{0}", "\u202etxt", "a b", "%n"])
def test_hostile_names_in_conditions(name: str) -> None:
    """They are compared, never run or looked up anywhere else."""
    tool = "tool pay(amount: number)\n"
    found = _codes(f"{HEAD}{tool}clause a\n  forbid call pay where `{name}` > 1\n")
    assert found == ["R0301"]
    found = _codes(f"{HEAD}clause `{name}`\n  forbid call pay where amount > 1\n")
    assert found == []


def test_a_long_and_a_deep_condition() -> None:
    """Ten thousand parentheses are too deep; ten thousand operands are only many."""
    deep = "(" * 10_000 + "1 = 1" + ")" * 10_000
    assert _codes(f"{HEAD}clause a\n  forbid output where {deep}\n") == ["R0106"]
    wide = " or ".join(f'text contains "w{n}"' for n in range(2_000))
    assert "R0505" not in _codes(f"{HEAD}clause a\n  forbid output where {wide}\n")


def test_a_chain_of_definitions() -> None:
    """A hundred deep is fine; more is refused, and so is what doubles at each step, quickly."""
    for depth, codes in ((100, []), (500, ["R0106"])):
        chain = "".join(f"define d{n}(x) = d{n + 1}(x)\n" for n in range(depth))
        last = f"define d{depth}(x) = x > 1\n"
        assert _codes(f"{HEAD}{chain}{last}clause a\n  forbid call pay where d0(amount)\n") == codes
    twice = "".join(f"define d{n}(x) = d{n + 1}(x) or d{n + 1}(x)\n" for n in range(40))
    text = f"{HEAD}{twice}define d40(x) = x > 1\nclause a\n  forbid call pay where d0(amount)\n"
    assert "R0505" in _codes(text)


def test_long_chains_of_acts_and_files(tmp_path: Path) -> None:
    """What nests is bounded, so that no input can exhaust the stack."""
    acts = "".join(f"act a{n} = a{n + 1} where x{n} = 1\n" for n in range(500))
    text = f"{HEAD}{acts}act a500 = call pay\nclause a\n  forbid a0\n"
    assert set(_codes(text)) == {"R0106"}
    for n in range(200):
        more = f'extends "f{n + 1}.spec"\n' if n < 199 else ""
        (tmp_path / f"f{n}.spec").write_text(f"spec f{n}\nauthor developer\n{more}")
    assert _codes(tmp_path / "f0.spec") == ["R0106"]


def test_load_raises_every_finding() -> None:
    """`load` is `check` for those who want a policy or nothing."""
    with pytest.raises(SpecError) as caught:
        remit.load(f"{HEAD}clause a\n  forbid nothing_like_it\n  serves speed\n")
    assert [one.code for one in caught.value.diagnostics] == ["R0301", "R0301"]
    assert "there is no goal `speed`" in str(caught.value)
