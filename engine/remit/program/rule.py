"""A norm as it runs, and which steps it can be about at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from remit.program.outline import names_of
from remit.program.values import Truth
from remit.program.view import View
from remit_grammar.value import thing

if TYPE_CHECKING:
    from remit.checked.model import Act, Norm
    from remit.text.finders import Finder

ANY_NAME = "\0"  # the bucket of steps whose tool or role is not known; no spec holds a NUL
Applies = Callable[[View], Truth]


@thing
class Rule:
    """A norm that can be asked whether it applies. `redacts` finds what its remedy takes out.

    `is_act` is the part of the question that no condition asks: effects and agents. `asks`: to
    answer it a judge may be needed. A spoken norm has no number; its `beats` and `loses_to` are bit
    masks of the standing norms, and its `frame` lets conditions find its words, and tells whether
    it was said, and within its loan. `looks`: a condition of it asks what was before the
    step.
    """

    index: int
    norm: Norm
    applies: Applies
    is_act: Applies
    redacts: tuple[Finder, ...] = ()
    rewrites: Callable[[View], object] | None = None
    asks: bool = False
    looks: bool = False
    beats: int = 0
    loses_to: int = 0
    frame: Applies | None = None


def may_be(act: Act, key: tuple[str, str]) -> bool:
    """Whether an act can be a step of a kind by a tool, role or unmentioned name."""
    kind, name = key
    if act.kind not in ("step", kind):
        return False
    names = names_of(act, kind)
    return names is None or name in names or name == ANY_NAME
