"""A call that must be denied: proof that a gate stands where its owner thinks it does.

A gate that a framework never asks allows everything, and nobody sees it. So every gate denies one
tool whatever the policy says; whoever lets an agent call it knows whether the gate was asked.
"""

from __future__ import annotations

CANARY = "remit_canary"
MESSAGE = "the canary was held back: this gate is in place"

_held: list[None] = []  # one for each canary that a gate of this process has held back


def held_back() -> None:
    """A gate holds a canary back."""
    _held.append(None)


class Canary:
    """A tool that must never run. Give `tool` to an agent and have the agent call it.

    `ran`: how often it ran all the same.
    """

    def __init__(self) -> None:
        self.ran = 0
        self._before = len(_held)

    def tool(self, note: str = "") -> str:
        """A tool for a self-test of policies. It does nothing."""
        self.ran += 1
        return f"the canary ran: no gate holds this agent ({note})"

    @property
    def was_held_back(self) -> bool:
        """Whether a gate has held a canary back since this one was made."""
        return len(_held) > self._before


Canary.tool.__name__ = CANARY  # frameworks name a tool after its function
