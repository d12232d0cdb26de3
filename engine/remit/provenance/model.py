"""What the index is asked with and answers: caps, hits, what was found. No searching here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

from remit.program.values import UNKNOWN, Truth

MOST_GROUPS = 64  # groups of one index


@dataclass(frozen=True, slots=True)
class Caps:
    """What an index may take. At a cap something is left out, and that is visible in every answer.

    `memory`: bytes, roughly, of the whole index; the oldest texts of the largest group go first.
    `value`: characters of one value; a larger one is not indexed, and not looked for.
    `leaves`: values inside one value that are looked at; `depth`: how deep they may nest.
    `answers`: origins that one answer names for each group.
    `work`: places that one question may look at, some microseconds each.
    """

    memory: int = 20 << 20
    value: int = 10 << 20
    leaves: int = 100_000
    depth: int = 64
    answers: int = 64
    work: int = 50_000

    def __post_init__(self) -> None:
        """Raises `ValueError` for a cap that is no positive whole number."""
        for one in fields(self):
            value = getattr(self, one.name)
            if type(value) is not int or not 0 < value < 1 << 48:
                raise ValueError(f"the cap `{one.name}` is no whole number above 0")


@dataclass(frozen=True, slots=True)
class Hit:
    """That a value occurs in an origin.

    `form` is the normal form that matched: `text`, `number`, `digits`, `iban`, `host`, `url`,
    `email`, `date`, `time` or `quote`; with `base64`, `percent`, `hex` or `json` and a colon before
    it where the value had to be decoded first. `piece` is what was looked for, normalised.
    """

    origin: int
    group: int
    form: str
    piece: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where a value occurs: one hit an origin, ascending.

    `gaps`: groups of which something before the reader's place was not indexed or is gone.
    `partial`: groups that have more origins than are named here.
    `unknown`: the value itself could not be looked for wholly (too large, too deep, no value).
    """

    hits: tuple[Hit, ...] = ()
    gaps: frozenset[int] = frozenset()
    partial: frozenset[int] = frozenset()
    unknown: bool = False

    @property
    def origins(self) -> frozenset[int]:
        """The origins that are named."""
        return frozenset(hit.origin for hit in self.hits)

    @property
    def groups(self) -> frozenset[int]:
        """The groups of these origins."""
        return frozenset(hit.group for hit in self.hits)

    @property
    def forms(self) -> frozenset[str]:
        """The normal forms that matched, for explanations."""
        return frozenset(hit.form for hit in self.hits)

    @property
    def sure(self) -> bool:
        """Whether the origins are all there are."""
        return not (self.gaps or self.partial or self.unknown)

    @property
    def truth(self) -> Truth:
        """Whether the value occurs anywhere; unknown where it was not found and might be."""
        if self.hits:
            return True
        return UNKNOWN if self.gaps or self.unknown else False

    def among(self, groups: Collection[int]) -> Truth:
        """Whether the value occurs in an origin of one of the groups."""
        if any(hit.group in groups for hit in self.hits):
            return True
        return UNKNOWN if self.unknown or any(one in groups for one in self.gaps) else False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value inside an argument. `path` reads `items[0].to`; empty for the argument itself."""

    path: str
    value: object
