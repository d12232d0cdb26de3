"""The parser: tokens in, the rules that they complete out. It builds nothing and reads no text.

`Builder.values` makes nodes of what was read, in the same order. So a machine may be run again, or
tried on what might have been written, without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from remit_grammar.table import END, table

TOKEN = -1  # in what was read: the next token, where else a rule stands
_UNFIT = -1 << 31


class Machine:
    """An LALR parser that has read some tokens."""

    __slots__ = ("read", "states")

    def __init__(self, states: list[int] | None = None) -> None:
        self.states = [table().start] if states is None else states
        self.read: list[int] = []

    def feed(self, kind: str) -> bool:
        """Go on with a terminal; false where it does not fit."""
        return self.run([kind]) == 1

    def run(self, kinds: Iterable[str]) -> int:
        """Go on with terminals as long as they fit; how many did.

        What was complete before one counts as read even where it does not fit itself.
        """
        states, read = self.states, self.read
        rows, rules, end = table().rows, _rules(), table().end
        fit = 0
        state = states[-1]
        for kind in kinds:
            while (action := rows[state].get(kind, _UNFIT)) < 0:
                if action == _UNFIT:
                    return fit
                size, origin, passes = rules[~action]
                if passes:  # the one part stays
                    states[-1] = state = rows[states[-2]][origin]
                    continue
                if size:
                    del states[-size:]
                state = rows[states[-1]][origin]
                states.append(state)
                read.append(~action)
                if state == end and kind == END:
                    return fit + 1
            state = action
            states.append(action)
            read.append(TOKEN)
            fit += 1
        return fit

    def finish(self) -> bool:
        """Whether the text may end here; if so, it does."""
        return self.feed(END)

    def fits(self, *kinds: str) -> bool:
        """Whether it could go on with these terminals."""
        tried = Machine(self.states.copy())
        return all(map(tried.feed, kinds))

    def accepts(self) -> set[str]:
        """The terminals that it could go on with."""
        row = table().rows[self.states[-1]]
        return {kind for kind in row if kind.isupper() and self.fits(kind)}


@cache
def _rules() -> list[tuple[int, str, bool]]:
    """Of each rule what a machine needs."""
    return [(one.size, one.origin, one.passes) for one in table().rules]
