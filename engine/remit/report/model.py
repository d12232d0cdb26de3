"""What a report shows: entries (a decision each), answers of people, and what else was noted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remit.policy import Policy

VERDICTS = ("allow", "warn", "redact", "rewrite", "ask", "deny", "halt")  # as severe as they grow
GOES_ON = frozenset({"allow", "warn", "redact", "rewrite"})


@dataclass(frozen=True, slots=True)
class Lost:
    """A norm that applied and lost: to whom, and for which reason."""

    norm: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """A directive without the authority it needs: what it is, who spoke, and what was needed."""

    directive: str
    by: str
    has: str
    needs: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision, as it was recorded. Norms are ids; `time` is in seconds since 1970, UTC.

    `said` is the step in a line, `whole` all of it, as text. `agreed` are the people whose yes let
    the step go on; `seconds`, how long deciding took; `number`, the place in the record.
    """

    conversation: str
    index: int
    kind: str
    who: str
    said: str
    whole: str
    verdict: str
    policy: str
    digest: str
    explanation: str = ""
    decided_by: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    defeated: tuple[Lost, ...] = ()
    void: tuple[Said, ...] = ()
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    advice: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    judged: tuple[str, ...] = ()
    note: str = ""
    agent: str = ""
    mode: str = ""
    id: str = ""
    held: str = ""
    time: float | None = None
    seconds: float | None = None
    number: int | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the step took effect."""
        return self.verdict in GOES_ON or bool(self.agreed)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell about it: an allow that nobody spoke against."""
        return not (
            self.verdict != "allow" or self.applied or self.void or self.unknown or self.errors
            or self.agreed
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's yes or no to a call, given outside the conversation."""

    conversation: str
    by: str
    yes: bool
    call: str
    held: str = ""
    time: float | None = None


@dataclass(slots=True)
class Report:
    """All that a page shows. `notes` are sentences about the records themselves.

    `trusted` says whether the records are a ledger whose chain was checked and holds; None where
    they are no ledger. `left_out` counts, by verdict, entries that there was no room for.
    """

    entries: list[Entry] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    policy: Policy | None = None
    trusted: bool | None = None
    left_out: Counter[str] = field(default_factory=Counter)

    def conversations(self) -> dict[str, list[Entry]]:
        """The entries of each conversation, in the order in which they came."""
        out: dict[str, list[Entry]] = {}
        for one in self.entries:
            out.setdefault(one.conversation, []).append(one)
        return out

    def policies(self) -> Counter[tuple[str, str]]:
        """How many decisions each policy made, by name and digest."""
        return Counter((one.policy, one.digest) for one in self.entries)
