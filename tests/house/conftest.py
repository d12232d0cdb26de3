"""Finds the code that the house rules are about: the four packages, in the clone or installed."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGES = ("remit_grammar", "remit", "remit_plugins", "remit_specs")


@pytest.fixture(scope="session")
def modules() -> dict[Path, ast.Module]:
    """Every Python file of the four packages, parsed. Finding a package does not import it."""
    return {path: ast.parse(path.read_text("utf-8")) for root in _roots() for path in _files(root)}


@pytest.fixture(scope="session")
def functions(modules: dict[Path, ast.Module]) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of the four packages, by `file:line name`."""
    return {
        f"{path.parent.name}/{path.name}:{node.lineno} {node.name}": node
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _roots() -> list[Path]:
    found = []
    for name in PACKAGES:
        spec = find_spec(name)
        assert spec, f"{name} is neither in the clone nor installed"
        found += [Path(place) for place in spec.submodule_search_locations or ()]
    return found


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if "__pycache__" not in path.parts)
