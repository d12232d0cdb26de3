"""`remit` as a process: what a shell sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Process = Callable[..., "subprocess.CompletedProcess[str]"]
ESCAPE = "\x1b["


def test_no_colour_in_a_pipe(process: Process, folder: Path) -> None:
    """Nobody asked for it."""
    done = process("test", "shop.spec")
    assert (done.returncode, ESCAPE in done.stdout) == (0, False)


@pytest.mark.parametrize("command", ["check", "test", "explain"])
def test_colour_on_demand(process: Process, folder: Path, command: str) -> None:
    """`--color` forces it, also against NO_COLOR; `--no-color` wins where a terminal is."""
    words = [] if command == "explain" else ["shop.spec"]
    assert ESCAPE in process(command, *words, "--color", NO_COLOR="1").stdout
    assert ESCAPE not in process(command, *words, "--no-color").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_a_terminal(folder: Path, no_colour: str, coloured: bool) -> None:
    """Colour on a terminal, unless NO_COLOR is set to something."""
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "remit", "test", "shop.spec"],
        env={**env, "NO_COLOR": no_colour},
        stdout=theirs,
        check=True,
        timeout=60,
    )
    os.close(theirs)
    text = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "2 passed" in text
    assert (ESCAPE in text) == coloured


def test_a_reader_that_goes_away(folder: Path) -> None:
    """No message, no traceback, and the exit code that shells give."""
    line = '{"messages": [{"role": "user", "content": "hi"}]}\n'
    (folder / "many.jsonl").write_text(line * 2_000)
    command = [
        sys.executable,
        "-m",
        "remit",
        "judge",
        "many.jsonl",
        "--spec",
        "shop.spec",
        "--json",
    ]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith(b'{"conversation"')
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


def test_interrupted(folder: Path) -> None:
    """Ctrl-C: one word, and 130."""
    code = (
        "import signal, sys\nfrom remit.cli import main\n"
        # a run in the background hands down that it is deaf to Ctrl-C
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('ready', file=sys.stderr, flush=True)\nmain(['check', '-'], prog_name='remit')\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == b"ready\n"
        time.sleep(0.5)  # now it waits for its input, which never comes
        running.send_signal(signal.SIGINT)
        assert (running.stderr.read().strip(), running.wait(60)) == (b"interrupted", 130)


def test_a_mistake_of_ours(process: Process, folder: Path) -> None:
    """One line and a hint; `REMIT_DEBUG=1` shows where."""
    (folder / "sitecustomize.py").write_text(
        "import remit.policy\n"
        "def broken(*a, **k):\n    raise RuntimeError('a wheel came off')\n"
        "remit.policy.check = broken\n"
    )
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    plain = process("check", "shop.spec", PYTHONPATH=path)
    assert plain.returncode == 2
    assert plain.stderr.startswith("remit: RuntimeError: a wheel came off\n")
    assert "REMIT_DEBUG=1" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "Traceback" in process("check", "shop.spec", PYTHONPATH=path, REMIT_DEBUG="1").stderr


def test_a_terminal_that_lacks_a_character(process: Process, folder: Path) -> None:
    """What it lacks is shown as an escape."""
    (folder / "a.spec").write_text('spec a\nauthor developer\nclause c "\u0159"\n', "utf-8")
    done = process("show", "tree", "a.spec", PYTHONIOENCODING="latin-1")
    assert "\\u0159" in done.stdout
    assert "Traceback" not in done.stderr


def test_starting_is_light(process: Process, folder: Path) -> None:
    """`--help` and `fmt` need neither tables nor graphs nor models."""
    code = (
        "import sys\nfrom remit.cli import main\n"
        "try:\n    main(sys.argv[1:], prog_name='remit')\n"
        "except SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for words, heavy in [
        (["--version"], {"rich", "networkx", "pydantic", "lark", "re2"}),
        (["fmt", "--check", "shop.spec"], {"rich", "networkx", "pydantic"}),
        (["check", "shop.spec"], {"rich", "pydantic"}),
    ]:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=env, capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        assert not heavy & set(done.stderr.split()), words
