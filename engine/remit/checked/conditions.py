"""Conditions of the syntax tree -> terms, with every name bound and every type known.

A condition that has a mistake gives None; the findings say why. Each mistake is reported once, at
the smallest piece of source that shows it.
"""

from __future__ import annotations

from collections.abc import Callable

from remit.checked import types as ty
from remit.checked.checks import a
from remit.checked.comparisons import Comparisons
from remit.checked.history import History
from remit.checked.literals import moment
from remit.checked.model import Term
from remit.checked.names import EVENTS, TOOLS
from remit.checked.scope import Scope
from remit.checked.types import Type, fits
from remit_grammar import tree as t
from remit_grammar.unparse import unparse_expr
from remit_grammar.value import replace

AGENTS = {"agent": "assistant"}  # one role under two names
DEEPEST = 120  # levels of a condition, its definitions opened


class Conditions(Comparisons):
    """Checks conditions in one scope."""

    # ---- entry points

    def condition(self, node: t.Expr) -> Term | None:
        """A term that is true, false or unknown."""
        term = self.expr(node, ty.FLAG)
        if term is None or fits(term.type, ty.FLAG):
            return term
        self.mismatch(node, f"a condition is needed, and this is {a(term.type)}",
                      help=f"compare it with something: `{unparse_expr(node)} = ...`")  # fmt: skip
        return None

    def value(self, node: t.Expr, want: Type) -> Term | None:
        """A term of a given type."""
        term = self.expr(node, want)
        if term is None:
            return None
        if not fits(term.type, want):
            self.mismatch(node, f"{a(want)} is needed, and this is {a(term.type)}")
            return None
        return term if self.has_choice(node, term, want) else None

    def expr(self, node: t.Expr, want: Type | None = None) -> Term | None:
        """A term of any type; `want` only helps to read names such as the choices of a `one of`."""
        handler = _HANDLERS[type(node)]
        budget = self.scope.budget
        if budget.depth >= DEEPEST:
            self.overgrown("R0106", node, f"conditions nest at most {DEEPEST} levels deep")
            return None
        budget.depth += 1
        try:
            return handler(self, node, want)
        finally:
            budget.depth -= 1

    # ---- literals

    def text(self, node: t.Text, want: Type | None) -> Term:
        """A text literal."""
        return self.make(node, "const", (), ty.TEXT, node.value)

    def number(self, node: t.Number, want: Type | None) -> Term:
        """A number literal."""
        return self.make(node, "const", (), ty.NUMBER, node.value)

    def duration(self, node: t.Duration, want: Type | None) -> Term:
        """A duration, in seconds."""
        return self.make(node, "const", (), ty.DURATION, node.seconds)

    def date(self, node: t.Date, want: Type | None) -> Term:
        """A date or moment, in seconds since the epoch; without a zone it is UTC."""
        return self.make(node, "const", (), ty.TIME, moment(node))

    def listing(self, node: t.Listing, want: Type | None) -> Term | None:
        """`[a, b]`, of one type."""
        inner = want.item if want is not None else None
        items = [self.expr(item, inner) for item in node.items]
        if any(item is None for item in items):
            return None
        terms = tuple(item for item in items if item is not None)
        kind = terms[0].type if terms else ty.ANY
        for item, source in zip(terms, node.items, strict=True):
            if not fits(item.type, kind):
                message = f"this is {a(item.type)}, and the list begins with {a(kind)}"
                self.mismatch(source, message, "a list holds values of one type")
                return None
            kind = ty.common(kind, item.type)
        return self.make(node, "list", terms, ty.list_of(kind))

    def record(self, node: t.Record, want: Type | None) -> Term | None:
        """`(a: 1, b: 2)`."""
        values = [self.expr(one.value) for one in node.fields]
        if any(value is None for value in values):
            return None
        terms = tuple(value for value in values if value is not None)
        return self.make(node, "record", terms, ty.RECORD, tuple(one.name for one in node.fields))

    # ---- connectives

    def negation(self, node: t.Not, want: Type | None) -> Term | None:
        """`not x`."""
        inner = self.condition(node.operand)
        return None if inner is None else self.make(node, "not", (inner,), ty.FLAG)

    def both(self, node: t.And | t.Or, want: Type | None) -> Term | None:
        """`a and b`, `a or b`."""
        op = "and" if isinstance(node, t.And) else "or"
        found: list[Term] = []
        reader = self
        for operand in node.operands:
            term = reader.condition(operand)
            found += [] if term is None else [term]
            if isinstance(operand, t.Quantified):
                reader = Conditions(reader.after(operand))
        whole = len(found) == len(node.operands)
        return self.make(node, op, tuple(found), ty.FLAG) if whole else None

    def after(self, operand: t.Expr) -> Scope:
        """The scope behind an operand, which knows the quantifiers that ended in it."""
        ended = dict(self.scope.ended)
        while isinstance(operand, t.Quantified):
            ended[operand.variable.text] = f"{operand.quantifier} {operand.variable.text}"
            operand = operand.body
        return replace(self.scope, ended=ended)

    def quantified(self, node: t.Quantified, want: Type | None) -> Term | None:
        """`any x in items satisfies ...`; `no` is `not any`."""
        collection = self.expr(node.collection)
        if collection is None:
            return None
        if not ty.is_collection(collection.type):
            help = "`words of ...` and `lines of ...` make a list of a text"
            self.mismatch(node.collection, f"a list is needed, and this is {a(collection.type)}",
                          help if ty.is_text(collection.type) else None)  # fmt: skip
            return None
        scope, item = self.scope.bind(node.variable.text, collection.type.item or ty.ANY)
        body = Conditions(scope).condition(node.body)
        if body is None:
            return None
        op = "all" if node.quantifier == "all" else "any"
        term = self.make(node, op, (collection, body), ty.FLAG, item.value)
        return self.make(node, "not", (term,), ty.FLAG) if node.quantifier == "no" else term

    # ---- numbers

    def arithmetic(self, node: t.Arithmetic, want: Type | None) -> Term | None:
        """`a + b`, by the table of what may be added to what."""
        left, right = self.expr(node.left), self.expr(node.right)
        if left is None or right is None:
            return None
        kind = _ARITHMETIC.get((node.op, left.type.kind, right.type.kind))
        if "any" in (left.type.kind, right.type.kind):
            kind = ty.NUMBER
        if kind is None:
            self.mismatch(node, f"`{node.op}` does not take {a(left.type)} and {a(right.type)}")
            return None
        return self.make(node, node.op, (left, right), kind)

    def negative(self, node: t.Negative, want: Type | None) -> Term | None:
        """`-x`."""
        inner = self.value(node.operand, ty.NUMBER)
        return None if inner is None else self.make(node, "negative", (inner,), ty.NUMBER)

    # ---- what the conversation has come to

    def earlier(self, node: t.Earlier, want: Type | None) -> Term | None:
        """`earlier call approve where order = this.order`: it has happened."""
        return History(self).happened(node, "earlier", node.past)

    def previous(self, node: t.Previous, want: Type | None) -> Term | None:
        """`previous call refund`: the step just before was it."""
        return History(self).happened(node, "previous", t.Past(node.act, span=node.span))

    def void_directive(self, node: t.VoidDirective, want: Type | None) -> Term | None:
        """`a void directive x came from result`: someone ordered it who may not."""
        directive = None
        if node.directive is not None:
            found = self.scope.names.find(EVENTS, node.directive, self.scope.unit)
            if found is None:
                known = self.scope.names.known(EVENTS, self.scope.unit)
                self.scope.names.unknown("directive", node.directive, known)
                return None
            directive = f"{found.unit.name}::{found.name}"
        origin = None if node.origin is None else self.origin(node.origin)
        return self.make(node, "void", (), ty.FLAG, (directive, origin, node.asking))

    def origin(self, head: t.Head) -> tuple[str, tuple[str, ...]]:
        """Where something came from: a kind of step, and the tools, roles or agents it is of."""
        names = tuple(sorted(AGENTS.get(name.text, name.text) for name in head.names))
        if head.kind == "message":
            known = [*self.scope.role_names(), "anyone"]
            for name in head.names:
                if name.text not in known:
                    self.scope.names.unknown("role", name, known)
            return head.kind, () if "anyone" in names else names
        if head.kind in ("output", "refusal"):
            return "message", ("assistant",)
        if head.kind in ("call", "result"):
            for name in head.names:
                self.scope.names.find(TOOLS, name, self.scope.unit)
                if self.scope.tools and name.text not in self.scope.tools:
                    known = list(self.scope.tools)
                    self.scope.names.unknown("tool", name, known, code="R0801")
        return head.kind, names

    def quotes(self, node: t.Quotes, want: Type | None) -> Term | None:
        """`text quotes result of read_inbox`: a long enough piece of it stands there."""
        subject = self.expr(node.subject)
        origin = self.origin(node.origin)
        if subject is None:
            return None
        if not ty.is_text(subject.type) and not ty.is_collection(subject.type):
            self.mismatch(node.subject, f"only texts quote, and this is {a(subject.type)}",
                          "write `came from` for a value")  # fmt: skip
            return None
        label = node.origin.labelled
        return self.make(node, "quotes", (subject,), ty.FLAG, (*origin, self.label(label)))

    def came_from(self, node: t.CameFrom, want: Type | None) -> Term | None:
        """`to came from message from user`: the value, or all values inside, stand there."""
        subject = self.expr(node.subject)
        origin = self.origin(node.origin)
        if subject is None:
            return None
        label = node.origin.labelled
        return self.make(node, "came from", (subject,), ty.FLAG, (*origin, self.label(label)))

    def label(self, name: t.Name | None) -> str | None:
        """A label that some statement gives; a finding if none does."""
        if name is not None and name.text not in self.scope.names.labels:
            self.scope.names.unknown("label", name, list(self.scope.names.labels))
        return None if name is None else name.text

    def norm_asks(self, node: t.NormAsks, want: Type | None) -> Term:
        """`a norm in force asks for it`."""
        return self.make(node, "asked", (), ty.FLAG)

    def confirmed(self, node: t.Confirmed, want: Type | None) -> Term | None:
        """`confirmed by user`: they said yes to this very call."""
        act = self.scope.act
        if act is None or act.kind != "call":
            message = "only a call is confirmed, and this is " + (
                "about no step" if act is None else f"a condition on any {act.kind}"
            )
            self.complain("R0510", node, message, "ask it in a clause about a call")
            return None
        self.scope.names.confirms = True
        return self.make(node, "confirmed", (), ty.FLAG, node.who)

    def judged(self, node: t.Judged, want: Type | None) -> Term | None:
        """`judged "..." by reader`: a question about a text that a judge answers."""
        self.scope.names.asks(node.judge.text, node.question)
        subject = self.subject(node)
        if subject is None:
            return None
        if not ty.is_text(subject.type):
            self.mismatch(node.subject or node,
                          f"a judge reads texts, and this is {a(subject.type)}")  # fmt: skip
            return None
        return self.make(node, "judged", (subject,), ty.FLAG, (node.question, node.judge.text))


