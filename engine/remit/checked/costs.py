"""What a condition costs, known before it runs, and what is too much."""

from __future__ import annotations

from collections.abc import Sequence

from remit.checked.model import Constraint, Norm
from remit.checked.ops import term_cost
from remit_grammar.diagnostic import Diagnostic, Label

DEAR = 20_000  # a condition above this is warned of: some tenths of a millisecond
MOST = 50_000  # a condition above this is refused


def norm_cost(norm: Norm | Constraint) -> int:
    """The estimated cost of asking whether a norm applies, or what a constraint leaves open."""
    if isinstance(norm, Constraint):
        return term_cost(norm.value)
    return sum(term_cost(term) for term in (norm.act.where, norm.where, norm.unless))


def check_costs(norms: Sequence[Norm | Constraint], found: list[Diagnostic]) -> None:
    """Report the clauses whose conditions are expensive."""
    for norm in norms:
        total = norm_cost(norm)
        if norm.span is None or total <= DEAR:
            continue
        code = "R0505" if total > MOST else "R0502"
        message = f"this condition costs about {total:,} steps for each decision"
        help = "loops inside loops are the usual reason: name what varies outside the inner one"
        found.append(Diagnostic(code, message, Label(norm.span), help=help))
