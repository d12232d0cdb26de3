"""What rules of each kind cost at a step, after 10 to 100,000 messages; and the peers of W2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import remit
from remit.bench import w2
from remit.bench.arena import growing
from remit.bench.arena.measure import Checked, Local, Samples, ratio
from remit.bench.counts import instructions
from remit.bench.kinds import KINDS, Kind, asked, happens, probe
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import by_size, plain
from remit.conversation.model import Step

CHECKED = 240  # steps of the conversation that answers are checked in
MOST_COUNTED = 10_000  # messages
ROUND = 6  # steps after which `happens` begins anew
BOUNDS = ((1_000, 1.2), (100_000, 2.0))


def tables(run: Run) -> Iterator[Table]:
    """Rules of each kind, then W2."""
    sizes = run.sizes(10, 100, 1_000, 10_000, 100_000, quick=(10, 100))
    races: dict[float, dict[str, Samples]] = {size: {} for size in sizes}
    for kind in KINDS:
        entrants = [_entrant(kind, size) for size in sizes]
        run.check(entrants[0], kind.name)
        found = run.race(entrants, kind.name)
        for size, one in zip(sizes, entrants, strict=True):
            races[size][kind.name] = found[one.name]
    title = "One more message and one decision after it: CPU time of both"
    yield by_size(title, races, "messages", head="rule", base=None)
    yield _counted(run, sizes)
    _note_goals(run, races)
    yield from w2.beside(run)


def _counted(run: Run, sizes: Sequence[int]) -> Table:
    """The same in instructions, which are the same on every machine; of a round of steps."""
    sizes = [one for one in sizes if one <= MOST_COUNTED]
    rows = {}
    for kind in KINDS:
        run.tell(f"instructions: {kind.name}")
        policy = remit.load(kind.spec)
        check(kind, policy)  # what is made lazily is made
        watcher, number, found = Watcher(policy), 0, []
        for size in sizes:
            while number < size:
                watcher.observe(happens(number))
                number += 1
            found.append(sum(_round(watcher, number)) / ROUND)
            number += ROUND
        rows[kind.name] = found
    title = "Instructions of Python for one more message and one decision after it"
    return plain(title, "rule", [f"{size:,}" for size in sizes], rows)


def _round(watcher: Watcher, number: int) -> Iterator[int]:
    for one in range(number, number + ROUND):
        step = happens(one)
        yield instructions(watcher.observe, step)
        yield instructions(watcher.decide, probe(one, at=step.time or 0.0))


def _note_goals(run: Run, races: dict[float, dict[str, Samples]]) -> None:
    for size, bound in BOUNDS:
        for kind in KINDS if size in races else ():
            value = ratio(races[size][kind.name], races[10][kind.name])
            if value is not None:
                run.goals.append(Goal(f"10 → {size:,} messages, {kind.name}", value, bound))


class Watcher:
    """A conversation under a policy, as `growing` sees it."""

    def __init__(self, policy: remit.Policy) -> None:
        self.session = policy.session()
        self.observe = self.session.decide

    def decide(self, step: Step) -> bool:
        """Whether the step is held back."""
        return not self.session.decide(step)


def _entrant(kind: Kind, messages: int) -> Local:
    policy = remit.load(kind.spec)
    last = happens(messages).time or 0.0
    return growing.entrant(
        str(messages), messages, lambda: Watcher(policy), happens,
        lambda number: probe(number, at=last), lambda: check(kind, policy),
    )  # fmt: skip


def check(kind: Kind, policy: remit.Policy) -> Checked:
    """The answers of a policy along one conversation, held against the kind's oracle."""
    watcher, past, wrong, count = Watcher(policy), list[Step](), [], 0
    for number in range(CHECKED):
        if watcher.session.decide(happens(number)):
            past.append(happens(number))
        if number % 5 in (0, 1, 3):
            call = asked(number)
            wanted, given = kind.oracle(past, call), watcher.decide(call)
            count += 1
            if given != wanted:
                wrong.append(f"behind step {number}, {call.args}: {given}, not {wanted}")
            if not given:
                past.append(call)
    return Checked(count, len(wrong), f"{kind.name}, {wrong[0]}" if wrong else "")
