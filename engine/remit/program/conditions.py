"""Terms -> functions that answer true, false or unknown about a view of a step.

Each operation becomes a closure over its arguments' closures. Connectives ask their cheapest
argument first; in three-valued logic the order changes the cost, never the answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from remit.checked.ops import term_cost
from remit.program import values
from remit.program.values import UNKNOWN, Partly, Truth, as_truth, is_text
from remit.program.view import View, size_of

if TYPE_CHECKING:
    from remit.checked.model import Context, Debt, History, Term
    from remit.text.finders import Finder

Evaluate = Callable[[View], Any]
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "=": values.equal, "<": values.less, "<=": values.at_most, "in": values.member_of,
    "starts with": values.starts, "ends with": values.ends,
    "+": values.arithmetic(operator.add), "-": values.arithmetic(operator.sub),
    "*": values.arithmetic(operator.mul),
}  # fmt: skip
_UNARY: dict[str, Callable[[Any], Any]] = {
    "missing": values.missing,
    "empty": values.empty,
    "negative": lambda value: _BINARY["-"](0, value),
}


def compile_truth(term: Term, contexts: dict[str, Context]) -> Callable[[View], Truth]:
    """A condition as a function; what is no truth value counts as unknown."""
    evaluate = compile_term(term, contexts)
    if term.op in ("and", "or", "not", "any", "all", *_TESTS) or _is_truth(term):
        return evaluate
    return lambda view: as_truth(evaluate(view))


def _is_truth(term: Term) -> bool:
    """Whether a question about the past is answered by a truth."""
    return term.op == "past" and term.value.fold in ("earlier", "previous")


def compile_term(term: Term, contexts: dict[str, Context]) -> Evaluate:
    """Any term as a function of a view."""
    if term.op in _BINARY:
        left, right = (compile_term(arg, contexts) for arg in term.args)
        test = _BINARY[term.op]
        return lambda view: test(left(view), right(view))
    if term.op in _UNARY:
        inner = compile_term(term.args[0], contexts)
        apply = _UNARY[term.op]
        return lambda view: apply(inner(view))
    return _MAKERS[term.op](term, contexts)


def _const(term: Term, contexts: dict[str, Context]) -> Evaluate:
    value = term.value
    return lambda view: value


def _field(term: Term, contexts: dict[str, Context]) -> Evaluate:
    name = term.value
    return lambda view: view.field(name)


def _arg(term: Term, contexts: dict[str, Context]) -> Evaluate:
    name, kind = term.value, term.type
    if kind.kind == "any":
        return lambda view: view.argument(name)
    return lambda view: values.typed(view.argument(name), kind)


def _context(term: Term, contexts: dict[str, Context]) -> Evaluate:
    context = contexts[term.value]
    kind = context.type
    return lambda view: values.typed(view.declared(context), kind)


def _var(term: Term, contexts: dict[str, Context]) -> Evaluate:
    name = term.value
    return lambda view: view.variables.get(name, UNKNOWN)


def _member(term: Term, contexts: dict[str, Context]) -> Evaluate:
    base, name = compile_term(term.args[0], contexts), term.value
    return lambda view: values.part(base(view), name)


def _call(term: Term, contexts: dict[str, Context]) -> Evaluate:
    inner, name = compile_term(term.args[0], contexts), term.value
    return lambda view: view.reading.made(name, inner(view))


def _list(term: Term, contexts: dict[str, Context]) -> Evaluate:
    if all(arg.op == "const" for arg in term.args):
        fixed = [arg.value for arg in term.args]
        return lambda view: fixed
    items = [compile_term(arg, contexts) for arg in term.args]
    return lambda view: [item(view) for item in items]


def _record(term: Term, contexts: dict[str, Context]) -> Evaluate:
    fields = [compile_term(arg, contexts) for arg in term.args]
    names = term.value
    return lambda view: {name: one(view) for name, one in zip(names, fields, strict=True)}


def _not(term: Term, contexts: dict[str, Context]) -> Evaluate:
    inner = compile_truth(term.args[0], contexts)

    def negation(view: View) -> Truth:
        truth = inner(view)
        return UNKNOWN if truth is UNKNOWN else not truth

    return negation


def _connective(term: Term, contexts: dict[str, Context]) -> Evaluate:
    parts = [compile_truth(arg, contexts) for arg in sorted(term.args, key=term_cost)]
    join = values.every if term.op == "and" else values.some
    return lambda view: join(part(view) for part in parts)


def _quantifier(term: Term, contexts: dict[str, Context]) -> Evaluate:
    """Ask the body of each item, within the budget of the decision; beyond it nothing is known."""
    collection = compile_term(term.args[0], contexts)
    body = compile_truth(term.args[1], contexts)
    name, heavy = term.value, _reads_step(term.args[1])
    join = values.every if term.op == "all" else values.some
    outer = _variables(term.args[1]) - {name}

    def ask(view: View, item: Any) -> Truth:
        held = sum(size_of(view.variables.get(one)) for one in outer)
        if not view.spend(view.size if heavy else size_of(item) + held):
            return UNKNOWN
        view.variables[name] = item
        return body(view)

    def quantified(view: View) -> Truth:
        items = collection(view)
        if items is None:
            return join(())
        if type(items) is Partly:
            return join([*(ask(view, item) for item in items), UNKNOWN])
        if type(items) is not list:
            return UNKNOWN
        return join(ask(view, item) for item in items)

    return quantified


def _variables(term: Term) -> frozenset[str]:
    """The variables that a term looks at."""
    own = frozenset({term.value} if term.op == "var" else ())
    return own.union(*map(_variables, term.args))


def _reads_step(term: Term) -> bool:
    """Whether a term looks at more than the items of the quantifiers around it."""
    return term.op in ("field", "arg", "context") or any(_reads_step(arg) for arg in term.args)


def _matches(term: Term, contexts: dict[str, Context]) -> Evaluate:
    subject, find = compile_term(term.args[0], contexts), _finder_of(term)
    assert find is not None, "patterns are fixed"
    return lambda view: _scan(view, subject(view), find)


def _has(term: Term, contexts: dict[str, Context]) -> Evaluate:
    subject, find = compile_term(term.args[0], contexts), _finder_of(term)
    assert find is not None, "detectors are fixed"

    def has(view: View) -> Truth:
        value = subject(view)
        if isinstance(value, list):
            more = [UNKNOWN] if type(value) is values.Partly else []
            return values.some([*(_scan(view, one, find) for one in value), *more])
        return _scan(view, value, find)

    return has


def _contains(term: Term, contexts: dict[str, Context]) -> Evaluate:
    whole, part = (compile_term(arg, contexts) for arg in term.args)
    find = _finder_of(term)
    if find is None:
        return lambda view: values.contains(whole(view), part(view))

    def contains(view: View) -> Truth:
        value = whole(view)
        if type(value) is str:
            return _scan(view, value, find)
        return values.contains(value, part(view))

    return contains


def _setting(term: Term, contexts: dict[str, Context]) -> Evaluate:
    name = term.value
    return lambda view: view.setting(name)


def _void(term: Term, contexts: dict[str, Context]) -> Evaluate:
    wanted = term.value
    return lambda view: False if view.past is None else view.past.void(wanted, view)


def _asked(term: Term, contexts: dict[str, Context]) -> Evaluate:
    return lambda view: False if view.past is None else view.past.asked()


def _confirmed(term: Term, contexts: dict[str, Context]) -> Evaluate:
    who = term.value
    return lambda view: UNKNOWN if view.past is None else view.past.confirmed(who, view)


def _judged(term: Term, contexts: dict[str, Context]) -> Evaluate:
    subject = compile_term(term.args[0], contexts)
    question, judge = term.value

    def judged(view: View) -> Truth:
        text = subject(view)
        if text is None:
            return False
        return view.judged(judge, question, text) if is_text(text) else UNKNOWN

    return judged


def _past(term: Term, contexts: dict[str, Context]) -> Evaluate:
    history: History = term.value
    keys = [compile_term(arg, contexts) for arg in term.args]

    def past(view: View) -> Any:
        if view.past is None:
            return UNKNOWN
        if not keys:
            return view.past.history(history, (), view)
        return view.past.history(history, tuple(values.keyed(key(view)) for key in keys), view)

    return past


def _origin(term: Term, contexts: dict[str, Context]) -> Evaluate:
    subject = compile_term(term.args[0], contexts)
    how, wanted = term.op, term.value

    def origin(view: View) -> Truth:
        value = subject(view)
        if value is None or value is UNKNOWN:
            return False if value is None else UNKNOWN
        return UNKNOWN if view.past is None else view.past.origin(how, value, wanted, view)

    return origin


def _overdue(term: Term, contexts: dict[str, Context]) -> Evaluate:
    debt: Debt = term.value

    def overdue(view: View) -> Truth:
        says = view.kind == "message" and view.role == "assistant"
        if not says and view.kind not in ("call", "handoff"):
            return False
        return UNKNOWN if view.past is None else view.past.overdue(debt, view)

    return overdue


def _finder_of(term: Term) -> Finder | None:
    from remit.program.looks import finder_of

    return finder_of(term)


def _scan(view: View, value: Any, find: Finder) -> Truth:
    if value is None:
        return False
    return view.reading.found(find, value) if is_text(value) else UNKNOWN


_MAKERS: dict[str, Callable[[Term, dict[str, Context]], Evaluate]] = {
    "const": _const, "field": _field, "arg": _arg, "context": _context, "var": _var,
    "member": _member, "call": _call, "list": _list, "record": _record, "not": _not,
    "and": _connective, "or": _connective, "any": _quantifier, "all": _quantifier,
    "matches": _matches, "has": _has, "contains": _contains, "setting": _setting, "void": _void,
    "asked": _asked,
    "judged": _judged, "past": _past, "overdue": _overdue, "quotes": _origin, "came from": _origin,
    "confirmed": _confirmed,
}  # fmt: skip
_TESTS = ("=", "<", "<=", "in", "contains", "starts with", "ends with", "missing", "empty",
          "matches", "has", "void", "asked", "judged", "overdue", "quotes",
          "came from", "confirmed")  # fmt: skip
