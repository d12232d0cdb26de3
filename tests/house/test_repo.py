"""What the repository holds and does not hold."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
# Written in two pieces, so that this file does not find itself.
PRIVATE = ["/" + "work/", "/" + "root/"]
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "deb.debian" + ".org",
    "proxy.golang" + ".org",
]
FOLDERS = {"grammar", "engine", "plugins", "specs", "tests", "docs"}
FILES = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
}


def test_no_file_names_a_machine_or_a_registry() -> None:
    """A path of one machine, or a host that another site's mirror replaces, helps nobody."""
    words = [word.encode() for word in PRIVATE + REGISTRIES]
    wrong = [
        f"{path.relative_to(REPO)}: {word.decode()}"
        for path in _files()
        for word in words
        if word in path.read_bytes()
    ]
    assert not wrong, "\n".join(wrong)


def test_the_top_level_is_short() -> None:
    """A newcomer sees the whole project at a glance; settings live in pyproject.toml."""
    names = {path.relative_to(REPO).parts[0] for path in _files()}
    assert not {name for name in names if not name.startswith(".")} - FOLDERS - FILES


def test_source_roots_are_not_packages() -> None:
    """An `__init__.py` there would make `import engine` work, and make second copies of modules."""
    assert not [folder for folder in FOLDERS if (REPO / folder / "__init__.py").exists()]


def test_extras_and_groups_agree() -> None:
    """Each tool list stands twice, since older pip reads only extras and uv prefers groups."""
    project = tomllib.loads(_pyproject().read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    assert project["dependency-groups"] == {name: extras[name] for name in ("dev", "docs")}


def test_versions_agree() -> None:
    """The changelog has a section for the package's version."""
    version = tomllib.loads(_pyproject().read_text("utf-8"))["project"]["version"]
    assert f"\n## {version} - " in (REPO / "CHANGELOG.md").read_text("utf-8")


def _pyproject() -> Path:
    path = REPO / "pyproject.toml"
    if not path.is_file():
        pytest.skip("the tests stand apart from the repository")
    return path


def _files() -> list[Path]:
    """What git tracks or would track; without git, nothing can be said."""
    if not shutil.which("git") or not (REPO / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    out = subprocess.run(command, cwd=REPO, check=True, capture_output=True, text=True).stdout
    paths = [REPO / name for name in out.split("\0") if name]
    return [path for path in paths if path.is_file()]
