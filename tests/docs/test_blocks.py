"""The code blocks of the documentation do what the page says. `docs/style.md` lists the kinds.

One test a page, so that `pytest --update` writes each page once. Blocks in a language that is not
listed there are not run.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import remit
from remit_grammar.codes import CODES
from remit_grammar.diagnostic import Diagnostic, SpecError
from remit_grammar.parse import parse
from remit_grammar.source import Source

REPO = Path(__file__).resolve().parents[2]
EXAMPLES = REPO / "docs" / "examples"
PAGES = [REPO / "README.md", *sorted((REPO / "docs").rglob("*.md"))]
FLAGS = {"spec": ("part", "error"), "python": ("raises", "needs"), "console": ()}
PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what else its first line says, its text, and where it is.

    `line` is the line of its first fence, from 1; the text begins on the next one.
    """

    language: str
    flags: dict[str, str]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A line behind a prompt with the output shown below it; `line` counts from 0 in the block."""

    words: list[str]
    shown: str
    line: int


def _blocks(page: Path) -> list[Block]:
    tokens = MarkdownIt("commonmark").parse(page.read_text("utf-8"))
    return [
        _block(token.info, token.content, token.map[0] + 1)
        for token in tokens
        if token.type == "fence" and token.map
    ]


def _block(info: str, text: str, line: int) -> Block:
    language, *words = info.split() or [""]
    flags = {key: value for key, _, value in (word.partition("=") for word in words)}
    return Block(language, flags, text, line)


def _of(page: Path, language: str) -> list[Block]:
    return [block for block in _blocks(page) if block.language == language]


def _with(language: str) -> list[Any]:
    found = [page for page in PAGES if page.is_file() and _of(page, language)]
    return [pytest.param(page, id=str(page.relative_to(REPO))) for page in found]


@pytest.fixture(autouse=True)
def _where_the_reader_is(monkeypatch: pytest.MonkeyPatch, page: Path) -> None:
    """Relative paths start at the clone for the README, at `docs/examples` for everything else."""
    if page.parent == REPO:
        monkeypatch.chdir(REPO)
    elif EXAMPLES.is_dir():
        monkeypatch.chdir(EXAMPLES)


def _none(problems: list[str], head: str = "") -> None:
    if problems:
        pytest.fail("\n\n".join([head, *problems] if head else problems), pytrace=False)


# ---- what the first line of a block says


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_file()], ids=lambda p: p.name)
def test_first_lines_are_understood(page: Path) -> None:
    """A misspelt flag would silently test less."""
    wrong = [
        f"{page.name}:{block.line}: {flag}"
        for block in _blocks(page)
        for flag in block.flags
        if flag not in FLAGS.get(block.language, ())
    ]
    _none(wrong, "the first line of a block says something that no test knows")


# ---- spec


@pytest.mark.parametrize("page", _with("spec"))
def test_specs_give_the_findings_the_page_says(page: Path) -> None:
    """Errors: exactly the named ones. Warnings: at least the named ones."""
    problems = [problem for block in _of(page, "spec") for problem in _spec_problems(page, block)]
    _none(problems)


def _spec_problems(page: Path, block: Block) -> Iterator[str]:
    source = f"{page.name}:{block.line}"
    found = _parsed(source, block.text) if "part" in block.flags else _loaded(source, block.text)
    named = {code for code in block.flags.get("error", "").split(",") if code}
    codes = {one.code for one in found if one.is_error or one.code in named}
    if unknown := named - set(CODES):
        yield f"{source}: no such code: {sorted(unknown)}"
    if codes != named:
        shown = "\n".join(str(SpecError([one])) for one in found)
        yield f"{source}: expected {sorted(named) or 'no error'}, found {sorted(codes)}\n{shown}"


def _parsed(name: str, text: str) -> list[Diagnostic]:
    """Findings of the syntax; a piece of a spec may lack what stands around it (R02xx)."""
    found = parse(Source(name, text))[1]
    return [one for one in found if not one.code.startswith("R02")]


def _loaded(name: str, text: str) -> list[Diagnostic]:
    """Every finding of the whole compiler."""
    try:
        return list(remit.load(text).diagnostics)
    except SpecError as error:
        return list(error.diagnostics)


# ---- python


@pytest.mark.parametrize("page", _with("python"))
def test_python_runs(page: Path) -> None:
    """The blocks of a page share one namespace; one with prompts is compared with its output."""
    namespace: dict[str, Any] = {"__name__": page.stem}
    missing = set()
    for block in _of(page, "python"):
        needs = block.flags.get("needs")
        if needs and not _is_there(needs):
            missing.add(needs)
        elif ">>> " in block.text:
            _doctest(page, block, namespace)
        else:
            _execute(page, block, namespace)
    if missing:
        pytest.skip(f"not run, for they are not installed: {', '.join(sorted(missing))}")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # nor is the package that it is in
        return False


def _execute(page: Path, block: Block, namespace: dict[str, Any]) -> None:
    code = compile("\n" * block.line + block.text, str(page), "exec")
    raises = block.flags.get("raises")
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(code, namespace)  # noqa: S102 - the page is ours
        except Exception as error:
            if type(error).__name__ != raises:
                raise
        else:
            assert raises is None, f"{page.name}:{block.line}: nothing was raised"


def _doctest(page: Path, block: Block, namespace: dict[str, Any]) -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    example = parser.get_doctest(block.text, namespace, page.name, str(page), block.line)
    report = io.StringIO()
    runner.run(example, out=report.write, clear_globs=False)
    namespace.update(example.globs)
    _none([report.getvalue()] if runner.failures else [])


# ---- console


@pytest.mark.parametrize("page", _with("console"))
def test_console_output_is_what_the_page_shows(page: Path, update: bool) -> None:
    """Each `$ remit ...` is run; `...` in what is shown stands for any text."""
    lines = page.read_text("utf-8").split("\n")
    problems: list[str] = []
    for block in reversed(_of(page, "console")):  # from the foot, so that line numbers stay true
        for command, got in reversed(list(_run(_commands(block.text)))):
            if not _agree(command.shown, got):
                at = block.line + command.line + 1
                problems.insert(0, f"{page.name}:{at}: {shlex.join(command.words)}\n{got}")
                shown = slice(at, at + len(command.shown.splitlines()))
                lines[shown] = textwrap.indent(got, _margin(lines[at - 1])).splitlines()
    if update and problems:
        page.write_text("\n".join(lines), "utf-8")
    else:
        _none(problems, "not what the page shows; `pytest --update` writes what is printed now")


def _margin(line: str) -> str:
    """The blanks before a line: a block inside a list is indented."""
    return line[: len(line) - len(line.lstrip())]


def _commands(text: str) -> list[Command]:
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(PROMPT)]
    ends = [*starts[1:], len(lines)]
    return [
        Command(
            shlex.split(lines[start].removeprefix(PROMPT), comments=True),
            "\n".join(lines[start + 1 : end]),
            start,
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _run(commands: list[Command]) -> Iterator[tuple[Command, str]]:
    """Each command with what it prints. `echo $?` prints the last exit code; others are not run."""
    code = 0
    for command in commands:
        if command.words == ["echo", "$?"]:
            yield command, str(code)
        elif command.words[:1] == ["remit"]:
            done = _remit(command.words[1:])
            code = done.returncode
            assert "Traceback (most recent call last)" not in done.stdout, done.stdout
            yield command, _trimmed(done.stdout)


def _remit(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUNBUFFERED": "1",  # output and errors in the order a terminal shows them
        "PYTHONIOENCODING": "utf-8",
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    return subprocess.run(
        [sys.executable, "-m", "remit", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def _agree(shown: str, got: str) -> bool:
    wanted = "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n") + "\n"
    return doctest.OutputChecker().check_output(wanted, got + "\n", doctest.ELLIPSIS)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
