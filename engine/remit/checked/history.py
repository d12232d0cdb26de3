"""What conditions ask of the past -> folds that can be kept at constant cost per step.

A condition about a step of the past speaks of that step; `this.order` is the step that is judged.
The two may only be compared with `=`, so that a look-up by value answers it. What cannot be kept so
is an error that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remit.checked import types as ty
from remit.checked.identity import canonical, conjunction, identity, mentions
from remit.checked.model import Act, Debt, Happening, Term
from remit.checked.model import History as Asked
from remit.checked.types import Type
from remit_grammar import tree as t
from remit_grammar.value import replace

if TYPE_CHECKING:
    from remit.checked.checks import Checks
    from remit.checked.files import Unit
    from remit.checked.names import Declared

FOLDS = ("count", "distinct", "sum", "first", "last", "smallest", "largest")
NUMBERS = ("sum", "smallest", "largest")
MOST_AT_MOST = 10_000  # items that a memory can say
MOST_REMEMBERED = 1_000  # items of a memory that does not say `at most`
UNITS = {"s": "s", "steps": "steps", "turns": "turns"}
_LEAVES = ("arg", "field", "var", "member")


class History:
    """Reads what one condition asks of the past."""

    def __init__(self, checks: Checks) -> None:
        self.checks = checks

    def happened(self, node: t.Expr, fold: str, past: t.Past) -> Term | None:
        """`earlier ...` and `previous ...`."""
        return self.term(node, fold, past, None, ty.FLAG)

    def folded(self, node: t.Of, past: t.Past) -> Term | None:
        """`count of call refund within 1h`, `sum of amount over call refund`."""
        fold = node.function.text
        if fold not in FOLDS:
            self.checks.scope.names.unknown("function over the past", node.function, list(FOLDS))
            return None
        if (node.argument is None) != (fold == "count"):
            example = "count of call refund" if fold == "count" else f"{fold} of amount over call x"
            self.checks.complain("R0402", node, f"`{fold}` is used otherwise", f"write `{example}`")
            return None
        return self.term(node, fold, past, node.argument, None)

    def remembered(self, node: t.Ref, found: Declared) -> Term | None:
        """The name of a memory: what was remembered."""
        assert isinstance(found.node, t.Remember), "asked only of memories"
        return self.memory(node, found.node, found.unit)

    def memory(self, node: t.Expr, memory: t.Remember, unit: Unit) -> Term | None:
        """What a memory of a file holds, asked for by `node`."""
        past = t.Past(memory.act, span=memory.span)
        most = MOST_REMEMBERED if memory.at_most is None else memory.at_most
        if not 1 <= most <= MOST_AT_MOST:
            message = f"a memory cannot hold {most:,} values"
            self.checks.complain("R0508", memory, message, f"from 1 to {MOST_AT_MOST:,} are kept")
            return None
        home = replace(self.checks.scope, unit=unit, act=None, variables={}, around=None)
        reader = History(type(self.checks)(home))
        return reader.term(node, "remember", past, memory.value, None, most)

    def term(
        self, node: t.Expr, fold: str, past: t.Past, value: t.Expr | None, kind: Type | None,
        most: int = 0,
    ) -> Term | None:  # fmt: skip
        """The term of a fold; its arguments are the values of this step that it is looked up by."""
        what = self.happening(past.act)
        since = None if past.since is None else self.happening(past.since)
        if what is None or (past.since is not None and since is None):
            return None
        of = None if value is None else self.value(value, what[0].act, fold)
        if value is not None and of is None:
            return None
        unit, within = "", None
        if past.within is not None:
            if past.within.unit not in UNITS:
                self.checks.complain("R0508", past.within, f"`{past.within.unit}` is no window",
                                     "write a time, or a number of steps or turns")  # fmt: skip
                return None
            unit, within = past.within.unit, past.within.amount
        shared = since[0].keys if since else ()
        if since and since[1] and [canonical(one) for one in since[1]] != [
            canonical(one) for one in what[1]
        ]:  # fmt: skip
            self.checks.complain(
                "R0508",
                node,
                "the two acts are told apart by different values",
                "compare the same values of `this` in both, or none in the second",
            )
            return None
        asked = Asked("", fold, what[0], of, since[0] if since else None, within, unit, most)
        asked = replace(asked, id=_id(asked, shared))
        return self.checks.make(node, "past", what[1], kind or _gives(fold, of), asked)

    def value(self, node: t.Expr, act: Act, fold: str) -> Term | None:
        """The value of the past step that is folded."""
        around = self.checks.scope
        of = type(self.checks)(around.acts.in_the_past(around).scope(act)).expr(node)
        if of is None:
            return None
        if mentions(of, "this") or mentions(of, "judged"):
            message = "what is kept of a step cannot speak of a later one"
            self.checks.complain("R0508", node, message)
            return None
        if fold in NUMBERS and of.type.kind not in ("number", "duration", "any"):
            self.checks.mismatch(node, f"`{fold}` takes numbers, and this is {of.type}")
            return None
        return of

    def happening(self, pattern: t.Pattern) -> tuple[Happening, tuple[Term, ...]] | None:
        """A step of the past, and the values of this step that it is looked up by."""
        around = self.checks.scope
        before = len(self.checks.found)
        target = around.acts.in_the_past(around).target(pattern, clauses=False)
        if any(one.is_error for one in self.checks.found[before:]):
            return None
        local: list[Term] = []
        pairs: list[tuple[Term, Term]] = []
        for term in _conjuncts(conjunction(target.act.where, target.where)):
            pair = _pair(term)
            if mentions(term, "judged"):
                self.checks.complain("R0509", pattern, "a judge is not asked about what is past",
                                     "ask it in a clause about that step")  # fmt: skip
                return None
            if pair is not None:
                pairs.append(pair)
            elif mentions(term, "this"):
                self.not_watched(pattern, term)
                return None
            else:
                local.append(term)
        # by the value of this step first: two acts that share those values pair them alike
        pairs.sort(key=lambda pair: (canonical(_plain(pair[1])), canonical(pair[0])))
        where: Term | None = None
        for term in local:
            where = conjunction(where, term)
        act = replace(target.act, where=None, key=identity(target.act, where))
        return Happening(act, where, tuple(mine for mine, _ in pairs)), tuple(
            _plain(yours) for _, yours in pairs
        )

    def not_watched(self, pattern: t.Pattern, term: Term) -> None:
        """Report a comparison of two steps that no look-up by value answers."""
        if _is_this(term):
            message = f"`{term.text}` says nothing of the step of the past"
            self.checks.complain("R0508", pattern, message, "write it outside of that act")
            return
        message = f"`{term.text}` compares two steps, and only `=` can be looked up"
        help = "compare with `=`, or fold the past first: `largest of amount over call x`"
        self.checks.complain("R0508", pattern, message, help)


def read_debt(checks: Checks, node: t.RequireWithin) -> Debt | None:
    """`require X within BOUND after Y` in its checked form."""
    reader = History(checks)
    owed, after = reader.happening(node.owed), reader.happening(node.after)
    if owed is None or after is None:
        return None
    if owed[1] or after[1]:
        checks.complain("R0508", node, "`this` means nothing here: no step is judged yet")
        return None
    bound = f"{node.bound.amount:g} {node.bound.unit}"
    key = f"owed {_of(owed[0])} within {bound} after {_of(after[0])}"
    return Debt(key, owed[0], after[0], node.bound.amount, node.bound.unit)


def _gives(fold: str, of: Term | None) -> Type:
    if fold in ("count", "distinct") or of is None:
        return ty.NUMBER
    if fold in ("first", "last"):
        return of.type
    if fold == "remember":
        item = of.type.item if of.type.kind in ty.COLLECTIONS else of.type
        return Type("set", item)
    return of.type if of.type.kind != "any" else ty.NUMBER


def _id(asked: Asked, shared: tuple[Term, ...]) -> str:
    parts = [asked.fold, _of(asked.what), canonical(asked.of) if asked.of else "",
             _of(asked.since) if asked.since else "", f"{asked.within} {asked.unit}",
             str(asked.most)]  # fmt: skip
    return " / ".join(parts)


def _of(happening: Happening) -> str:
    keys = ",".join(canonical(one) for one in happening.keys)
    return f"{happening.act.key} by {keys}"


def _conjuncts(term: Term | None) -> Iterator[Term]:
    if term is None:
        return
    if term.op == "and":
        for arg in term.args:
            yield from _conjuncts(arg)
    else:
        yield term


def _pair(term: Term) -> tuple[Term, Term] | None:
    """The two sides of `theirs = this.theirs`: of the past step, and of this one."""
    if term.op != "=":
        return None
    for mine, yours in (term.args, reversed(term.args)):
        if _is_this(yours) and mentions(yours, "this") and not mentions(mine, "this"):
            return mine, yours
    return None


def _is_this(term: Term) -> bool:
    """Whether all that a term looks at is of the step that is judged."""
    if term.op == "this":
        return True
    return term.op not in _LEAVES and all(map(_is_this, term.args))


def _plain(term: Term) -> Term:
    """A term about this step, seen from this step."""
    if term.op == "this":
        return term.args[0]
    return replace(term, args=tuple(map(_plain, term.args)))
