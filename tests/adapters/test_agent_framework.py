"""Microsoft's Agent Framework: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("agent_framework")
pytest.importorskip("agent_hooks")

from tests.adapters.contract import Contract, Ear, Script, odd, pay
from tests.adapters.framed import Agents

from remit import Policy
from remit.host.guard import Guard


class TestAgents(Contract):
    """All of it."""

    driver = Agents()

    def test_reject_runs_it_never(self, policy: Policy, asynchronous: bool) -> None:
        """The framework tells the model so itself; plugins hear who it was."""
        ear = Ear()
        guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
        script = Script([[pay(5, "Eve")], "done"])
        ran = self.driver.run(guard, script, asynchronous=True)
        no = {"yes": False, "person": "ann"}
        again = self.driver.resume(guard, script, ran, no, edited=None, asynchronous=True)
        assert script.ran == []
        assert "rejected" in "\n".join(again.seen)
        assert [(one.yes, one.person) for one in ear.answered] == [(False, "ann")]
