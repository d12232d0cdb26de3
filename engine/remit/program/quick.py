"""Conditions -> one Python function that reads a step quickly, made through `ast`.

The function knows only true and false. It reads arguments and contexts of the usual types inline
and asks the conditions' own functions for everything else. Whatever is unknown, of another type, or
raises makes it give up, and then the step is read with care, condition by condition: so there is
one definition of what an operation does (`values.py`, `conditions.py`), and this is a short cut to
its usual answers. Tests hold the two together.

Templates are fixed pieces of Python whose names in capitals are filled in as syntax trees; nothing
of a policy is ever put together as text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from remit.checked.model import Context, Term
from remit.checked.ops import term_cost
from remit.program.conditions import compile_truth
from remit.program.values import LONGEST, UNKNOWN, is_number
from remit.program.view import View

Hits = Callable[[View], int]
Part = tuple[Term, bool] | Callable[[View], Any]
_NAN = float("nan")  # an absent number: every comparison with it is false


class Doubt(Exception):
    """A condition is neither true nor false."""


def _doubt(*_: object) -> Any:
    """Give up."""
    raise Doubt


class Odd:
    """What stands for a value that has not the type it is read as: who looks at it gives up."""

    __slots__ = ()
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getattr__ = _doubt
    __hash__ = _doubt  # a look-up gives up too


class Read(NamedTuple):
    """A value that the function keeps under a local name, and as what: `number text folded flag`.

    It is an argument or a context. `choices` are the texts that it may be, where they are few.
    """

    source: str
    name: str
    use: str
    choices: tuple[str, ...] = ()


def quick_function(tests: Sequence[Sequence[Part]], contexts: Mapping[str, Context]) -> Hits:
    """A function that gives a bit mask: bit i is set where all of `tests[i]` hold.

    A part is a condition and the truth that it must have, or a function that must say true. The
    function raises where it gives up: `Doubt`, or whatever a condition raises.
    """
    code = _Code(contexts)
    body = [code.test(1 << place, parts) for place, parts in enumerate(tests)]
    module = _filled("function", {})
    function: Any = module.body[0]
    function.body[-1:-1] = [*code.reading(), *body]
    names = {**code.names, "UNKNOWN": UNKNOWN, "doubt": _doubt, "NAN": _NAN, "ODD": Odd()}
    exec(compile(ast.fix_missing_locations(module), "<bucket>", "exec"), names)  # noqa: S102
    made: Hits = names["hits"]
    return made


# ---- reading values into local names

_TEMPLATES = {
    "function": """
def hits(view):
    args = view.args
    here = view.step.context
    hit = 0
    return hit
""",
    "arg": "VALUE = args.get(NAME)\nif VALUE is None: VALUE = view.argument(NAME)",
    "context": "VALUE = here.get(NAME)\nif VALUE is None: VALUE = view.declared(CONTEXT)",
    "number": """
if type(VALUE) is not int and (type(VALUE) is not float or VALUE != VALUE):
    VALUE = NAN if VALUE is None else ODD
""",
    "text": "if type(VALUE) is not str and VALUE is not None: VALUE = ODD",
    "flag": "if type(VALUE) is not bool and VALUE is not None: VALUE = ODD",
    "choices": "if VALUE is not ODD and VALUE not in CHOICES: VALUE = ODD",
    "folded": """
if VALUE is not None and VALUE is not ODD:
    VALUE = VALUE.casefold() if len(VALUE) <= LONGEST else ODD