_ARITHMETIC = {
    ("+", "number", "number"): ty.NUMBER, ("-", "number", "number"): ty.NUMBER,
    ("*", "number", "number"): ty.NUMBER, ("+", "time", "duration"): ty.TIME,
    ("-", "time", "duration"): ty.TIME, ("-", "time", "time"): ty.DURATION,
    ("+", "duration", "duration"): ty.DURATION, ("-", "duration", "duration"): ty.DURATION,
    ("*", "number", "duration"): ty.DURATION, ("*", "duration", "number"): ty.DURATION,
}  # fmt: skip

_HANDLERS: dict[type, Callable[..., Term | None]] = {
    t.Text: Conditions.text, t.Number: Conditions.number, t.Duration: Conditions.duration,
    t.Date: Conditions.date, t.Listing: Conditions.listing, t.Record: Conditions.record,
    t.Ref: Conditions.ref, t.Apply: Conditions.apply, t.Of: Conditions.of,
    t.Not: Conditions.negation, t.And: Conditions.both, t.Or: Conditions.both,
    t.Compare: Conditions.compare, t.Matches: Conditions.matches, t.State: Conditions.state,
    t.Quantified: Conditions.quantified, t.Has: Conditions.has,
    t.Arithmetic: Conditions.arithmetic, t.Negative: Conditions.negative,
    t.VoidDirective: Conditions.void_directive, t.NormAsks: Conditions.norm_asks,
    t.Quotes: Conditions.quotes, t.CameFrom: Conditions.came_from,
    t.Judged: Conditions.judged, t.Earlier: Conditions.earlier, t.Previous: Conditions.previous,
    t.Confirmed: Conditions.confirmed,
}  # fmt: skip
