"""Where values came from: the cost by the length of what is remembered, and of what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import remit
from remit.bench.arena.measure import Checked, Local, Samples, Work
from remit.bench.kinds import KINDS, probe, sentence
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import by_size

BEFORE = 100  # messages of the conversation
_KINDS = {kind.name: kind for kind in KINDS}
_WORD = 6  # characters of a word of `sentence` with its blank, roughly


def tables(run: Run) -> Iterator[Table]:
    """A result of growing length is taken in; an argument of growing length is looked for."""
    sizes = run.sizes(100, 1_000, 10_000, 100_000, quick=(100, 1_000))
    for kind in ("came from", "quotes"):
        policy = remit.load(_KINDS[kind].spec)
        races: dict[float, dict[str, Samples]] = {}
        for size in sizes:
            entrants = [_taken_in(policy, size), _looked_for(policy, size)]
            run.hold("remit", f"{kind}, {size:,} characters", partial(_check, policy, size))
            races[size] = run.race(entrants, f"{kind}, {size:,} characters")
        title = f"`{kind}`: CPU time of a decision"
        yield by_size(title, races, "characters", head="step", base=None)


def _text(number: int, characters: int) -> str:
    return sentence(number, characters // _WORD + 1)[:characters]


def _result(number: int, characters: int) -> remit.Result:
    return remit.Result("lookup", _text(number, characters), id=f"l{number}")


def _grown(policy: remit.Policy, characters: int) -> remit.Session:
    session = policy.session()
    for number in range(0, BEFORE, 2):
        session.decide(remit.Call("lookup", {"q": f"q{number}"}, f"l{number}"))
        session.decide(_result(number, min(characters, 2_000)))
    return session


def _taken_in(policy: remit.Policy, size: int) -> Local:
    make = partial(_result, characters=size)
    return _fresh("a result, taken in", _grown(policy, size), make)


def _looked_for(policy: remit.Policy, size: int) -> Local:
    def make(number: int) -> remit.Step:
        return probe(number, note=_text(-1 - number, size), account=_text(-9_999 - number, size))

    return _fresh("a call, its arguments looked for", _grown(policy, size), make)


def _fresh(name: str, session: remit.Session, make: Callable[[int], remit.Step]) -> Local:
    """Few steps a turn, so that the conversation hardly grows, and none of them twice."""
    numbers = count(BEFORE)

    def prepare(wanted: int) -> Work:
        row = [make(next(numbers)) for _ in range(wanted)]

        def work() -> None:
            for step in row:
                session.decide(step)

        return work

    return Local(name, prepare, most=4)


def _check(policy: remit.Policy, size: int) -> Checked:
    """What stands in a result is found, and what stands nowhere is not."""
    session = _grown(policy, size)
    known = _text(BEFORE - 2, min(size, 2_000))
    strange = probe(2, account="nobody@else.example", note=_text(-7, size))
    wanted = {
        "known": not session.decide(probe(1, account=known, note=known)),
        "unknown": bool(session.decide(strange)),
    }
    wrong = [name for name, right in wanted.items() if not right]
    return Checked(len(wanted), len(wrong), f"{size:,} characters, {wrong[0]}" if wrong else "")
