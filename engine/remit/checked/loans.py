"""Delegation: whose texts may speak with a borrowed authority, and of what (semantics 6)."""

from __future__ import annotations

from remit.checked.acts import Acts, Target
from remit.checked.clauses import Clauses
from remit.checked.identity import mentions
from remit.checked.model import Loan
from remit.checked.names import ACTS, VALUES
from remit.checked.settings import find_setting
from remit_grammar import tree as t
from remit_grammar.unparse import unparse_statement


def read_loan(clauses: Clauses, node: t.Delegate) -> Loan | None:
    """A `delegate` statement in its checked form; None, and findings, where it has a mistake."""
    level = _level(clauses, node)
    target = clauses.acts.target(node.to, clauses=False)
    only: Target | None = None
    setting: str | None = None
    if node.acts is not None:
        if _is_setting(clauses.acts, node.acts):
            found = find_setting(clauses.acts, node.acts.head.names[0])
            setting = found.name if found else None
        else:
            only = clauses.acts.target(node.acts, clauses=False)
    if level is None or _asks_a_judge(clauses, node, target, only):
        return None
    key = f"{clauses.unit.name}::{unparse_statement(node)}"
    return Loan(
        key, clauses.unit.name, clauses.author, level, target.act, target.where,
        None if only is None else only.act, None if only is None else only.where, setting,
        node.span,
    )  # fmt: skip


def _asks_a_judge(clauses: Clauses, node: t.Delegate, *targets: Target | None) -> bool:
    """Report a loan that rests on a judge: it must be known before anything can be heard."""
    for target in targets:
        for term in (target.act.where, target.where) if target is not None else ():
            if term is not None and mentions(term, "judged"):
                message = "a judge cannot be asked whether authority is lent"
                help = "let the host say it: declare a `context` and ask for that"
                clauses.complain("R0509", node.span, message, help=help)
                return True
    return False


def _level(clauses: Clauses, node: t.Delegate) -> int | None:
    """The rank lent: at most the author's own; below the chain for a revocation."""
    if node.level.text == "none":
        return len(clauses.chain)
    rank = clauses.level(node.level)
    if rank is not None and rank < clauses.author:
        lender = clauses.chain[clauses.author]
        message = f"`{lender}`, this file's author, cannot lend out `{node.level.text}`"
        help = "nobody lends more than they have"
        clauses.complain("R0601", node.level.span, message, help=help)
        return None
    return rank


def _is_setting(acts: Acts, pattern: t.Pattern) -> bool:
    if pattern.head.kind != "named" or pattern.where is not None:
        return False
    name = pattern.head.names[0]
    if acts.names.find(ACTS, name, acts.unit) is not None:
        return False
    found = acts.names.find(VALUES, name, acts.unit)
    return found is not None and isinstance(found.node, t.Setting)
