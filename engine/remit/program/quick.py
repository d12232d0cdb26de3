"""Conditions -> one Python function that reads a step quickly, made through `ast`.

The function knows true, false and doubtful. It reads arguments and contexts of the usual types
inline, each when it is first needed, and asks the conditions' own functions for everything else.
What is unknown or of another type makes a test doubtful, and what raises makes the function give
up; that is then read with care, condition by condition. So there is one definition of what an
operation does (`values.py`, `conditions.py`), and this is a short cut to its usual answers. Tests
hold the two together.

Templates are fixed pieces of Python whose names in capitals are filled in as syntax trees; nothing
of a policy is ever put together as text.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from remit.checked.model import Context, Term
from remit.checked.ops import term_cost
from remit.program import usual
from remit.program.conditions import compile_truth
from remit.program.looks import finder_of
from remit.program.values import LONGEST, UNKNOWN, is_number
from remit.program.view import View

if TYPE_CHECKING:
    from remit.conversation.model import Step

Part = tuple[Term, bool] | Callable[[View], Any]
MANY = 8  # tests that want a value: with more it is read first, for reading takes room in each
_FIELDS = ("kind", "role", "tool")  # that are attributes of a view


class Sight(Protocol):
    """What makes a view of a step, where a function was given none."""

    def view(self, step: Step, /) -> View:
        """The step as conditions see it."""


class Hits(Protocol):
    """A function that `quick_function` makes: a bit mask of the tests that hold for a step.

    Where some are doubtful it is negative, as `together.told` reads it.

    `args` are the arguments as a view has them. `sight` makes a view where there is none yet; a
    function that `asks` conditions needs one.
    """

    def __call__(
        self, step: Step, args: Mapping[str, Any], view: View | None, sight: Sight | None, /
    ) -> int:
        """Raises where it gives up."""


class Quick(NamedTuple):
    """The function for some tests, and whether it asks conditions, so that it needs a view."""

    hits: Hits
    asks: bool


class Read(NamedTuple):
    """A value that the function keeps under a local name; `use`: `number text folded flag texts`.

    It is an argument, a context or a field. `choices` are the texts that it may be, where they are
    few.
    """

    source: str
    name: str
    use: str
    choices: tuple[str, ...] = ()


def quick_function(tests: Sequence[Sequence[Part]], contexts: Mapping[str, Context]) -> Quick:
    """A function that gives a bit mask: bit i is set where all of `tests[i]` hold.

    A part is a condition and the truth that it must have, or a function that must say true. The
    function raises where it gives up: whatever a condition raises, or `Doubt` where that is all.
    """
    code = _Code(contexts)
    many = len(tests) > 1
    module = _filled("many", {"SIZE": ast.Constant(len(tests))}) if many else _filled("one", {})
    function: Any = module.body[0]
    function.body[-1:-1] = code.body([code.conjuncts(parts) for parts in tests])
    names = {**code.names, **_HELPERS}
    exec(compile(ast.fix_missing_locations(module), "<bucket>", "exec"), names)  # noqa: S102
    return Quick(names["hits"], code.asks)


# ---- reading values into local names

_TEMPLATES = {
    "one": """
def hits(step, args, view, sight):
    hit = 0
    return hit
""",
    "many": """
def hits(step, args, view, sight):
    hit = doubts = 0
    return ~(hit | doubts << SIZE) if doubts else hit
""",
    "careful": """
try: pass
except DOUBT: doubts |= BIT
""",
    "here": "here = step.context",
    "arg": "(sight.view(step) if view is None else view).argument(NAME)",
    "context": "(sight.view(step) if view is None else view).declared(CONTEXT)",
    "kind": "VALUE = view.kind",
    "role": "VALUE = view.role\nif type(VALUE) is not str: VALUE = text(VALUE)",
    "tool": "VALUE = view.tool or ODD",
    "found": """
((FINDER in (VALUE if VALUE is not None else (VALUE := left(view)))
  or FINDER not in view.read.scanner.numbers) and view.read.found(FINDER, view.text))
""",
    "found in": """
(TEXT is not ABSENT and (FINDER in (VALUE if VALUE is not None else (VALUE := left_in(view, TEXT)))
  or FINDER not in view.read.scanner.numbers) and view.read.found(FINDER, TEXT))
""",
    "among": "(ITEM in NONE or ITEM in WHOLE)",  # the first only looks whether the item is odd
    "later": "VALUE = None",
    "unless read": "if VALUE is None: pass",
    "number": """
VALUE = FROM.get(NAME)
if type(VALUE) is not int and (type(VALUE) is not float or VALUE != VALUE):
    VALUE = number(LOOK if VALUE is None else VALUE)
""",
    "text": """
