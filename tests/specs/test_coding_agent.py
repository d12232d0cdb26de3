"""The coding agent's pack against command lines that were labelled by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import remit
import remit_specs

HERE = Path(__file__).parent
PACK = Path(remit_specs.__path__[0]) / "coding_agent" / "coding_agent.spec"


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    return remit.load(PACK)


def _labelled(mark: str) -> list[str]:
    lines = (HERE / "command_lines.txt").read_text(encoding="utf-8").splitlines()
    return [line[2:].replace("⏎", "\n") for line in lines if line.startswith(f"{mark} ")]


def _verdicts(policy: remit.Policy, lines: list[str]) -> dict[str, str]:
    return {
        one: policy.session().decide(remit.Call("Bash", {"command": one})).verdict for one in lines
    }


def test_dangerous_lines_are_not_allowed(policy: remit.Policy) -> None:
    lines = _labelled("!")
    allowed = [one for one, verdict in _verdicts(policy, lines).items() if verdict == "allow"]
    assert len(lines) >= 120
    assert allowed == []


def test_harmless_lines_are_allowed(policy: remit.Policy) -> None:
    lines = _labelled("=")
    stopped = {one: said for one, said in _verdicts(policy, lines).items() if said != "allow"}
    assert len(lines) >= 80
    assert stopped == {}


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("bash", {"command": "rm -rf /"}),
        ("run_shell_command", {"command": "rm -rf /", "directory": "src"}),
        ("shell", {"command": ["bash", "-lc", "rm -rf /"]}),
        ("shell", {"command": ["rm", "-rf", "/"]}),
        ("shell_command", {"command": "rm -rf /"}),
        ("exec_command", {"cmd": "rm -rf /"}),
    ],
)
def test_every_shell_tool_is_seen_through(
    policy: remit.Policy, tool: str, args: dict[str, object]
) -> None:
    decision = policy.session().decide(remit.Call(tool, args))
    assert decision.verdict == "deny"
    assert "remit.coding_agent::delete.roots" in decision.decided_by


def test_a_call_without_a_command_is_not_made(policy: remit.Policy) -> None:
    assert policy.session().decide(remit.Call("Bash", {})).verdict == "deny"


def test_a_tool_nobody_declared_is_asked_about(policy: remit.Policy) -> None:
    decision = policy.session().decide(remit.Call("mail_everyone", {"text": "hello"}))
    assert decision.verdict == "ask"
    assert decision.decided_by == ("remit.coding_agent::tools.unknown",)
