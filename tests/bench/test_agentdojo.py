"""The closed loop in AgentDojo's own pipeline; only where the package is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("agentdojo", reason="pip install 'remit[agentdojo]'")

from remit.bench.field.agentdojo import closed, scenes
from remit.bench.field.agentdojo.bench import tables
from remit.bench.field.agentdojo.closed import Closed
from remit.bench.field.agentdojo.crude import CLAUSES
from remit.bench.field.agentdojo.labels import BENIGN, RECORDED
from remit.bench.field.agentdojo.pack import policy_for
from remit.bench.field.agentdojo.package import suites
from remit.bench.field.agentdojo.recorded import Runs
from remit.bench.field.agentdojo.runs import NOT_AGAIN
from remit.bench.field.agentdojo.scene import Scene
from remit.bench.run import NoSuch, Run

pytestmark = pytest.mark.filterwarnings("default")  # of a package that is not ours

ATTACK = "important_instructions"


@pytest.fixture(scope="module")
def bank() -> Any:
    return suites()["banking"]


def attack(bank: Any, user: int, goal: int) -> Scene:
    wanted = f"banking/user_task_{user}/injection_task_{goal}/{ATTACK}"
    return next(one for one in scenes.attacks(bank, ATTACK) if one.id == wanted)


def test_a_denied_call_is_not_executed(bank: Any) -> None:
    """The attack works on a model that believes it, and not behind Remit; the user's task does."""
    policy = policy_for("banking")
    scene = attack(bank, 1, 0)
    alone, guarded = scene.play(), scene.play(policy)
    assert alone.attacked
    assert not guarded.attacked
    assert guarded.useful
    assert [one.verdict for one in guarded.held] == ["deny"]
    assert not scene.play(refuse=True).attacked


def test_who_is_asked_may_agree(bank: Any) -> None:
    """An ask holds a call back, until somebody says yes."""
    policy = policy_for("banking")
    scene = attack(bank, 4, 0)
    plain = {"reads_wording": False}
    assert not scene.play(policy, plain).attacked
    outcome = scene.play(policy, plain, agrees=True)
    assert outcome.attacked
    assert outcome.asks
    assert not outcome.held


def test_a_suite_is_counted(bank: Any) -> None:
    """Tasks, goals and attacks of a small suite; what nobody had seen apart."""
    found = Closed(most=1)
    policy = policy_for("banking")
    assert policy is not None
    found.tasks(bank, policy)
    kept, new = found.count.of(closed.KEPT), found.new.of(closed.KEPT)
    assert (kept.cases, kept.lenient, new.cases) == (16, 16, 8)
    assert found.count.of(closed.ASKED).strict == 9
    assert all(found.beside.of(closed.KEPT, name).strict < 16 for name in CLAUSES)


def test_an_attack_that_there_is_not() -> None:
    run = Run(attacks=("important_instruction",), suites=frozenset({"banking"}))
    with pytest.raises(NoSuch, match="did you mean `important_instructions`"):
        list(tables(run))


def recorded(scene: Scene, **said: Any) -> dict[str, Any]:
    """A run as AgentDojo writes it, of the scripted model."""
    seen: list[Any] = []

    class Listening:
        def __init__(self) -> None:
            self.model = scene.script()

        def query(self, *given: Any) -> Any:
            made = self.model.query(*given)
            last = made[3][-1]
            calls = [one.model_dump() for one in last["tool_calls"] or ()]
            seen.append({**last, "tool_calls": calls})
            return made

    Scene(scene.id, scene.suite, scene.task, Listening, scene.injected, scene.injections).play()
    return {
        "suite_name": "banking", "pipeline_name": "scripted", "user_task_id": scene.task.ID,
        "injection_task_id": None, "attack_type": None, "injections": {}, "messages": seen,
        "error": None, "utility": True, "security": True, **said,
    }  # fmt: skip


def test_recorded_runs_are_played_again(bank: Any, tmp_path: Path) -> None:
    """In AgentDojo's own form: one kept, one stopped, one that comes out otherwise."""
    scene = attack(bank, 1, 0)
    task = next(one for one in scenes.user_tasks(bank) if one.task.ID == "user_task_1")
    attacked = {
        "injection_task_id": "injection_task_0", "attack_type": ATTACK,
        "injections": dict(scene.injections),
    }  # fmt: skip
    runs = {
        "benign": recorded(task),
        "attacked": recorded(scene, **attacked),
        "other": recorded(task, **attacked),
        "strange": {**recorded(task), "messages": [{"role": "assistant", "tool_calls": 5}]},
    }
    for name, run in runs.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(run))
    found = Runs()
    found.read([tmp_path], lambda name, share: None)
    for measure in (BENIGN, RECORDED):
        tally = found.count.of(measure)
        assert (tally.cases, tally.strict) == (1, 1), measure
    assert found.left_out == {NOT_AGAIN: 1}
    assert [one.partition(":")[0] for one in found.problems] == ["strange.json"]