VALUE = FROM.get(NAME)
if type(VALUE) is not str: VALUE = text(LOOK if VALUE is None else VALUE)
""",
    "one of": """
VALUE = FROM.get(NAME)
if type(VALUE) is not str or VALUE not in CHOICES:
    VALUE = one_of(LOOK if VALUE is None else VALUE, CHOICES)
""",
    "folded": """
VALUE = FROM.get(NAME)
if type(VALUE) is str and len(VALUE) <= LONGEST: VALUE = VALUE.casefold()
else: VALUE = folded(LOOK if VALUE is None else VALUE)
""",
    "folded one of": """
VALUE = FROM.get(NAME)
VALUE = folded(one_of(LOOK if VALUE is None else VALUE, CHOICES))
""",
    "texts": """
VALUE = FROM.get(NAME)
VALUE = texts(LOOK if VALUE is None else VALUE)
""",
    "flag": """
VALUE = FROM.get(NAME)
if type(VALUE) is not bool: VALUE = flag(LOOK if VALUE is None else VALUE)
""",
}  # fmt: skip
_HELPERS: Mapping[str, Any] = {
    "UNKNOWN": UNKNOWN, "doubt": usual.doubt, "number": usual.as_number, "text": usual.as_text,
    "one_of": usual.as_one_of, "folded": usual.as_folded, "flag": usual.as_flag,
    "texts": usual.as_texts, "left": usual.left, "left_in": usual.left_in, "ODD": usual.ODD,
    "ABSENT": usual.ABSENT, "NONE": usual.NONE, "DOUBT": usual.Doubt,
}  # fmt: skip


@lru_cache
def _parsed(name: str) -> ast.Module:
    return ast.parse(_TEMPLATES[name])


class _Fill(ast.NodeTransformer):
    """Copies a template, with syntax trees and local names for its names in capitals."""

    def __init__(self, given: Mapping[str, ast.expr | str]) -> None:
        self.given = given

    def generic_visit(self, node: ast.AST) -> ast.AST:
        copy = type(node)(**dict(ast.iter_fields(node)))
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(copy, name, [self.visit(one) if isinstance(one, ast.AST) else one
                                     for one in value])  # fmt: skip
            elif isinstance(value, ast.AST):
                setattr(copy, name, self.visit(value))
        return copy

    def visit_Name(self, node: ast.Name) -> ast.expr:
        given = self.given.get(node.id)
        if isinstance(given, ast.expr):
            return given
        return ast.Name(node.id if given is None else given, node.ctx)


def _filled(name: str, given: Mapping[str, ast.expr | str]) -> ast.Module:
    made = _Fill(given).visit(_parsed(name))
    assert isinstance(made, ast.Module), "a template is a module"
    return made


# ---- conditions as expressions that are true or false

_COMPARES: dict[str, type[ast.cmpop]] = {"=": ast.Eq, "<": ast.Lt, "<=": ast.LtE}
_EDGES = {"starts with": "startswith", "ends with": "endswith"}
_NUMBERS = ("number", "any", "time", "duration")
_TEXTS = ("text", "one_of", "any")


class _Code:
    """Collects what a function reads and asks while its tests are made."""

    def __init__(self, contexts: Mapping[str, Context]) -> None:
        self.contexts = dict(contexts)
        self.names: dict[str, Any] = {}
        self.reads: dict[Read, str] = {}
        self.lefts: dict[str, str] = {}  # by the local name of a text, that of what may be in it
        self.asks = False

    def conjuncts(self, parts: Sequence[Part]) -> list[ast.expr]:
        """What must all hold for a test, in the order in which it is asked."""
        made = [one for part in parts for one in self._part(part)]
        return made or [ast.Constant(True)]

    def body(self, tests: Sequence[Sequence[ast.expr]]) -> list[ast.stmt]:
        """The statements for all tests. What any test begins with, or many want, is read first.

        What a few tests read later is None until then; no value is None once it is read.
        """
        uses = [[self._used(one) for one in test] for test in tests]
        first = {local for test in uses for local in test[0]}
        often = Counter(local for test in uses for local in set().union(*test) - first)
        first |= {local for local, times in often.items() if times > MANY}
        reads = {local: self._read(read, local) for read, local in self.reads.items()}
        from_context = any(read.source == "context" for read in self.reads)
        made = _filled("here", {}).body if from_context else []
        made += [_filled("later", {"VALUE": one}).body[0] for one in self.lefts.values()]
        made += [one for local in reads if local in first for one in reads[local]]
        for local in (local for local, times in often.items() if 1 < times <= MANY):
            made += _filled("later", {"VALUE": local}).body
            guard: Any = _filled("unless read", {"VALUE": local}).body
            guard[0].body, reads[local] = reads[local], guard
        for place, (test, used) in enumerate(zip(tests, uses, strict=True)):
            asked = _nested(test, used, reads, first, 1 << place)
            made.append(_careful(asked, 1 << place) if len(tests) > 1 else asked)
        return made

    def _used(self, expression: ast.expr) -> list[str]:
        """The local names that an expression reads, each once."""
        known = set(self.reads.values())
        names = (one.id for one in ast.walk(expression) if isinstance(one, ast.Name))
        return list(dict.fromkeys(name for name in names if name in known))

    def _read(self, read: Read, local: str) -> list[ast.stmt]:
        if read.source in _FIELDS:
            return _filled(read.source, {"VALUE": local}).body
        given: dict[str, ast.expr | str] = {
            "VALUE": local, "NAME": ast.Constant(read.name), "LONGEST": ast.Constant(LONGEST),
            "FROM": "args" if read.source == "arg" else "here",
        }  # fmt: skip
        if read.source == "context":
            given["CONTEXT"] = self._constant(self.contexts[read.name])
        look: Any = _filled(read.source, given).body[0]
        given["LOOK"] = look.value
        use = {"text": "one of", "folded": "folded one of"}[read.use] if read.choices else read.use
        if read.choices:
            given["CHOICES"] = self._constant(frozenset(read.choices))
        return _filled(use, given).body

    def _constant(self, value: Any) -> ast.expr:
        """A value that has no syntax of its own, by a global name."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return _load(name)

    def _local(self, read: Read) -> ast.Name:
        return _load(self.reads.setdefault(read, f"v{len(self.reads)}"))

    def _part(self, part: Part) -> Iterator[ast.expr]:
        if not isinstance(part, tuple):
            yield self._asked(part)
        elif part[1]:
            yield from self._each(part[0])
        else:
            yield ast.UnaryOp(ast.Not(), self._truth(part[0]))

    def _each(self, term: Term) -> Iterator[ast.expr]:
        """What must all hold for a condition; what is asked first is what costs least."""
        if term.op != "and":
            yield self._truth(term)
            return
        for arg in sorted(term.args, key=term_cost):
            yield from self._each(arg)

    def _truth(self, term: Term) -> ast.expr:
        """A condition as an expression; what is asked first is what costs least."""
        if term.op == "not":
            return ast.UnaryOp(ast.Not(), self._truth(term.args[0]))
        if term.op in ("and", "or"):
            join = ast.And() if term.op == "and" else ast.Or()
            return _both(join, [self._truth(arg) for arg in sorted(term.args, key=term_cost)])
        made = self._inline(term) or self._found(term)
        return self._asked(compile_truth(term, self.contexts)) if made is None else made

    def _asked(self, function: Callable[[View], Any]) -> ast.expr:
        """`(t := FUNCTION(view)) is True`, or give up where it is unknown."""
        self.asks = True
        call = ast.Call(self._constant(function), [_load("view")], [])
        found = ast.NamedExpr(ast.Name("t", ast.Store()), call)
        unknown = ast.Compare(_load("t"), [ast.Is()], [_load("UNKNOWN")])
        gives_up = ast.Call(_load("doubt"), [], [])
        sure = ast.Compare(found, [ast.Is()], [ast.Constant(True)])
        return _both(ast.Or(), [sure, _both(ast.And(), [unknown, gives_up])])

    # ---- what stands in texts

    def _found(self, term: Term) -> ast.expr | None:
        """Whether what a term looks for is found in a text, asked only where the scan left it."""
        finder = finder_of(term)
        if finder is None:
            return None
        subject = term.args[0]
        here = subject.op == "field" and subject.value == "text"
        text = None if here else self._readable(subject, "text")
        if text is None and not here:
            return None
        self.asks = True
        local = self.lefts.setdefault(text.id if text else "", f"l{len(self.lefts)}")
        given: dict[str, ast.expr | str] = {"VALUE": local, "FINDER": self._constant(finder)}
        if text is None:
            return _expression("found", given)
        return _expression("found in", {**given, "TEXT": text})

    # ---- comparisons of arguments and contexts with constants, and of numbers with each other

    def _inline(self, term: Term) -> ast.expr | None:
        """A comparison without a call, or None where it has to be asked."""
        if term.op in _COMPARES:
            return self._compare(term.op, *term.args)
        if term.op == "in":
            return self._member(*term.args)
        if term.op in ("contains", *_EDGES):
            return self._piece(term.op, *term.args)
        return self._is_flag(term, True) if term.type.kind == "flag" else None

    def _compare(self, op: str, left: Term, right: Term) -> ast.expr | None:
        if op == "=" and "const" in (left.op, right.op):
            value, const = (right, left) if left.op == "const" else (left, right)
            if type(const.value) is bool:
                return self._is_flag(value, const.value)
            if type(const.value) is str:
                read = self._readable(value, "text")
                return read and ast.Compare(read, [ast.Eq()], [ast.Constant(const.value)])
        sides = [self._number(left), self._number(right)]
        if None in sides or left.op == right.op == "const":
            return None
        return ast.Compare(sides[0], [_COMPARES[op]()], [sides[1]])  # type: ignore[list-item, arg-type]

    def _number(self, term: Term) -> ast.expr | None:
        if term.op == "const":
            return ast.Constant(term.value) if is_number(term.value) else None
        return self._readable(term, "number")

    def _member(self, item: Term, whole: Term) -> ast.expr | None:
        if whole.op == "context":
            return self._among(item, whole)
        if whole.op != "list" or any(one.op != "const" for one in whole.args):
            return None
        items = [one.value for one in whole.args]
        texts = {type(one) for one in items} == {str}
        numbers = bool(items) and all(map(is_number, items))
        use = "text" if texts else "number" if numbers else ""
        read = self._readable(item, use) if use else None
        return read and ast.Compare(read, [ast.In()], [self._constant(frozenset(items))])

    def _among(self, item: Term, whole: Term) -> ast.expr | None:
        """Whether a text is one of those that the host gives."""
        item_kind = whole.type.item.kind if whole.type.item is not None else ""
        one = self._readable(item, "text")
        if one is None or item_kind != "text" or whole.value not in self.contexts:
            return None
        every = self._local(Read(whole.op, whole.value, "texts"))
        return _expression("among", {"ITEM": one, "WHOLE": every})

    def _piece(self, op: str, whole: Term, piece: Term) -> ast.expr | None:
        """Whether a text begins or ends with a piece, or holds it, whatever the case."""
        if piece.op != "const" or type(piece.value) is not str or len(piece.value) > LONGEST:
            return None
        read = self._readable(whole, "folded") if whole.type.kind in ("text", "one_of") else None
        if read is None:
            return None
        wanted = ast.Constant(piece.value.casefold())
        if op == "contains":
            return ast.Compare(wanted, [ast.In()], [read])
        return ast.Call(ast.Attribute(read, _EDGES[op], ast.Load()), [wanted], [])

    def _is_flag(self, term: Term, wanted: bool) -> ast.expr | None:
        read = self._readable(term, "flag")
        return read and ast.Compare(read, [ast.Eq()], [ast.Constant(wanted)])

    def _readable(self, term: Term, use: str) -> ast.Name | None:
        """The local name of an argument, context or field that can be read as what is wanted."""
        fits = {"number": _NUMBERS, "flag": ("flag",)}.get(use, _TEXTS)
        if use == "text" and term.op == "field" and term.value in _FIELDS:
            self.asks = True  # it takes a view
            return self._local(Read(term.value, term.value, use))
        if term.op not in ("arg", "context") or term.type.kind not in fits:
            return None
        if term.op == "context" and term.value not in self.contexts:
            return None
        return self._local(Read(term.op, term.value, use, term.type.choices))


