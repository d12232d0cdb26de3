"""Asks whoever sits at the terminal."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable

from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request

YES = ("y", "yes")


class Terminal:
    """Shows a request at the terminal and waits for `y`. Anything else is a no.

    Where nobody sits there (standard input is no terminal), other approvers are asked. `read` gets
    the prompt and gives what was typed; without it the terminal is asked.
    """

    def __init__(self, read: Callable[[str], str] | None = None) -> None:
        self._read = read

    @hookimpl
    def remit_approve(self, request: Request) -> Reply | None:
        """Ask."""
        if self._read is None and not sys.stdin.isatty():
            return None
        said = (self._read or input)(shown(request)).strip().lower()
        return Reply(said in YES, _person())


def shown(request: Request) -> str:
    """A request in words. What comes from the model is escaped: it can move no cursor."""
    args = json.dumps(dict(request.call.args), default=repr)
    tool, people = json.dumps(request.call.tool), " and ".join(request.people)
    reason = request.reason.encode("ascii", "backslashreplace").decode()
    why = "".join(one if one.isprintable() else " " for one in reason)
    return f"\n{people}: {why}\n  call {tool} with {args}\napprove? [y/N] "


def _person() -> str:
    """Who sits there, if the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
