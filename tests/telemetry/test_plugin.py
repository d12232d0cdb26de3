"""The plugin among others: what stands around a span, what others say, and what fails."""

from __future__ import annotations

import ast
import asyncio
import os
import subprocess
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode
from tests.telemetry.traced import Traced, call

import remit
from remit.hooks import hookimpl
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.judges.model import Question
from remit_plugins.telemetry import installed, names
from remit_plugins.telemetry.plugin import Telemetry
from remit_plugins.telemetry.settings import Settings

LARGE = call("refund", order="A1", amount=900)
NEVER = call("refund", order="A1", amount=9000)


class Ledger:
    """Another plugin: it says what a ledger says, or fails."""

    def __init__(self, fails: int = 0, **says: str | int) -> None:
        self.fails = fails
        self.says = {f"remit.ledger.{name}": value for name, value in says.items()}
        self.seen: list[int] = []

    @hookimpl
    def remit_decided(self) -> dict[str, str | int]:
        """Note the span that is current, and say what was written."""
        self.seen.append(trace.get_current_span().get_span_context().span_id)
        if self.fails:
            self.fails -= 1
            raise OSError("no space left for the text of a user")
        return self.says


def test_what_others_say_is_on_the_span(policy: remit.Policy, traced: Traced) -> None:
    """A ledger knows the span that the decision is told in, and the span its place there."""
    ledger = Ledger(seq=7, hash="ab" * 32)
    policy.session(tell=traced.teller(ledger)).decide(LARGE)
    [span] = traced.ended()
    told = dict(span.attributes or {})
    assert (told["remit.ledger.seq"], told["remit.ledger.hash"]) == (7, "ab" * 32)
    assert ledger.seen == [span.context.span_id]
    assert dict(traced.records()[0].attributes)["remit.ledger.seq"] == 7


def test_what_others_say_changes_nothing(policy: remit.Policy, traced: Traced) -> None:
    """Nor can it crowd out what is told: an SDK drops the oldest attributes of too many."""
    others = Ledger(**{f"x{n}": n for n in range(500)})
    others.says = {names.OUTCOME: "allow", "gen_ai.x": 1, "remit.y": 1.5, **others.says}  # type: ignore[dict-item]
    policy.session(tell=traced.teller(others)).decide(NEVER)
    told = dict(traced.ended()[0].attributes or {})
    assert told[names.OUTCOME] == "deny"
    assert not {"gen_ai.x", "remit.y"} & set(told)
    assert sum(name.startswith("remit.ledger.x") for name in told) == names.MOST_FACTS


def test_a_ledger_that_could_not_write_is_counted(policy: remit.Policy, traced: Traced) -> None:
    policy.session(tell=traced.teller(Ledger(error="disk full"))).decide(LARGE)
    assert [point.value for _, point in traced.points(names.LEDGER_ERRORS)] == [1]


def test_a_plugin_that_fails_is_an_error_on_the_one_span(
    policy: remit.Policy, traced: Traced
) -> None:
    """The span tells the deny that counts in the end; never the text of the error."""
    session = policy.session(tell=traced.teller(Ledger(fails=1)))
    assert session.decide(call("lookup", order="A1")).verdict == "deny"
    [span] = traced.ended()
    told = dict(span.attributes or {})
    assert span.name == "apply_guardrail acme.desk: deny"
    assert (span.status.status_code, told[names.ERROR_TYPE]) == (StatusCode.ERROR, "provider_error")
    assert (told[names.OUTCOME], told[names.ACTION]) == ("deny", "block")
    assert told[names.DECISION_ID] != told[names.CORRECTS]
    assert "no space" not in span.to_json()
    [(attributes, point)] = traced.points(names.DURATION)
    assert (attributes[names.ERROR_TYPE], point.count) == ("provider_error", 1)
    assert len(traced.records()) == 1
    assert session.decide(call("lookup", order="A1"))
    assert len(traced.ended()) == 2


def test_a_plugin_that_fails_twice(policy: remit.Policy, traced: Traced) -> None:
    """The deny is not heard either, and is told all the same."""
    policy.session(tell=traced.teller(Ledger(fails=2))).decide(LARGE)
    [span] = traced.ended()
    assert (span.attributes or {})[names.OUTCOME] == "deny"
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_the_span_around(policy: remit.Policy, traced: Traced) -> None:
    """A decision is its child; a tool that is blocked is an error there; an allow leaves it be."""
    session = policy.session(tell=traced.teller())
    tracer = traced.tracers.get_tracer("host")
    for step in (NEVER, call("lookup", order="A1")):
        attributes = {names.OPERATION_NAME: "execute_tool"}
        with tracer.start_as_current_span("execute_tool", attributes=attributes):
            session.decide(step)
    denied, around, allowed, other = traced.ended()
    assert denied.parent is not None
    assert allowed.parent is not None
    assert (denied.parent.span_id, allowed.parent.span_id) == (
        around.context.span_id, other.context.span_id
    )  # fmt: skip
    assert (around.status.status_code, other.status.status_code) == (
        StatusCode.ERROR, StatusCode.UNSET
    )  # fmt: skip
    assert (around.attributes or {})[names.ERROR_TYPE] == "policy_denied"
    assert [one.name for one in around.events] == [names.LOG_EVENT]
    assert not other.events


