"""`remit show`: each stage of a policy as it is, and the schemas of what Remit writes and reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from remit.cli import exits, options
from remit.cli.loading import entries, usable
from remit.cli.output import plural, say, say_json, show, table
from remit.cli.stages import graph_data, norm_rows, program_data, tool_data, tree_data, tree_lines
from remit.cli.stages_said import directive_data, level_data, loan_data, setting_data

if TYPE_CHECKING:
    from remit.policy import Policy


@click.group("show")
def command() -> None:
    """Look at a stage of a policy, or at a schema."""


def _stage(name: str, help: str) -> Callable[[Callable[[Policy], Rows]], click.Command]:
    """A command that shows rows made from a policy, as a table or as data."""

    def make(rows_of: Callable[[Policy], Rows]) -> click.Command:
        @command.command(name, help=help)
        @options.specs
        @options.search
        @options.as_json
        @options.colour
        def shown(specs: tuple[str, ...], search: tuple[str, ...], as_json: bool) -> int:
            data, noun = rows_of(usable(specs, search, as_json=as_json))
            if as_json:
                say_json(data)
            elif data:
                table(list(data[0]), [[_cell(one) for one in row.values()] for row in data])
            else:
                say(f"there are no {plural(0, noun).removeprefix('0 ')}")
            return exits.FINE

        return shown

    return make


Rows = tuple[list[dict[str, Any]], str]  # the rows, and the noun for one


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


@_stage("norms", "The norms in the order of the priority graph, winners first; then what is set.")
def _norms(policy: Policy) -> Rows:
    return norm_rows(policy), "norm"


@_stage("levels", "Each clause, directive and default with its levels, goal, owner and sources.")
def _levels(policy: Policy) -> Rows:
    return level_data(policy), "norm"


@_stage("directives", "What people can say: how it is heard, what it becomes, who may say it.")
def _directives(policy: Policy) -> Rows:
    return directive_data(policy), "directive"


@_stage("settings", "The settings: their types, defaults, and what sets them.")
def _settings(policy: Policy) -> Rows:
    return setting_data(policy), "setting"


@_stage("loans", "Whose texts speak with a borrowed authority, and of what.")
def _loans(policy: Policy) -> Rows:
    return loan_data(policy), "loan"


@_stage("graph", "Who beats whom, for which of the six reasons, and where that is said.")
def _graph(policy: Policy) -> Rows:
    return graph_data(policy), "edge"


@_stage("program", "What runs: for each rule its index, condition, cost and who beats it.")
def _program(policy: Policy) -> Rows:
    return program_data(policy), "rule"


@_stage("tools", "The tools that the policy knows.")
def _tools(policy: Policy) -> Rows:
    return tool_data(policy), "tool"


@command.command("tree")
@options.specs
@options.as_json
@options.colour
def _tree(specs: tuple[str, ...], as_json: bool) -> int:
    """Show the syntax tree of each file, whether it compiles or not."""
    from pathlib import Path

    from remit_grammar.parse import parse
    from remit_grammar.read import read_source

    sources, found = entries(specs)
    for entry in sources:
        source, problems = read_source(entry) if isinstance(entry, Path) else (entry, [])
        found += problems
        if source is None:
            continue
        spec, problems = parse(source)
        found += problems
        if as_json:
            say_json({"file": source.name, "blocks": tree_data(spec.blocks)})
        else:
            say("\n".join(tree_lines(spec)))
    show([one for one in found if one.is_error], as_json=as_json)
    return exits.of_findings(found)


@command.command("schema")
@click.argument("name", type=click.Choice(["decision", "conversation", "ledger", "bench"]))
@options.colour
def _schema(name: str) -> int:
    """Print the JSON Schema of decision records, conversations, ledgers, or of `bench`."""
    from remit.bench.schema import schema as bench
    from remit.models import schema

    say_json(bench() if name == "bench" else schema(name))
    return exits.FINE
