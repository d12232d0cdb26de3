"""A case: a recorded conversation in which something is to be kept, or something to be stopped."""

from __future__ import annotations

from dataclasses import dataclass

from remit.conversation.whole import Conversation


@dataclass(frozen=True, slots=True)
class Case:
    """`group` is where it belongs (`banking`), `measure` what it measures.

    `stop` are the calls (by id) one of which is to be held back; empty: none is.
    """

    conversation: Conversation
    group: str
    measure: str
    stop: frozenset[str] = frozenset()
