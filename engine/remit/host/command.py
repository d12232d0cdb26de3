"""`remit hook` on a stored policy, without the library of the command line.

An agent starts the command before each call, and that library takes a third of the time. Whatever
is not plain, an unknown option or a policy that must be compiled, is left to `remit.cli.hook`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remit.policy import Policy

FLAGS = ("--grant", "--shadow", "--plugins")
VALUES = ("--spec", "--state", "--agent")


def hook(args: Sequence[str]) -> int | None:
    """The exit code; None where the command line must see to it. Standard input waits till then."""
    if os.environ.get("REMIT_DEBUG"):
        return None
    try:
        given = dict(_options(args))
        policy = _policy(given["--spec"])
    except (KeyError, ValueError):
        return None
    if policy is None or given.get("--agent") not in (None, "claude", "codex", "gemini"):
        return None
    return answered(
        policy, given.get("--agent"), given.get("--state"), plugins="--plugins" in given,
        grant="--grant" in given, shadow="--shadow" in given,
    )  # fmt: skip


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options, each once. Raises `ValueError` for all that is not plain."""
    left = iter(args)
    seen = set[str]()
    for one in left:
        if one in seen or one not in (*FLAGS, *VALUES):
            raise ValueError(one)
        seen.add(one)
        value = "" if one in FLAGS else next(left, "")
        if one in VALUES and (not value or value.startswith("-")):
            raise ValueError(one)
        yield one, value


def _policy(spec: str) -> Policy | None:
    from remit.policy import load_stored

    try:
        return load_stored(spec)
    except Exception:  # noqa: BLE001 - the command line says what is wrong
        return None


def answered(
    policy: Policy, agent: Any, state: str | None, *, plugins: bool, grant: bool, shadow: bool,
    context: Any = None,
) -> int:  # fmt: skip
    """Read what the agent tells, and write what it is to hear. Codes: 0, or 2 to hold back."""
    try:
        from remit.host.coding import asked_of
        from remit.host.guard import Guard
        from remit.host.hooked import hooked
        from remit.host.kept import folder

        asked = asked_of(_read(), agent)
        mode: Any = "shadow" if shadow else "enforce"
        guard = Guard(policy, context=context, installed=plugins, mode=mode)
        made = hooked(guard, asked, state or folder(), grant=grant)
        sys.stdout.write(json.dumps(made) + "\n")
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - code 2 holds the step back
        told = " ".join(str(error).split())[:300]
        with suppress(Exception):  # it may be closed, or full
            sys.stderr.write(f"remit hook: {told or type(error).__name__}\n")
        for stream in ("stdout", "stderr"):
            _let_go(stream)
        return BAD
    return 0


def _let_go(stream: str) -> None:
    """What cannot be written is not to be tried again at the end, which changes the exit code."""
    try:
        getattr(sys, stream).flush()
    except Exception:  # noqa: BLE001 - as said
        setattr(sys, stream, None)


BAD = 2  # as `exits.BAD`; for all three agents it holds back what was about to happen
MOST = 64 << 20  # bytes that an agent tells at once


def _read() -> Any:
    data = sys.stdin.buffer.read(MOST + 1)
    if len(data) > MOST:
        raise ValueError(f"the agent tells more than {MOST >> 20} MB")
    return json.loads(data)
