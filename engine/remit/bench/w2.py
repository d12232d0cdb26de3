"""W2: one more step after n messages, with a rule that looks at all of them.

An operation is a message that happens, and a call that is proposed. Remit decides on both, for a
step counts once it was decided on; so do `regorus, each message` and, as facts go, Rete. The others
only keep the message and decide on the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remit.bench.arena.engines import TRACE
from remit.bench.arena.measure import Samples
from remit.bench.goals import at_most, growth
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import OURS, Races, by_size

SHARES = {"regorus": 1 / 50, "durable_rules": 1 / 10, "invariant": 1 / 50_000}


def tables(run: Run) -> Iterator[Table]:
    """With one rule, and with twenty."""
    yield from beside(run, _note_goals)


def beside(
    run: Run, note: Callable[[Run, Races], None] = lambda run, races: None
) -> Iterator[Table]:
    """The same, beside another benchmark; `note` sees the race with one rule."""
    for rules in (1, 20):
        races: dict[float, dict[str, Samples]] = {}
        for size in run.sizes(10, 100, 1_000, quick=(10, 100)):
            where = f"{size:,} messages, {'1 rule' if rules == 1 else f'{rules} rules'}"
            races[size] = run.meets(TRACE, where, messages=size, rules=rules)
        title = f"One more message and one decision, {'one rule' if rules == 1 else 'twenty rules'}"
        yield by_size(f"{title}: CPU time of both", races, "messages")
        if rules == 1:
            note(run, races)


def _note_goals(run: Run, races: Races) -> None:
    at_most(run, "W2, 100 messages", races[100], SHARES)
    last = max(races)
    if OURS in races[10]:
        what = f"W2, 10 → {last:,.0f} messages: growth"
        growth(run, what, races[10][OURS], races[last][OURS], 1.2)
