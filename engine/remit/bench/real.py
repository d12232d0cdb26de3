"""Real conversations under the packs: how many steps a core judges in a second.

No peer takes part: none can say what the packs say. What is judged is checked only for errors;
whether the packs judge well is the business of other tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files

import remit
from remit.bench.arena.measure import Checked, Local, Work
from remit.bench.model import Column, Goal, Row, Table
from remit.bench.recorded import NoRecordings, conversations
from remit.bench.run import Run
from remit.bench.tables import plain
from remit.conversation.model import Call
from remit.conversation.whole import Conversation
from remit_grammar.source import Source

LEAST = 50_000  # steps a second that the goal is
PACKS = ("remit.customer_support", "remit.coding_agent")
ALL = "all three"
OWN = "tools that a team adds"  # the packs let those pass that their contexts name


def tables(run: Run) -> Iterator[Table]:
    """Each spec alone, and together."""
    try:
        found = conversations(run.data, 10 if run.quick else 400)
    except NoRecordings as error:
        run.missing["real conversations"] = str(error)
        return
    steps = sum(len(one.steps) for one in found)
    policies = {name: _policy(*specs) for name, specs in _SETS.items()}
    entrants = [_entrant(name, policy, found) for name, policy in policies.items()]
    for one in entrants:
        run.check(one, "real")
    race = run.race(entrants, "real")
    columns = (Column("steps a second", "per second"), Column("CPU time of a step"))
    rows = []
    for name, samples in race.items():
        each = samples.median
        rows.append(
            Row(name, (1 / each if each else None, each), {columns[1].name: samples.seconds})
        )
    title = f"{len(found):,} real conversations, {steps:,} steps"
    yield Table(title, "specs", columns, tuple(rows))
    yield _verdicts(policies, found)
    whole = race[ALL].median
    if whole:
        run.goals.append(Goal("real: all three specs", 1 / whole, LEAST, "per second", most=False))


def _own() -> Source:
    text = files("remit.bench").joinpath("provenance.spec").read_text("utf-8")
    return Source("provenance.spec", text)


def _pack(name: str) -> Source:
    """A spec that is the pack and nothing more."""
    return Source(f"{name}.spec", f"spec bench.{name}\nauthor developer\nextends {name}\n")


_SETS: Mapping[str, Sequence[Callable[[], Source]]] = {
    "customer support": (lambda: _pack(PACKS[0]),),
    "coding agent": (lambda: _pack(PACKS[1]),),
    "provenance": (_own,),
    ALL: (lambda: _pack(PACKS[0]), lambda: _pack(PACKS[1]), _own),
}


def _policy(*specs: Callable[[], Source]) -> remit.Policy:
    return remit.load(*(one() for one in specs))


def _context(policy: remit.Policy, found: Sequence[Conversation]) -> dict[str, list[str]]:
    tools = {step.tool for one in found for step in one.steps if isinstance(step, Call)}
    return {"own_tools": sorted(tools)} if "own_tools" in policy.checked.contexts else {}


def _entrant(name: str, policy: remit.Policy, found: Sequence[Conversation]) -> Local:
    """An operation is a step; whole conversations are judged, the last perhaps in part."""
    context = _context(policy, found)

    def prepare(count: int) -> Work:
        def work() -> None:
            left = count
            while left > 0:
                for one in found:
                    decide = policy.session(context).decide
                    for step in one.steps[:left]:
                        decide(step)
                    left -= len(one.steps)
                    if left <= 0:
                        return

        return work

    return Local(name, prepare, lambda: _check(policy, context, found))


def _check(
    policy: remit.Policy, context: dict[str, list[str]], found: Sequence[Conversation]
) -> Checked:
    decisions = [
        made for one in found for session in [policy.session(context)] for step in one.steps
        for made in [session.decide(step)]
    ]  # fmt: skip
    errors = [str(one.errors) for one in decisions if one.errors]
    return Checked(len(decisions), len(errors), errors[0] if errors else "")


def _verdicts(policies: Mapping[str, remit.Policy], found: Sequence[Conversation]) -> Table:
    """How often each verdict was given, so that a reader sees that the policies are at work."""
    words = ("allow", "warn", "redact", "ask", "deny", "halt")
    rows = {}
    for name, policy in policies.items():
        context, seen = _context(policy, found), dict.fromkeys(words, 0)
        for one in found:
            session = policy.session(context)
            for step in one.steps:
                verdict = session.decide(step).verdict
                seen[verdict] = seen.get(verdict, 0) + 1
        rows[name] = [seen[word] for word in words]
    return plain("Verdicts", "specs", words, rows)
