"""W2: one more step after n messages.

Rule k of R: no `send_email_k` to an address outside corp.example once a result of `read_k` held
`SECRET_k`. The whole conversation counts, and no secret stands in it while time is taken, so that
nobody can stop early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import growing
from .measure import Checked, Local

FILL = "nothing of note in this message, only ordinary text that an assistant reads. " * 3
INSIDE = "@corp.example"
LARGE = (
    10_000  # from so many messages on, a conversation is grown once and goes on from turn to turn
)

Event = Mapping[str, str]  # kind (call, result), tool, to, text, id
PROBE: Event = {
    "kind": "call", "tool": "send_email_0", "to": "x@evil.example", "text": "", "id": "z",
}  # fmt: skip


Start = Callable[[], growing.Monitor[Event]]


@dataclass(frozen=True, slots=True)
class Trace:
    """How long conversations are, and how many rules there are."""

    messages: int
    rules: int = 1


def event(number: int, rules: int, secret: bool = False) -> Event:
    """A message of the conversation: calls and their results take turns."""
    pair, is_result = divmod(number, 2)
    rule = pair % rules
    tool = (f"read_{rule}", "search", f"send_email_{rule}")[pair % 3]
    base = {"tool": tool, "to": "", "text": "", "id": f"c{pair}"}
    if is_result:
        return {**base, "kind": "result", "text": FILL + (f" SECRET_{rule}" if secret else "")}
    to = f"a{pair}{INSIDE}" if tool.startswith("send") else ""
    return {**base, "kind": "call", "to": to}


def oracle(work: Trace, past: list[Event], step: Event) -> bool:
    """Whether the step must not happen, by walking the past."""
    if not step["tool"].startswith("send_email_") or step["to"].endswith(INSIDE):
        return False
    rule = step["tool"].removeprefix("send_email_")
    return any(
        one["kind"] == "result"
        and one["tool"] == f"read_{rule}"
        and f"SECRET_{rule}" in one["text"]
        for one in past
    )


def histories(work: Trace) -> list[tuple[list[Event], Event]]:
    """What is asked to check an engine: without a secret, with one first, last, and of others."""
    size, rules = min(work.messages, 300), work.rules
    clean = [event(one, rules) for one in range(size)]
    first = [clean[0], event(1, rules, secret=True), *clean[2:]]
    reads = [at for at, one in enumerate(clean) if _reads(one)]
    late = list(clean)
    late[reads[-1]] = event(reads[-1], rules, secret=True)
    told = late[reads[-1]]["tool"].removeprefix("read_")
    other = {**PROBE, "tool": f"send_email_{told}"}
    inside = {**PROBE, "to": f"a{INSIDE}"}
    return [(clean, PROBE), (first, PROBE), (first, inside), (late, other), (clean, other)]


def _reads(one: Event) -> bool:
    return one["kind"] == "result" and one["tool"].startswith("read_")


def entrant(name: str, work: Trace, start: Start, conversations: int = 1_000_000) -> Local:
    """An engine on this workload; an operation is a message and the probe, which is allowed."""
    return growing.entrant(
        name, work.messages, start, lambda number: event(number, work.rules), lambda _: PROBE,
        lambda: _check(work, start), conversations,
    )  # fmt: skip


def _check(work: Trace, start: Start) -> Checked:
    """The answers of an engine on `histories`, held against the oracle."""
    wrong, asked = [], histories(work)
    for number, (past, step) in enumerate(asked):
        monitor = start()
        for one in past:
            monitor.observe(one)
        given, wanted = monitor.decide(step), oracle(work, past, step)
        if given != wanted:
            wrong.append(f"history {number}, {step}: {given}, not {wanted}")
    return Checked(len(asked), len(wrong), wrong[0] if wrong else "")


class Whole:
    """A monitor for an engine that is given the whole conversation each time."""

    def __init__(self, decide: Callable[[list[Event], Event], bool]) -> None:
        self._decide = decide
        self._past: list[Event] = []

    def observe(self, event: Event) -> None:
        """Keep it."""
        self._past.append(event)

    def decide(self, event: Event) -> bool:
        """Hand over all that was kept."""
        found = self._decide(self._past, event)
        if not found:
            self._past.append(event)
        return found


class Each(Whole):
    """The same, where what happens is decided on too, and not only kept."""

    def observe(self, event: Event) -> None:
        """Decide, and keep it."""
        self.decide(event)
