"""What `--judge NAME=FILE` gives: recorded answers for the judges that the policy asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from remit.cli.exits import BAD
from remit.cli.output import show
from remit_grammar.diagnostic import Diagnostic, SpecError, did_you_mean

if TYPE_CHECKING:
    from remit.judges.recorded import Recorded
    from remit.policy import Policy


def read_judges(
    pairs: Sequence[str], policy: Policy, *, as_json: bool = False
) -> dict[str, Recorded]:
    """The judges by name. Leaves with every finding where a file holds no recorded answers."""
    from remit.judges.recorded import Recorded

    judges: dict[str, Recorded] = {}
    found: list[Diagnostic] = []
    for name, file in [_named(pair, policy) for pair in pairs]:
        if name in judges:
            raise click.UsageError(f"the judge `{name}` is given twice; one file holds its answers")
        try:
            judges[name] = Recorded.load(file)
        except SpecError as error:
            judges[name] = Recorded()
            found += error.diagnostics
    if found:
        show(found, as_json=as_json)
        raise click.exceptions.Exit(BAD)
    return judges


def _named(pair: str, policy: Policy) -> tuple[str, str]:
    name, equals, file = (one.strip() for one in pair.partition("="))
    if not (equals and name and file):
        raise click.UsageError(f"`{pair}` is not of the form name=file.")
    known = sorted(policy.checked.judges)
    if name not in known:
        close = did_you_mean(name, known)
        hint = f"Did you mean `{close}`?" if close else f"It asks: {', '.join(known) or 'none'}."
        raise click.UsageError(f"the policy asks no judge `{name}`. {hint}")
    return name, file
