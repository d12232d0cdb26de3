"""Runs every scenario of a policy: each is a conversation of its own, judged step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter

from remit.checked.model import Scenario
from remit.policy import Policy
from remit.scenarios.answers import Script, judges_of
from remit.scenarios.expect import Expectation, disappointment
from remit.scenarios.from_tree import Teller, bindings
from remit.scenarios.model import Failure, ScenarioResult
from remit.session import Session
from remit.state.approve import ApprovalError
from remit.verdict.model import Decision
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Span

Wanted = Callable[[Scenario], bool]


def run_scenarios(policy: Policy, wanted: Wanted | None = None) -> list[ScenarioResult]:
    """A result for each scenario, in the order of the files; `wanted` chooses which to run.

    Raises `ValueError` for a stored policy, which holds none.
    """
    chosen = filter(wanted, policy.scenarios) if wanted else policy.scenarios
    return [run_scenario(policy, one) for one in chosen]


def run_scenario(policy: Policy, scenario: Scenario) -> ScenarioResult:
    """The result of one scenario. Never raises for what a scenario says."""
    head = scenario.block.head
    assert isinstance(head, t.Scenario), "a scenario is needed"
    started = perf_counter()
    judges = judges_of(scenario.block.body)
    session = policy.session(bindings(head.bindings), judges)
    run = _Run(session, judges, scenario.directives)
    for node in scenario.block.body:
        if not run.take(node):
            break
    seconds = perf_counter() - started
    return ScenarioResult(
        scenario.spec, scenario.title, head.span, tuple(run.decisions), run.expects,
        tuple(run.failures), seconds,
    )  # fmt: skip


class _Run:
    """One scenario as it goes on."""

    def __init__(
        self, session: Session, judges: Mapping[str, Script], names: Mapping[str, str]
    ) -> None:
        self.session = session
        self.judges = judges
        self.names = names
        self.teller = Teller(names)
        self.decisions: list[Decision] = []
        self.failures: list[Failure] = []
        self.expects = 0
        self.span: Span | None = None

    def take(self, node: t.Statement) -> bool:
        """Do what one statement says; false where nothing behind it can be run."""
        if isinstance(node, Expectation):
            return self._expect(node)
        if isinstance(node, t.Wait):
            self.teller.wait(node)
        elif isinstance(node, t.Answers):
            self.judges[node.judge.text].say(node)
            self.session.forget_answers()
        elif isinstance(node, t.Approves):
            self._approve(node)
        elif isinstance(node, (t.Says, t.Calls, t.Hands, t.Gives)):
            step = self.teller.step(node)
            if isinstance(step, Diagnostic):
                self.failures.append(Failure(step))
                return False
            self.decisions.append(self.session.decide(step))
            self.span = node.span
        return True

    def _approve(self, node: t.Approves) -> None:
        """Have somebody say yes to the step that was last answered `ask`."""
        asked = [one for one in self.decisions if one.verdict == "ask"]
        try:
            if not asked:
                raise ApprovalError("nobody was asked about anything yet")
            self.session.approve(asked[-1], node.who.text)
        except ApprovalError as error:
            self.failures.append(Failure(Diagnostic("R1102", str(error), Label(node.span))))

    def _expect(self, node: Expectation) -> bool:
        self.expects += 1
        if self.span is None:
            message = "nothing has happened yet that could be judged"
            self.failures.append(Failure(Diagnostic("R1102", message, Label(node.span))))
            return False
        found = disappointment(node, self.decisions[-1], self.span, self.names)
        if found is not None:
            decision = self.decisions[-1] if found.code == "R1101" else None
            again = any(one.decision is not None and one.decision is decision
                        for one in self.failures)  # fmt: skip
            self.failures.append(Failure(found, decision, again))
        return True
