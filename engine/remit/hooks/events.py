"""What a host tells at its points, and what it is told: events, verdicts, requests for approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from remit_grammar.value import field, value

if TYPE_CHECKING:
    from remit.conversation.model import Call, Step
    from remit.verdict.model import Decision

Point = Literal[
    "agent_startup", "input", "pre_model_call", "post_model_call", "pre_tool_call",
    "post_tool_call", "output", "agent_shutdown", "handoff",
]  # fmt: skip
POINTS: tuple[str, ...] = get_args(Point)
Kind = Literal["allow", "transform", "ask", "deny"]
KINDS: tuple[str, ...] = get_args(Kind)  # from the mildest on
NAMESPACE = "remit"  # every reason begins with it


@value
class Event:
    """Something that is about to happen in a host.

    `steps` are what it is about, as a conversation has them: the call before a tool runs, its
    result after it, before a model call all messages that the model will see. `ids` name them where
    the host has names for its messages, "" where it has none. `conversation` tells conversations
    apart, `agent` is who acts. `context` holds what the host declares of the whole conversation;
    it is read when the conversation begins.
    """

    point: Point
    steps: tuple[Step, ...] = ()
    conversation: str = ""
    agent: str = ""
    ids: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


@value
class Request:
    """Somebody is asked about a call: what the host shows to people.

    `id` is the SHA-256 (hex) of policy, clauses, tool, arguments, people and conversation: another
    call, or the same one elsewhere, has another id. `call` is as it would go on. `people` are those
    who must agree; `reason` says why, `clauses` are the ids of the clauses that ask. `expires`:
    seconds since the epoch from which on no yes counts.
    """

    id: str
    call: Call
    people: tuple[str, ...]
    conversation: str
    policy: str
    clauses: tuple[str, ...] = ()
    reason: str = ""
    agent: str = ""
    expires: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The request as plain data, for an interrupt, a webhook or a file."""
        data: dict[str, Any] = {
            "id": self.id, "tool": self.call.tool, "args": dict(self.call.args),
            "people": list(self.people), "conversation": self.conversation, "agent": self.agent,
            "policy": self.policy, "clauses": list(self.clauses), "reason": self.reason,
        }  # fmt: skip
        return data | ({} if self.expires is None else {"expires": self.expires})


@value
class Reply:
    """What somebody answers to a request: yes or no; `person` is who it was.

    `by` are those in whose name they answer; empty for all whom the request names. A `yes` that is
    not True itself (a text such as "no", a 1) is a no. `unheard`: why it is a no that nobody said.
    """

    yes: bool
    person: str = ""
    by: tuple[str, ...] = ()
    unheard: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "yes", self.yes is True)


@value
class Verdict:
    """What a host does at a point. True where it goes on.

    `transform`: it goes on with `steps` instead of the ones it showed, one for each. `ask`: it
    waits for what `request` asks; until then it is a deny. `scope` of a deny is `call`, where the
    model is told and goes on, or `run`, where the agent stops. `message` is for the model (or
    whoever waits for an answer), `reason` for the log: it begins with `remit:`. `decisions` are
    what it rests on.
    """

    kind: Kind = "allow"
    steps: tuple[Step, ...] = ()
    scope: Literal["call", "run"] = "call"
    message: str = ""
    reason: str = ""
    warnings: tuple[str, ...] = ()
    request: Request | None = None
    decisions: tuple[Decision, ...] = ()

    def __bool__(self) -> bool:
        return self.kind in ("allow", "transform")

    @property
    def after(self) -> Step:
        """The last step as it goes on: the call, the result, what is said.

        Raises `ValueError` where the event had none.
        """
        if not self.steps:
            raise ValueError("the event had no steps")
        return self.steps[-1]


def strictest(verdicts: Iterable[Verdict | None]) -> Verdict:
    """The verdict of several plugins on one event; without any it is a deny.

    Two that go on with different steps cannot both be followed: that is a deny too.
    """
    found = [one for one in verdicts if one is not None]
    if not found:
        return Verdict("deny", reason=f"{NAMESPACE}:nobody_decided")
    worst = max(found, key=lambda one: (KINDS.index(one.kind), one.scope == "run"))
    if worst.kind == "transform" and any(
        one.kind == "transform" and one.steps != worst.steps for one in found
    ):
        return Verdict("deny", reason=f"{NAMESPACE}:two_transforms")
    return worst
