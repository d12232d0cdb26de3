"""What hooks carry: a session that begins, a decision, a person's answer to one that asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from remit_grammar.value import value

if TYPE_CHECKING:
    from remit.conversation.model import Call
    from remit.session import Session
    from remit.verdict.model import Decision

Mode = Literal["enforce", "shadow"]


@dataclass(frozen=True, slots=True)
class Began:
    """A session, before its first step. `Session.save` is what it begins with.

    `id` is 32 hexadecimal digits of chance, `parent` that of the session whose sub-agent it is for.
    A session that takes over from another one, with the plugins of that one, keeps its id.
    """

    id: str
    session: Session
    conversation: str
    agent: str = ""
    mode: Mode = "enforce"
    parent: str | None = None


@value
class Told:
    """A decision, before the step takes effect.

    `id` is 32 hexadecimal digits of chance, `session` the id of its session (`Began`), `seconds`
    how long deciding took. `mode` is `shadow` where the host only watches: then the verdict is not
    carried out. `held`: the id of the decision of this conversation that last asked about this very
    call, if there was one. `corrects`: the id of the decision that this one replaces, because
    telling of that one failed.
    """

    id: str
    decision: Decision
    conversation: str
    seconds: float
    agent: str = ""
    mode: Mode = "enforce"
    held: str | None = None
    corrects: str | None = None
    session: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody who was asked about a call said yes or no to it, outside the conversation.

    `held` is the id of the decision that asked, where this process knows it. `seconds`: how long
    they took, likewise. `person`: who it was that answered for `by`, where the host says so.
    """

    call: Call
    by: str
    yes: bool
    conversation: str
    held: str | None = None
    seconds: float | None = None
    person: str = ""
    session: str = ""
