"""What makes two terms, or two written-out acts, the same: their meaning, whatever the layout."""

from __future__ import annotations

from remit.checked.model import Act, Term


def conjunction(first: Term | None, second: Term | None) -> Term | None:
    """Both conditions, where either may be absent."""
    if first is None or second is None:
        return first or second
    text = f"{first.text} and {second.text}"
    return Term("and", (first, second), first.type, None, first.span, text)


def identity(act: Act, where: Term | None) -> str:
    """What makes two written-out acts the same: the pattern, whatever its order and layout.

    `where` is the condition of the act, whatever it has now.
    """
    parts = [_listed(act.tools), _listed(act.roles), _listed(act.agents), _listed(act.effects)]
    parts.append("" if where is None else canonical(where))
    parts += [act.label] if act.label is not None else []
    return "|".join((act.kind, *parts))


def _listed(names: frozenset[str] | None) -> str:
    return "*" if names is None else ",".join(sorted(names))


def mentions(term: Term, op: str) -> bool:
    """Whether an operation stands anywhere in a term."""
    return term.op == op or any(mentions(arg, op) for arg in term.args)


def canonical(term: Term) -> str:
    """The term as text that is the same for terms that are the same up to order and layout."""
    if not term.args:
        return f"{term.op}(){term.value!r}"
    args = [canonical(arg) for arg in term.args]
    if term.op in ("and", "or", "="):
        args.sort()
    return f"{term.op}({';'.join(args)}){term.value!r}"
