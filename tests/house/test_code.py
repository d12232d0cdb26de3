"""The shape of the code: documented, annotated, small. The numbers are targets of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

Function = ast.FunctionDef | ast.AsyncFunctionDef
Body = ast.Module | ast.ClassDef

FUNCTION_LINES = (8, 35, 80)  # median, 95th percentile, longest; a docstring counts
FILE_LINES = (150, 400, 600)


def test_every_public_name_has_a_docstring(modules: dict[Path, ast.Module]) -> None:
    """A module, class, function or method without a leading underscore says what it is."""
    bare = [
        f"{path}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for path, tree in modules.items()
        for node in [tree, *_public(tree)]
        if tree.body and not ast.get_docstring(node)
    ]
    assert not bare, "no docstring:\n" + "\n".join(bare)


def test_every_function_is_annotated(functions: dict[str, Function]) -> None:
    """Private and nested functions too; the type checker sees what is annotated, nothing else."""
    bare = [
        f"{place}({', '.join(lacks)})" for place, f in functions.items() if (lacks := _lacks(f))
    ]
    assert not bare, "not annotated:\n" + "\n".join(bare)


def test_functions_are_small(functions: dict[str, Function]) -> None:
    """The 95th percentile and the longest tell good from bad; the median hardly does."""
    _within({place: _lines(f) for place, f in functions.items()}, FUNCTION_LINES)


def test_files_are_small(modules: dict[Path, ast.Module]) -> None:
    """A file that answers one question stays short; empty `__init__` files do not count."""
    sizes = {str(path): len(path.read_text("utf-8").splitlines()) for path in modules}
    _within({path: size for path, size in sizes.items() if size > 1}, FILE_LINES)


def _public(body: Body) -> Iterator[Function | ast.ClassDef]:
    for node in body.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not _inherits_its_text(node):
            yield node
        if isinstance(node, ast.ClassDef) and not _is_named_for_rules(node):
            yield from _public(node)


def _inherits_its_text(node: Function | ast.ClassDef) -> bool:
    names = {ast.unparse(one).rpartition(".")[2] for one in node.decorator_list}
    return bool(names & {"override", "overload", "setter"})


def _is_named_for_rules(node: ast.ClassDef) -> bool:
    """Whether the parser calls the methods: each is named for a rule, which says what it is."""
    return any("Builder" in ast.unparse(base) for base in node.bases)


def _lacks(function: Function) -> list[str]:
    given = function.args
    named = [*given.posonlyargs, *given.args]
    if named and named[0].arg in ("self", "cls"):
        named = named[1:]
    named += [*given.kwonlyargs, *(one for one in (given.vararg, given.kwarg) if one)]
    lacks = [one.arg for one in named if one.annotation is None]
    return lacks if function.returns else [*lacks, "return"]


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _within(sizes: dict[str, int], limits: tuple[int, int, int]) -> None:
    ranked = sorted(sizes.values())
    found = (median(ranked), ranked[-(-95 * len(ranked) // 100) - 1], ranked[-1])
    longest = sorted(sizes.items(), key=lambda item: -item[1])[:15]
    table = "\n".join(f"{size:5}  {place}" for place, size in longest)
    head = f"lines (median, 95th, longest): {found}, limits {limits}, the longest:\n"
    assert all(is_ <= limit for is_, limit in zip(found, limits, strict=True)), head + table
