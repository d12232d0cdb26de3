"""Tests of a step that are asked together: by one generated function for all (`quick.py`).

Making the function takes a millisecond or two, so it is made when it pays. Making it twice gives
the same, so threads need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remit.checked.norm import Context
    from remit.conversation.model import Step
    from remit.program.quick import Hits, Part, Sight
    from remit.program.view import View

    Tests = Sequence[Sequence[Part]]

AT_ONCE = 200  # tests that one function makes
EAGER = 2  # times that a step is read with care before a function is made
CAREFUL = -1  # a step of which the functions cannot tell anything


def told(hits: int, size: int) -> tuple[int, int]:
    """Which of so many tests hold, and which are to be read with care, as two bit masks."""
    every = (1 << size) - 1
    if hits >= 0:
        return hits, 0
    return (0, every) if hits == CAREFUL else (~hits & every, ~hits >> size)


class Together:
    """As many tests as `size` says; `tests` makes them when they are needed.

    Where it is not `possible` to ask them together, every step is read with care. `one` does what
    `hits` does, where there is one function that can; it may raise. `alone` is the same, where that
    needs no view.
    """

    __slots__ = ("_contexts", "_functions", "_size", "_tests", "_uses", "alone", "one")

    def __init__(
        self, size: int, tests: Callable[[], Tests], contexts: Mapping[str, Context], *,
        possible: bool = True,
    ) -> None:  # fmt: skip
        self._size = size
        self._tests = tests
        self._contexts = contexts
        self._uses = 0
        self.one: Hits | None = None if size or not possible else nothing
        self.alone: Hits | None = self.one
        self._functions: tuple[Hits, ...] | None = None
        if not possible:
            self._functions = ()
        elif not size:
            self._functions = (nothing,)

    def hits(self, view: View) -> int:
        """The numbers of the tests that hold, as a bit mask, as `told` reads it."""
        found = doubts = 0
        try:
            functions = self._made() if self._functions is None else self._functions
            if not functions:
                return CAREFUL
            for at, function in zip(range(0, self._size or 1, AT_ONCE), functions, strict=True):
                hits = function(view.step, view.args, view, None)
                hold, doubtful = told(hits, min(AT_ONCE, self._size - at))
                found |= hold << at
                doubts |= doubtful << at
        except Exception:  # noqa: BLE001 - who reads with care will see why
            return CAREFUL
        return ~(found | doubts << self._size) if doubts else found

    def _made(self) -> tuple[Hits, ...]:
        """The functions; none as long as it does not pay to make them, or where that fails."""
        self._uses += 1
        if self._uses <= EAGER:
            return ()
        from remit.program.quick import quick_function

        tests = self._tests()
        pieces = [tests[at : at + AT_ONCE] for at in range(0, len(tests), AT_ONCE)]
        try:
            made = [quick_function(piece, self._contexts) for piece in pieces]
        except (RecursionError, MemoryError, SyntaxError, ValueError):  # too deep to be compiled
            made = []
        self._functions = tuple(one.hits for one in made)
        if len(made) == 1:
            self.one = made[0].hits
            self.alone = None if made[0].asks else self.one
        return self._functions


def nothing(step: Step, args: Mapping[str, Any], view: View | None, sight: Sight | None) -> int:
    """The function for no tests."""
    return 0
