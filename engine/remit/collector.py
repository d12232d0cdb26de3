"""The garbage collector rests while a policy is compiled.

A compilation makes hundreds of thousands of small objects that all stay, and the collector would
walk them again and again: a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_resting = 0  # compilations under way, in all threads


@contextmanager
def resting() -> Iterator[None]:
    """Inside, the collector does not run; afterwards it does again, unless it was off before.

    It is one for the whole process: of compilations that overlap, the first stops it and the last
    starts it. A host that runs with the collector off keeps it off.
    """
    if not _stopped():
        yield
        return
    try:
        yield
    finally:
        _go_on()


def _stopped() -> bool:
    """Stop the collector, or join those that have; false where the host has it off."""
    global _resting
    with _lock:
        if not _resting and not gc.isenabled():
            return False
        _resting += 1
        gc.disable()
        return True


def _go_on() -> None:
    global _resting
    with _lock:
        _resting -= 1
        if not _resting:
            _let_age()
            gc.enable()


def _let_age() -> None:
    """Count what is there as old, unwalked: it stays. What a host has frozen stays frozen."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
