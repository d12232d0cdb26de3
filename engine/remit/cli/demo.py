"""`remit demo`: a short conversation under a small policy, and if wanted in a viewer of traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import entry_points
from time import sleep
from typing import TYPE_CHECKING, Any, Protocol

import click

from remit.cli import exits, options
from remit.cli.demo_talk import POLICY, TALK, Approval
from remit.cli.output import is_terminal, say
from remit.cli.reports import Details, Lines
from remit.conversation.model import Call, Step

if TYPE_CHECKING:
    from remit.hooks.tell import Teller
    from remit.policy import Policy
    from remit.verdict.model import Decision

GROUP = "remit.viewers"  # the entry points of viewers
CONVERSATION = "demo"
AGENT = "support"


class Sending(Protocol):
    """A viewer at work: what to register, where to look, and how a host opens a span."""

    page: str
    plugins: Sequence[object]

    def span(self, name: str, attributes: Mapping[str, Any]) -> AbstractContextManager[object]:
        """A span of the host."""

    def flush(self) -> None:
        """Send what is on its way."""


class Viewer(Protocol):
    """What an entry point of the group `remit.viewers` names."""

    def missing(self) -> str | None:
        """How to install what is missing, in one line."""

    def shown(self, port: int | None = None) -> AbstractContextManager[Sending]:
        """Start it; it ends with the context. Raises `RuntimeError` where it cannot."""


def _viewer(ctx: click.Context, param: click.Parameter, name: str | None) -> Viewer | None:
    if name is None:
        return None
    found = {one.name: one for one in entry_points(group=GROUP)}
    if name not in found:
        raise click.BadParameter(f"`{name}` is not there: there are {', '.join(sorted(found))}")
    viewer: Viewer = found[name].load()
    missing = viewer.missing()
    if missing is not None:
        raise click.UsageError(f"{name} cannot be shown before this: {missing}")
    return viewer


@click.command("demo")
@click.option("--viewer", callback=_viewer, metavar="NAME",
              help="Start a viewer of traces and show it there: phoenix or mlflow.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), metavar="N",
              help="Where the viewer listens on 127.0.0.1; else a free port.")  # fmt: skip
@options.as_json
@options.colour
def command(viewer: Viewer | None, port: int | None, as_json: bool) -> int:
    """Decide a short conversation: allowed, redacted, asked and approved, denied.

    With a viewer it is also sent there as traces, and the viewer runs until Ctrl-C.
    """
    from remit.policy import load

    policy = load(POLICY)
    report = Lines(frozenset()) if as_json else Details(policy, frozenset(), explain=False)
    if viewer is None:
        report.take(CONVERSATION, play(policy))
        report.end()
        return exits.FINE
    say("starting the viewer; this takes up to a minute", err=True)
    try:
        with viewer.shown(port) as sending:
            report.take(CONVERSATION, play(policy, sending))
            report.end()
            sending.flush()
            say(f"\nlook at {sending.page}\nCtrl-C ends it", err=not is_terminal())
            _wait()
    except RuntimeError as error:
        raise click.ClickException(f"the viewer did not start: {error}") from None
    return exits.FINE


def _wait() -> None:
    """Until the person has seen enough."""
    try:
        while True:
            sleep(3600)
    except KeyboardInterrupt:
        say("", err=True)


def play(policy: Policy, sending: Sending | None = None) -> list[Decision]:
    """The decisions on the demo's steps; a person approves between two of them."""
    session = policy.session(tell=_teller(sending) if sending is not None else None)
    span = sending.span if sending is not None else lambda name, told: nullcontext()
    made: list[Decision] = []
    about = {"gen_ai.conversation.id": CONVERSATION, "session.id": CONVERSATION}
    agent = {**about, "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": AGENT,
             "openinference.span.kind": "AGENT"}  # fmt: skip
    with span(f"invoke_agent {AGENT}", agent):
        for one in TALK:
            if isinstance(one, Approval):
                session.approve(made[-1], one.by)
                continue
            name, told = _around(one)
            with span(name, {**about, **told}):
                made.append(session.decide(one))
    return made


def _teller(sending: Sending) -> Teller:
    from remit.hooks.manager import manager
    from remit.hooks.tell import Teller

    return Teller(manager(sending.plugins), CONVERSATION, agent=AGENT)


def _around(step: Step) -> tuple[str, dict[str, str]]:
    """The span that an agent framework would have open around a step."""
    if isinstance(step, Call):
        return f"execute_tool {step.tool}", {
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": step.tool,
            "openinference.span.kind": "TOOL",
        }  # fmt: skip
    return f"{step.role} {step.kind}", {"openinference.span.kind": "CHAIN"}