def _nested(
    test: Sequence[ast.expr], used: Sequence[Sequence[str]], reads: Mapping[str, list[ast.stmt]],
    known: set[str], bit: int,
) -> ast.stmt:  # fmt: skip
    """`if PARTS: hit |= BIT`, and between the parts what has to be read for the next one.

    `known` are the locals that are read already, `reads` the statements that read the others.
    """
    size = next((at for at, some in enumerate(used) if not known.issuperset(some)), len(test))
    hit = ast.AugAssign(ast.Name("hit", ast.Store()), ast.BitOr(), ast.Constant(bit))
    inner: list[ast.stmt] = [hit]
    if size < len(test):
        lacking = [local for local in used[size] if local not in known]
        inner = [one for local in lacking for one in reads[local]]
        inner.append(_nested(test[size:], used[size:], reads, known.union(lacking), bit))
    return ast.If(_both(ast.And(), list(test[:size])), inner, [])


def _careful(test: ast.stmt, bit: int) -> ast.stmt:
    """A test that is noted where it is doubtful, so that the others are asked all the same."""
    made: Any = _filled("careful", {"BIT": ast.Constant(bit)}).body[0]
    made.body = [test]
    guarded: ast.stmt = made
    return guarded


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _expression(name: str, given: Mapping[str, ast.expr | str]) -> ast.expr:
    """A template that is one expression."""
    made = _filled(name, given).body[0]
    assert isinstance(made, ast.Expr), "an expression as a statement"
    return made.value


def _both(join: ast.boolop, parts: list[ast.expr]) -> ast.expr:
    return ast.BoolOp(join, parts) if len(parts) > 1 else parts[0]
