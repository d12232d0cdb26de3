"""`remit verify`: whether decision records follow from a policy."""

from __future__ import annotations

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import plural, say, say_json, show_some


@click.command("verify")
@click.argument("record")
@options.spec_option
@options.search
@options.as_json
@options.colour
def command(record: str, specs: tuple[str, ...], search: tuple[str, ...], as_json: bool) -> int:
    """Check the decision records of a file against a policy.

    RECORD is what `remit judge --json` prints, a record a line; - is standard input. The
    check shares no code with the resolver that made them.
    """
    from remit.verdict.read_record import gathered
    from remit.verify import verify_file

    policy = usable(specs, search, as_json=as_json)
    found = gathered(verify_file(record, policy), policy.name)
    errors = [one for one in found if one.is_error]
    if as_json:
        say_json({"valid": not errors, "diagnostics": [one.to_json() for one in found]})
    else:
        show_some(found, err=False)
        word = (
            plural(len(errors), "error") if errors else f"every decision follows from {policy.name}"
        )
        say(f"{'standard input' if record == '-' else record}: {word}")
    return _code({one.code for one in errors})


def _code(codes: set[str]) -> int:
    """A file that is no record is bad input; a record that does not hold is a finding."""
    if any(code.startswith(("R00", "R09")) or code == "R1001" for code in codes):
        return exits.BAD
    return exits.FINDINGS if codes else exits.FINE
