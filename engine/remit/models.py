"""Pydantic models of what Remit writes and reads at its edges, and their JSON Schemas.

They describe; they make no decision and are not used on the way to one. `DecisionRecord` is what
`Decision.to_json()` gives, `ConversationRecord` is Remit's own form of a conversation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["allow", "warn", "redact", "rewrite", "ask", "deny", "halt"]
Reason = Literal["authority", "exception", "spoken", "later", "goal", "caution"]
Modality = Literal["forbid", "permit", "protect", "require", "default"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class _Record(BaseModel):
    """Unknown fields are errors: a misspelt field must not silently mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PartRecord(_Record):
    """A piece of a message that is not its speaker's own word."""

    text: str = ""
    origin: Literal["quoted", "attached", "retrieved"] = "quoted"
    name: str = ""
    """A file name or a URL."""


class _StepRecord(_Record):
    time: float | None = None
    """Seconds since 1970-01-01 UTC."""
    context: dict[str, Any] = Field(default_factory=dict)
    """What the host declares about this step."""


class MessageRecord(_StepRecord):
    """Something said."""

    kind: Literal["message"]
    role: str
    text: str = ""
    parts: tuple[PartRecord, ...] = ()
    refusal: bool | None = None
    """Whether the message refuses, where the host knows."""


class CallRecord(_StepRecord):
    """A tool call that the assistant proposes."""

    kind: Literal["call"]
    tool: str
    args: dict[str, Any] = Field(default_factory=dict)
    id: str = ""
    role: str = "assistant"
    bad_args: str | None = None
    """The arguments as they came, where they were no JSON object."""


class ResultRecord(_StepRecord):
    """What a tool gave back."""

    kind: Literal["result"]
    tool: str = ""
    text: str = ""
    value: Any = None
    """The result as data, where it was structured."""
    id: str = ""
    error: str | None = None
    role: str = "tool"


class HandoffRecord(_StepRecord):
    """One agent gives the conversation to another."""

    kind: Literal["handoff"]
    to: str
    text: str = ""
    role: str = "assistant"


StepRecord = Annotated[
    MessageRecord | CallRecord | ResultRecord | HandoffRecord, Field(discriminator="kind")
]


class ConversationRecord(_Record):
    """A conversation in Remit's own form."""

    id: str | int = ""
    """Unique in its file."""
    context: dict[str, Any] = Field(default_factory=dict)
    """What the host declares about the conversation."""
    labels: dict[str, Any] = Field(default_factory=dict)
    """Facts for readers; no policy sees them."""
    steps: tuple[StepRecord, ...]


class PolicyRecord(_Record):
    """Which policy decided."""

    id: str
    """The name of the first spec."""
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the policy's canonical content, in hex."""


class DefeatRecord(_Record):
    """A norm that applied and lost."""

    norm: str
    by: str
    reason: Reason


class AppliedRecord(_Record):
    """A norm that applied, in force or not."""

    norm: str
    modality: Modality
    author: str
    """The level that issued it."""
    strength: str
    """The level that it takes to override it."""
    unknown: bool
    """Whether it applies only because something about it is unknown."""


class DoubtRecord(_Record):
    """A norm that rests on something unknown."""

    norm: str
    terms: tuple[str, ...]


class ChangeRecord(_Record):
    """A change that the step goes on with."""

    path: str
    """The changed argument, dotted, or `text`."""
    kind: Literal["redact", "rewrite"]
    by: str


class ErrorRecord(_Record):
    """A norm whose condition failed; `engine_error` where the engine did."""

    norm: str
    error: str


class FlipRecord(_Record):
    """The smallest change that would give another verdict."""

    norm: str
    verdict: Verdict
    term: str
    """The condition that would have to change, as written; empty where the norm has to go."""
    now: Literal["true", "false", "unknown", ""]
    """The truth that it has."""
    other: Literal["true", "false", ""]
    """The truth that it would have to have."""
    text: str


class DecisionRecord(_Record):
    """A decision about one step."""

    conversation: str | None = None
    """The id of the conversation; `remit judge --json` adds it."""
    format: Literal[1]
    policy: PolicyRecord
    index: int = Field(ge=0)
    """The place of the step in the conversation, from 0."""
    step: StepRecord
    context: dict[str, Any]
    """What the host declared about the conversation."""
    verdict: Verdict
    decided_by: tuple[str, ...]
    in_force: tuple[str, ...]
    defeated: tuple[DefeatRecord, ...]
    applied: tuple[AppliedRecord, ...]
    void: tuple[Any, ...]
    """Directives that changed nothing because their speaker had too little authority."""
    unknown: tuple[DoubtRecord, ...]
    advice: tuple[str, ...]
    """Texts for the model, so that it can do better."""
    ask: tuple[str, ...]
    """Who must be asked, where the verdict is `ask`."""
    changes: tuple[ChangeRecord, ...]
    errors: tuple[ErrorRecord, ...]
    note: str
    """Why a change could not be made."""
    explanation: str
    after: StepRecord | None = None
    """The step as it goes on, where it was changed."""
    flip: FlipRecord | None = None


_MODELS: dict[str, type[BaseModel]] = {
    "decision": DecisionRecord,
    "conversation": ConversationRecord,
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of `decision` or `conversation` records."""
    made = _MODELS[name].model_json_schema()
    return {"$schema": _DRAFT, "$id": f"{name}.schema.json", **made}
