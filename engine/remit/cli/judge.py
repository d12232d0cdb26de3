"""`remit judge`: recorded conversations under a policy, step by step or in sum."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from remit.cli import exits, options
from remit.cli.contexts import read_context
from remit.cli.judges import read_judges
from remit.cli.loading import usable
from remit.cli.output import MOST, console, is_terminal, plural, say, show
from remit.cli.reports import Details, Lines, Report, Silence, Summary
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from rich.progress import Progress

    from remit.conversation.detect import FormatReader
    from remit.conversation.read import Reader
    from remit.conversation.whole import Conversation
    from remit.hooks.tell import Teller
    from remit.policy import Policy

FEW = 3  # conversations that are shown step by step; with more there is a table
VERDICTS = ("allow", "warn", "redact", "rewrite", "ask", "deny", "halt")


def _verdicts(ctx: click.Context, param: click.Parameter, value: str | None) -> frozenset[str]:
    words = [one.strip() for one in (value or "").split(",") if one.strip()]
    for word in words:
        if word not in VERDICTS:
            raise click.BadParameter(f"`{word}` is no verdict: there are {', '.join(VERDICTS)}")
    return frozenset(words)


def verdicts_option(name: str, help: str) -> Callable[[options.F], options.F]:
    """An option for some verdicts, with commas between."""
    return click.option(name, callback=_verdicts, metavar="VERDICTS", help=help)


@click.command("judge")
@click.argument("conversations", nargs=-1, required=True, metavar="CONVERSATION...")
@options.spec_option
@click.option("--format", "form", metavar="NAME",
              help="openai, anthropic, trace, model_spec or steps; else detected.")  # fmt: skip
@click.option("--context", multiple=True, metavar="NAME=VALUE",
              help="What the host declares of a conversation; may be given again.")  # fmt: skip
@click.option("--judge", "answers", multiple=True, metavar="NAME=FILE",
              help="Recorded answers of a judge; may be given again.")  # fmt: skip
@click.option("--truncated", is_flag=True,
              help="The beginning is missing: what was not seen is unknown.")  # fmt: skip
@click.option("--system-role", metavar="ROLE",
              help="Who speaks in the system prompt of a chat; else developer.")  # fmt: skip
@verdicts_option("--only", "Show only steps with these verdicts, such as deny,ask.")
@click.option("--explain", is_flag=True, help="Explain every step, however many conversations.")
@click.option("-q", "--quiet", is_flag=True, help="Print no decisions; the exit code tells.")
@click.option("--ledger", metavar="FILE",
              help="Write the decisions and the policy into a ledger, too.")  # fmt: skip
@options.search
@options.as_json
@options.colour
def command(
    conversations: tuple[str, ...], specs: tuple[str, ...], form: str | None,
    context: tuple[str, ...], answers: tuple[str, ...], truncated: bool, system_role: str | None,
    only: frozenset[str], explain: bool, quiet: bool, ledger: str | None,
    search: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Judge conversations under a policy.

    A CONVERSATION is a file of JSON or JSONL, plain or compressed, with one conversation or many;
    - is standard input. A few are shown step by step, many as a table.
    """
    policy = usable(specs, search, as_json=as_json)
    declared = read_context(context, policy)
    judges = read_judges(answers, policy, as_json=as_json)
    run = _Run(policy, declared, form, system_role, as_json)
    readings = run.readings(conversations)
    first = list(islice(readings, FEW + 1))
    report = _report(policy, len(first) > FEW, only, explain, quiet, as_json)
    with run.progress(len(first) > FEW), _ledger(ledger, policy) as told:
        for conversation in chain(first, readings):
            conversation.cut |= truncated
            tell = told(conversation.id)
            report.take(conversation.id, policy.judge(conversation, declared, judges, tell))
    report.end()
    run.end()
    return exits.BAD if run.is_bad else exits.FINDINGS if report.held_back else exits.FINE


