"""How decisions are shown: step by step, as a table, as JSON lines, or not at all."""

from __future__ import annotations

import json
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from remit.cli.output import STYLES, has_colour, paint, plural, say, table
from remit_grammar.diagnostic import columns, render, visible

if TYPE_CHECKING:
    from remit.conversation.model import Step
    from remit.policy import Policy
    from remit.verdict.model import Decision

WIDTH = 100  # characters of a line on which a step is shown
TOP = 15  # clauses in the summary
ORDER = ("halt", "deny", "ask", "rewrite", "redact", "warn", "allow")


class Report:
    """Takes the decisions of one conversation after the other.

    `only` are the verdicts to show, empty for all. `held_back` is whether a step may not go on.
    """

    def __init__(self, only: frozenset[str]) -> None:
        self.only = only
        self.held_back = False
        self.taken = 0
        self.counts: Counter[str] = Counter()

    def take(self, id: str, decisions: Sequence[Decision]) -> None:
        """Count the decisions of a conversation, and show what is to be shown of them."""
        self.taken += 1
        self.counts.update(one.verdict for one in decisions)
        self.held_back |= not all(decisions)
        self.show(id, decisions)

    def wants(self, decision: Decision) -> bool:
        """Whether a decision is to be shown."""
        return not self.only or decision.verdict in self.only

    def show(self, id: str, decisions: Sequence[Decision]) -> None:
        """Show the decisions of a conversation."""

    def end(self) -> None:
        """Show what is said at the end."""


class Silence(Report):
    """Shows nothing."""


class Lines(Report):
    """A JSON record a line, with the id of the conversation."""

    def show(self, id: str, decisions: Sequence[Decision]) -> None:
        """Print the records."""
        for one in filter(self.wants, decisions):
            record = {"conversation": id, **one.to_json()}
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


class Details(Report):
    """Each step on a line with its verdict; below it, why it is not plainly allowed."""

    def __init__(self, policy: Policy, only: frozenset[str], *, explain: bool) -> None:
        super().__init__(only)
        self.policy = policy
        self.explain = explain

    def show(self, id: str, decisions: Sequence[Decision]) -> None:
        """Print the steps of a conversation."""
        shown = [one for one in decisions if self.wants(one)]
        if self.only and not shown:
            return
        head = paint(visible(id), "", bold=True)
        say(f"{head}: {plural(len(decisions), 'step')} under {self.policy.name}")
        say()
        block = "-"
        for one in shown:
            say(_line(one))
            block = self._explanation(one)
            if block:
                say("\n" + block)
        if not block:
            say()

    def _explanation(self, decision: Decision) -> str:
        """What stands below a step: nothing where it simply goes on."""
        if not (self.explain or decision.verdict != "allow" or _was_opened(decision)):
            return ""
        text = render(decision.explain(), colour=has_colour())
        return textwrap.indent(text, " " * 6)

    def end(self) -> None:
        """Print how many steps had which verdict."""
        if not self.taken:
            return
        total = sum(self.counts.values())
        seen = [word for word in ORDER if self.counts[word]]
        parts = [paint(f"{self.counts[word]} {word}", STYLES[word]) for word in seen]
        say(f"{plural(total, 'step')}: {', '.join(parts) or 'nothing to judge'}")


def _was_opened(decision: Decision) -> bool:
    """Whether something more than a default gave way, so that the step is allowed all the same."""
    return any(loser.norm.modality != "default" for loser, _ in decision.outcome.defeated)


def _line(decision: Decision) -> str:
    """`  4  ask      assistant calls refund(order: "A1", amount: 350)`."""
    verdict = paint(f"{decision.verdict:<8}", STYLES[decision.verdict], bold=not decision)
    return f"{decision.index + 1:>3}  {verdict} {_cut(_told(decision.step), WIDTH - 14)}"


def _told(step: Step) -> str:
    from remit.verdict.show import show_step

    text = show_step(step, 0).source.text
    return f"{step.role} calls {text}" if step.kind == "call" else text


def _cut(text: str, width: int) -> str:
    text = visible(text)
    while columns(text) > width:
        text = text[: width - 1 - max(columns(text) - len(text), 0) // 2].rstrip() + "…"
        width -= 1 if columns(text) > width else 0
    return text


class Summary(Report):
    """What many conversations come to: verdicts, the clauses that gave them, and how fast."""

    def __init__(self, policy: Policy, only: frozenset[str]) -> None:
        super().__init__(only)
        self.policy = policy
        self.clauses: Counter[tuple[str, str]] = Counter()
        self.conversations: Counter[str] = Counter()
        self.started = perf_counter()

    def show(self, id: str, decisions: Sequence[Decision]) -> None:
        """Count which clauses gave which verdicts."""
        self.conversations.update({one.verdict for one in decisions})
        for one in decisions:
            if one.verdict != "allow":
                self.clauses.update((name, one.verdict) for name in one.decided_by or ("",))

    def end(self) -> None:
        """Print the tables."""
        seconds = max(perf_counter() - self.started, 1e-6)
        steps = sum(self.counts.values())
        head = f"{plural(self.taken, 'conversation')}, {plural(steps, 'step')}"
        say(f"{head} under {self.policy.name}")
        say(f"in {seconds:.1f} s, {steps / seconds:,.0f} steps a second\n")
        rows = [(word, self.counts[word], self.conversations[word]) for word in ORDER]
        table(
            ("verdict", "steps", "conversations"),
            [(word, f"{n:,}", f"{m:,}") for word, n, m in rows if n],
            numbers=(1, 2),
        )
        if self.clauses:
            self._top_clauses()

    def _top_clauses(self) -> None:
        say()
        top = self.clauses.most_common(TOP)
        table(
            ("clause", "verdict", "steps"),
            [(name or "(the engine failed)", verdict, f"{n:,}") for (name, verdict), n in top],
            numbers=(2,),
        )
        if len(self.clauses) > TOP:
            say(f"and {len(self.clauses) - TOP} more")
