"""Which calls somebody was asked about, and who said yes to them: bound to the call, once.

A call that is answered `ask` is a proposal to those who are asked. Whoever is a role with authority
answers in the conversation, and anybody through the host. A yes is for this tool with these
arguments. It is used up when the call takes effect, and it does not outlast the plan: the next
thing that anybody with authority says, other than a plain yes, takes every yes back. Where all who
are asked have said yes through the host, the call goes on. This is immutable: a decision keeps what
it was made with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from remit.conversation.model import CALL, MESSAGE
from remit.program.binding import bound
from remit.program.model import Program
from remit.program.values import UNKNOWN, Truth
from remit.program.view import View
from remit.state.amounts import kept
from remit_grammar.value import replace, value

MOST_PROPOSALS = 100  # calls that somebody was asked about; beyond, the oldest must be asked anew


class Yes(NamedTuple):
    """A yes: the step at, or after, which it was given, and whether a message said it."""

    step: int
    said: bool


class Person(NamedTuple):
    """Somebody who was asked about a call, with the yes that counts, or None.

    `passed`: they were asked about something else since, so by speaking they do not answer this.
    """

    who: str
    yes: Yes | None = None
    passed: bool = False


@value
class Proposal:
    """A call that somebody was asked about, last at `step`.

    `call` is its SHA-256; `args` are the arguments, for people to read, unknown where too large.
    """

    call: str
    tool: str
    args: Any
    step: int
    people: tuple[Person, ...]

    def person(self, who: str) -> Person | None:
        """Somebody who is asked, if they are."""
        return next((one for one in self.people if one.who == who), None)

    def yes(self, who: str) -> Yes | None:
        """The yes of somebody that counts."""
        person = self.person(who)
        return person and person.yes

    def said_yes(self, who: str, yes: Yes) -> Proposal:
        """The same where somebody who was asked says yes."""
        people = (one._replace(yes=yes) if one.who == who else one for one in self.people)
        return replace(self, people=tuple(people))


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


def agreed(consent: Consent, asks: Iterable[str], taken: View) -> tuple[str, ...]:
    """Who of those whom a call asks said yes to it through the host; it is seen as it goes on."""
    if not consent or taken.kind != CALL:
        return ()
    call = bound(taken)
    found = next((one for one in consent if one.call == call), None)
    if found is None:
        return ()
    given = ((who, found.yes(who)) for who in asks)
    return tuple(who for who, yes in given if yes is not None and not yes.said)


def moved_on(consent: Consent, program: Program, now: Happened) -> Consent:
    """What counts after a step."""
    view = now.view
    if view.kind == MESSAGE and (view.unnamed or speaks(program, view.role)):
        consent = _heard(consent, program, now)
    if now.asks and not now.goes_on:
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
    asked = any(one.person(who) for one in consent)
    if asked and now.goes_on and program.roles[who] >= now.cap and _agrees(now):
        return tuple(_said_yes(one, who, now.at) for one in consent)
    return without(consent, lambda _, one: one.who == who or one.yes is not None)


def _said_yes(proposal: Proposal, who: str, at: int) -> Proposal:
    """A message says yes: to what its speaker was asked last, and where the host said it before,
    nothing more."""
    person = proposal.person(who)
    if person is None or person.passed or (person.yes is not None and not person.yes.said):
        return proposal
    return proposal.said_yes(who, Yes(at, said=True))


def _agrees(now: Happened) -> bool:
    return all(one.field("agrees") is True for one in (now.view, now.taken))


def _asked(consent: Consent, program: Program, now: Happened) -> Consent:
    """Somebody is asked about a step: by speaking they answer this question alone."""
    call = bound(now.taken)
    before = next((one.people for one in consent if one.call == call), ())
    speakers = {who for who in now.asks if speaks(program, who)}
    others = tuple(_passed(one, speakers) for one in consent if one.call != call)
    if call is UNKNOWN:
        return others
    people = {**{who: Person(who) for who in now.asks}, **{one.who: one for one in before}}
    people.update({who: people[who]._replace(passed=False) for who in now.asks})
    args = kept(dict(now.taken.args))
    asked = Proposal(str(call), now.taken.tool, args, now.at, tuple(people.values()))
    return (*others, asked)[-MOST_PROPOSALS:]


def _passed(proposal: Proposal, who: set[str]) -> Proposal:
    """A proposal where some who answer by speaking are asked about something else."""
    if not any(one.who in who for one in proposal.people):
        return proposal
    people = (
        Person(one.who, None if one.yes is not None and one.yes.said else one.yes, passed=True)
        if one.who in who else one
        for one in proposal.people
    )  # fmt: skip
    return replace(proposal, people=tuple(people))


def _used(consent: Consent, now: Happened) -> Consent:
    """A call takes effect, so a yes to it is used up; if it cannot be told, each that may be."""
    if not any(_may_be(one, now.view) for one in consent):
        return consent
    calls = {bound(now.view), bound(now.taken)}
    return tuple(
        one for one in consent
        if one.call not in calls and not (UNKNOWN in calls and _may_be(one, now.view))
    )  # fmt: skip


def without(consent: Iterable[Proposal], leaves: Callable[[Proposal, Person], bool]) -> Consent:
    """What is left where some people are no longer asked; without any, it is no proposal."""
    left = (
        replace(one, people=tuple(person for person in one.people if not leaves(one, person)))
        for one in consent
    )
    return tuple(one for one in left if one.people)
