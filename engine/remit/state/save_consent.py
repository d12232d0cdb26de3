"""What was confirmed, as plain data and back: for records and for saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from remit.program.binding import digest
from remit.program.model import Program
from remit.program.values import UNKNOWN
from remit.state.consent import MOST_PROPOSALS, Consent, Person, Proposal, Yes, speaks
from remit.state.moment import count_of, flag_of


def proposal_to_json(one: Proposal) -> dict[str, Any]:
    """A proposal as plain data; without its arguments where they are too large to keep."""
    data: dict[str, Any] = {"call": one.call, "tool": one.tool, "step": one.step}
    if one.args is not UNKNOWN:
        data["args"] = one.args
    data["people"] = [_person_to_json(person) for person in one.people]
    return data


def _person_to_json(person: Person) -> dict[str, Any]:
    data: dict[str, Any] = {"who": person.who}
    if person.yes is not None:
        data.update(yes=person.yes.step, said=person.yes.said)
    if person.passed:
        data["passed"] = True
    return data


def consent_from_json(program: Program, rows: Sequence[Mapping[str, Any]]) -> Consent:
    """What the data describes. Raises `ValueError`, `KeyError`, `TypeError` if it is none."""
    consent = tuple(_proposal(program, row) for row in rows)
    speakers = [person.who for one in consent for person in one.people
                if not person.passed and speaks(program, person.who)]  # fmt: skip
    calls = {one.call for one in consent}
    if len(consent) > MOST_PROPOSALS or len(calls) < len(consent):
        raise ValueError("it remembers more calls that were asked about than it can")
    if len(set(speakers)) < len(speakers):
        raise ValueError("somebody is asked two things at once")
    return consent


def _proposal(program: Program, row: Mapping[str, Any]) -> Proposal:
    call, tool, args = row["call"], row["tool"], row.get("args", UNKNOWN)
    if type(call) is not str or len(bytes.fromhex(call)) != 32 or type(tool) is not str or not tool:
        raise ValueError("a call that was asked about, and is none")
    if args is not UNKNOWN and digest(tool, dict(args)) != call:
        raise ValueError(f"the call of `{tool[:80]}` that was asked about has other arguments")
    people = tuple(_person(program, one) for one in row["people"])
    if not people or len({one.who for one in people}) < len(people):
        raise ValueError(f"nobody is asked about the call of `{tool[:80]}`, or somebody twice")
    return Proposal(call, tool, args, count_of(row["step"]), people)


def _person(program: Program, row: Mapping[str, Any]) -> Person:
    person = Person(_who(row["who"]), _yes(row), flag_of(row.get("passed", False)))
    said = person.yes is not None and person.yes.said
    if person.passed and (said or not speaks(program, person.who)):
        raise ValueError("somebody answers by speaking what they were not asked last")
    return person


def _who(name: Any) -> str:
    if type(name) is not str or not name:
        raise ValueError("somebody without a name is asked")
    return name


def _yes(row: Mapping[str, Any]) -> Yes | None:
    return Yes(count_of(row["yes"]), flag_of(row["said"])) if "yes" in row else None
