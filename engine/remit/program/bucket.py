"""The rules that can apply to steps of a kind by a tool or role, and how a step is held to them.

A bucket is asked as a whole: one function says which of its rules apply (`quick.py`), as a bit mask
by their places in it. Where many rules ask for certain values of the same argument or context, the
bucket is split by them. What a mask comes to is worked out once (`outcomes`, kept by the resolver).
Filling a part, a function or an outcome twice gives the same, so threads need no lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remit.checked.types import Type, is_text
from remit.program.values import is_text as is_text_value
from remit.program.values import typed

if TYPE_CHECKING:
    from remit.checked.model import Act, Context, Norm, Term, Tool
    from remit.program.quick import Hits, Part
    from remit.program.rule import Rule
    from remit.program.view import View
    from remit.text.finders import Finder

MOST_OUTCOMES = 1_000  # of one bucket that are kept
SPLIT_FROM = 12  # rules from which on it is worth looking for a value that tells them apart
AT_ONCE = 200  # rules that one function looks at
EAGER = 2  # times that a step is read with care before a function is made: it takes a millisecond
MOST_PARTS = 256  # of a bucket that is split by texts, that are kept
WHOLE = object()  # what a split reads where it cannot tell
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
        tool: Tool | None = None, whole: bool = True,
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
        self._parts: dict[object, Bucket] = {}
        many = exact and whole and len(self.plain) >= SPLIT_FROM
        self.split = best_split(self.plain, contexts) if many else None

    def narrowed(self, view: View) -> Bucket:
        """The part of the bucket that can apply to a step, by the value that it is split by."""
        split = self.split
        if split is None:
            return self
        value = split.read(view)
        if value is WHOLE:
            return self
        part = self._parts.get(value)
        return self._part(split, value) if part is None else part

    def _part(self, split: Split | TextSplit, value: Any) -> Bucket:
        rules = [rule for rule in self.rules if rule.asks or split.may_be(rule, value)]
        if len(self._parts) >= split.most:
            self._parts.clear()
        self._parts[value] = part = Bucket(
            rules, self._contexts, exact=True, tool=self.tool, whole=False
        )
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
        from remit.program.quick import quick_function

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
    """A value by which rules are told apart: which of them want which texts in it.

    `read` gives one of `values`, None for all that no rule asks for, or `WHOLE` if it is odd.
    """

    __slots__ = ("_wanted", "most", "read", "values")

    def __init__(
        self, source: Source, wanted: Mapping[int, frozenset[str]], contexts: Mapping[str, Context]
    ) -> None:
        self._wanted = wanted
        self.values = frozenset[str]().union(*wanted.values())
        self.most = len(self.values) + 1  # parts that there can be
        self.read = _reader(source, contexts, self.values)

    def may_be(self, rule: Rule, value: str | None) -> bool:
        """Whether a rule can apply where the value is this; None stands for every other."""
        wanted = self._wanted.get(rule.index)
        return wanted is None or value in wanted


class TextSplit:
    """What a scan leaves of the step's text: which rules want which finders to find something."""

    __slots__ = ("_all", "_wanted")
    most = MOST_PARTS

    def __init__(self, wanted: Mapping[int, frozenset[Finder]]) -> None:
        self._wanted = wanted
        self._all: frozenset[Finder] = frozenset().union(*wanted.values())

    def read(self, view: View) -> object:
        """The finders that may find something in the text, or `WHOLE` if that is not known."""
        text = view.text
        if not is_text_value(text):
            return WHOLE
        left = view.reading.left(text)
        return WHOLE if left is None else left & self._all

    def may_be(self, rule: Rule, left: frozenset[Finder]) -> bool:
        """Whether a rule can apply where no other finders can find anything."""
        wanted = self._wanted.get(rule.index)
        return wanted is None or not wanted.isdisjoint(left)


def best_split(rules: Sequence[Rule], contexts: Mapping[str, Context]) -> Split | TextSplit | None:
    """What tells rules apart best, where it always leaves out more than half of them."""
    found: dict[Source, dict[int, frozenset[str]]] = {}
    for rule in rules:
        for source, wanted in _texts_wanted(rule.norm):
            known = found.setdefault(source, {})
            known[rule.index] = known.get(rule.index, wanted) & wanted
    best: Split | TextSplit | None = None
    least = len(rules) // 2
    for source, wanting in found.items():
        often = Counter(value for wanted in wanting.values() for value in wanted)
        left = len(rules) - len(wanting) + max(often.values(), default=0)
        if left <= least:
            best, least = Split(source, wanting, contexts), left
    looking = {rule.index: looks for rule in rules if (looks := _looks_needed(rule.norm))}
    return TextSplit(looking) if len(rules) - len(looking) < least else best


def _looks_needed(norm: Norm) -> frozenset[Finder] | None:
    """Finders of which one must find something in the step's text for a norm to apply."""
    from remit.program.looks import looks_needed

    wheres = [where for where in (norm.act.where, norm.where) if where is not None]
    return next((looks for one in wheres if (looks := looks_needed(one))), None)


def _reader(
    source: Source, contexts: Mapping[str, Context], values: frozenset[str]
) -> Callable[[View], object]:
    """The value as conditions read it, as `Split` says."""
    op, name, kind = source
    context = contexts[name] if op == "context" else None

    def read(view: View) -> object:
        raw = view.argument(name) if context is None else view.declared(context)
        value = typed(raw, kind)
        if value is None or type(value) is str:
            return value if value in values else None
        return WHOLE

    return read


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
