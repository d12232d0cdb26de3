"""`remit graph`: the priority graph as data or as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import plural, say

FORMATS = ("json", "dot", "mermaid", "svg", "html")
_ENDINGS = {".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".svg": "svg",
            ".html": "html", ".htm": "html"}  # fmt: skip

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".pdf", ".webp")  # formats that are not written


@click.command("graph")
@options.specs
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="What to write; else what the name of the file says, or mermaid.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, not to standard output.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@options.search
@options.colour
def command(
    specs: tuple[str, ...], form: str | None, output: str | None, as_json: bool,
    search: tuple[str, ...],
) -> int:  # fmt: skip
    """Show who beats whom: nodes are norms, an edge says who wins and why."""
    from remit.graph import export

    chosen = _chosen("json" if as_json else form, output)
    policy = usable(specs, search)
    text: str = getattr(export, f"to_{chosen}")(policy)
    if output is None:
        say(text.removesuffix("\n"))
        return exits.FINE
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write `{output}`: {error.strerror}") from None
    norms, edges = len(policy.graph.norms), len(policy.graph.edges)
    say(f"wrote {output}: {plural(norms, 'norm')}, {plural(edges, 'edge')}", err=True)
    return exits.FINE


def _chosen(form: str | None, output: str | None) -> str:
    """The format; a usage error where the file's name says none, or another than the option."""
    if output is None:
        return form or "mermaid"
    ending = Path(output).suffix.lower()
    said = _ENDINGS.get(ending)
    if form is None and said is None:
        known = ", ".join(_ENDINGS)
        raise click.UsageError(
            f"`{output}` does not say the format: the endings are {known}. Or give --format."
        )
    if form and said and form != said:
        raise click.UsageError(f"--format {form} and the ending `{ending}` ({said}) contradict.")
    if form and said is None and ending in _PICTURES:
        raise click.UsageError(f"`{ending}` is not an ending of {form}: choose another name.")
    return form or said or "mermaid"