def test_a_tool_that_waits_is_no_error(policy: remit.Policy, traced: Traced) -> None:
    """Nor one whose arguments are changed."""
    for step in (LARGE, call("mail", to="boss", body="hello")):
        attributes = {names.OPERATION_NAME: "execute_tool"}
        with traced.tracers.get_tracer("host").start_as_current_span("t", attributes=attributes):
            policy.session(tell=traced.teller()).decide(step)
        around = traced.ended()[-1]
        assert around.status.status_code is StatusCode.UNSET
        assert [one.name for one in around.events] == [names.LOG_EVENT]


def test_the_span_around_is_left_alone(policy: remit.Policy) -> None:
    """Where the host says so; and a span that is no tool's gets no error."""
    for mark in (True, False):
        traced = Traced(Settings(mark_parent=mark))
        with traced.tracers.get_tracer("host").start_as_current_span("work"):
            policy.session(tell=traced.teller()).decide(NEVER)
        around = traced.ended()[-1]
        assert around.status.status_code is StatusCode.UNSET
        assert bool(around.events) is mark


def test_an_approval_links_to_what_it_approves(policy: remit.Policy, traced: Traced) -> None:
    session = policy.session(tell=traced.teller())
    session.refuse(session.decide(LARGE), "manager")
    session.approve(session.decide(LARGE), "manager", person="ann@acme.example")
    assert session.decide(LARGE)
    first, second, last = traced.ended()
    told = [dict(one.attributes or {}) for one in (first, second, last)]
    assert [one[names.APPROVAL_STATE] for one in told] == ["pending", "denied", "approved"]
    assert told[2][names.APPROVAL_DECISION] == told[1][names.DECISION_ID]
    assert told[2][names.APPROVAL_BY] == "manager"
    assert str(told[2][names.APPROVAL_ACTOR]).startswith("hmac-sha256:")
    assert told[2][names.REASON_CODE] == "approval_granted"
    assert [one.context.span_id for one in last.links] == [second.context.span_id]
    assert dict(last.links[0].attributes or {}) == {names.LINK_TYPE: "approval_of"}
    assert not first.links
    waits = {told[names.APPROVAL_STATE]: point.count
             for told, point in traced.points(names.APPROVAL_WAIT)}  # fmt: skip
    assert waits == {"denied": 1, "approved": 1}
    answers = [one for one in traced.records() if one.event_name == names.ANSWER_EVENT]
    assert [one.body for one in answers] == ["a call was denied", "a call was approved"]
    assert "ann@" not in str(list(map(vars, answers)))


def test_a_yes_for_what_a_clause_asks_of_everybody(traced: Traced) -> None:
    """Also where no clause says `confirmed`: what decided is the clause that asked."""
    spec = "spec a.b\nauthor user\nclause x\n  forbid call y\n  otherwise ask boss\n"
    session = remit.load(spec).session(tell=traced.teller())
    session.approve(session.decide(remit.Call("y")), "boss")
    assert session.decide(remit.Call("y"))
    told = dict(traced.ended()[1].attributes or {})
    assert (told[names.REASON_CODE], told[names.OUTCOME]) == ("approval_granted", "allow")
    assert (told[names.CLAUSES], told[names.APPROVAL_BY]) == (("a.b::x",), "boss")


def test_threads_share_one_plugin(policy: remit.Policy, traced: Traced) -> None:
    """Each decision is told once, under the span that its own thread has open."""
    teller, tracer = traced.teller(), traced.tracers.get_tracer("host")

    def work(number: int) -> None:
        session = policy.session(tell=teller.handed_on())
        with tracer.start_as_current_span(f"work {number}"):
            for _ in range(100):
                session.decide(NEVER)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    parents = Counter(one.parent.span_id for one in traced.ended() if one.parent)
    assert list(parents.values()) == [100] * 4
    counts = {told["remit.clause.id"]: point.value
              for told, point in traced.points(names.CLAUSE_MATCHES)}  # fmt: skip
    assert counts == {"acme.desk::refunds.large": 400, "acme.desk::refunds.broken": 400}


def test_tasks_of_an_event_loop(policy: remit.Policy, traced: Traced) -> None:
    """Each has its own span around, also where a judge is waited for."""
    tracer = traced.tracers.get_tracer("host")

    async def answer(question: Question) -> bool:
        await asyncio.sleep(0)
        return "3" in question.subject

    async def work(number: int) -> None:
        session = policy.session(judges={"tone": answer}, tell=traced.teller())
        with tracer.start_as_current_span(f"work {number}"):
            await session.adecide(remit.Message("assistant", f"you {number}"))

    async def every() -> None:
        await asyncio.gather(*map(work, range(5)))

    asyncio.run(every())
    around = {one.context.span_id: one.name for one in traced.ended() if not one.parent}
    outcomes = {
        around[one.parent.span_id]: (one.attributes or {})[names.OUTCOME]
        for one in traced.ended()
        if one.parent
    }
    assert outcomes == {f"work {n}": "deny" if n == 3 else "allow" for n in range(5)}


