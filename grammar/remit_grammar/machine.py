"""The parser: tokens in, the rules that they complete out. It builds nothing and reads no text.

`Builder.values` makes nodes of what was read, in the same order. So a machine may be run again, or
tried on what might have been written, without a trace.
"""

from __future__ import annotations

from remit_grammar.table import END, table

TOKEN = -1  # in what was read: the next token, where else a rule stands


class Machine:
    """An LALR parser that has read some tokens."""

    __slots__ = ("read", "states")

    def __init__(self, states: list[int] | None = None) -> None:
        self.states = [table().start] if states is None else states
        self.read: list[int] = []

    def feed(self, kind: str) -> bool:
        """Go on with a terminal; false where it does not fit.

        What was complete before it counts as read even where it does not fit.
        """
        states, read = self.states, self.read
        whole = table()
        rows, rules = whole.rows, whole.rules
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                read.append(TOKEN)
                return True
            rule = rules[~action]
            if rule.size:
                del states[-rule.size :]
            states.append(rows[states[-1]][rule.origin])
            if not rule.passes:
                read.append(~action)
            if kind == END and states[-1] == whole.end:
                return True

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
