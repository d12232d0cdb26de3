"""From the specs that a command names to a policy, or out with every finding."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from remit.cli.exits import BAD
from remit.cli.output import plural, say, show

if TYPE_CHECKING:
    from pathlib import Path

    from remit.policy import Policy
    from remit_grammar.diagnostic import Diagnostic
    from remit_grammar.source import Source


def entries(specs: Sequence[str]) -> tuple[list[Path | Source], list[Diagnostic]]:
    """What the paths name; `-` is standard input."""
    from pathlib import Path

    from remit_grammar.read import decode_source

    sources: list[Path | Source] = []
    found: list[Diagnostic] = []
    for spec in specs:
        if spec != "-":
            sources.append(Path(spec))
            continue
        source, problems = decode_source("standard input", sys.stdin.buffer.read())
        found += problems
        if source is not None:
            sources.append(source)
    return sources, found


def compiled(
    specs: Sequence[str], search: Sequence[str] = ()
) -> tuple[Policy | None, list[Diagnostic]]:
    """The policy, or None, with every finding."""
    from remit.policy import check

    sources, found = entries(specs)
    if any(one.is_error for one in found):
        return None, found
    policy, more = check(*sources, search=search)
    return policy, [*found, *map(_folder_help, more)]


def _folder_help(one: Diagnostic) -> Diagnostic:
    """The finding; about a folder that was named for a spec it says how to name all in it."""
    for name in one.message.split("`")[1:2]:
        if one.code == "R0001" and one.message.endswith("it is a folder"):
            return replace(one, help=f"name the specs in it: `remit check {name}/*.spec`")
    return one


def _findings(error: Exception) -> Sequence[Diagnostic]:
    """What an error of the specs found; raises any other."""
    from remit_grammar.diagnostic import SpecError

    if not isinstance(error, SpecError):
        raise error
    return error.diagnostics


def usable(specs: Sequence[str], search: Sequence[str] = (), *, as_json: bool = False) -> Policy:
    """The policy; leaves with the findings and the code of bad input if there is an error."""
    from remit.policy import load_stored

    found: Sequence[Diagnostic] = ()
    try:
        policy = load_stored(*specs)
        if policy is None:
            policy, found = compiled(specs, search)
    except Exception as error:  # noqa: BLE001 - what is no error of the specs goes on
        policy, found = None, _findings(error)
    if policy is None:
        show([one for one in found if one.is_error], as_json=as_json)
        raise click.exceptions.Exit(BAD)
    warnings = [one for one in found if not one.is_error]
    if warnings and not as_json:
        say(f"{plural(len(warnings), 'warning')} in the policy; see `remit check`", err=True)
    return policy
