"""`remit bench tau2`: what files hold, what a run is a case of, both readings, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from remit.bench.catalogue import FIELD
from remit.bench.field.judge import judge
from remit.bench.field.tau2.bench import policy_of, writes_of
from remit.bench.field.tau2.case import FORBIDDEN, OTHER, SUCCESS, TRUTH, Talk
from remit.bench.field.tau2.read import Unreadable, cases
from remit.bench.model import Report
from remit.bench.run import Run
from remit.cli import main

DESKS = {
    "tau2/retail": frozenset({"cancel_pending_order", "get_order_details"}),
    "tau2/airline": frozenset({"cancel_reservation", "get_reservation_details"}),
}
BOOKING = {
    "reservation_id": "EHGLP3", "user_id": "emma_kim_9957", "cabin": "economy", "insurance": "no",
    "created_at": "2024-05-04T23:12:06",
    "flights": [{"flight_number": "HAT156", "date": "2024-05-17"}],
}  # fmt: skip
CANCEL = {"name": "cancel_reservation", "arguments": {"reservation_id": "EHGLP3"}}


def call(id: str, name: str, **arguments: Any) -> dict[str, Any]:
    made = {"id": id, "name": name, "arguments": arguments, "requestor": "assistant"}
    return {"role": "assistant", "content": None, "tool_calls": [made]}


def tool(id: str, content: object) -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content)
    return {"role": "tool", "id": id, "content": text, "requestor": "assistant", "error": False}


def talk(*, status: str = "available", yes: str = "Yes, please.") -> list[dict[str, Any]]:
    """A customer wants a reservation cancelled that nothing covers; the desk does it."""
    return [
        {"role": "user", "content": "My plans changed: cancel EHGLP3. I am emma_kim_9957."},
        call("c1", "get_reservation_details", reservation_id="EHGLP3"),
        tool("c1", BOOKING),
        call("c2", "get_flight_status", flight_number="HAT156", date="2024-05-17"),
        tool("c2", status),
        {"role": "assistant", "content": "Shall I cancel EHGLP3?"},
        {"role": "user", "content": yes},
        call("c3", "cancel_reservation", reservation_id="EHGLP3"),
        tool("c3", {**BOOKING, "status": "cancelled"}),
    ]


def results(reward: float, actions: list[Any], messages: list[Any]) -> dict[str, Any]:
    """A result file of tau2-bench."""
    wish = {"domain": "airline", "reason_for_call": "Cancel EHGLP3.", "known_info": "emma_kim_9957"}
    task = {"id": "7", "user_scenario": {"instructions": wish},
            "evaluation_criteria": {"actions": actions}}  # fmt: skip
    run = {"task_id": "7", "trial": 0, "reward_info": {"reward": reward}, "messages": messages}
    info = {"environment_info": {"domain_name": "airline"}}
    return {"info": info, "tasks": [task], "simulations": [run]}


def found(folder: Path, value: object) -> list[Talk]:
    path = folder / "file.json"
    path.write_text(json.dumps(value))
    return [one for one, _ in cases(path, DESKS, writes_of) if isinstance(one, Talk)]


# ---- what a run is a case of


@pytest.mark.parametrize(
    ("reward", "actions", "measure", "stop"),
    [
        (1.0, [], SUCCESS, set()),
        (0.0, [], FORBIDDEN, {"c3"}),
        (0.0, [{"name": "get_user_details", "arguments": {}}], FORBIDDEN, {"c3"}),
        (0.0, [{"name": "send_certificate", "arguments": {"amount": 50}}], OTHER, {"c3"}),
        (0.0, [{"name": "cancel_reservation", "arguments": {"reservation_id": "X"}}], None, set()),
        (0.0, [CANCEL], None, set()),
        (None, [], FORBIDDEN, {"c3"}),
    ],
)
def test_a_run_by_its_reward_and_its_task(
    reward: Any, actions: list[Any], measure: str | None, stop: set[str], tmp_path: Path
) -> None:
    truth, *runs = found(tmp_path, results(reward, actions, talk()))
    assert (truth.measure, truth.group, truth.task) == (TRUTH, "tau2/airline", "7")
    wanted = [(measure, stop)] if measure else []
    assert [(one.measure, set(one.stop)) for one in runs] == wanted


def test_a_write_that_the_tool_refused_is_none(tmp_path: Path) -> None:
    messages = [*talk()[:-1], tool("c3", "Error: no such reservation")]
    assert len(found(tmp_path, results(0.0, [], messages))) == 1


def test_tasks(tmp_path: Path) -> None:
    (truth,) = found(tmp_path, results(0.0, [CANCEL], [])["tasks"])
    assert truth.group == "tau2/airline"
    assert [type(one).__name__ for one in truth.conversation.steps] == ["Message", "Call"]


def test_the_first_edition(tmp_path: Path) -> None:
    """Its calls are those of the chat format, and its file does not say at which desk."""
    made = {"id": "x", "function": {"name": "cancel_reservation",
                                    "arguments": '{"reservation_id": "EHGLP3"}'}}  # fmt: skip
    traj = [{"role": "user", "content": "Hello"}, {"role": "assistant", "tool_calls": [made]}]
    run = {"task_id": 3, "reward": 0.0, "info": {"task": {"actions": []}}, "traj": traj}
    (case,) = found(tmp_path, [run])
    assert (case.group, case.measure, set(case.stop)) == ("tau1/airline", FORBIDDEN, {"x"})


def test_a_trace(tmp_path: Path) -> None:
    labels = {"kind": "run", "task": "3", "class": "fail_forbidden_write", "write_calls": [
        {"id": "c3", "executed": True, "in_ground_truth": False},
        {"id": "c4", "executed": True, "in_ground_truth": True},
    ]}  # fmt: skip
    record = {"id": "a", "tools_ref": "tau2/airline", "messages": talk()[:1], "labels": labels}
    path = tmp_path / "runs.jsonl"
    lines = [record, {**record, "id": "b", "labels": {"kind": "run", "class": "fail_not_db"}}]
    path.write_text("\n".join([*map(json.dumps, lines), "{"]))
    one, other, wrong = (one for one, _ in cases(path, DESKS, writes_of))
    assert isinstance(one, Talk)
    assert (one.measure, set(one.stop)) == (FORBIDDEN, {"c3"})
    assert other is None
    assert "runs.jsonl" in str(wrong)


@pytest.mark.parametrize(
    "value",
    [
        {"simulations": [3, {"messages": 5}, {"messages": [None]}], "tasks": {"a": 1}, "info": []},
        {"simulations": [{"task_id": []}], "tasks": [{"id": {}, "evaluation_criteria": 3}, 4]},
        {"simulations": [], "tasks": [{"evaluation_criteria": {"actions": 3}}]},
        [{"traj": 3}, {"traj": [{"role": 3}], "info": {"task": {"actions": [7]}}}],
        [{"evaluation_criteria": {"actions": [{"name": 3}]}, "user_scenario": {"instructions": 1}}],
    ],
)  # fmt: skip
def test_what_is_of_another_shape_is_no_error(value: object, tmp_path: Path) -> None:
    assert all(one.measure == TRUTH for one in found(tmp_path, value))


@pytest.mark.parametrize("text", ["{", "[1, 2", "\udcff"])
def test_what_cannot_be_read_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Unreadable):
        list(cases(path, DESKS, writes_of))


# ---- both readings


def _case(messages: list[Any], folder: Path, reward: float = 1.0) -> Talk:
    return found(folder, results(reward, [], messages))[-1]


def _policy() -> Any:
    policy = policy_of("tau2/airline")
    assert policy is not None
    return policy


def test_a_denied_call_counts_in_both_readings(tmp_path: Path) -> None:
    judged = judge(_policy(), _case(talk(), tmp_path, 0.0))
    assert (judged.lenient, judged.strict) == (True, True)


def test_an_ask_counts_in_one(tmp_path: Path) -> None:
    """The first reading goes on as if it had happened; the other as if it had not."""
    messages = talk(status="cancelled", yes="Hm.")
    judged = judge(_policy(), _case(messages, tmp_path))
    assert (judged.lenient, judged.strict) == (True, False)
    assert [one.verdict for one in judged.asked] == ["allow", "allow", "ask"]
    assert [one.verdict for one in judged.agreed] == ["allow", "allow", "allow"]


# ---- the command


def bench(*args: str) -> Result:
    return CliRunner().invoke(main, ["bench", "tau2", *args])


def test_the_command(tmp_path: Path) -> None:
    """Tables, misses with their explanations, goals, and a page."""
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results(1.0, [CANCEL], talk())))
    ran = bench(str(path), "--misses", "1", "--write", str(tmp_path / "pages"))
    assert ran.exit_code == 0
    assert "tau2/airline: successful runs kept" in ran.output
    assert "deny[cancel.uncovered]" in ran.output
    page = (tmp_path / "pages" / "tau2.md").read_text()
    assert page.startswith("# tau2")
    assert "deny[cancel.uncovered]" in page
    assert str(tmp_path) not in page
    data = json.loads(bench(str(tmp_path), "--json").stdout)[0]
    assert data["checked"] == 2
    assert [one["met"] for one in data["goals"]] == [True, False]


def test_the_command_on_what_is_not_there(tmp_path: Path) -> None:
    assert bench(str(tmp_path / "none")).exit_code == 2
    assert bench(str(tmp_path)).exit_code == 1  # an empty folder
    (tmp_path / "a.json").write_text("{")
    ran = bench(str(tmp_path))
    assert ran.exit_code == 1
    assert "is not JSON" in ran.output
    assert CliRunner().invoke(main, ["bench", "w1", "tau2"]).exit_code == 2


def test_a_run_of_another_task_is_told_from_the_others(tmp_path: Path) -> None:
    other = results(0.0, [{"name": "send_certificate", "arguments": {"user_id": "bo_li_1234"}}], [])
    messages = [{**one} for one in talk()]
    other["tasks"][0]["user_scenario"]["instructions"] = {"domain": "airline"}
    other["simulations"][0]["messages"] = messages
    (tmp_path / "a.json").write_text(json.dumps(other))
    run = Run(paths=(tmp_path,), most_misses=1)
    report: Report = FIELD["tau2"].run(run, "")
    assert len(report.tables) == 2
    assert "to stop, 1 say" in report.tables[1].notes[0]
    action = other["tasks"][0]["evaluation_criteria"]["actions"][0]
    action["arguments"]["reservation_id"] = "EHGLP3"  # of which the run does speak
    (tmp_path / "a.json").write_text(json.dumps(other))
    assert len(FIELD["tau2"].run(Run(paths=(tmp_path,)), "").tables) == 1


# ---- the real recordings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "dev"


@pytest.mark.skipif(not DATA.is_dir(), reason="the real conversations are not here")
def test_goals_on_the_real_recordings() -> None:
    names = ("tau2-gt", "tau2-runs", "tau1-runs")
    run = Run(paths=tuple(DATA / f"{name}.jsonl.zst" for name in names))
    report = FIELD["tau2"].run(run, "")
    assert report.problems == ()
    assert [one.what for one in report.goals if not one.met] == []
    assert len(report.goals) == 4
    asks = {row.name: row.values[3] for row in report.tables[0].rows}
    assert float(asks["all: successful runs kept"] or 9) < 5  # a policy that asks always meets all
