"""The rules that can apply to steps of a kind by a tool or role, and how a step is held to them.

A bucket is asked as a whole: one function says which of its rules apply (`quick.py`), as a bit mask
by their places in it. Where many rules ask for certain values of the same argument or context, the
bucket is split by them. What a mask comes to is worked out once (`outcomes`, kept by the resolver).
Filling a part, a function or an outcome twice gives the same, so threads need no lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from remit.checked.model import Act, Context, Norm, Term, Tool
from remit.checked.types import Type, is_text
from remit.program.quick import Hits, Part, quick_function
from remit.program.rule import Rule
from remit.program.values import typed
from remit.program.view import View

MOST_OUTCOMES = 1_000  # of one bucket that are kept
SPLIT_FROM = 12  # rules from which on it is worth looking for a value that tells them apart
AT_ONCE = 200  # rules that one function looks at
EAGER = 2  # times that a step is read with care before a function is made: it takes a millisecond
CAREFUL = -1  # a step that the functions cannot tell about


class Bucket:
    """Rules, winners first. `asking` are those that may ask a judge: they are never asked in
    passing. `plain` are the others.

    `exact`: every step here tells its tool or role. `tool` is the tool, where it is declared.
    `function` does what `hits` does, where one is there that can; it may raise. `split` is a value
    that tells its rules apart, if there is one (see `narrowed`). `outcomes` are what masks of hits
    came to, if nothing else applied. `looks` are conditions that ask what was before, once known.
    """

    __slots__ = (
        "_contexts", "_functions", "_parts", "_uses", "asking", "exact", "function", "looks",
        "outcomes", "plain", "rules", "split", "tool",
    )  # fmt: skip

    def __init__(
        self, rules: Sequence[Rule], contexts: Mapping[str, Context], *, exact: bool,
        tool: Tool | None = None,
    ) -> None:  # fmt: skip
        self.rules = tuple(rules)
        self.exact = exact
        self.tool = tool
        self.asking = tuple(rule for rule in rules if rule.asks)
        self.plain = tuple(rule for rule in rules if not rule.asks)
        self.outcomes: dict[int, Any] = {}
        self.looks: tuple[Callable[[View], object], ...] | None = None
        self._contexts = contexts
        self._functions: tuple[Hits, ...] | None = None if exact else ()
        self.function: Hits | None = None
        self._uses = 0
        self._parts: dict[str | None, Bucket] = {}
        many = exact and len(self.plain) >= SPLIT_FROM
        self.split = best_split(self.plain, contexts) if many else None

    def narrowed(self, view: View) -> Bucket:
        """The part of the bucket that can apply to a step, by the value that it is split by."""
        split = self.split
        if split is None:
            return self
        value = split.read(view)
        if value is not None and type(value) is not str:
            return self
        part = self._parts.get(value)
        return self._part(split, value) if part is None else part

    def _part(self, split: Split, value: str | None) -> Bucket:
        if value not in split.values:
            value = None  # one part for all that no rule asks for
            if None in self._parts:
                return self._parts[None]
        rules = [rule for rule in self.rules if rule.asks or split.may_be(rule, value)]
        self._parts[value] = part = Bucket(rules, self._contexts, exact=True, tool=self.tool)
        return part

    def hits(self, view: View) -> int:
        """The places of the plain rules that apply, as a bit mask; `CAREFUL` where that is hard."""
        functions = self._made() if self._functions is None else self._functions
        if not functions:
            return 0 if not self.plain and self.exact else CAREFUL
        found = 0
        try:
            for number, function in enumerate(functions):
                found |= function(view) << (number * AT_ONCE)
        except Exception:  # noqa: BLE001 - who reads with care will see why
            return CAREFUL
        return found

    def at(self, hits: int) -> Iterator[Rule]:
        """The plain rules at the places of a bit mask."""
        while hits:
            low = hits & -hits
            yield self.plain[low.bit_length() - 1]
            hits ^= low

    def _made(self) -> tuple[Hits, ...]:
        """The functions; none as long as it does not pay to make them, or where that fails."""
        self._uses += 1
        if self._uses <= EAGER:
            return ()
        tests = [list(parts_of(rule, self.tool)) for rule in self.plain]
        pieces = [tests[at : at + AT_ONCE] for at in range(0, len(tests), AT_ONCE)]
        try:
            self._functions = tuple(quick_function(piece, self._contexts) for piece in pieces)
        except (RecursionError, MemoryError, SyntaxError, ValueError):  # too deep to be compiled
            self._functions = ()
        if len(self._functions) == 1:
            self.function = self._functions[0]
        return self._functions


def has_effects(act: Act, tool: Tool | None) -> bool:
    """Whether a tool may have the effects of an act; nobody knows what an undeclared one does."""
    return tool is None or act.effects <= tool.effects


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


# ---- telling rules apart by a value

Source = tuple[str, str, Type]  # `arg` or `context`, its name, and the type it is read as


class Split:
    """A value by which rules are told apart: which of them want which texts in it."""

    __slots__ = ("_wanted", "read", "values")

    def __init__(
        self, source: Source, wanted: Mapping[int, frozenset[str]], contexts: Mapping[str, Context]
    ) -> None:
        self._wanted = wanted
        self.read = _reader(source, contexts)
        self.values = frozenset[str]().union(*wanted.values())

    def may_be(self, rule: Rule, value: str | None) -> bool:
        """Whether a rule can apply where the value is this; None stands for every other."""
        wanted = self._wanted.get(rule.index)
        return wanted is None or value in wanted


def best_split(rules: Sequence[Rule], contexts: Mapping[str, Context]) -> Split | None:
    """The value that tells rules apart best, where it always leaves out more than half of them."""
    found: dict[Source, dict[int, frozenset[str]]] = {}
    for rule in rules:
        for source, wanted in _texts_wanted(rule.norm):
            known = found.setdefault(source, {})
            known[rule.index] = known.get(rule.index, wanted) & wanted
    best, least = None, len(rules) // 2
    for source, wanting in found.items():
        often = Counter(value for wanted in wanting.values() for value in wanted)
        left = len(rules) - len(wanting) + max(often.values(), default=0)
        if left <= least:
            best, least = Split(source, wanting, contexts), left
    return best


def _reader(source: Source, contexts: Mapping[str, Context]) -> Callable[[View], object]:
    """The value as conditions read it: a text, None where it is absent, something else if odd."""
    op, name, kind = source
    if op == "arg":
        return lambda view: typed(view.argument(name), kind)
    context = contexts[name]
    return lambda view: typed(view.declared(context), kind)


def _texts_wanted(norm: Norm) -> Iterator[tuple[Source, frozenset[str]]]:
    """The arguments and contexts that must be one of some texts for a norm to apply."""
    for where in (norm.act.where, norm.where):
        for term in _conjuncts(where) if where is not None else ():
            value, wanted = _one_of_texts(term)
            if wanted and value.op in ("arg", "context") and is_text(value.type):
                yield (value.op, value.value, value.type), wanted


def _conjuncts(term: Term) -> Iterator[Term]:
    if term.op != "and":
        yield term
        return
    for arg in term.args:
        yield from _conjuncts(arg)


def _one_of_texts(term: Term) -> tuple[Term, frozenset[str]]:
    """A term that must be one of some texts for a condition to hold; none where it is another."""
    if term.op == "=":
        left, right = term.args
        value, const = (right, left) if left.op == "const" else (left, right)
        items: tuple[Term, ...] = (const,)
    elif term.op == "in" and term.args[1].op == "list":
        value, items = term.args[0], term.args[1].args
    else:
        return term, frozenset()
    texts = all(one.op == "const" and type(one.value) is str for one in items)
    return value, frozenset(one.value for one in items) if texts else frozenset()
