"""Comparisons and tests in conditions, and which types they take."""

from __future__ import annotations

import re

from remit.checked import types as ty
from remit.checked.checks import a
from remit.checked.model import Term
from remit.checked.names import FLAGS
from remit.checked.references import References
from remit.checked.types import Type, fits
from remit_grammar import tree as t
from remit_grammar.unparse import unparse_expr
from remit_grammar.value import replace

_NEGATED = {"!=": "=", "is not": "=", "not in": "in", "does not contain": "contains"}
_PLAIN = {"is": "=", "=": "="}
_FLIPPED = {">": "<", ">=": "<="}
_BY_ORDER = (*_FLIPPED, "<", "<=")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_ORDERED = ("number", "time", "duration", "text", "any")


class Comparisons(References):
    """Checks comparisons and tests."""

    def compare(self, node: t.Compare, want: Type | None) -> Term | None:
        """A comparison; negated ones become `not` around the plain one."""
        op = _NEGATED.get(node.op, node.op)
        negated = op != node.op
        term = self.test(node, _PLAIN.get(op, op))
        if term is None:
            return None
        self.note_constant(node, term)
        if not negated:
            return term
        spoken = "is" if node.op == "is not" else op
        plain = replace(term, text=unparse_expr(replace(node, op=spoken)))
        return self.make(node, "not", (plain,), ty.FLAG)

    def test(self, node: t.Compare, op: str) -> Term | None:
        """A comparison by an operator without negation."""
        pair = self.pair(node, op)
        if pair is None:
            return None
        left, right = pair
        if op in _BY_ORDER:
            return self.ordered(node, op, left, right)
        if op in ("in", "contains"):
            return self.membership(node, op, left, right)
        if op in ("starts with", "ends with"):
            return self.texts(node, op, left, right)
        if not fits(left.type, right.type):
            self.unlike(node, left, right)
            return None
        both = self.has_choice(node.right, right, left.type) and self.has_choice(
            node.left, left, right.type
        )
        return self.make(node, op, (left, right), ty.FLAG) if both else None

    def pair(self, node: t.Compare, op: str) -> tuple[Term, Term] | None:
        """Both sides; a side that is a bare unknown name is read as a choice of the other."""
        left = self.resolve(node.left) if isinstance(node.left, t.Ref) else self.expr(node.left)
        if left is None:
            return self.turned(node) if isinstance(node.left, t.Ref) else None
        hint = ty.list_of(left.type) if op == "in" else _item_of(left.type)
        right = self.expr(node.right, hint)
        if right is None:
            return None
        if isinstance(node.left, t.Ref):
            left = self.rather_choice(node.left, left, _item_of(right.type))
        return left, right

    def turned(self, node: t.Compare) -> tuple[Term, Term] | None:
        """Both sides where the left one means nothing by itself; `gold is tier`."""
        assert isinstance(node.left, t.Ref), "asked only for names"
        if self.reported:
            return None
        if isinstance(node.right, t.Ref) and self.resolve(node.right) is None:
            # Two unknown names: the right one may be a choice of what the left one should be.
            left = self.expr(node.left)
            right = None if left is None else self.expr(node.right)
        else:
            right = self.expr(node.right)
            left = None if right is None else self.expr(node.left, _item_of(right.type))
        return None if left is None or right is None else (left, right)

    def unlike(self, node: t.Compare, left: Term, right: Term) -> None:
        """Report two values that are never equal and have no order; a literal is what to mend."""
        message = f"{a(left.type)} is compared with {a(right.type)}"
        for source, other in ((node.right, left.type), (node.left, right.type)):
            fix = _as_type(source, other)
            if fix is not None:
                self.mismatch(source, message, f"write `{fix}`", fix)
                return
        times = {left.type.kind, right.type.kind} == {"number", "duration"}
        self.mismatch(node, message, "write the number with its unit: `10m`" if times else None)

    def ordered(self, node: t.Compare, op: str, left: Term, right: Term) -> Term | None:
        """`<` and `<=`; the other two are these with their sides swapped."""
        if not fits(left.type, right.type):
            self.unlike(node, left, right)
            return None
        if left.type.kind not in _ORDERED:
            self.mismatch(node, f"{a(left.type)} has no order",
                          "`<` and `>` compare numbers, times, durations and texts")  # fmt: skip
            return None
        pair = (right, left) if op in _FLIPPED else (left, right)
        return self.make(node, _FLIPPED.get(op, op), pair, ty.FLAG)

    def membership(self, node: t.Compare, op: str, left: Term, right: Term) -> Term | None:
        """`in` and `contains`, of an item in a list or a text in a text."""
        item, whole = (left, right) if op == "in" else (right, left)
        if op == "contains" and ty.is_text(whole.type) and whole.type.kind != "any":
            return self.texts(node, "contains", whole, item)
        if not ty.is_collection(whole.type):
            self.no_items(node, whole)
            return None
        inner = item.type.item if item.type.kind in ty.COLLECTIONS else item.type
        if whole.type.item is not None and not fits(inner or ty.ANY, whole.type.item):
            source = node.left if op == "in" else node.right
            fix = _as_type(source, whole.type.item)
            self.mismatch(source, f"{a(whole.type)} never holds {a(item.type)}",
                          f"write `{fix}`" if fix else None, fix)  # fmt: skip
            return None
        ok = self.has_choice(node.left if op == "in" else node.right, item, whole.type.item)
        ok = ok and self.choices_in(node.right, right, left.type)
        if op == "contains" and whole.type.kind == "any":  # may turn out to be a text
            return self.make(node, "contains", (whole, item), ty.FLAG) if ok else None
        return self.make(node, "in", (item, whole), ty.FLAG) if ok else None

    def no_items(self, node: t.Compare, whole: Term) -> None:
        """Report `in` and `contains` of what is no list; texts have `contains`."""
        help, fix = "`in` takes a list: `... in [1, 2]`", None
        if ty.is_text(whole.type):
            op = "does not contain" if node.op == "not in" else "contains"
            fix = f"{unparse_expr(node.right)} {op} {unparse_expr(node.left)}"
            help = f"for texts write `{fix}`"
        elif node.op != "in" and node.op != "not in":
            help = "`contains` takes a text or a list on its left"
        self.mismatch(node, f"{a(whole.type)} holds no items", help, fix)

    def choices_in(self, source: t.Expr, whole: Term, kind: Type) -> bool:
        """Whether every literal item of a list is a choice of the type it is compared with."""
        if kind.kind != "one_of" or not isinstance(source, t.Listing):
            return True
        pairs = zip(source.items, whole.args, strict=True)
        return not [one for one in pairs if not self.has_choice(*one, kind)]

    def texts(self, node: t.Compare, op: str, left: Term, right: Term) -> Term | None:
        """A test of two texts."""
        for side, source in ((left, node.left), (right, node.right)):
            if not ty.is_text(side.type):
                self.mismatch(source, f"`{op}` compares texts, and this is {a(side.type)}")
                return None
        return self.make(node, op, (left, right), ty.FLAG)

    def has_choice(self, node: t.Expr, term: Term, want: Type | None) -> bool:
        """Whether a literal text is one of the choices of the type it meets; a finding if not."""
        if want is None or want.kind != "one_of" or term.op != "const":
            return True
        if term.value in want.choices:
            return True
        if self.is_tool_name(want) and isinstance(node, t.Text):
            self.not_among("R0801", node, f"there is no tool `{term.value}`", want)
        else:
            self.not_among("R0403", node, f"`{term.value}` is not one of the choices here", want)
        return False

    def is_tool_name(self, kind: Type) -> bool:
        """Whether a type is "the name of a declared tool"."""
        return bool(self.scope.tools) and kind.choices == tuple(sorted(self.scope.tools))

    def note_constant(self, node: t.Compare, term: Term) -> None:
        """Warn of a comparison of two fixed values."""
        one, other = term.args
        if _is_fixed(one) and _is_fixed(other):
            self.complain("R0405", node, "both sides are fixed, so the answer never changes",
                          "name an argument, a field or a context on one side")  # fmt: skip
        elif one.op == other.op and one == other:
            self.complain("R0405", node, "both sides are the same, so the answer never changes",
                          "name something else on one side")  # fmt: skip

    def state(self, node: t.State, want: Type | None) -> Term | None:
        """`x is missing`, `x is not empty`."""
        subject = self.expr(node.subject)
        if subject is None:
            return None
        if node.state == "empty" and not (
            ty.is_collection(subject.type) or ty.is_text(subject.type)
        ):
            self.mismatch(node.subject, f"{a(subject.type)} is never empty",
                          "write `is missing` for a value that is not there")  # fmt: skip
            return None
        op = "empty" if node.state == "empty" else "missing"
        plain = replace(node, state=op, negated=False)
        term = replace(self.make(node, op, (subject,), ty.FLAG), text=unparse_expr(plain))
        negated = node.negated != (node.state == "present")
        return self.make(node, "not", (term,), ty.FLAG) if negated else term

    def matches(self, node: t.Matches, want: Type | None) -> Term | None:
        """`text matches /.../`."""
        subject = self.expr(node.subject)
        pattern = self.pattern(node.regex)
        if subject is None or pattern is None:
            return None
        if not ty.is_text(subject.type):
            self.mismatch(node.subject, f"a pattern matches texts, and this is {a(subject.type)}")
            return None
        return self.make(node, "matches", (subject,), ty.FLAG, (pattern,))

    def has(self, node: t.Has, want: Type | None) -> Term | None:
        """`has email`: a detector."""
        subject = self.subject(node)
        patterns = self.detector(node.detector)
        if subject is None or patterns is None:
            return None
        if not ty.is_text(subject.type) and subject.type != ty.list_of(ty.TEXT):
            self.mismatch(node.subject or node,
                          f"a detector reads texts, and this is {a(subject.type)}")  # fmt: skip
            return None
        return self.make(node, "has", (subject,), ty.FLAG, (node.detector.text, patterns))

    def subject(self, node: t.Has | t.Judged) -> Term | None:
        """What a detector or judge reads: what the author names, or else the text of the step."""
        if node.subject is not None:
            return self.expr(node.subject)
        if self.scope.act is None:
            self.complain("R0301", node, "there is no step here whose text could be read")
            return None
        return Term("field", (), ty.TEXT, "text", node.span, "text")


def _is_fixed(term: Term) -> bool:
    """Whether a value is the same for every step."""
    return term.op == "const" or (term.op == "list" and all(map(_is_fixed, term.args)))


def _as_type(node: t.Expr, want: Type) -> str | None:
    """A literal as a value of another type, where that is sure: `200` for `"200"`."""
    if isinstance(node, t.Text) and want.kind == "number" and _NUMBER.fullmatch(node.value):
        return node.value
    if isinstance(node, t.Number) and want.kind in ("text", "one_of"):
        return f'"{node.span.text}"'
    if isinstance(node, t.Text) and want.kind == "flag":
        return FLAGS.get(node.value.casefold())
    return None


def _item_of(kind: Type) -> Type:
    """What a single thing compared with a value of this type is."""
    return kind.item if kind.kind in ty.COLLECTIONS and kind.item is not None else kind
