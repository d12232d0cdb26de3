"""What came of hearing a step, and with whose authority it is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from remit.conversation.model import MESSAGE

if TYPE_CHECKING:
    from remit.program.view import View
    from remit.state.model import State
    from remit.state.sayings import Saying, Void


class Heard(NamedTuple):
    """What a step says: the sayings that count once it takes effect, and what is void."""

    sayings: tuple[Saying, ...] = ()
    voids: tuple[Void, ...] = ()


NOTHING_HEARD = Heard()


def speaks_with(state: State, view: View) -> int:
    """The rank that the role of a message speaks with; none for every other step."""
    none = len(state.program.chain)
    if view.kind != MESSAGE or view.unnamed:
        return none
    rank = state.program.roles.get(view.role, none)
    return rank if rank >= none else max(rank, state.cap)
