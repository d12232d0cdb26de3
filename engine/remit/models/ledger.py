"""Lines of a ledger, as pydantic models.

Where a value could not or must not be kept, an object with the key `$` stands for it
(`docs/ledger.md`). So steps and what is said in them are described as objects only.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from remit.models.records import (
    ChangeRecord,
    DefeatRecord,
    DoubtRecord,
    PolicyRecord,
    Record,
    Verdict,
)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Marked = str | dict[str, Any]
"""A text, or what stands for one."""


class RepairedRecord(Record):
    """What was behind the last whole line when the ledger was opened."""

    bytes: int
    lines: int
    sha256: Hash
    kept: str
    """The file beside the ledger in which it is."""


class OpenedRecord(Record):
    """A writer opens a file; the first line of each file is one."""

    format: Literal[1]
    remit: str
    """The version that writes."""
    ledger: Id
    """Of all files of a ledger the same."""
    file: int = Field(ge=1)
    sync: Literal["each", "group", "none"]
    repaired: RepairedRecord | None = None
    again: str = ""
    """Why the file was opened anew while it was being written."""


class ClosedRecord(Record):
    """The writer ends."""


class RotatedRecord(Record):
    """The file is full; the next one goes on."""

    kept: str
    """The name that it gets."""


class GapRecord(Record):
    """What could not be written before this."""

    records: dict[str, int]
    verdicts: dict[str, int]
    """What was done with the decisions among them."""
    ids: tuple[Id, ...]
    """The first 100 of these decisions."""
    since: str
    until: str
    why: Marked


class KeptPolicyRecord(PolicyRecord):
    """A policy, before its first session or decision in a file."""

    stored: str | None = None
    """The stored policy: Base64 of its bytes, packed with zlib."""


class _TracedRecord(Record):
    trace: Id | None = None
    """The OpenTelemetry trace that the host was in."""
    span: Annotated[str, Field(pattern="^[0-9a-f]{16}$")] | None = None


class SessionRecord(_TracedRecord):
    """A session begins, or goes on in this process."""

    id: Id
    conversation: Marked
    policy: PolicyRecord
    index: int = Field(ge=0)
    """The place of its first step."""
    context: dict[str, Any]
    """What the host declares of the conversation."""
    mode: Literal["shadow"] | None = None
    agent: Marked = ""
    parent: Id | None = None
    """The session whose sub-agent it is for."""
    cut: bool = False
    saved: Marked | None = None
    """The past that it begins with: Base64 of what `Session.save` gives."""


class ViolatedRecord(Record):
    """A norm in force that the step violates."""

    norm: str
    remedy: Verdict


class LedgerDecisionRecord(_TracedRecord):
    """A decision, before its step takes effect. What is empty is left out."""

    id: Id
    session: Id
    conversation: Marked
    policy: Hash
    """The digest."""
    index: int = Field(ge=0)
    step: dict[str, Any]
    """As in decision records; marked where something is not kept."""
    after: dict[str, Any] | None = None
    verdict: Verdict
    nanoseconds: int
    """How long deciding took."""
    mode: Literal["shadow"] | None = None
    agent: Marked = ""
    held: Id | None = None
    """The decision that last asked about this very call."""
    corrects: Id | None = None
    """The decision that this one replaces, because telling of that one failed."""
    decided_by: tuple[str, ...] = ()
    in_force: tuple[str, ...] = ()
    violated: tuple[ViolatedRecord, ...] = ()
    defeated: tuple[DefeatRecord, ...] = ()
    unknown: tuple[DoubtRecord, ...] = ()
    advice: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    changes: tuple[ChangeRecord, ...] = ()
    errors: tuple[dict[str, Any], ...] = ()
    void: tuple[dict[str, Any], ...] = ()
    said: tuple[dict[str, Any], ...] = ()
    judged: tuple[dict[str, Any], ...] = ()
    note: Marked = ""


class LostDecisionRecord(Record):
    """A decision of which no more could be written."""

    lost: dict[str, Any]
    """Why, as a mark."""
    id: Id | None = None
    session: str = ""
    index: int = 0
    verdict: Verdict | None = None
    decided_by: tuple[str, ...] = ()


class AnswerRecord(_TracedRecord):
    """Somebody who was asked about a call says yes or no to it, outside the conversation."""

    session: Id
    conversation: Marked
    by: Marked
    person: Marked = ""
    yes: bool
    call: dict[str, Any]
    held: Id | None = None
    """The decision that asked."""
    nanoseconds: int | None = None
    """How long they took."""


class _Line(Record):
    hash: Hash
    """SHA-256 of the canonical form (RFC 8785) of the line without this field."""
    prev: Hash
    """The hash of the line before; zeros before the first one."""
    seq: int = Field(ge=0)
    time: str
    """The clock of the ledger, UTC."""


class OpenedLine(_Line):
    """A writer opens a file."""

    kind: Literal["opened"]
    record: OpenedRecord


class ClosedLine(_Line):
    """A writer ends."""

    kind: Literal["closed"]
    record: ClosedRecord


class RotatedLine(_Line):
    """A file is full."""

    kind: Literal["rotated"]
    record: RotatedRecord


class GapLine(_Line):
    """Something is missing."""

    kind: Literal["gap"]
    record: GapRecord


class PolicyLine(_Line):
    """A policy."""

    kind: Literal["policy"]
    record: KeptPolicyRecord


class SessionLine(_Line):
    """A session."""

    kind: Literal["session"]
    record: SessionRecord | LostDecisionRecord


class DecisionLine(_Line):
    """A decision."""

    kind: Literal["decision"]
    record: LedgerDecisionRecord | LostDecisionRecord


class AnswerLine(_Line):
    """An answer."""

    kind: Literal["answer"]
    record: AnswerRecord | LostDecisionRecord


_Lines = (
    OpenedLine | ClosedLine | RotatedLine | GapLine | PolicyLine | SessionLine | DecisionLine
    | AnswerLine
)  # fmt: skip


class LedgerLine(RootModel[Annotated[_Lines, Field(discriminator="kind")]]):
    """A line of a ledger."""
