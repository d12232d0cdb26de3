"""The far end of `remote.py`: an entrant in a process of its own, asked by lines of JSON.

Started by the path of this file, so that it runs where Remit is not installed. It reads a line
from standard input and answers with one, until there are no more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO


def serve(asked: TextIO, answers: TextIO) -> None:
    """Answer every question; what goes wrong is an answer too."""
    from .measure import Local, told

    here: dict[str, Local] = {}
    for line in asked:
        try:
            answer = _answer(here, json.loads(line))
        except Exception as error:  # noqa: BLE001 - a peer may raise anything
            answer = {"error": told(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(here: dict[str, Any], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    from .engines import BY_NAME, build, hold

    what = asked["do"]
    if what == "versions":
        return versions(asked["packages"])
    if what == "hold":
        return {"bytes": hold(BY_NAME[asked["engine"]], asked["form"], asked["parameters"])}
    if what == "build":
        engine = BY_NAME[asked["engine"]]
        here["it"] = build(engine, asked["task"], asked["form"], asked["parameters"])
        return {"most": here["it"].most}
    if what == "time":
        return {"seconds": here["it"].time(asked["count"])}
    found = here["it"].check()
    return {"checked": found.checked, "wrong": found.wrong, "example": found.example}


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of those packages that are installed here."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in packages:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _main() -> None:
    """Run as a file: the folder becomes a package of its own, behind all that is installed."""
    folder = Path(__file__).resolve().parent
    sys.path[:] = [one for one in sys.path if one != str(folder)] + [str(folder.parent)]
    from importlib import import_module

    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not be taken for an answer
    import_module(f"{folder.name}.probe").serve(sys.stdin, answers)


if __name__ == "__main__":
    _main()