""",
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

    def test(self, bit: int, parts: Sequence[Part]) -> ast.stmt:
        """`if PARTS: hit |= BIT`."""
        wanted = [self._part(part) for part in parts]
        test = _both(ast.And(), wanted) if wanted else ast.Constant(True)
        taken = ast.AugAssign(ast.Name("hit", ast.Store()), ast.BitOr(), ast.Constant(bit))
        return ast.If(test, [taken], [])

    def reading(self) -> list[ast.stmt]:
        """The statements that read each value, once."""
        return [one for read, local in self.reads.items() for one in self._read(read, local)]

    def _read(self, read: Read, local: str) -> list[ast.stmt]:
        given: dict[str, ast.expr | str] = {
            "VALUE": local, "NAME": ast.Constant(read.name), "LONGEST": ast.Constant(LONGEST),
        }  # fmt: skip
        if read.source == "context":
            given["CONTEXT"] = self._constant(self.contexts[read.name])
        made = _filled(read.source, given).body
        made += _filled("text" if read.use == "folded" else read.use, given).body
        if read.choices:
            given["CHOICES"] = self._constant(frozenset([*read.choices, None]))
            made += _filled("choices", given).body
        return made + (_filled("folded", given).body if read.use == "folded" else [])

    def _constant(self, value: Any) -> ast.expr:
        """A value that has no syntax of its own, by a global name."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return _load(name)

    def _local(self, read: Read) -> ast.expr:
        return _load(self.reads.setdefault(read, f"v{len(self.reads)}"))

    def _part(self, part: Part) -> ast.expr:
        if not isinstance(part, tuple):
            return self._asked(part)
        term, wanted = part
        made = self._truth(term)
        return made if wanted else ast.UnaryOp(ast.Not(), made)

    def _truth(self, term: Term) -> ast.expr:
        """A condition as an expression; what is asked first is what costs least."""
        if term.op == "not":
            return ast.UnaryOp(ast.Not(), self._truth(term.args[0]))
        if term.op in ("and", "or"):
            join = ast.And() if term.op == "and" else ast.Or()
            return _both(join, [self._truth(arg) for arg in sorted(term.args, key=term_cost)])
        made = self._inline(term)
        return self._asked(compile_truth(term, self.contexts)) if made is None else made

    def _asked(self, function: Callable[[View], Any]) -> ast.expr:
        """`(t := FUNCTION(view)) is True`, or give up where it is unknown."""
        call = ast.Call(self._constant(function), [_load("view")], [])
        found = ast.NamedExpr(ast.Name("t", ast.Store()), call)
        unknown = ast.Compare(_load("t"), [ast.Is()], [_load("UNKNOWN")])
        gives_up = ast.Call(_load("doubt"), [], [])
        sure = ast.Compare(found, [ast.Is()], [ast.Constant(True)])
        return _both(ast.Or(), [sure, _both(ast.And(), [unknown, gives_up])])

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
        if whole.op != "list" or any(one.op != "const" for one in whole.args):
            return None
        items = [one.value for one in whole.args]
        texts = {type(one) for one in items} == {str}
        numbers = bool(items) and all(map(is_number, items))
        use = "text" if texts else "number" if numbers else ""
        read = self._readable(item, use) if use else None
        return read and ast.Compare(read, [ast.In()], [self._constant(frozenset(items))])

    def _piece(self, op: str, whole: Term, piece: Term) -> ast.expr | None:
        """Whether a text begins or ends with a piece, or holds it, whatever the case."""
        if piece.op != "const" or type(piece.value) is not str or len(piece.value) > LONGEST:
            return None
        read = self._readable(whole, "folded") if whole.type.kind in ("text", "one_of") else None
        if read is None:
            return None
        wanted = ast.Constant(piece.value.casefold())
        there = ast.Compare(read, [ast.IsNot()], [ast.Constant(None)])
        if op == "contains":
            return _both(ast.And(), [there, ast.Compare(wanted, [ast.In()], [read])])
        call = ast.Call(ast.Attribute(read, _EDGES[op], ast.Load()), [wanted], [])
        return _both(ast.And(), [there, call])

    def _is_flag(self, term: Term, wanted: bool) -> ast.expr | None:
        read = self._readable(term, "flag")
        return read and ast.Compare(read, [ast.Eq()], [ast.Constant(wanted)])

    def _readable(self, term: Term, use: str) -> ast.expr | None:
        """The local name of an argument or context that can be read as what is wanted."""
        fits = {"number": _NUMBERS, "flag": ("flag",)}.get(use, _TEXTS)
        if term.op not in ("arg", "context") or term.type.kind not in fits:
            return None
        if term.op == "context" and term.value not in self.contexts:
            return None
        return self._local(Read(term.op, term.value, use, term.type.choices))


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _both(join: ast.boolop, parts: list[ast.expr]) -> ast.expr:
    return ast.BoolOp(join, parts) if len(parts) > 1 else parts[0]
