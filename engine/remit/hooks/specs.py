"""Every hook there is. A function here has no body: its docstring is the contract.

A plugin implements some of them as functions of the same name, marked with `remit.hooks.hookimpl`,
and takes of the arguments those that it needs. Bundled plugins have no other way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from remit.hooks.model import Answered, Told

hookspec = pluggy.HookspecMarker("remit")


@hookspec
def remit_decided(told: Told) -> Mapping[str, str | int] | None:
    """Hear a decision before the step takes effect: each one, in order, also an allow.

    What raises here turns the decision into a deny, which is told again with `corrects`; so only
    what must not be missing raises. The session waits, and a step of another thread waits with it.
    What is returned are facts about the telling (`remit.ledger.seq`), which a wrapper around this
    hook may read. Never change the decision, nor the step in it.
    """


@hookspec
def remit_answered(answered: Answered) -> None:
    """Hear that somebody who was asked about a call answers, before the answer counts.

    What raises here keeps the answer from counting; whoever gave it gets the error.
    """
