"""From the lines of a ledger to what a report shows: decisions, answers, gaps, and its chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remit.ledger.clock import from_utc
from remit.ledger.kept import kept_policy
from remit.ledger.model import ANSWER, DECISION, GAP, POLICY, Line
from remit.ledger.read import in_order, read
from remit.ledger.said import opened, rows_of, short, step_said, texts_of
from remit.ledger.verify import verify
from remit.report.collect import Collector
from remit.report.model import Reply, Report
from remit.verdict.explain import DONE
from remit_grammar.diagnostic import Diagnostic

Policies = dict[str, Mapping[str, Any]]  # the records of policies, by digest


def is_ledger(path: str) -> bool:
    """Whether a file begins with a line of a ledger; standard input is not looked into."""
    first = None if path == "-" else next(read(path), None)
    return first is not None and first.line is not None


def take_ledger(paths: Sequence[str], collector: Collector) -> list[Diagnostic]:
    """Take what is in the files of one ledger, in order; what its chain shows to be wrong."""
    checked = verify(paths)
    collector.report.trusted = checked.is_whole
    policies: Policies = {}
    for path in in_order(paths):
        for reading in read(path):
            if reading.line is not None:
                _take(reading.line, collector, policies)
    problem = _keep_policy(collector.report, policies)
    return [*(one for one in checked.findings if one.is_error), *problem]


def _keep_policy(report: Report, policies: Policies) -> Iterator[Diagnostic]:
    """Show the policy that decided most, if the ledger keeps it."""
    for (_, digest), _ in report.policies().most_common(1):
        report.policy, problem = kept_policy(policies.get(digest), digest)
        if problem is not None:
            yield problem


def _take(line: Line, collector: Collector, policies: Policies) -> None:
    record = line.record
    if line.kind == POLICY:
        digest = str(record.get("digest"))
        if "stored" not in policies.get(digest, {}):
            policies[digest] = record
    elif line.kind == DECISION:
        collector.take(_as_record(record, policies), **_more(line))
    elif line.kind == ANSWER and collector.only in ("", record.get("conversation")):
        collector.report.replies.append(_reply(line))
    elif line.kind == GAP:
        missed = record.get("records")
        counts = missed if isinstance(missed, dict) else {}
        told = ", ".join(f"{count} of kind {kind}" for kind, count in counts.items())
        note = f"until {line.time} records are missing that could not be written: {told}"
        collector.report.notes.append(note)


def _as_record(record: Mapping[str, Any], policies: Policies) -> dict[str, Any]:
    """The decision in the form of a decision record, as far as a ledger has that."""
    digest = str(record.get("policy"))
    made = {name: _shown(record[name]) for name in record if name != "policy"}
    norms = texts_of(record, "in_force") + [str(row.get("norm"))
                                            for row in rows_of(record, "defeated")]  # fmt: skip
    return {
        **made,
        "policy": {"id": policies.get(digest, {}).get("id"), "digest": digest},
        "applied": [{"norm": one} for one in norms],
        "explanation": _explanation(record),
    }


def _shown(value: Any) -> Any:
    """A part of a record with a word for what is not kept; a step keeps what there is of it."""
    if isinstance(value, dict) and "kind" in value:
        value = {name: one for name, one in value.items() if name not in ("$", "of")}
    return opened(value)


def _explanation(record: Mapping[str, Any]) -> str:
    done = DONE.get(str(record.get("verdict")), "")
    by = " and ".join(f"`{short(one)}`" for one in texts_of(record, "decided_by"))
    return f"{done} by {by}" if by else done


def _more(line: Line) -> dict[str, Any]:
    """What a ledger knows of a decision and a record does not."""
    record, took = line.record, line.record.get("nanoseconds")
    names = ("id", "agent", "mode", "held")
    more: dict[str, Any] = {name: str(record[name]) for name in names if name in record}
    more |= {"number": line.seq, "time": from_utc(line.time) / 1e9}
    return more | {"seconds": took / 1e9 if isinstance(took, int) else None}


def _reply(line: Line) -> Reply:
    record = line.record
    person = f" ({record['person']})" if record.get("person") else ""
    return Reply(
        str(record.get("conversation")), f"{record.get('by')}{person}", record.get("yes") is True,
        step_said(record.get("call")), str(record.get("held", "")), from_utc(line.time) / 1e9,
    )  # fmt: skip
