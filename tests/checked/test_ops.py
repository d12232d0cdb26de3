"""The table of operations and what runs are one list, and every operation is reached by a spec."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import remit
from remit.checked.model import Norm, Term
from remit.checked.ops import COSTS, FUNCTIONS
from remit.program import conditions, functions

HERE = Path(__file__).resolve().parent
RUN = {*conditions._BINARY, *conditions._UNARY, *conditions._MAKERS}
ABOUT_ACTS = {"effects"}  # has a cost, and runs as a part of an act


def test_every_operation_runs() -> None:
    """An operation with a cost and nothing to run would fail in a decision; the reverse cannot be
    costed."""
    assert RUN - {"call"} == set(COSTS) - ABOUT_ACTS


def test_every_function_runs() -> None:
    """The same for built-in functions."""
    assert set(functions.FUNCTIONS) == set(FUNCTIONS)


def test_a_good_spec_uses_every_operation() -> None:
    """`good/operations.spec` holds each, so that a new one without a case is seen."""
    policy = remit.load(HERE / "good" / "operations.spec")
    terms = [term for norm in policy.checked.norms for term in _terms(norm)]
    assert {term.op for term in terms} == RUN
    assert {term.value for term in terms if term.op == "call"} == set(FUNCTIONS)


def _terms(norm: Norm) -> Iterator[Term]:
    todo = [term for term in (norm.act.where, norm.where, norm.unless) if term is not None]
    while todo:
        term = todo.pop()
        yield term
        todo += term.args
