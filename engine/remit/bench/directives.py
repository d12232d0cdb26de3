"""What people say: the cost of hearing directives, and of norms that were said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import remit
from remit.bench.arena.measure import Checked, Local, Samples, each
from remit.bench.arena.texts import prose
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import by_size

TEXT = prose(400)


def spec(directives: int) -> str:
    """So many words that the agent must not use, each with a directive that lifts its clause."""
    lines = ["spec bench.directives", "author developer"]
    for one in range(directives):
        lines += [
            f"clause tone_{one} at user", f'  forbid message where text contains "zork{one}z"',
            f"directive lift_{one}", f'  heard /you may (say|write) zork{one}z/',
            f"  permit tone_{one}",
        ]  # fmt: skip
    return "\n".join([*lines, ""])


def said(number: int) -> remit.Message:
    """The user lifts a clause."""
    return remit.Message("user", f"{TEXT} From now on you may say zork{number}z.")


def answer(number: int) -> remit.Message:
    """The agent uses the word."""
    return remit.Message("assistant", f"{TEXT} zork{number}z")


def tables(run: Run) -> Iterator[Table]:
    """Messages of three kinds, under 1 to 1,000 directives, half of which were said."""
    races: dict[float, dict[str, Samples]] = {}
    for size in run.sizes(1, 10, 100, 1_000, quick=(1, 10)):
        policy = remit.load(spec(size))
        run.hold("remit", f"{size:,} directives", partial(_check, policy, size))
        races[size] = run.race(_entrants(policy, size), f"{size:,} directives")
    title = "Directives, half of them said before: CPU time of a decision"
    yield by_size(title, races, "directives", head="message", base=None)


def _lifted(policy: remit.Policy, size: int) -> remit.Session:
    session = policy.session()
    for one in range(0, size, 2):
        session.decide(said(one))
    return session


def _entrants(policy: remit.Policy, size: int) -> list[Local]:
    """Each in a conversation of its own; what is said again changes nothing."""
    steps = {
        "of the user, says nothing": remit.Message("user", TEXT),
        "of the user, says a directive again": said(0),
        "of the agent, harmless": remit.Message("assistant", TEXT),
        "of the agent, lifted": answer(0),
    }
    return [Local(name, each([step], _lifted(policy, size).decide)) for name, step in steps.items()]


def _check(policy: remit.Policy, size: int) -> Checked:
    """Every second word was lifted, and may be used."""
    session = _lifted(policy, size)
    wrong = [one for one in range(size) if bool(session.decide(answer(one))) != (one % 2 == 0)]
    return Checked(size, len(wrong), f"word {wrong[0]}" if wrong else "")
