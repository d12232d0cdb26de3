"""What the norms that apply to a step come to: semantics 3 and 4, said once.

Whether a norm's condition holds is given: conditions are no matter here. Nothing of the engine is
imported, so this page can be read, and trusted, alone. Quotes are from `docs/semantics.md`.

Two things are said more closely than there. A default is a norm that every step of its kind
violates unless what opens speaks against it; so a clause that only warns never opens a
`default deny`. And an act is the same as another where both are the same named act, or are written
out alike; a `where` behind a named act is the norm's condition and no part of the act.
"""

from __future__ import annotations

from dataclasses import dataclass

HOLD_BACK = ("forbid", "require", "default")  # what a step can violate
CAUTION = ("forbid", "default", "require", "protect", "permit")  # the most cautious first
SEVERITY = (("halt",), ("deny",), ("ask",), ("rewrite", "redact"), ("warn",))  # strongest first


@dataclass(frozen=True)
class Norm:
    """One norm. Levels are ranks and 0 is the strongest; goals are ranks too, 0 the highest.

    `act` is the act's identity: a named act's name, else the pattern as written. `lifts` is the
    clause that a permit names. `holds` is None where the condition is unknown. `said` is where a
    spoken norm was last said, as (step, place in the step); it is None for a standing one.
    """

    id: str
    modality: str
    author: int
    strength: int
    act: str
    holds: bool | None
    lifts: str | None = None
    overrides: frozenset[str] = frozenset()
    goal: int | None = None
    remedy: str = "deny"
    if_unknown: str | None = None
    said: tuple[int, int] | None = None


def applies(norm: Norm) -> bool:
    """ "A norm whose condition is unknown: a forbid counts as applying, a permit as not applying,
    unless its clause says `if unknown ...`", where only `allow` turns either round."""
    if norm.holds is not None:
        return norm.holds
    return (norm.if_unknown == "allow") != (norm.modality in HOLD_BACK)


def opposes(opener: Norm, other: Norm) -> bool:
    """ "`forbid` and `permit` oppose each other only on the same act, or where the permit names the
    clause", and a permit speaks only against norms "issued at or above the author's own level";
    `protect` "opposes every forbid on the act, whoever issued it". A default is opposed by both."""
    if opener.modality in HOLD_BACK or other.modality not in HOLD_BACK:
        return False
    if opener.modality == "protect":
        return True
    named = other.id == opener.lifts if opener.lifts else other.act == opener.act
    return other.author <= opener.author and (named or other.modality == "default")


def excepts(one: Norm, other: Norm) -> bool:
    """ "One says it overrides the other"; a default says by itself that it yields to what opens."""
    yields = other.modality == "default" and one.modality not in HOLD_BACK
    return yields or other.id in one.overrides


def beats(one: Norm, other: Norm) -> str | None:
    """The reason for which one beats the other: "the first of these that tells them apart"."""
    declared = other.id in one.overrides or one.id in other.overrides
    if not (declared or opposes(one, other) or opposes(other, one)):
        return None
    if one.strength != other.strength:
        return "authority" if one.strength < other.strength else None
    if excepts(one, other) or excepts(other, one):
        return "exception" if excepts(one, other) else None
    if (one.said is None) != (other.said is None):
        return "spoken" if one.said is not None else None
    if one.said is not None and other.said is not None and one.said != other.said:
        return "later" if one.said > other.said else None
    if one.goal is not None and other.goal is not None and one.goal != other.goal:
        return "goal" if one.goal < other.goal else None
    return "caution" if CAUTION.index(one.modality) < CAUTION.index(other.modality) else None


def in_force(norms: list[Norm]) -> list[Norm]:
    """ "Take the applicable norms in an order in which whoever beats another comes first; a norm is
    in force unless one already in force beats it." Raises ValueError where there is none."""
    todo, settled = [norm for norm in norms if applies(norm)], list[Norm]()
    while todo:
        free = [one for one in todo if not any(beats(other, one) for other in todo)]
        if not free:
            raise ValueError("norms that beat each other in a circle")
        settled += [one for one in free if not any(beats(other, one) for other in settled)]
        todo = [one for one in todo if one not in free]
    return settled


def violated(norms: list[Norm]) -> dict[str, str]:
    """The norms in force that the step violates, each with the remedy that it asks for."""
    found = [norm for norm in in_force(norms) if norm.modality in HOLD_BACK]
    return {one.id: (one.holds is None and one.if_unknown) or one.remedy for one in found}


def verdict(norms: list[Norm]) -> str:
    """ "If norms in force are violated: the most severe remedy among them. Otherwise `allow`."

    The larger change names two of equal severity: `rewrite` before `redact`.
    """
    asked = violated(norms).values()
    return next((kind for kinds in SEVERITY for kind in kinds if kind in asked), "allow")
