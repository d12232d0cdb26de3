"""`remit compile`: specs as one stored policy, from which every command starts at once."""

from __future__ import annotations

from pathlib import Path

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import plural, say
from remit.files import put


@click.command("compile")
@options.specs
@click.option("-o", "--output", metavar="FILE",
              help="Where to write it; else beside the first spec, ending in .remit.")  # fmt: skip
@options.search
@options.colour
def command(specs: tuple[str, ...], output: str | None, search: tuple[str, ...]) -> int:
    """Compile specs into a stored policy.

    It takes the place of the specs in every command (--spec acme.remit) and in Python. It holds all
    but the scenarios.
    """
    from remit.store.files import ENDING

    if output is None and specs[0] == "-":
        raise click.UsageError("name the file to write with -o")
    policy = usable(specs, search)
    path = Path(output) if output is not None else Path(specs[0]).with_suffix(ENDING)
    try:
        data = policy.store()
        put(path, data)
    except ValueError as error:
        raise click.ClickException(f"the policy cannot be stored: {error}") from None
    except OSError as error:
        raise click.ClickException(f"cannot write `{path}`: {error.strerror}") from None
    norms = len(policy.ground.program.rules)
    say(f"wrote {path}: {policy.name} {policy.digest[:12]}, {plural(norms, 'norm')}", err=True)
    return exits.FINE
