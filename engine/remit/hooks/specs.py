"""Every hook there is. A function here has no body: its docstring is the contract.

A plugin implements some of them as functions of the same name, marked with `remit.hooks.hookimpl`,
and takes of the arguments those that it needs. Bundled plugins have no other way in.

The first nine are the points at which a host asks (the names are those of AGENT-HOOKS, and
`handoff`); a policy answers there through `remit.host.guard.Guard`. The others are what plugins
provide.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from remit.conversation.detect import FormatReader
    from remit.conversation.model import Step
    from remit.conversation.pieces import Given
    from remit.hooks.events import Event, Reply, Request, Verdict
    from remit.hooks.model import Answered, Began, Told
    from remit.judges.model import AnyJudge

hookspec = pluggy.HookspecMarker("remit")


# ---- what a host calls


@hookspec
def agent_startup(event: Event) -> Verdict | None:
    """A conversation begins; `event.context` declares what holds in all of it. No steps.

    At each point the host follows the strictest verdict (`remit.hooks.events.strictest`), and takes
    an exception for a deny.
    """


@hookspec
def input(event: Event) -> Verdict | None:
    """Somebody says something to the agent: messages, before the agent gets them."""


@hookspec
def pre_model_call(event: Event) -> Verdict | None:
    """A model is about to be called: all messages and results that it will see, in their order.

    Those that were shown before are not judged again. A result or an earlier message that is denied
    goes on as a text that says so.
    """


@hookspec
def post_model_call(event: Event) -> Verdict | None:
    """A model has answered: what it says, before anybody gets it. Its calls come one by one."""


@hookspec
def pre_tool_call(event: Event) -> Verdict | None:
    """A tool is about to be called: the call, before the tool runs. `transform` changes arguments.

    A host that cannot wait takes `ask` for a deny.
    """


@hookspec
def post_tool_call(event: Event) -> Verdict | None:
    """A tool has answered: the result, before anybody gets it."""


@hookspec
def output(event: Event) -> Verdict | None:
    """The agent answers: its message, before it leaves. Not judged again if the model said it."""


@hookspec
def agent_shutdown(event: Event) -> Verdict | None:
    """A conversation ends. What is still owed is in the warnings."""


@hookspec
def handoff(event: Event) -> Verdict | None:
    """One agent is about to give the conversation to another: the handoff."""


# ---- what plugins hear


@hookspec
def remit_began(began: Began) -> None:
    """Hear that a session begins, or goes on in this process, before its first step.

    What raises here keeps it from beginning; the host gets the error.
    """


@hookspec
def remit_decided(told: Told) -> Mapping[str, str | int] | None:
    """Hear a decision before the step takes effect: each one, in order, also an allow.

    What raises here turns the decision into a deny, which is told again with `corrects`; so only
    what must not be missing raises. The session waits, and a step of another thread waits with it.
    What is returned are facts about the telling (`remit.ledger.seq`), which a wrapper around this
    hook may read. Never change the decision, nor the step in it.
    """


@hookspec
def remit_answered(answered: Answered) -> None:
    """Hear that somebody who was asked about a call answers, before the answer counts.

    What raises here keeps the answer from counting; whoever gave it gets the error.
    """


# ---- what plugins provide


@hookspec
def remit_judges() -> Mapping[str, AnyJudge]:  # type: ignore[empty-body] # as below
    """Judges, by the names that specs use. Called once, when a guard is made.

    What looks for forms in texts is a judge, or a detector of a spec that others extend. Two
    plugins that give one name are an error (`ValueError`), unless the host gives the judge itself.
    """


@hookspec
def remit_recognise(step: Step, directives: tuple[str, ...]) -> Iterable[Given] | None:
    """Directives that are said in a step, besides those that the policy hears itself.

    `directives` are the names that the policy knows. What is found speaks with the authority of
    whoever speaks in the step. What raises here denies the step.
    """


@hookspec(firstresult=True)
def remit_approve(request: Request) -> Reply | bool | Awaitable[Reply | bool | None] | None:
    """Ask a person about a call, and wait for the answer. None where this is not for you.

    Called in a thread of its own; after the time that the guard has for it nobody listens any
    more, and the call is denied. The first plugin that answers is heard. What raises is a deny.
    """


@hookspec
def remit_importers() -> Mapping[str, FormatReader]:  # type: ignore[empty-body] # a contract, never called
    """Readers of conversations, by the name of their format.

    A reader gets the record (an object) and the findings to which it adds what is wrong; it gives
    the conversation. A built-in format keeps its name; a format of a plugin is never guessed.
    """
