"""What is installed. These tests look at an installed distribution, never at the folders.

Without one, or with an editable one, they are skipped; `REMIT_WHEEL=1` turns the skip into a
failure. `.ci/run` sets it where it tests the wheel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import pytest

PACKAGES = {"remit_grammar", "remit", "remit_plugins", "remit_specs"}
FRAMEWORKS = {"inspect_ai"}  # groups of entry points that are a framework's own
DATA = {".lark", ".spec", ".md", ".json", ".html", ".js", ".css"}


@pytest.fixture(scope="module")
def wheel() -> Distribution:
    """The installed distribution, if it came from a wheel."""
    try:
        found = distribution("remit")
    except PackageNotFoundError:
        _absent("remit is not installed")
    if _is_editable(found):
        _absent("remit is installed in place")
    return found


def _absent(reason: str) -> None:
    if os.environ.get("REMIT_WHEEL"):
        pytest.fail(reason)
    pytest.skip(reason)


def _is_editable(found: Distribution) -> bool:
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    return bool(origin.get("dir_info", {}).get("editable"))


def _files(wheel: Distribution) -> list[PurePosixPath]:
    """The files that the wheel holds, without what the installer adds."""
    paths = [PurePosixPath(str(path)) for path in wheel.files or ()]
    inside = [path for path in paths if not path.parts[0].startswith((".", "remit-"))]
    return [path for path in inside if path.suffix != ".pyc"]


def test_the_wheel_holds_the_four_packages_and_their_data(wheel: Distribution) -> None:
    """No tests, no docs, no folder names; nothing but code and known kinds of data."""
    files = _files(wheel)
    assert {path.parts[0] for path in files} == PACKAGES
    odd = [str(path) for path in files if path.suffix not in DATA | {".py"} and not _is_typed(path)]
    assert not odd, odd


def test_the_data_is_there(wheel: Distribution) -> None:
    """The grammar, the packs, and the marker by which type checkers see our types."""
    files = {str(path) for path in _files(wheel)}
    assert {"remit_grammar/remit.lark", "remit_grammar/remit.table.json"} <= files
    assert {f"{name}/py.typed" for name in PACKAGES} <= files
    assert any(path.startswith("remit_specs/") and path.endswith(".spec") for path in files)


def test_the_licence_is_there(wheel: Distribution) -> None:
    """Whoever gets the wheel gets the licence."""
    assert wheel.metadata["License-Expression"] == "Apache-2.0"
    assert any(Path(str(path)).name == "LICENSE" for path in wheel.files or ())


def test_the_command_is_installed(wheel: Distribution) -> None:
    """`remit` is on the path of the environment, and `python -m remit` is the same."""
    entries = [entry for entry in wheel.entry_points if entry.group == "console_scripts"]
    script = {entry.name: entry.value for entry in entries}
    assert script == {"remit": "remit.start:start"}
    for command in ([str(Path(sys.executable).parent / "remit")], [sys.executable, "-m", "remit"]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert wheel.version in done.stdout


def test_entry_points_load(wheel: Distribution) -> None:
    """Every entry point names something that exists; what a framework loads, where it is there."""
    for entry in wheel.entry_points:
        if entry.group not in FRAMEWORKS or find_spec(entry.group) is not None:
            assert entry.load() is not None


def test_packs_are_found_by_name(wheel: Distribution) -> None:
    """`extends remit.coding_agent` works without a search path."""
    import remit

    for name in ("remit.coding_agent", "remit.customer_support"):
        policy, found = remit.check(f"spec own\nauthor developer\nextends {name}\n")
        assert [one.message for one in found] == []
        assert policy is not None


def test_the_tests_import_what_is_installed(wheel: Distribution) -> None:
    """Else this run would test the folders after all."""
    import remit

    assert Path(remit.__file__).resolve() == Path(str(wheel.locate_file("remit/__init__.py")))


def _is_typed(path: PurePosixPath) -> bool:
    return path.name == "py.typed"
