"""Which calls somebody was asked about, and who said yes to them: bound to the call, once.

A call that is answered `ask` is a proposal to those who are asked. Whoever is a role with authority
answers in the conversation, all others through the host. A yes is for this tool with these
arguments. It is used up when the call takes effect, and it does not outlast the plan: the next
thing that anybody with authority says, other than a plain yes, takes every yes back. This is
immutable: a decision keeps what it was made with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from remit.conversation.model import CALL, MESSAGE
from remit.program.binding import bound
from remit.program.model import Program
from remit.program.values import UNKNOWN, Truth
from remit.program.view import View
from remit.state.amounts import kept

MOST_PROPOSALS = 100  # calls that somebody was asked about; beyond, the oldest must be asked anew


class Yes(NamedTuple):
    """A yes: the step at, or after, which it was given, and whether a message said it."""

    step: int
    said: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that somebody was asked about, last at `step`.

    `call` is its SHA-256; `args` are the arguments, for people to read, unknown where too large.
    `people` are those who were asked, each with the yes that counts, or None.
    """

    call: str
    tool: str
    args: Any
    step: int
    people: tuple[tuple[str, Yes | None], ...]

    def yes(self, who: str) -> Yes | None:
        """The yes of somebody that counts."""
        return dict(self.people).get(who)

    def said_yes(self, who: str, yes: Yes) -> Proposal:
        """The same where somebody who was asked says yes."""
        people = tuple((one, yes if one == who else given) for one, given in self.people)
        return replace(self, people=people)


Consent = tuple[Proposal, ...]  # the one asked about last is the last one


class Happened(NamedTuple):
    """A step, as proposed and as it goes on; who is asked about it, and whether it takes effect.

    `at` is its index. `cap`: the rank above which nobody speaks here.
    """

    view: View
    taken: View
    at: int
    asks: tuple[str, ...]
    goes_on: bool
    cap: int


def confirmed(consent: Consent, who: str, view: View) -> Truth:
    """Whether somebody said yes to the very call that a step is."""
    given = [one for one in consent if one.yes(who) and _may_be(one, view)]
    if not given or view.kind != CALL:
        return False
    call = bound(view)
    return UNKNOWN if call is UNKNOWN else any(one.call == call for one in given)


def moved_on(consent: Consent, program: Program, now: Happened) -> Consent:
    """What counts after a step."""
    view = now.view
    if view.kind == MESSAGE and (view.unnamed or speaks(program, view.role)):
        consent = _heard(consent, program, now)
    if now.asks:
        return _asked(consent, program, now)
    return _used(consent, now) if now.goes_on and view.kind == CALL else consent


def speaks(program: Program, who: str) -> bool:
    """Whether somebody is a role with authority, who answers in the conversation."""
    none = len(program.chain)
    return program.roles.get(who, none) < none


def _may_be(proposal: Proposal, view: View) -> bool:
    return view.tool in (proposal.tool, "")


def _heard(consent: Consent, program: Program, now: Happened) -> Consent:
    """A message of someone with authority: a plain yes to what they were asked, or another plan.

    Of a role that nobody knows, and of one that speaks here with less than its own authority, no
    yes counts.
    """
    if now.view.unnamed:
        return ()
    who = now.view.role
    asked = any(who in dict(one.people) for one in consent)
    if asked and now.goes_on and program.roles[who] >= now.cap and _agrees(now):
        yes = Yes(now.at, said=True)
        return tuple(one.said_yes(who, yes) for one in consent)
    return without(consent, lambda _, one, given: one == who or given is not None)


def _agrees(now: Happened) -> bool:
    return all(one.field("agrees") is True for one in (now.view, now.taken))


def _asked(consent: Consent, program: Program, now: Happened) -> Consent:
    """Somebody is asked about a step: who answers by speaking can answer one question at a time."""
    call = bound(now.taken)
    before = next((one.people for one in consent if one.call == call), ())
    others = without(
        (one for one in consent if one.call != call),
        lambda _, one, given: one in now.asks and speaks(program, one),
    )
    if call is UNKNOWN:
        return others
    people = {**dict.fromkeys(now.asks), **dict(before)}
    args = kept(dict(now.taken.args))
    asked = Proposal(str(call), now.taken.tool, args, now.at, tuple(people.items()))
    return (*others, asked)[-MOST_PROPOSALS:]


def _used(consent: Consent, now: Happened) -> Consent:
    """A call takes effect, so a yes to it is used up; if it cannot be told, each that may be."""
    if not any(_may_be(one, now.view) for one in consent):
        return consent
    calls = {bound(now.view), bound(now.taken)}
    return tuple(
        one for one in consent
        if one.call not in calls and not (UNKNOWN in calls and _may_be(one, now.view))
    )  # fmt: skip


def without(
    consent: Iterable[Proposal], leaves: Callable[[Proposal, str, Yes | None], bool]
) -> Consent:
    """What is left where some people are no longer asked; without any, it is no proposal."""
    left = (
        replace(one, people=tuple(pair for pair in one.people if not leaves(one, *pair)))
        for one in consent
    )
    return tuple(one for one in left if one.people)
