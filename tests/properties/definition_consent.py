"""Who is asked about which call, and who confirmed it: semantics 3, said once.

A call is whatever tells it apart: its tool and arguments. That a step asked somebody, took effect,
or was a plain yes, is given. `ROLES` are the people who speak in the conversation with authority.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

ROLES = frozenset({"user", "developer"})


@dataclass(frozen=True)
class Step:
    """A call, a message, or the host's word (`approval`, `refusal`) on a call.

    `by` is who speaks, or whose word it is; `asks` are those who were asked about a call.
    """

    kind: str
    call: Hashable = None
    by: str = ""
    asks: frozenset[str] = frozenset()
    took_effect: bool = True
    agrees: bool = False


Past = tuple[Step, ...]


def asked(past: Past, who: str, call: Hashable) -> bool:
    """Whether somebody is asked about a call, and nothing has ended that since."""
    for at in reversed(range(len(past))):
        if ends(past[: at + 1], who, call):
            return False
        if who in past[at].asks and past[at].call == call:
            return True
    return False


def confirmed(past: Past, who: str, call: Hashable) -> bool:
    """Whether somebody said yes to a call, by speaking or through the host."""
    return has_yes(past, who, call, "approval") or has_yes(past, who, call, "message")


def agreed(past: Past, asks: frozenset[str], call: Hashable) -> bool:
    """Whether a call goes on though it asks: all who are asked said yes through the host."""
    return all(has_yes(past, who, call, "approval") for who in asks)


def has_yes(past: Past, who: str, call: Hashable, how: str) -> bool:
    """Whether somebody said yes to a call, and nothing has ended that since."""
    for at in reversed(range(len(past))):
        if ends(past[: at + 1], who, call):
            return False
        if how == "message" and asks_other(past[at], who, call):
            return False
        if past[at].kind == how and says_yes(past[: at + 1], who, call):
            return True
    return False


def says_yes(past: Past, who: str, call: Hashable) -> bool:
    """Whether the last step is a yes to a call by somebody who is asked about it."""
    *before, now = past
    if not asked(tuple(before), who, call) or now.by != who:
        return False
    if now.kind == "approval":
        return now.call == call
    newest = next(one for one in reversed(before) if who in one.asks)
    return is_plain_yes(now) and newest.call == call


def asks_other(now: Step, who: str, call: Hashable) -> bool:
    """Whether somebody who answers by speaking is asked about another call."""
    return who in now.asks and who in ROLES and now.call != call


def is_plain_yes(now: Step) -> bool:
    """Whether a step is a message, held back by nobody, that says yes and nothing else."""
    return now.kind == "message" and now.agrees and now.took_effect


def ends(past: Past, who: str, call: Hashable) -> bool:
    """Whether with the last step somebody is no longer asked about a call, yes or no."""
    *rest, now = past
    before = tuple(rest)
    if now.kind == "call":  # "it is used up"
        return now.took_effect and now.call == call
    if now.kind == "message" and now.by in ROLES:
        answers = any(asked(before, now.by, one.call) for one in before if one.asks)
        if is_plain_yes(now) and answers:
            return False
        return who == now.by or confirmed(before, who, call)  # "the plan may be another one"
    return now.kind == "refusal" and (now.by, now.call) == (who, call)
