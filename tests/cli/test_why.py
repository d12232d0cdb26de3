"""`remit why`: a decision with its reasons, from a ledger or a trace, and decided anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import remit as engine
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.masks import Masks
from remit.ledger.sink import Ledger

Remit = Callable[..., Result]
Golden = Callable[[Path, str], None]
DATA = Path("data") / "ledger"
LARGE = engine.Call("refund", {"order": "A1", "amount": 350})


def _tidy(text: str) -> str:
    """Without what is another one each time."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
    return re.sub(r"\b[0-9a-f]{32}\b", "ID", text)


@pytest.fixture
def policy(folder: Path) -> engine.Policy:
    """The policy of the folder."""
    return engine.load("shop.spec")


def _talk(policy: engine.Policy, path: str, **options: Any) -> list[engine.Decision]:
    """A large refund that is asked about, agreed to, and made; then one that is not."""
    with Ledger(path, sync="none", **options) as ledger:
        session = policy.session(tell=Teller(manager([ledger]), "c1", agent="desk"))
        made = [session.decide(engine.Message("user", "my money back")), session.decide(LARGE)]
        session.approve(made[-1], "manager", person="Ann")
        made += [session.decide(LARGE), session.decide(engine.Call("refund", {"amount": 900}))]
    return made


def test_a_decision_that_asked(remit: Remit, policy: engine.Policy, golden: Golden) -> None:
    _talk(policy, "audit.jsonl", keep=[policy])
    done = remit("why", "audit.jsonl", "--step", "2")
    assert done.exit_code == 0
    golden(DATA / "why.txt", _tidy(done.output))


def test_a_decision_that_was_agreed_to(remit: Remit, policy: engine.Policy, golden: Golden) -> None:
    """Decided anew, by the policy that the ledger keeps."""
    _talk(policy, "audit.jsonl", keep=[policy])
    done = remit("why", "audit.jsonl", "--step", "3", "--replay")
    assert done.exit_code == 0
    golden(DATA / "why_replay.txt", _tidy(done.output))


def test_without_the_policy(remit: Remit, policy: engine.Policy, golden: Golden) -> None:
    """What the record knows; with the specs, their source too."""
    _talk(policy, "audit.jsonl")
    done = remit("why", "audit.jsonl", "--clause", "refunds.limit")
    assert done.exit_code == 0
    golden(DATA / "why_alone.txt", _tidy(done.output))
    done = remit("why", "audit.jsonl", "--verdict", "ask", "--spec", "shop.spec", "--replay")
    assert done.exit_code == 0
    assert "shop.spec:" in done.output


def test_an_id_is_looked_for(remit: Remit, policy: engine.Policy) -> None:
    _talk(policy, "audit.jsonl")
    rows = remit("ledger", "show", "audit.jsonl", "--json").stdout.splitlines()
    ids = [row["id"] for row in map(json.loads, rows) if row["kind"] == "decision"]
    data = json.loads(remit("why", ids[1][:10], "--ledger", "audit.jsonl", "--json").stdout)
    assert data["decision"]["id"] == ids[1]
    assert data["decision"]["verdict"] == "ask"
    assert [one["person"] for one in data["answers"]] == ["Ann"]
    assert "replay" not in data
    words = ["why", "audit.jsonl", "--json", "--replay", "--spec", "shop.spec"]
    data = json.loads(remit(*words).stdout)
    assert (data["replay"]["same"], data["replay"]["compared"]) == (True, 4)
    assert data["replay"]["record"]["verdict"] == "ask"


def test_what_is_hidden_is_told_as_such(
    remit: Remit, policy: engine.Policy, golden: Golden
) -> None:
    _talk(policy, "audit.jsonl", masks=Masks({"call": ["args.order"]}))
    done = remit("why", "audit.jsonl", "--step", "2", "--replay", "--spec", "shop.spec")
    assert done.exit_code == 1
    golden(DATA / "R1310.txt", _tidy(done.output))


def test_what_comes_out_otherwise(
    remit: Remit, policy: engine.Policy, folder: Path, golden: Golden
) -> None:
    _talk(policy, "audit.jsonl")
    text = (folder / "audit.jsonl").read_text()
    (folder / "audit.jsonl").write_text(text.replace('"verdict":"ask"', '"verdict":"deny"'))
    done = remit("why", "audit.jsonl", "--step", "2", "--replay", "--spec", "shop.spec")
    assert done.exit_code == 1
    golden(DATA / "R1309.txt", _tidy(done.output))


