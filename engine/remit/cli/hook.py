"""`remit hook`: the command that coding agents call before and after each thing they do."""

from __future__ import annotations

import click

from remit.cli import options
from remit.cli.contexts import read_context
from remit.cli.loading import usable
from remit.host.command import answered


@click.command("hook")
@options.spec_option
@click.option("--agent", type=click.Choice(["claude", "codex", "gemini"]),
              help="Which agent calls; else it is seen from what it tells.")  # fmt: skip
@click.option("--context", multiple=True, metavar="NAME=VALUE",
              help="What the host declares of a conversation; may be given again.")  # fmt: skip
@click.option("--state", metavar="DIR",
              help="Where conversations are kept; REMIT_STATE says so too.")  # fmt: skip
@click.option("--plugins", is_flag=True, help="Load the plugins of installed packages.")
@click.option("--grant", is_flag=True,
              help="What the policy allows runs without the agent's own question.")  # fmt: skip
@click.option("--shadow", is_flag=True, help="Only watch: nothing is held back.")
@options.search
def command(
    specs: tuple[str, ...], agent: str | None, context: tuple[str, ...], state: str | None,
    plugins: bool, grant: bool, shadow: bool, search: tuple[str, ...],
) -> int:  # fmt: skip
    """Judge what a coding agent is about to do: JSON in, its decision out.

    For the hooks of Claude Code, Codex and Gemini CLI. Exit code 2 holds the step back too.
    """
    policy = usable(specs, search)
    return answered(
        policy, agent, state, plugins=plugins, grant=grant, shadow=shadow,
        context=read_context(context, policy),
    )  # fmt: skip
