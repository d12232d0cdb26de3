"""`remit judge`: steps shown one by one, in sum, or as data; contexts and roles from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Remit = Callable[..., Result]
Golden = Callable[[Path, str], None]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def _chat(*messages: dict[str, Any], id: str = "one") -> str:
    return json.dumps({"id": id, "messages": list(messages)})


def _refund(amount: object) -> dict[str, Any]:
    function = {"name": "refund", "arguments": json.dumps({"order": "A1", "amount": amount})}
    return {"role": "assistant", "tool_calls": [{"id": "1", "function": function}]}


@pytest.fixture
def chats(folder: Path) -> Path:
    """Five conversations; two of them ask for a person."""
    amounts = [10, 350, 20, 900, 30]
    lines = [_chat(_refund(amount), id=f"c{amount}") for amount in amounts]
    file = folder / "chats.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_the_example(remit: Remit, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's example: allowed, asked, redacted and denied, each explained."""
    monkeypatch.chdir(EXAMPLES)
    done = remit("judge", "refund.json", "--spec", "support.spec")
    assert done.exit_code == 1
    assert done.stderr == ""
    golden(Path("data/example.txt"), done.stdout)


def test_the_example_for_gold(remit: Remit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A context from outside opens the exception, and the explanation says what lost."""
    monkeypatch.chdir(EXAMPLES)
    words = ["judge", "refund.json", "--spec", "support.spec", "--context", "customer_tier=gold"]
    done = remit(*words)
    assert "allow[refunds.limit.gold]" in done.stdout
    assert "`refunds.limit` lost to `refunds.limit.gold`" in done.stdout
    assert done.stdout.endswith("11 steps: 1 deny, 1 redact, 9 allow\n")


def test_many_become_a_table(remit: Remit, chats: Path) -> None:
    """Verdicts, clauses, and no steps."""
    done = remit("judge", "chats.jsonl", "--spec", "shop.spec")
    assert done.exit_code == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.stdout.startswith("5 conversations, 5 steps under shop\n")
    assert ["ask", "2", "2"] in lines
    assert ["allow", "3", "3"] in lines
    assert ["shop::refunds.limit", "ask", "2"] in lines
    assert "assistant calls" not in done.stdout


def test_only_some_verdicts(remit: Remit, chats: Path) -> None:
    """Of many conversations only the steps with that verdict are shown."""
    done = remit("judge", "chats.jsonl", "--spec", "shop.spec", "--only", "ask")
    assert done.stdout.count("ask[refunds.limit]") == 2
    assert "c10" not in done.stdout


def test_explain_shows_every_step(remit: Remit, chats: Path) -> None:
    """Also those that are allowed."""
    done = remit("judge", "chats.jsonl", "--spec", "shop.spec", "--explain")
    assert done.stdout.count("conversation, step 1") == 5


def test_quiet_leaves_the_code(remit: Remit, chats: Path) -> None:
    """Nothing is printed."""
    done = remit("judge", "chats.jsonl", "--spec", "shop.spec", "-q")
    assert (done.output, done.exit_code) == ("", 1)


def test_what_goes_on_is_fine(remit: Remit, folder: Path) -> None:
    """No step held back: 0."""
    (folder / "one.json").write_text(_chat(_refund(10)))
    assert remit("judge", "one.json", "--spec", "shop.spec").exit_code == 0


def test_records(remit: Remit, chats: Path) -> None:
    """A line a step, with the conversation's id; `--only` chooses here too."""
    done = remit("judge", "chats.jsonl", "--spec", "shop.spec", "--json")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["conversation"] for one in records] == ["c10", "c350", "c20", "c900", "c30"]
    assert [one["verdict"] for one in records] == ["allow", "ask", "allow", "ask", "allow"]
    few = remit("judge", "chats.jsonl", "--spec", "shop.spec", "--json", "--only", "ask")
    assert len(few.stdout.splitlines()) == 2


def test_standard_input(remit: Remit, folder: Path) -> None:
    """`-` is one."""
    done = remit("judge", "-", "--spec", "shop.spec", "--json", stdin=_chat(_refund(350)))
    assert json.loads(done.stdout)["verdict"] == "ask"


@pytest.mark.parametrize(
    ("option", "role"), [([], "developer"), (["--system-role", "system"], "system")]
)
def test_who_speaks_in_a_system_prompt(
    remit: Remit, folder: Path, option: list[str], role: str
) -> None:
    """A framework's system prompt speaks as developer unless the host says otherwise."""
    chat = _chat({"role": "system", "content": "Be kind."})
    done = remit("judge", "-", "--spec", "shop.spec", "--json", *option, stdin=chat)
    assert json.loads(done.stdout)["step"]["role"] == role


def test_roles_of_our_own_form_stay(remit: Remit, folder: Path) -> None:
    """Who writes Remit's own form has said which role it is."""
    own = json.dumps({"steps": [{"kind": "message", "role": "system", "text": "Be kind."}]})
    done = remit("judge", "-", "--spec", "shop.spec", "--json", stdin=own)
    assert json.loads(done.stdout)["step"]["role"] == "system"


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("tier", "not of the form name=value"),
        ("teir=gold", "Did you mean `tier`?"),
        ("tier=silver", "`silver` is not"),
        ("limit=many", "is number, and `many` is not"),
        ("limit=true", "is number, and `true` is not"),
        ("limit=NaN", "is number, and `NaN` is not"),
        ("vip=1", "is flag, and `1` is not"),
        ("names=[1", "`[1` is not"),
    ],
)
def test_contexts_that_do_not_fit(remit: Remit, folder: Path, pair: str, told: str) -> None:
    """A misspelt context must not silently mean nothing."""
    spec = (folder / "shop.spec").read_text() + "context limit: number\ncontext vip: flag\n"
    (folder / "shop.spec").write_text(spec + "context names: list of text\n")
    done = remit("judge", "-", "--spec", "shop.spec", "--context", pair, stdin=_chat())
    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("tier=gold", "gold"),
        ("limit=2.5", 2.5),
        ("vip=true", True),
        ("names=a, b", ["a", "b"]),
        ('names=["a,b"]', ["a,b"]),
    ],
)
def test_contexts_have_types(remit: Remit, folder: Path, pair: str, value: object) -> None:
    """The policy's declaration says how a text is read."""
    spec = (folder / "shop.spec").read_text() + "context limit: number\ncontext vip: flag\n"
    (folder / "shop.spec").write_text(spec + "context names: list of text\n")
    chat = _chat({"role": "user", "content": "hello"})
    words = ["judge", "-", "--spec", "shop.spec", "--json", "--context", pair]
    record = json.loads(remit(*words, stdin=chat).stdout)
    assert record["context"] == {pair.partition("=")[0]: value}


def test_a_misspelt_verdict(remit: Remit, folder: Path) -> None:
    """`--only` takes verdicts."""
    done = remit("judge", "-", "--spec", "shop.spec", "--only", "denied", stdin=_chat())
    assert done.exit_code == 2
    assert "`denied` is no verdict" in done.stderr
