"""Which steps of a conversation were judged before, though a framework shows them again.

Frameworks send the whole history with every model call. What was judged is not judged again, for
it would count twice; what was not is, for else it would count for nothing. Where a message has no
id, it is known by what it says, and only where it cannot be a new one: before the agent's last
words, or shown at another point since.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit.hooks.events import Event
from remit_grammar.value import field, record, replace

WITHHELD = "[withheld by policy]"  # stands for what a model must not see
MOST_KNOWN = 20_000  # messages and results; an older one that is sent again is judged again
LOOKED_AT = ("input", "pre_model_call", "output")  # points at which steps come that may be known


@record
class History:
    """What was judged: by its digest, the text that goes on instead, or None where it stays.

    `pending` was judged since the model was last called; `last` is what it saw then. `answered`
    are the ids of calls of which the result was judged, or that never ran.
    """

    known: dict[str, str | None] = field(default_factory=dict)
    pending: Counter[str] = field(default_factory=Counter)
    last: tuple[str, ...] = ()
    answered: set[str] = field(default_factory=set)

    def of(self, event: Event) -> list[Step | None]:
        """For each step of an event the step as it was let go before; None for a new one."""
        keys = _keys(event)
        if event.point == "pre_model_call":
            return self._sent(event, keys)
        if event.point not in LOOKED_AT:
            return [None for _ in keys]
        olds = [self._is_pending(key) or _has_id(event, at) for at, key in enumerate(keys)]
        return [self._old(step, key) if old and key in self.known else None
                for step, key, old in zip(event.steps, keys, olds, strict=True)]  # fmt: skip

    def _sent(self, event: Event, keys: tuple[str, ...]) -> list[Step | None]:
        again, self.last = keys == self.last, keys
        spoke = max((_acted(at, step) for at, step in enumerate(event.steps)), default=-1)
        found: list[Step | None] = []
        for at, (step, key) in enumerate(zip(event.steps, keys, strict=True)):
            sure = again or at <= spoke or _has_id(event, at) or self._is_pending(key)
            if isinstance(step, (Call, Handoff)) or (sure and key in self.known):
                found.append(self._old(step, key))
            else:
                is_answer = isinstance(step, Result) and step.id in self.answered
                found.append(step if is_answer else None)
        self.pending.clear()
        return found

    def _is_pending(self, key: str) -> bool:
        if not self.pending[key]:
            return False
        self.pending[key] -= 1
        return True

    def _old(self, step: Step, key: str) -> Step:
        text = self.known.get(key)
        return step if text is None else said_instead(step, text)

    def keep(self, event: Event, at: int, after: Step | None) -> None:
        """A step was judged: it goes on as `after`, or not at all."""
        step = event.steps[at]
        if event.point != "pre_model_call":
            self.last = ()  # what is sent from now on is no second try
        if isinstance(step, (Call, Handoff)):
            if after is None and isinstance(step, Call) and step.id:
                self.answered.add(step.id)
            return
        text = WITHHELD if after is None else None if after is step else _text(after)
        goes_on = step if text is None else said_instead(step, text)
        id = event.ids[at] if at < len(event.ids) else ""
        if isinstance(step, Result) and step.id:
            self.answered.add(step.id)
        keys = {key_of(goes_on, id): None, key_of(step, id): text}
        for key, instead in keys.items():
            self.known.pop(key, None)
            self.known[key] = instead
        while len(self.known) > MOST_KNOWN:
            del self.known[next(iter(self.known))]
        if event.point != "pre_model_call":
            self.pending.update(keys.keys())

    def to_json(self) -> dict[str, Any]:
        """The history as plain data, from which `of_json` makes it again."""
        return {"known": self.known, "pending": dict(+self.pending), "last": list(self.last),
                "answered": sorted(self.answered)}  # fmt: skip

    @classmethod
    def of_json(cls, data: Any) -> History:
        """What `to_json` gave. Raises `ValueError`, `KeyError`, `TypeError` if it is none."""
        known, pending = dict(data["known"]), Counter[str](dict(data["pending"]))
        if not all(type(one) in (str, type(None)) for one in known.values()):
            raise ValueError("a text that stands for another is none")
        if not all(type(one) is int for one in pending.values()):
            raise ValueError("a count is no number")
        return cls(known, pending, _texts(data["last"]), set(_texts(data["answered"])))


def key_of(step: Step, id: str = "") -> str:
    """What a step is known by: its digest, with the id that the host has for it."""
    who = step.role if isinstance(step, Message) else getattr(step, "id", "")
    whole = "\0".join((step.kind, id, who, _text(step))).encode("utf-8", "surrogatepass")
    return sha256(whole).hexdigest()[:32]


def said_instead(step: Step, text: str) -> Step:
    """A step that says something else."""
    if isinstance(step, Message):
        return replace(step, text=text, parts=())
    if isinstance(step, Result):
        if step.error is not None:
            return replace(step, text=text if step.text else "", value=None, error=text)
        return replace(step, text=text, value=None)
    return step


def _keys(event: Event) -> tuple[str, ...]:
    ids = (*event.ids, *[""] * (len(event.steps) - len(event.ids)))
    return tuple(key_of(step, id) for step, id in zip(event.steps, ids, strict=False))


def _has_id(event: Event, at: int) -> bool:
    return at < len(event.ids) and bool(event.ids[at])


def _acted(at: int, step: Step) -> int:
    """The place up to which the agent has seen all, if it is true that it said or called this."""
    if isinstance(step, Result):
        return at - 1  # it called before
    acted = isinstance(step, Call) or (isinstance(step, Message) and step.role == "assistant")
    return at if acted else -1


def _text(step: Step) -> str:
    if isinstance(step, Message):
        return "\0".join([step.text, *(part.text for part in step.parts)])
    if isinstance(step, Result):
        if step.error is not None:  # what it says besides is the same, or nothing
            return step.error
        return step.text if step.value is None else f"{step.text}\0{step.value!r}"
    return ""


def _texts(rows: Any) -> tuple[str, ...]:
    if type(rows) is not list or not all(type(one) is str for one in rows):
        raise ValueError("a list of texts is none")
    return tuple(rows)
