"""What tells the rules of a bucket apart at once: a value they ask for, or what a text may hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remit.checked.types import Type, is_text
from remit.program.looks import looks_needed
from remit.program.values import is_text as is_text_value
from remit.program.values import typed

if TYPE_CHECKING:
    from remit.checked.norm import Context, Norm, Term
    from remit.conversation.model import Step
    from remit.program.quick import Sight
    from remit.program.rule import Rule
    from remit.program.view import View
    from remit.text.finders import Finder

MOST_PARTS = 256  # of a bucket that is split by texts, that are kept
WHOLE = object()  # what a split reads where it cannot tell
Source = tuple[str, str, Type]  # `arg` or `context`, its name, and the type it is read as
Reader = Callable[["Step", Mapping[str, Any], "View | None", "Sight | None"], object]


class Split:
    """A value by which rules are told apart: which of them want which texts in it.

    `read` gives one of `values`, None for all that no rule asks for, or `WHOLE` if it is odd. It
    takes what a generated function takes (`quick.py`), and needs no view.
    """

    __slots__ = ("_wanted", "most", "read", "values")
    whole, looks = WHOLE, False

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
    most, whole, looks = MOST_PARTS, WHOLE, True

    def __init__(self, wanted: Mapping[int, frozenset[Finder]]) -> None:
        self._wanted = wanted
        self._all: frozenset[Finder] = frozenset().union(*wanted.values())

    def read(
        self, step: Step, args: Mapping[str, Any], view: View | None, sight: Sight | None
    ) -> object:
        """The finders that may find something in the text, or `WHOLE` if that is not known."""
        text = None if view is None else view.text
        if view is None or not is_text_value(text):
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
    wheres = [where for where in (norm.act.where, norm.where) if where is not None]
    return next((looks for one in wheres if (looks := looks_needed(one))), None)


def _reader(source: Source, contexts: Mapping[str, Context], values: frozenset[str]) -> Reader:
    """The value as conditions read it, as `Split` says."""
    op, name, kind = source
    context = contexts[name] if op == "context" else None
    choices = frozenset(kind.choices)

    def read(step: Step, args: Mapping[str, Any], view: View | None, sight: Sight | None) -> object:
        value = args.get(name) if context is None else step.context.get(name)
        if type(value) is str and (not choices or value in choices):
            return value if value in values else None
        if view is None:
            view = sight.view(step)  # type: ignore[union-attr] # one of the two is given
        value = typed(view.argument(name) if context is None else view.declared(context), kind)
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
