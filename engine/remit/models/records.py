"""Decision records and conversations, as pydantic models.

`DecisionRecord` is what `Decision.to_json()` gives, `ConversationRecord` is Remit's own form of a
conversation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["allow", "warn", "redact", "rewrite", "ask", "deny", "halt"]
Reason = Literal["authority", "exception", "spoken", "later", "goal", "caution"]
Modality = Literal["forbid", "permit", "protect", "require", "default"]


class Record(BaseModel):
    """Unknown fields are errors: a misspelt field must not silently mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PartRecord(Record):
    """A piece of a message that is not its speaker's own word."""

    text: str = ""
    origin: Literal["quoted", "attached", "retrieved"] = "quoted"
    name: str = ""
    """A file name or a URL."""


class GivenRecord(Record):
    """A directive that the host says is in the text."""

    name: str
    values: dict[str, str | float | bool | None] = Field(default_factory=dict)
    """The words of the directive."""
    implied: bool = False
    """Whether it was inferred, not said."""


class _StepRecord(Record):
    time: float | None = None
    """Seconds since 1970-01-01 UTC."""
    context: dict[str, Any] = Field(default_factory=dict)
    """What the host declares about this step."""
    directives: tuple[GivenRecord, ...] = ()


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


class ConversationRecord(Record):
    """A conversation in Remit's own form."""

    id: str | int = ""
    """Unique in its file."""
    context: dict[str, Any] = Field(default_factory=dict)
    """What the host declares about the conversation."""
    labels: dict[str, Any] = Field(default_factory=dict)
    """Facts for readers; no policy sees them."""
    cut: bool = False
    """Whether the beginning is missing, so that what was not seen is unknown."""
    steps: tuple[StepRecord, ...]


class PolicyRecord(Record):
    """Which policy decided."""

    id: str
    """The name of the first spec."""
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the policy's canonical content, in hex."""


class DefeatRecord(Record):
    """A norm that applied and lost."""

    norm: str
    by: str
    reason: Reason


class AppliedRecord(Record):
    """A norm that applied, in force or not."""

    norm: str
    modality: Modality
    author: str
    """The level that issued it."""
    strength: str
    """The level that it takes to override it."""
    unknown: bool
    """Whether it applies only because something about it is unknown."""


class DoubtRecord(Record):
    """A norm that rests on something unknown."""

    norm: str
    terms: tuple[str, ...]


class ChangeRecord(Record):
    """A change that the step goes on with."""

    path: str
    """The changed argument, dotted, or `text`."""
    kind: Literal["redact", "rewrite"]
    by: str


class ErrorRecord(Record):
    """A norm whose condition failed; `engine_error` where the engine did."""

    norm: str
    error: str


class FlipRecord(Record):
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


class VoidRecord(Record):
    """A directive that changes nothing, for who said it may not."""

    directive: str
    step: int
    by: str
    """Who said it, in words."""
    kind: Literal["message", "call", "result", "handoff"]
    name: str
    """The role, tool or agent of the step."""
    has: str
    """The level that it was said with."""
    needs: str | None = None
    """The least level that would do; absent where any level would."""
    text: str
    """The piece of text that said it."""
    words: dict[str, Any] | None = None
    certain: bool = True
    """Whether it is sure that it was said."""


class SetRecord(Record):
    """What a hand-over to a sub-agent set."""

    setting: str
    op: Literal["=", "in", "<", "<=", ">", ">="]
    value: Any


class SaidRecord(Record):
    """A directive that was said, and the norm that it became."""

    norm: str
    """The id of the norm: the directive, `@`, and the step where it was said."""
    directive: str
    author: str
    strength: str
    step: int
    """The step where it was said; -1 before the first one that was seen."""
    place: int
    """Its place among what the step says."""
    by: str
    text: str
    words: dict[str, Any]
    certain: bool
    """Whether it is sure that it was said."""
    loan: str | None = None
    """The `delegate` statement that lent its authority."""
    sets: SetRecord | None = None


class PersonRecord(Record):
    """Somebody who was asked about a call."""

    who: str
    yes: int | None = None
    """The step at, or after, which they said yes; absent where they did not."""
    said: bool | None = None
    """Whether a message said it; if not, the host did."""
    passed: bool = False
    """Whether they were asked about something else since, so that no message answers this."""


class AskedRecord(Record):
    """A call that somebody was asked about: a yes is for this call, once."""

    call: str
    """SHA-256 (hex) of the tool and the arguments."""
    tool: str
    step: int
    """The step in which it was last asked about."""
    args: dict[str, Any] | None = None
    """Absent where they are too large to keep."""
    people: tuple[PersonRecord, ...]


class PastRecord(Record):
    """What the conversation had come to before the step. Trusted, not verified, in one record."""

    said: tuple[SaidRecord, ...] = ()
    void: tuple[VoidRecord, ...] = ()
    turn: tuple[str, ...] = ()
    """Norms in force that were violated since someone with authority last spoke."""
    turn_seen: bool = False
    """Whether someone with authority spoke."""
    asked: tuple[AskedRecord, ...] = ()
    """Calls that somebody was asked about, the last one last."""
    cap: str | None = None
    """The level above which nobody speaks here."""
    cut: bool = False


class SettingRecord(Record):
    """A setting as it is in force at the step."""

    setting: str
    value: Any
    """The value in force; null where there is no single one."""
    known: bool
    left: str
    """The values that are left open, in words."""
    in_force: tuple[str, ...]
    lost: tuple[DefeatRecord, ...]
    unsettled: tuple[str, ...]
    """Norms that leave the setting unknown."""


class JudgedRecord(Record):
    """A question to a judge."""

    judge: str
    question: str
    text_sha256: str
    """SHA-256 (hex) of the text that was asked about."""
    answer: Literal["true", "false", "unknown", "spared"]
    """`spared`: not asked, for no answer would have changed the verdict."""
    before: bool = False
    """Whether it was answered at an earlier step."""
    confidence: float | None = None
    reason: str = ""
    error: str = ""


class LookedRecord(Record):
    """What was looked up in the past of the conversation."""

    history: str
    """What was asked, in canonical form."""
    key: tuple[Any, ...]
    """The values of this step by which it was looked up."""
    value: Any
    """What it came to; `{"unknown": true}`, or `{"partly": [...]}` of a list that may hold more."""


class OwedRecord(Record):
    """Something that was owed before the step."""

    debt: str
    step: int
    """The number, among the steps that took effect, of the one after which it is owed."""
    turn: int
    time: float | None
    sure: bool


class DecisionRecord(Record):
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
    void: tuple[VoidRecord, ...]
    """Directives in the step that change nothing, for who said them may not."""
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
    past: PastRecord | None = None
    """What came before and counts; absent where nothing does."""
    said: tuple[SaidRecord, ...] = ()
    """Directives in the step that count from the next step on."""
    settings: tuple[SettingRecord, ...] = ()
    judged: tuple[JudgedRecord, ...] = ()
    looked: tuple[LookedRecord, ...] = ()
    owed: tuple[OwedRecord, ...] = ()
    full: tuple[str, ...] = ()
    """Questions about the past that had reached a cap: what was let go may count."""
    agreed: tuple[str, ...] = ()
    """Who was asked about this very call and said yes outside the conversation: so it goes on."""
    after: StepRecord | None = None
    """The step as it goes on, where it was changed."""
    flip: FlipRecord | None = None