def test_what_fails_in_telemetry_changes_nothing(
    policy: remit.Policy, traced: Traced, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """It is counted and logged; before the others hear of a decision, and after."""

    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("the text of a user")

    ledger = Ledger()
    session = policy.session(tell=traced.teller(ledger))
    monkeypatch.setattr("remit_plugins.telemetry.telling.events.emit", fail)
    assert session.decide(NEVER).verdict == "deny"
    monkeypatch.setattr("remit_plugins.telemetry.facts.Kept.of", fail)
    assert session.decide(call("lookup", order="A1"))
    session.approve(session.decide(LARGE), "manager")
    assert len(ledger.seen) == 3
    assert caplog.text.count("RuntimeError") == 1
    assert len(traced.ended()) == 1  # it ended all the same
    assert "user" not in caplog.text
    assert [(told, point.value) for told, point in traced.points(names.DROPPED)] == [
        ({names.DROPPED_REASON: "error"}, 3)
    ]


def test_a_host_that_keeps_no_spans(policy: remit.Policy) -> None:
    """No provider is set up here, and none by the plugin."""
    session = policy.session(tell=Teller(manager([Telemetry()])))
    assert session.decide(LARGE).verdict == "ask"
    assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"


def test_two_of_them_are_refused() -> None:
    with pytest.raises(ValueError, match="telemetry"):
        manager([Telemetry(), Telemetry()])


# ---- installed


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The installed plugin as in a new process, whose host has set up a provider."""
    monkeypatch.setattr(installed, "_anybody_listens", lambda: True)
    made: list[Any] = []
    monkeypatch.setattr(installed, "_made", made)
    return made


def test_an_installed_plugin_is_made_once(policy: remit.Policy, fresh: list[Any]) -> None:
    session = policy.session(tell=Teller(manager([installed])))
    session.approve(session.decide(LARGE), "manager")
    assert session.decide(LARGE)
    assert [type(one) for one in fresh] == [Telemetry]


def test_an_installed_plugin_with_a_strange_environment(
    policy: remit.Policy, fresh: list[Any], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """It goes on, and tells no texts."""
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPANS")
    policy.session(tell=Teller(manager([installed]))).decide(LARGE)
    assert len(fresh) == 1
    assert "NO_CONTENT" in caplog.text


def test_the_one_that_is_given_is_used(fresh: list[Any]) -> None:
    """Where it is installed too. A stranger's of the same name would be used as well."""
    given = Telemetry()
    found = manager([given], installed=True)
    assert found.get_plugin("telemetry") is given
    assert installed not in found.get_plugins()


def test_the_entry_point() -> None:
    path = Path(__file__).resolve().parents[2] / "pyproject.toml"
    project = tomllib.loads(path.read_text("utf-8"))["project"]
    assert project["entry-points"]["remit"]["telemetry"] == installed.__name__


DECIDE = """
import sys
{before}
import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit_plugins.telemetry import installed

policy = remit.load("spec a.b\\nauthor user\\nclause x\\n  forbid call y\\n")
session = policy.session(tell=Teller(manager([installed])))
assert not session.decide(remit.Call("y"))
print(len(installed._made))
print(*[name for name in sys.modules if name.partition(".")[0] in ("opentelemetry", "pydantic")])
"""


def _lines(before: str) -> list[str]:
    """What a fresh interpreter prints that decides with the installed plugin."""
    done = subprocess.run(
        [sys.executable, "-c", DECIDE.replace("{before}", before)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.splitlines()


def test_nothing_is_loaded_where_nobody_traces() -> None:
    assert _lines("") == ["0", ""]


def test_the_sdk_is_not_needed() -> None:
    """The API is enough, for whatever implementation the host has."""
    before = "sys.modules['opentelemetry.sdk'] = None\nfrom opentelemetry import trace"
    assert _lines(before)[0] == "0"
    before += "\ntrace.set_tracer_provider(trace.NoOpTracerProvider())"
    assert _lines(before)[0] == "1"


def test_a_stranger_could_have_written_it() -> None:
    """It comes in through the hooks, and uses no name that is not public."""
    folder = Path(str(installed.__file__)).parent
    trees = [ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    used = {name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names
            if (node.module or "").startswith("remit.")}  # fmt: skip
    assert used
    assert not [name for name in used if name.startswith("_")]
    private = [
        ast.unparse(node) for node in nodes
        if isinstance(node, ast.Attribute) and node.attr.startswith("_")
        and not node.attr.startswith("__") and ast.unparse(node.value) != "self"
    ]  # fmt: skip
    assert not private
