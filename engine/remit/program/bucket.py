"""The rules that can apply to steps of a kind by a tool or role, and how a step is held to them.

A bucket is asked as a whole: one function says which of its rules apply (`together.py`), as a bit
mask by their places in it. Where something tells many rules apart at once, the bucket is split by
it (`split.py`). What a mask comes to is worked out once (`outcomes`, kept by the resolver).
Filling a part or an outcome twice gives the same, so threads need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from remit.program.together import Together

if TYPE_CHECKING:
    from remit.checked.norm import Act, Context, Tool
    from remit.conversation.model import Step
    from remit.program.quick import Part, Sight
    from remit.program.rule import Rule
    from remit.program.split import Split, TextSplit
    from remit.program.view import View
    from remit.program.watches import Concerned

MOST_OUTCOMES = 1_000  # of one bucket that are kept
SPLIT_FROM = 12  # rules from which on it is worth looking for what tells them apart


class Bucket:
    """Rules, winners first: `asking` may ask a judge and are never asked in passing, `plain` are
    the others.

    `exact`: every step here tells its tool or role. `tool` is the tool, where it is declared.
    `together` says which of the plain rules apply. `split` is what tells the rules apart, if
    there is something (see `narrowed`). `outcomes` are what masks of hits came to, if nothing else
    applied. `looks` are conditions that ask what was before, and `concerned` is what is remembered
    of such steps, both once known; `passing`: that is known to be nothing.
    """

    __slots__ = (
        "_contexts", "_parts", "asking", "concerned", "exact", "looks", "outcomes", "passing",
        "plain", "rules", "split", "together", "tool",
    )  # fmt: skip

    def __init__(
        self, rules: Sequence[Rule], contexts: Mapping[str, Context], *, exact: bool,
        tool: Tool | None = None, whole: bool = True,
    ) -> None:  # fmt: skip
        self.rules = tuple(rules)
        self.exact = exact
        self.tool = tool
        self.asking = tuple(rule for rule in rules if rule.asks)
        self.plain = tuple(rule for rule in rules if not rule.asks)
        self.outcomes: dict[int, Any] = {}
        self.looks: tuple[Callable[[View], object], ...] | None = None
        self.concerned: Concerned | None = None
        self.passing = False
        self._contexts = contexts
        tests = partial(_tests, self.plain, tool)
        self.together = Together(len(self.plain), tests, contexts, possible=exact)
        self._parts: dict[object, Bucket] = {}
        self.split: Split | TextSplit | None = None
        if exact and whole and len(self.plain) >= SPLIT_FROM:
            from remit.program.split import best_split

            self.split = best_split(self.plain, contexts)

    def narrowed(self, view: View) -> Bucket:
        """The part of the bucket that can apply to a step, by what it is split by."""
        return self if self.split is None else self.part(view.step, view.args, view, None)

    def part(
        self, step: Step, args: Mapping[str, Any], view: View | None, sight: Sight | None
    ) -> Bucket:
        """As `narrowed`, of a bucket that is split; without a view unless its split `looks`."""
        split: Any = self.split
        value = split.read(step, args, view, sight)
        part = self._parts.get(value)
        return self._made(split, value) if part is None else part

    def _made(self, split: Split | TextSplit, value: Any) -> Bucket:
        if value is split.whole:
            return self
        rules = [rule for rule in self.rules if rule.asks or split.may_be(rule, value)]
        if len(self._parts) >= split.most:
            self._parts.clear()
        self._parts[value] = part = Bucket(
            rules, self._contexts, exact=True, tool=self.tool, whole=False
        )
        return part

    def at(self, hits: int) -> Iterator[Rule]:
        """The plain rules at the places of a bit mask."""
        while hits:
            low = hits & -hits
            yield self.plain[low.bit_length() - 1]
            hits ^= low

    def with_care(self, doubts: int) -> Sequence[Rule]:
        """The rules to be asked one by one, where the plain ones of a bit mask are doubtful."""
        if not doubts:
            return self.asking
        some = {rule.index for rule in self.at(doubts)}
        return [rule for rule in self.rules if rule.asks or rule.index in some]


def has_effects(act: Act, tool: Tool | None) -> bool:
    """Whether a tool may have the effects of an act; nobody knows what an undeclared one does."""
    return tool is None or act.effects <= tool.effects


def _tests(rules: Sequence[Rule], tool: Tool | None) -> list[list[Part]]:
    return [list(parts_of(rule, tool)) for rule in rules]


def parts_of(rule: Rule, tool: Tool | None) -> Iterator[Part]:
    """What must hold for a rule to apply to a step of its bucket, which has the effects it may."""
    norm = rule.norm
    unsettled = bool(norm.act.effects) and tool is None
    if unsettled or norm.act.agents is not None or norm.act.label is not None:
        yield rule.is_act
    for term in (norm.act.where, norm.where):
        if term is not None:
            yield term, True
    if norm.unless is not None:
        yield norm.unless, False
