"""What every test may use: the `golden` fixture and the one flag that rewrites golden files.

A golden file holds the expected text of a case. `pytest --update` writes what the code gives now
into every golden file and doc page that differs; `git diff` then shows what changed.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# how long a case takes says nothing on a machine that others share
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

Golden = Callable[[Path, str], None]

REPO = Path(__file__).resolve().parent.parent
os.environ["REMIT_CACHE"] = "off"  # what a test compiles must not come from another run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite golden files and console blocks of the docs with what the code gives now",
    )


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are to be rewritten rather than compared."""
    return bool(pytestconfig.getoption("--update"))


@pytest.fixture
def golden(request: pytest.FixtureRequest, update: bool) -> Golden:
    """A function `golden(path, text)`: the text must be what the file at `path` holds.

    A relative path starts at the folder of the test file. Line ends and a missing last line end
    count. With `--update` the file is written instead.
    """

    def compare(path: Path, text: str) -> None:
        __tracebackhide__ = True
        path = request.path.parent / path
        if update:
            _write(path, text)
        elif (problem := difference(path, text)) is not None:
            pytest.fail(problem, pytrace=False)

    return compare


def difference(path: Path, text: str) -> str | None:
    """What distinguishes `text` from the golden file, as a unified diff; None when they agree."""
    if not path.is_file():
        return f"{path}: no such golden file; `pytest --update` writes it. The text is:\n{text}"
    wanted = path.read_bytes().decode()
    if wanted == text:
        return None
    before, after = (_marked(one) for one in (wanted, text))
    lines = difflib.unified_diff(before, after, f"{path} (golden)", "now", lineterm="")
    return "\n".join(lines) + "\n`pytest --update` accepts the text as it is now"


def _marked(text: str) -> list[str]:
    """The lines, with what a reader would not see (line ends) made visible where it is unusual."""
    lines = text.split("\n")
    ends = [line.replace("\r", "\\r") for line in lines[:-1]]
    return ends if lines[-1] == "" else [*ends, lines[-1] + "  (no line end)"]


def _write(path: Path, text: str) -> None:
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return  # untouched files keep their time stamp
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