def test_what_is_not_there(
    remit: Remit, policy: engine.Policy, folder: Path, golden: Golden
) -> None:
    _talk(policy, "audit.jsonl")
    done = remit("why", "abcdef", "--ledger", "audit.jsonl")
    assert done.exit_code == 2
    golden(DATA / "R1308.txt", done.output)
    (folder / "other.spec").write_text("spec b.c\nauthor user\n")
    for words in (
        ["audit.jsonl", "--replay"], ["audit.jsonl", "--spec", "other.spec"], ["none.jsonl"],
        ["abcdef"], ["abcdef", "123456", "audit.jsonl"], ["-"], ["audit.jsonl", "--verdict", "no"],
        ["audit.jsonl", "none.jsonl"],
    ):  # fmt: skip
        assert remit("why", *words).exit_code == 2, words


def test_a_policy_in_a_ledger_may_be_anything(
    remit: Remit, policy: engine.Policy, folder: Path
) -> None:
    """It is data of a file, so it is trusted no further than that."""
    _talk(policy, "audit.jsonl", keep=[policy])
    text = (folder / "audit.jsonl").read_text()
    for stored in ("!", "", "eJwDAAAAAAE="):
        bad = re.sub(r'"stored":"[^"]*"', f'"stored":"{stored}"', text)
        (folder / "audit.jsonl").write_text(bad)
        done = remit("why", "audit.jsonl", "--replay")
        assert done.exit_code == 2
        assert "R1310" in done.output


# ---- traces


def test_a_trace(remit: Remit, policy: engine.Policy, folder: Path, golden: Golden) -> None:
    """As a collector writes it, from what telemetry really sends."""
    pytest.importorskip("opentelemetry.sdk")
    protobuf = pytest.importorskip("google.protobuf.json_format")
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from remit_plugins.telemetry.plugin import Telemetry
    from remit_plugins.telemetry.settings import Settings

    provider, memory = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry = Telemetry(Settings(), tracer_provider=provider)
    with Ledger("audit.jsonl", sync="none", keep=[policy]) as ledger:
        session = policy.session(
            {"tier": "gold"}, tell=Teller(manager([ledger, telemetry]), "c1", agent="desk")
        )
        session.decide(engine.Message("user", "hi"))
        session.decide(LARGE)
    data = protobuf.MessageToDict(encode_spans(memory.get_finished_spans()))
    (folder / "trace.jsonl").write_text("\n" + json.dumps(data, separators=(",", ":")) + "\n")
    done = remit("why", "trace.jsonl", "--step", "2")
    assert done.exit_code == 0
    golden(
        DATA / "why_trace.txt",
        re.sub(r"trace \S+, span \S+", "trace T, span S", _tidy(done.output)),
    )
    told = json.loads(remit("why", "trace.jsonl", "--json").stdout)["decision"]
    kept = json.loads(remit("why", "audit.jsonl", "--json").stdout)["decision"]
    for name in (
        "id",
        "verdict",
        "decided_by",
        "defeated",
        "policy",
        "conversation",
        "index",
        "agent",
    ):
        assert told[name] == kept[name], name
    assert remit("why", "trace.jsonl", "--replay").exit_code == 2
    assert remit("why", told["id"], "trace.jsonl", "audit.jsonl", "--replay").exit_code == 0


HALF = [{"key": "remit.decision.id", "value": {"stringValue": "a"}},
        {"key": "remit.decision.outcome", "value": {"intValue": "x"}}]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"resourceSpans":3}', '{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}',
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":' + json.dumps(HALF) + "}]}]}]}",
        '{"resourceLogs":[[[[]]]]}', '{"resourceSpans":[',
    ],
)  # fmt: skip
def test_a_trace_without_a_decision(remit: Remit, folder: Path, line: str) -> None:
    (folder / "trace.jsonl").write_text(line + "\n")
    done = remit("why", "trace.jsonl")
    assert done.exit_code == 2
    assert "R1308" in done.output
