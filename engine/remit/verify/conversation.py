"""Records of one conversation in their order: whether each past follows from the record before.

A record without its forerunner has its past on trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from remit.verify import consent, differences
from remit.verify.checker import Checker, Verified
from remit.verify.past import Past
from remit.verify.telling import Telling
from remit_grammar.diagnostic import Diagnostic


@dataclass(slots=True)
class _Thread:
    """Where a conversation stands: the index that comes next, and the past that it must have.

    `telling` are its steps, from the first on; None once a record was missing. `earlier` is the
    past before the last record, and `steps` how many had taken effect by then.
    """

    index: int
    past: Past | None = None
    is_halted: bool = False
    telling: Telling | None = None
    earlier: Past | None = None
    steps: int = 0


class Conversations:
    """Verifies records one after the other.

    `counted`: they are of one conversation, though they do not say so.
    """

    def __init__(self, checker: Checker, *, counted: bool = False) -> None:
        self.checker = checker
        self.counted = counted
        self.threads: dict[object, _Thread] = {}

    def verify(self, data: Any) -> list[Diagnostic]:
        """Everything wrong with the next record. Never raises."""
        name = self._thread(data) if isinstance(data, Mapping) else None
        thread = self.threads.get(name) if name is not None else None
        forerunner = _Forerunner(thread, data)
        made = self.checker.verify(data, forerunner.story)
        if name is None or not made.is_record:
            return made.found
        before = forerunner.thread
        after = _Thread(data["index"] + 1, telling=made.telling)
        if made.past is None and before is not None:
            after.telling = before.telling
        after.earlier = made.past
        after.steps = forerunner.steps
        after.past = made.after or (before.past if before else None)
        after.is_halted = data["verdict"] == "halt" or (before is not None and before.is_halted)
        self.threads[name] = after
        return [*made.found, *self._breaks(data, made, before)]

    def _thread(self, data: Mapping[str, Any]) -> object:
        """The conversation that a record is of; None where it cannot be told."""
        name = data.get("conversation")
        return name if isinstance(name, str) else "" if self.counted else None

    def _breaks(
        self, data: Mapping[str, Any], made: Verified, before: _Thread | None
    ) -> Iterator[Diagnostic]:
        """Where a record does not follow from the one before it."""
        if before is None:
            return
        if before.is_halted and made.past is not None:
            message = "an earlier step halted the conversation, so this one is `halted` too"
            yield Diagnostic("R1003", message)
        if made.past is None or before.past is None or not self.checker.world.reads_past:
            return
        told = data.get("past", {})
        asked = consent.differs(told.get("asked", ()), before.past.asked_about, data["index"])
        for message in (*_differences(told, before.past), *asked):
            yield Diagnostic("R1003", message)


class _Forerunner:
    """What a record goes on from: the record before it, or the session that handed on to it.

    A sub-agent counts on from the session that handed on, one number later. Where both are told
    under one name, what was handed on must be told apart: nobody speaks as high as there, or a
    setting was narrowed.
    """

    def __init__(self, thread: _Thread | None, data: Any) -> None:
        self.data, self.other = data, thread
        self.steps = 0
        at = data.get("index") if isinstance(data, Mapping) else None
        self.thread = thread if thread is not None and thread.index == at else None

    def story(self, past: Past) -> Telling | None:
        """The steps before the record, where they are known."""
        found = self._story(past)
        self.steps = 0 if found is None else len(found.moments)
        return found

    def _story(self, past: Past) -> Telling | None:
        index, other = self.data["index"], self.other
        if index == 0:
            return Telling(past.world.watched, past.cut)
        if other is None:
            return None
        if other.index == index:
            if other.earlier is None or not _handed_on(self.data, past, other.earlier):
                return other.telling
            self.thread = None
            return other.telling and other.telling.before(other.steps)
        if other.index == index - 1 and other.past and _handed_on(self.data, past, other.past):
            return other.telling and other.telling.before(len(other.telling.moments))
        return None


def _handed_on(data: Mapping[str, Any], past: Past, hander: Past) -> bool:
    """Whether a past is what a session hands on to a sub-agent."""
    handed = [one for one in past.said.values()
              if one.handed and one.order[0] == data["index"] - 1]  # fmt: skip
    if past.asked_about or past.cap < hander.cap or (past.cap == hander.cap and not handed):
        return False
    due = hander.after(handed, [], frozenset(), seen=hander.turn_seen)
    due.cap, due.voids = past.cap, {}
    return not list(_differences(data.get("past", {}), due))


def _differences(data: Mapping[str, Any], due: Past) -> Iterator[str]:
    """How the past that a record tells differs from what the record before it leaves."""
    chain = due.world.checked.chain
    said = [one.to_json(chain) for one in due.said.values()]
    yield from differences.rows_differ("past.said", data.get("said", []), said, "norm")
    voids = [one.to_json(chain) for one in due.voids.values()]
    yield from differences.rows_differ("past.void", data.get("void", []), voids, "directive")
    yield from differences.compare("past.turn", set(data.get("turn", ())), due.turn)
    cap = chain[due.cap]
    if data.get("cap", chain[0]) != cap:
        yield f"`past.cap` is `{str(data.get('cap', chain[0]))[:80]}`, but it was `{cap}`"
    for name, wanted in (("cut", due.cut), ("turn_seen", due.turn_seen)):
        if (data.get(name) is True) != wanted:
            word = "must be true here" if wanted else "must not be true here"
            yield f"`past.{name}` {word}"


def counts_up(records: Iterable[Any]) -> bool:
    """Whether records without ids are those of one conversation: their indices count up from 0."""
    indices = [one.get("index") if isinstance(one, Mapping) else None for one in records]
    return len(indices) > 1 and indices == list(range(len(indices)))


def numbered(found: list[Diagnostic], number: int) -> list[Diagnostic]:
    """The findings, with the number of the record."""
    return [replace(one, notes=(f"in record {number}",)) for one in found]
