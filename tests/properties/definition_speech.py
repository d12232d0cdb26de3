"""With which rank a text speaks, and when a directive heard in it is void: semantics 5 and 6.

Ranks are as in `definition.py`; the rank below the last level, `none`, is no authority. Whether a
loan's pattern and condition hold for the text, and its `for` for the norm and the step, is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.properties.definition import Norm, opposes


@dataclass(frozen=True)
class Loan:
    """`delegate LEVEL to ...`, by a file of rank `author`; where `level` is None a revocation.

    `holds` is None where it is unknown whether the text is meant.
    """

    author: int
    level: int | None
    holds: bool | None


def ranks(own: int, loans: Sequence[Loan], cap: int = 0) -> set[int]:
    """The ranks that a text speaks with: its `own` (its role's, or `none`), and each higher one
    that is lent to it. A directive is void only if it is so with every one of them.

    "A loan whose condition is unknown lends nothing; a revocation whose condition is unknown
    revokes", and it revokes what is lent "at or below the author" of its file. Nobody speaks above
    the `cap` of a session that was handed on.
    """
    revoked = [one.author for one in loans if one.level is None and one.holds is not False]
    lent = [one.level for one in loans if one.level is not None and one.holds is True]
    standing = [level for level in lent if all(level < author for author in revoked)]
    return {max(cap, one) for one in (own, *standing) if one <= own}


def voice(speaker: int, file: int, at: int | None, implied: bool, none: int) -> tuple[int, int]:
    """Author and strength of what is said: "nobody says more than the author of the file";
    `at` "lowers the strength", and what is implied "has the strength of the lowest level"."""
    author = max(speaker, file)
    return author, none - 1 if implied else max(author, at or 0)


def needs(permit: Norm, others: Sequence[Norm]) -> int | None:
    """The weakest strength among the norms "that it could lift"; None if there is none."""
    return max((one.strength for one in others if opposes(permit, one)), default=None)


def is_void(spoken: Norm, others: Sequence[Norm], none: int) -> bool:
    """A directive in text without authority is void, and so is a permit "for which every norm that
    it could lift, standing or spoken in an earlier step, is stronger". One that could lift nothing
    is idle, not void."""
    if spoken.author >= none:
        return True
    need = needs(spoken, others) if spoken.modality == "permit" else None
    return need is not None and need < spoken.strength