@contextmanager
def _ledger(path: str | None, policy: Policy) -> Iterator[Callable[[str], Teller | None]]:
    """What makes a teller for a conversation; leaves where the ledger cannot be written."""
    if path is None:
        yield lambda name: None
        return
    from remit.hooks.manager import manager
    from remit.hooks.tell import Teller
    from remit.ledger.errors import LedgerError
    from remit.ledger.sink import Ledger

    try:
        with Ledger(path, keep=[policy]) as ledger:
            plugins = manager([ledger])
            yield lambda name: Teller(plugins, name)
    except LedgerError as error:
        raise click.ClickException(str(error)) from None


def _report(
    policy: Policy, many: bool, only: frozenset[str], explain: bool, quiet: bool, as_json: bool
) -> Report:
    if as_json:
        return Lines(only)
    if quiet:
        return Silence(only)
    if many and not (explain or only):
        return Summary(policy, only)
    return Details(policy, only, explain=explain)


class _Run:
    """Reads the conversations and keeps account of what is wrong with them."""

    def __init__(
        self, policy: Policy, context: dict[str, Any], form: str | None, system_role: str | None,
        as_json: bool,
    ) -> None:  # fmt: skip
        self.policy = policy
        self.context = context
        self.form = form
        self.roles = {"system": system_role or policy.system_role}
        self.as_json = as_json
        self.found = 0
        self.is_bad = False
        self.bar: Progress | None = None
        self.readers: list[Reader] = []

    def readings(self, paths: Sequence[str]) -> Iterator[Conversation]:
        """Every conversation that can be judged; findings about the others are shown."""
        from remit.conversation.read import Reader

        self.readers = [
            Reader(path, format=self.form, roles=self.roles, readers=self._plugins())
            for path in paths
        ]
        for reader in self.readers:
            for conversation, found in reader:
                if conversation is not None:
                    found = [*found, *self._unknown_roles(conversation, reader.name)]
                self._tell(found)
                self._advance()
                if conversation is not None and not any(one.is_error for one in found):
                    yield conversation

    def _plugins(self) -> Mapping[str, FormatReader]:
        """The readers of installed plugins, where the format is none of ours."""
        from remit.conversation.detect import FORMATS

        if self.form is None or self.form in FORMATS:
            return {}
        from remit.hooks.manager import manager
        from remit.hooks.provided import importers_of

        return importers_of(manager(installed=True))

    def _unknown_roles(self, conversation: Conversation, file: str) -> Iterator[Diagnostic]:
        from remit.conversation.model import NO_AUTHORITY
        from remit_grammar.diagnostic import did_you_mean

        known = {*self.policy.ground.program.roles, *NO_AUTHORITY}
        roles_of = [one.role for one in conversation.steps]
        for role in sorted(set(roles_of) - known):
            at = f"`{file}`: step {roles_of.index(role) + 1} of `{conversation.id[:80]}`"
            message = f"{at}: no level speaks for the role `{role[:80]}`"
            close = did_you_mean(role, known)
            roles = ", ".join(sorted(known))
            help = f"did you mean `{close}`?" if close else f"the policy knows {roles}"
            yield Diagnostic("R0904", message, help=help)

    def _tell(self, found: Sequence[Diagnostic]) -> None:
        room = max(MOST - self.found, 0)
        self.found += len(found)
        self.is_bad |= any(one.is_error for one in found)
        show(found[:room], as_json=self.as_json)

    def end(self) -> None:
        """Say how many findings there was no room for."""
        if self.found > MOST:
            more = plural(self.found - MOST, "more finding")
            say(f"and {more} about the conversations", err=True)

    # ---- progress

    def progress(self, many: bool) -> AbstractContextManager[object]:
        """A bar on the terminal while there is much to read."""
        if not many or not is_terminal(err=True) or os.environ.get("TERM") == "dumb":
            return nullcontext()
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        share = TextColumn("{task.percentage:>3.0f} %")
        columns = (TextColumn("judging"), BarColumn(), share, TimeRemainingColumn())
        self.bar = Progress(*columns, console=console(err=True), transient=True)
        self.bar.add_task("", total=sum(one.total_bytes or 0 for one in self.readers) or None)
        return self.bar

    def _advance(self) -> None:
        if self.bar is not None:
            done = sum(one.bytes_read for one in self.readers)
            self.bar.update(self.bar.task_ids[0], completed=done)
