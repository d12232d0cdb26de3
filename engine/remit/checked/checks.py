"""What all checks of conditions share: the scope, the findings, making a term."""

from __future__ import annotations

from typing import Any

from remit.checked.model import Term
from remit.checked.names import DETECTORS
from remit.checked.scope import Scope
from remit.checked.types import Type
from remit.text.model import Pattern
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label
from remit_grammar.unparse_conditions import expr_text


class Checks:
    """Checks in one scope; the subclasses know the kinds of conditions."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.found = scope.names.found

    def expr(self, node: t.Expr, want: Type | None = None) -> Term | None:
        """A term of any type; `want` only helps to read names such as the choices of a `one of`."""
        raise NotImplementedError  # the outermost class knows all kinds

    def make(
        self, node: t.Expr, op: str, args: tuple[Term, ...], kind: Type, value: Any = None
    ) -> Term:
        """A term that remembers how it was written."""
        return Term(op, args, kind, value, node.span, expr_text(node))

    def complain(
        self, code: str, node: t.Node, message: str, help: str | None = None, fix: str | None = None
    ) -> None:
        """Note a finding at a node; `fix` is the text to put in its place."""
        made = None if fix is None else Fix(node.span, fix)
        self.found.append(Diagnostic(code, message, Label(node.span), help=help, fix=made))

    def mismatch(
        self, node: t.Node, message: str, help: str | None = None, fix: str | None = None
    ) -> None:
        """Note that types do not fit."""
        self.complain("R0401", node, message, help, fix)

    def pattern(self, node: t.Text | t.Regex) -> Pattern | None:
        """A pattern that can be matched in linear time; a finding if it cannot."""
        from remit.text.patterns import check_regex

        if isinstance(node, t.Text):
            return Pattern(node.value, is_regex=False)
        reason = check_regex(node.pattern, node.flags)
        if reason is None:
            return Pattern(node.pattern, is_regex=True, flags=node.flags)
        reason, _, help = reason.partition("; ")
        self.complain("R0404", node, f"this pattern cannot be used: {reason}", help or None)
        return None

    def detector(self, name: t.Name) -> tuple[Pattern, ...] | None:
        """The patterns of a detector: one of the spec's own, or a built-in one (then empty)."""
        from remit.text.patterns import BUILT_IN

        found = self.scope.names.find(DETECTORS, name, self.scope.unit)
        if found is not None and isinstance(found.node, t.Detector):
            patterns = [self.pattern(one) for one in found.node.patterns]
            return tuple(one for one in patterns if one is not None)
        if name.text in BUILT_IN:
            return ()
        known = [*BUILT_IN, *self.scope.names.known(DETECTORS, self.scope.unit)]
        self.scope.names.unknown("detector", name, known)
        return None


def a(kind: Type) -> str:
    """A type with its article: `a number`, `any value`."""
    if kind.kind == "any":
        return "any value"
    text = str(kind)
    return f"{'an' if text[0] in 'aeiou' and not text.startswith('one') else 'a'} {text}"
