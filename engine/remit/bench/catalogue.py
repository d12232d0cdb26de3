"""The benchmarks, and how one is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter

from remit.bench.machine import machine
from remit.bench.model import Report, Table
from remit.bench.run import Run


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`place` is its module here and the function that gives its tables."""

    name: str
    title: str
    place: str

    @property
    def tables(self) -> Callable[[Run], Iterator[Table]]:
        """What runs it; a table comes when it is ready."""
        module, _, function = self.place.partition(":")
        made: Callable[[Run], Iterator[Table]] = getattr(
            import_module(f"remit.bench.{module}"), function or "tables"
        )
        return made

    def run(self, run: Run, command: str) -> Report:
        """The tables, with all that a reader needs to judge them."""
        start, told = perf_counter(), machine()
        tables = tuple(self.tables(run))
        return Report(
            self.name, self.title, command, {**told, **run.versions}, tables, tuple(run.goals),
            run.checked, tuple(run.wrong), dict(run.missing), tuple(run.notes),
            perf_counter() - start, tuple(run.misses), tuple(run.problems),
        )  # fmt: skip


# What is measured on work of others: verdicts, no times. It may need files, and is not in `all`.
FIELD: Mapping[str, Benchmark] = {
    one.name: one
    for one in (
        Benchmark("agentdojo", "AgentDojo's suites under their pack", "field.agentdojo.bench"),
        Benchmark("tau2", "the desks of tau2-bench under their pack", "field.tau2.bench"),
    )
}
BENCHMARKS: Mapping[str, Benchmark] = {
    one.name: one
    for one in (
        Benchmark("w1", "one tool call against 10 to 10,000 clauses", "w1:named"),
        Benchmark("w1-any", "the same where no clause names a tool", "w1:unnamed"),
        Benchmark("real", "real conversations under the packs", "real"),
        Benchmark("w2", "one more step after 10 to 1,000 messages", "w2"),
        Benchmark("w3", "one text against 1 to 1,000 patterns, and doubled texts", "w3"),
        Benchmark("history", "rules of each kind after 10 to 100,000 messages", "history"),
        Benchmark("memory", "of 10,000 clauses, and of a session as it grows", "memory"),
        Benchmark("directives", "hearing what people say, and minding it", "directives"),
        Benchmark("provenance", "where values came from, by the length of texts", "provenance"),
        Benchmark("explanation", "reading a decision", "explanation"),
        Benchmark("telemetry", "a decision with a recorded span", "telemetry"),
        Benchmark("ledger", "a decision with its record in a ledger", "ledger"),
        Benchmark("threads", "one and two threads, and an event loop", "threads"),
        Benchmark("cold", "from a new interpreter to the first decision", "cold"),
        Benchmark("load", "from text and from the store to what decides", "load"),
    )
}
