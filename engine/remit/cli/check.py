"""`remit check`: every finding about specs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from remit.cli import exits, options
from remit.cli.loading import compiled
from remit.cli.output import paint, plural, say, say_json, show
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from remit.policy import Policy


@click.command("check")
@options.specs
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@options.search
@options.as_json
@options.colour
def command(specs: tuple[str, ...], strict: bool, search: tuple[str, ...], as_json: bool) -> int:
    """Compile specs into one policy and show every finding.

    SPEC is a file, or - for standard input.
    """
    policy, found = compiled(specs, search)
    if strict:
        found = [_stricter(one) for one in found]
    if as_json:
        say_json(_data(policy, found))
    else:
        show(found, err=False)
        say(_summary(policy, found))
    return exits.of_findings(found)


def _stricter(one: Diagnostic) -> Diagnostic:
    return replace(one, severity=Severity.ERROR) if one.level is Severity.WARNING else one


def _count(found: Sequence[Diagnostic], severity: Severity) -> int:
    return sum(one.level is severity for one in found)


def _summary(policy: Policy | None, found: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or what the policy holds where there is nothing to complain of."""
    errors, warnings = _count(found, Severity.ERROR), _count(found, Severity.WARNING)
    counts = [plural(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if errors or policy is None:
        return paint(", ".join(counts), "red", bold=True)
    norms, scenarios = len(policy.checked.norms), len(policy.checked.scenarios)
    held = f"{plural(norms, 'norm')}, {plural(scenarios, 'scenario')}"
    style = "yellow" if warnings else "green"
    return f"{policy.name}: {paint(', '.join(counts) or 'no findings', style)} ({held})"


def _data(policy: Policy | None, found: Sequence[Diagnostic]) -> dict[str, object]:
    return {
        "policy": {"id": policy.name, "digest": policy.digest} if policy else None,
        "errors": _count(found, Severity.ERROR),
        "warnings": _count(found, Severity.WARNING),
        "diagnostics": [one.to_json() for one in found],
    }
