"""Verifies decision records: an independent telling of semantics 4 to 6, from norms alone.

Shares no code with the resolver, the graph, or the state of a session. It takes on trust the truth
of a single condition (`remit.program.conditions`), what a constraint leaves of a setting's values
(`remit.program.domain`), what a pattern finds in a text, how a change is made
(`remit.verdict.changes`), and what judges answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remit.verdict import read_record as form
from remit.verify.checker import Checker
from remit.verify.conversation import Conversations, counts_up, numbered
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from remit.policy import Policy

__all__ = ["verify_file", "verify_records"]


def verify_file(path: str | Path, policy: Policy) -> list[Diagnostic]:
    """Every finding about a file of records, JSON or JSONL. Never raises on bad input.

    Records of one conversation (`conversation` is the same, or none has it and the indices count up
    from 0) must follow from each other too.
    """
    readings = list(form.read_records(path))
    counted = counts_up(one.data for one in readings)
    conversations = Conversations(Checker(policy), counted=counted)
    return [
        replace(one, primary=one.primary or label)
        for data, label, problem in readings
        for one in ([problem] if problem else conversations.verify(data))
    ]


def verify_records(records: Iterable[Mapping[str, Any]], policy: Policy) -> list[Diagnostic]:
    """Every finding about records as `Decision.to_json` gives them. Never raises on bad records.

    Those of one conversation are told as in `verify_file`.
    """
    rows = list(records)
    conversations = Conversations(Checker(policy), counted=counts_up(rows))
    return [
        one for number, data in enumerate(rows, 1)
        for one in numbered(conversations.verify(data), number)
    ]  # fmt: skip
