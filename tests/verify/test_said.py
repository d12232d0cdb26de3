"""Genuine conversations verify; a record changed in what was said, heard or judged does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import remit
from remit import Call, Message, Policy, Step
from remit.verify import verify_file, verify_records

Record = dict[str, Any]
Records = dict[str, list[Record]]
Change = Callable[[Record], object]


def _messages(records: list[Record], policy: Policy) -> list[str]:
    found = verify_records(records, policy)
    assert {one.code for one in found} <= {"R1003"}, [str(one) for one in found]
    return [one.message for one in found]


# ---- genuine records


def test_genuine_conversations_verify(genuine: Records, policy: Policy) -> None:
    """With what they are about among them, or this holds little."""
    for records in genuine.values():
        assert _messages(records, policy) == []
    every = [record for records in genuine.values() for record in records]
    assert {one["verdict"] for one in every} >= {"allow", "warn", "redact", "ask", "deny"}
    reasons = {one["reason"] for record in every for one in record["defeated"]}
    assert reasons >= {"authority", "spoken", "later"}
    settings = [one for record in every for one in record.get("settings", [])]
    assert {one["reason"] for row in settings for one in row["lost"]} >= {"authority", "later"}
    assert any(row["unsettled"] for row in settings)
    judged = {one["answer"] for record in every for one in record.get("judged", [])}
    assert judged == {"true", "false", "unknown", "spared"}
    said = [one for record in every for one in record.get("said", [])]
    assert any("loan" in one for one in said)
    assert any("sets" in one for record in every for one in record.get("past", {}).get("said", []))
    assert any("needs" in one for record in every for one in record["void"])
    assert any(one["has"] == "none" for record in every for one in record["void"])


def test_each_genuine_record_verifies_alone(genuine: Records, policy: Policy) -> None:
    """Its past is on trust then."""
    for records in genuine.values():
        for record in records:
            assert _messages([record], policy) == []


def test_what_somebody_with_authority_asks_for_too_verifies() -> None:
    """The same words in a quote are void, and change nothing for `asking for it`."""
    policy = remit.load("""
spec said.twice
author developer
tool pay(amount: number) effects spends
clause pay.injected
  forbid call pay unless a void directive asking for it
directive go
  heard "go on"
  protect call pay where amount < 10
""")
    quoted = remit.Part("go on", "quoted")
    pay = Call("pay", {"amount": 5})
    for user, verdict in ((Message("user", "go on", (quoted,)), "deny"),
                          (Message("user", "see this", (quoted,)), "allow")):  # fmt: skip
        decisions = policy.judge([user, pay])
        assert decisions[1].verdict == verdict
        assert _messages([one.to_json() for one in decisions], policy) == []


def test_conversations_may_be_mixed(genuine: Records, policy: Policy) -> None:
    """Their ids tell them apart."""
    both = [one for pair in zip(genuine["lifted"], genuine["lent"], strict=False) for one in pair]
    assert _messages(both, policy) == []
    same = [{**one, "conversation": "x"} for one in genuine["lifted"][:2] + genuine["lent"][2:]]
    assert _messages(same, policy) != []


def test_records_without_ids_that_count_up(genuine: Records, policy: Policy) -> None:
    """They are of one conversation; others have their past on trust."""
    records = copy.deepcopy(genuine["lifted"])
    for one in records:
        del one["conversation"]
    assert _messages(records, policy) == []
    records[3]["past"]["said"] = records[3]["past"]["said"][:1]
    found = "`past.said` lacks `acme.support::speak@0.1`"
    assert found in _messages(records, policy)
    assert found not in _messages(records[1:], policy)


def test_records_of_before_there_was_a_past_verify(genuine: Records, tmp_path: Path) -> None:
    """Of a policy that reads nothing of it."""
    spec = tmp_path / "old.spec"
    spec.write_text("spec old\nauthor developer\ntool pay(n: number)\nclause a\n"
                    "  forbid call pay where n > 5\n", "utf-8")  # fmt: skip
    policy = remit.load(spec)
    made = policy.judge([Message("user", "hi"), Call("pay", {"n": 9}), Message("assistant", "ok")])
    records = [json.loads(json.dumps(one.to_json())) for one in made]
    assert "past" in records[1]
    old = [{k: v for k, v in one.items() if k != "past"} for one in records]
    assert _messages(records, policy) == _messages(old, policy) == []


def test_a_missing_record_puts_the_next_past_on_trust(genuine: Records, policy: Policy) -> None:
    """Nobody can say what it left."""
    records = genuine["lifted"]
    assert _messages(records[:2] + records[4:], policy) == []


def test_files_are_told_as_conversations(genuine: Records, policy: Policy, tmp_path: Path) -> None:
    """A finding points at the record that does not follow."""
    records = copy.deepcopy(genuine["lifted"])
    records[4]["past"]["turn"] = ["acme.root::bombs"]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    found = verify_file(path, policy)
    assert min(one.primary.span.line for one in found if one.primary) == 5
    assert "`past.turn` must not hold `acme.root::bombs`" in [one.message for one in found]


# ---- changed records


def _at(*path: Any, to: Any) -> Change:
    """Put a value in a place of a record."""

    def change(record: Record) -> None:
        place: Any = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


def _drop(*path: Any) -> Change:
    """Take a place out of a record."""

    def change(record: Record) -> None:
        place: Any = record
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


def _again(name: str) -> Change:
    return lambda record: record[name].append(copy.deepcopy(record[name][0]))


def _swapped(record: Record) -> None:
    record["said"][:2] = reversed(record["said"][:2])


def _as_said(record: Record) -> None:
    """A permit that needs more is told as one that was said."""
    void = record["void"].pop()
    record["said"].append({
        "norm": "acme.support::pay_freely@0.3", "directive": void["directive"], "author": "user",
        "strength": "user", "step": 0, "place": 3, "by": "user", "text": void["text"], "words": {},
        "certain": True,
    })  # fmt: skip


def _raised(record: Record) -> None:
    """Who spoke is told to be stronger, consistently."""
    for one in record["past"]["said"]:
        if one["directive"].endswith("lift_profanity"):
            one["author"] = one["strength"] = "system"
    for one in record["applied"]:
        if one["norm"].startswith("acme.support::lift_profanity"):
            one["author"] = one["strength"] = "system"
    for one in record["defeated"]:
        one["reason"] = "authority"


def _past_said(**fields: Any) -> Change:
    return lambda record: record["past"]["said"][0].update(fields)


def _of(setting: str, field: str, value: Any) -> Change:
    def change(record: Record) -> None:
        (row,) = [one for one in record["settings"] if one["setting"] == setting]
        row[field] = value

    return change


def _lost(setting: str, **fields: Any) -> Change:
    def change(record: Record) -> None:
        (row,) = [one for one in record["settings"] if one["setting"] == setting]
        row["lost"][0].update(fields)

    return change


def _let_through(record: Record) -> None:
    """An answer that decided is said to have been spared."""
    for one in record["judged"]:
        if one["judge"] == "moderation":
            one["answer"] = "spared"
    for name in ("applied", "in_force", "decided_by", "unknown"):
        record[name] = []
    record["verdict"] = "allow"


LIFT, SPEAK = "acme.support::lift_profanity", "acme.support::speak"
CHANGES: list[tuple[str, int, str, Change, str]] = [
    # what the step says
    ("lifted", 0, "said dropped", _drop("said", 0), f"`said` lacks `{LIFT}@0`"),
    ("lifted", 0, "nothing said", _drop("said"), f"`said` lacks `{LIFT}@0`"),
    ("lifted", 0, "said twice", _again("said"), "2 times"),
    ("lifted", 0, "order swapped", _swapped, "another order"),
    ("lifted", 0, "norm", _at("said", 0, "norm", to=f"{LIFT}@0.9"), f"must not hold `{LIFT}@0.9`"),
    ("lifted", 0, "directive", _at("said", 0, "directive", to=SPEAK), "directive of"),
    ("lifted", 0, "author", _at("said", 0, "author", to="root"), "the author of"),
    ("lifted", 0, "strength", _at("said", 0, "strength", to="root"), "the strength of"),
    ("lifted", 0, "step", _at("said", 0, "step", to=7), "the step of"),
    ("lifted", 0, "place", _at("said", 0, "place", to=7), "the place of"),
    ("lifted", 0, "by", _at("said", 0, "by", to="root"), "the by of"),
    ("lifted", 0, "text", _at("said", 0, "text", to="swear!"), "the text of"),
    ("lifted", 0, "words", _at("said", 1, "words", to={"lang": "de"}), "the words of"),
    ("lifted", 0, "certain", _at("said", 0, "certain", to=False), "the certain of"),
    ("lifted", 0, "loan", _at("said", 0, "loan", to="x"), "the loan of"),
    ("lifted", 0, "permit that needs more", _as_said, "must not hold `acme.support::pay_freely@0"),
    ("lifted", 0, "role", _at("step", "role", to="developer"), "the author of"),
    ("lent", 0, "loan dropped", _drop("said", 0, "loan"), "the loan of"),
    ("lent", 0, "loan", _at("said", 0, "loan", to="acme.support::x"), "the loan of"),
    ("lent", 0, "raised above the loan", _at("said", 0, "author", to="developer"), "the author of"),
    ("lent", 0, "revoked", _at("context", to={"tier": "gold"}), "`said` must not hold"),
    ("revoked", 0, "not revoked", _at("context", to={}), "`said` lacks"),
    ("given", 0, "implied", _at("said", 0, "strength", to="user"), "the strength of"),
    ("given", 1, "implied", _at("said", 1, "strength", to="user"), "the strength of"),
    ("below", 0, "above the cap", _at("said", 0, "author", to="user"), "the author of"),
    ("below", 0, "cap raised", _at("past", "cap", to="user"), "the author of"),
    # what is void
    ("lifted", 0, "void dropped", _at("void", to=[]), "`void` lacks `acme.support::pay_freely`"),
    ("lifted", 0, "needs", _at("void", 0, "needs", to="system"), "the needs of"),
    ("lifted", 0, "needs dropped", _drop("void", 0, "needs"), "the needs of"),
    ("lifted", 0, "has", _at("void", 0, "has", to="none"), "the has of"),
    ("injected", 1, "void dropped", _drop("void", 1), "`void` lacks"),
    ("injected", 1, "void twice", _again("void"), "2 times"),
    ("injected", 1, "order", lambda record: record["void"].reverse(), "another order"),
    ("injected", 1, "directive", _at("void", 0, "directive", to=LIFT), "`void` lacks"),
    ("injected", 1, "step", _at("void", 0, "step", to=0), "the step of"),
    ("injected", 1, "by", _at("void", 0, "by", to="user"), "the by of"),
    ("injected", 1, "kind", _at("void", 0, "kind", to="message"), "the kind of"),
    ("injected", 1, "name", _at("void", 0, "name", to="read_ticket"), "the name of"),
    ("injected", 1, "has", _at("void", 0, "has", to="user"), "the has of"),
    ("injected", 1, "text", _at("void", 0, "text", to=""), "the text of"),
    ("injected", 1, "words", _at("void", 2, "words", to={"who": "x"}), "the words of"),
    ("injected", 1, "certain", _at("void", 0, "certain", to=False), "the certain of"),
    ("injected", 0, "origin", _at("step", "parts", 0, "origin", to="retrieved"), "the by of"),
    # what came before
    ("lifted", 1, "authority raised", _raised, "cannot be said with the authority of `system`"),
    ("lifted", 1, "strength raised", _past_said(strength="root"), "cannot have the strength"),
    ("lifted", 1, "author raised", _past_said(author="root", strength="root"), "of `root`"),
    ("lifted", 1, "no authority", _past_said(author="none"), "no levels"),
    ("lifted", 1, "no level", _past_said(author="king"), "no levels"),
    ("lifted", 1, "place", _past_said(place=4), f"must be called `{LIFT}@0.4`"),
    ("lifted", 1, "norm", _past_said(norm="acme.support::other"), f"must be called `{LIFT}@0`"),
    ("lifted", 1, "directive", _past_said(directive="acme.x::y"), "no directive of the policy"),
    ("lifted", 1, "words", _past_said(words={"x": 1}), "has not the words"),
    ("lifted", 1, "loan", _past_said(loan="acme.support::x"), "which lends nothing"),
    ("lifted", 1, "void was said", _past_said(
        directive="acme.support::pay_freely", norm="acme.support::pay_freely@0"),
     "needs developer"),
    ("lifted", 1, "before a beginning", _past_said(step=-1, norm=f"{LIFT}@before"),
     "not what may have been said"),
    ("lifted", 1, "not certain", _past_said(certain=False), "`applied` must not hold"),
    ("lifted", 1, "forgotten", lambda r: r["past"].update(said=r["past"]["said"][1:]),
     f"`applied` must not hold `{LIFT}@0`"),
    ("lifted", 1, "twice", lambda r: r["past"]["said"].append(r["past"]["said"][0]), "told apart"),
    ("lifted", 3, "later", lambda r: [one.update(reason="later") for one in r["defeated"]],
     "spoken decides first"),
    ("lifted", 7, "spoken", lambda r: [one.update(reason="spoken") for one in r["defeated"]],
     "later decides first"),
    ("lifted", 1, "void of none", _at("past", "void", 0, "directive", to="x"), "no directive"),
    ("lifted", 1, "void without need", _drop("past", "void", 0, "needs"), "was not void"),
    ("lifted", 1, "void of no level", _at("past", "void", 0, "has", to="king"), "no directive or"),
    ("lifted", 1, "words of a void", _at("past", "void", 0, "words", to={"x": 1}), "the words"),
    ("injected", 2, "void forgotten", _at("past", "void", to=[]), "`applied` must not hold"),
    ("injected", 2, "void of a message", lambda r: [
        one.update(kind="message") for one in r["past"]["void"]], "`applied` must not hold"),
    ("lifted", 1, "cap", _at("past", "cap", to="king"), "which is no level"),
    ("lifted", 4, "cut", _at("past", "cut", to=True), "`applied` lacks `acme.support::injected`"),
    ("refused", 1, "turn", _drop("past", "turn"), "`applied` lacks `acme.support::needless`"),
    ("refused", 3, "turn", _at("past", "turn", to=["acme.root::bombs"]), "`applied` must not hold"),
    ("handed on", 0, "set", _at("past", "said", -1, "sets", "setting", to="x"), "hand-over sets"),
    ("handed on", 0, "op", _at("past", "said", -1, "sets", "op", to="~"), "hand-over sets"),
    ("handed on", 0, "value", _at("past", "said", -1, "sets", "value", to=4), "hand-over sets"),
    ("handed on", 0, "strength", _at("past", "said", -1, "strength", to="root"), "hand-over sets"),
    # settings
    ("lifted", 1, "no settings", _drop("settings"), "`settings` lacks `lang`"),
    ("lifted", 1, "a setting dropped", _drop("settings", 0), "`settings` lacks"),
    ("lifted", 1, "a setting twice", _again("settings"), "2 times"),
    ("lifted", 1, "name", _at("settings", 0, "setting", to="x"), "`settings` must not hold `x`"),
    ("lifted", 1, "value", _of("lang", "value", "en"), "the value of `lang` is `en`"),
    ("lifted", 1, "value of another type", _of("spend", "value", True), "the value of `spend`"),
    ("lifted", 1, "known", _of("lang", "known", False), "the known of `lang`"),
    ("lifted", 1, "left", _of("lang", "left", "any text"), "the left of `lang`"),
    ("lifted", 1, "in force", _of("lang", "in_force", []), "`settings.lang.in_force` lacks"),
    ("lifted", 1, "unsettled", _of("lang", "unsettled", ["x"]), "must not hold `x`"),
    ("lifted", 7, "lost dropped", _of("lang", "lost", []), "`settings.lang.lost` lacks"),
    ("lifted", 7, "reason", _lost("lang", reason="authority"), "the reason of"),
    ("lifted", 7, "by", _lost("lang", by="acme.support::langs"), "the by of"),
    ("lifted", 7, "norm", _lost("lang", norm="acme.support::langs"), "must not hold"),
    ("given", 2, "settled", _of("spend", "unsettled", []), "`settings.spend.unsettled` lacks"),
    ("given", 2, "known", _of("spend", "value", 50), "the value of `spend`"),
    # judges
    ("judged", 1, "spared dropped", _drop("judged"), "lacks what `moderation` says"),
    ("judged", 0, "not told", _drop("judged"), "lacks what `reader` says"),
    ("judged", 0, "answer", _at("judged", 0, "answer", to="false"), "`said` must not hold"),
    ("judged", 0, "unknown", _at("judged", 0, "answer", to="unknown"), "the certain of"),
    ("judged", 0, "question", _at("judged", 0, "question", to="x"), "lacks what `reader` says"),
    ("judged", 0, "text", _at("judged", 0, "text_sha256", to="x"), "lacks what `reader` says"),
    ("judged", 0, "twice", _again("judged"), "tells twice"),
    ("judged", 5, "mattered", _let_through, "was spared, but an answer of `moderation` matters"),
    ("judged", 3, "spared", _at("judged", 0, "answer", to="spared"), "was spared, but"),
    ("judged", 5, "answered", _at("judged", 0, "answer", to="true"), "unknown of"),
    ("judged", 5, "allowed", _at("judged", 0, "answer", to="false"), "`applied` must not hold"),
    ("judged", 2, "spared true", _at("judged", 0, "answer", to="true"), "`applied` lacks"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "index", "change", "told"),
    [pytest.param(name, at, *rest, id=f"{name}[{at}]: {title}")
     for name, at, title, *rest in CHANGES],
)  # fmt: skip
def test_a_changed_record_does_not_verify(
    genuine: Records, policy: Policy, name: str, index: int, change: Change, told: str
) -> None:
    """Nor in its conversation. The finding names what is wrong."""
    record = copy.deepcopy(genuine[name][index])
    change(record)
    assert record != genuine[name][index], "the change changes nothing"
    alone = _messages([record], policy)
    assert any(told in one for one in alone), alone
    records = [*genuine[name][:index], record]
    assert any(told in one for one in _messages(records, policy))


# ---- a past that does not follow: each is possible, and so on trust in a record alone


def _say_less(record: Record) -> None:
    record["past"]["said"] = [
        one for one in record["past"]["said"] if not one["directive"].endswith("never_pay")
    ]


def _say_more(record: Record) -> None:
    record["past"].setdefault("said", []).insert(0, {
        "norm": "acme.support::no_swearing@0.9", "directive": "acme.support::no_swearing",
        "author": "user", "strength": "user", "step": 0, "place": 9, "by": "user",
        "text": "do not swear", "words": {}, "certain": True,
    })  # fmt: skip


def _other_words(record: Record) -> None:
    (one,) = [one for one in record["past"]["said"] if one["directive"].endswith("never_pay")]
    one["words"] = {"who": "eve"}


def _moved(record: Record) -> None:
    """What was said second is said to have been said first."""
    said = record["past"]["said"]
    said[0], said[1] = said[1], said[0]


BREAKS: list[tuple[str, int, str, Change, str]] = [
    ("lifted", 2, "less was said", _say_less, "`past.said` lacks `acme.support::never_pay@0.2`"),
    ("lifted", 2, "more was said", _say_more, "`past.said` must not hold"),
    ("lifted", 2, "other words", _other_words, "`past.said` says that the words of"),
    ("lifted", 2, "order", _moved, "`past.said` is in another order"),
    ("lifted", 2, "text", _at("past", "said", 0, "text", to="x"), "the text of"),
    ("lifted", 2, "by", _at("past", "said", 0, "by", to="x"), "the by of"),
    ("lifted", 2, "void forgotten", _drop("past", "void"), "`past.void` lacks"),
    ("lifted", 2, "void by another", _at("past", "void", 0, "by", to="x"), "the by of"),
    ("lifted", 2, "nobody spoke", _drop("past", "turn_seen"), "`past.turn_seen` must be true"),
    ("lifted", 2, "cut off", _at("past", "cut", to=True), "`past.cut` must not be true"),
    ("lifted", 2, "capped", _at("past", "cap", to="user"), "`past.cap` is `user`"),
    ("lifted", 4, "turn", _drop("past", "turn"), "`past.turn` lacks `acme.support::no_swearing@2`"),
    ("lifted", 4, "turn", _at("past", "turn", to=["x"]), "`past.turn` must not hold `x`"),
    ("injected", 2, "void forgotten", _drop("past", "void", 0), "`past.void`"),
    ("refused", 6, "denied, yet said", _drop("past", "said"), "`past.said` lacks"),
    ("lent", 5, "redacted, yet said", _drop("past", "said", -1), "`past.said` lacks"),
    ("below", 3, "cap forgotten", _drop("past", "cap"), "`past.cap` is `root`"),
    ("cut", 2, "not cut off", _drop("past", "cut"), "`past.cut` must be true"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "index", "change", "told"),
    [pytest.param(name, at, *rest, id=f"{name}[{at}]: {title}")
     for name, at, title, *rest in BREAKS],
)  # fmt: skip
def test_a_past_that_does_not_follow(
    genuine: Records, policy: Policy, name: str, index: int, change: Change, told: str
) -> None:
    """It is found where the record before is there."""
    records = copy.deepcopy(genuine[name])
    change(records[index])
    assert any(told in one for one in _messages(records, policy)), _messages(records, policy)


def test_an_answer_that_is_dropped_breaks_what_follows(genuine: Records, policy: Policy) -> None:
    """Left out with all that follows from it in its own record, it is missed in the next one."""
    records = copy.deepcopy(genuine["judged"])
    records[0]["judged"][0]["answer"] = "false"
    del records[0]["said"]
    assert _messages(records[:1], policy) == []
    assert "`past.said` must not hold `acme.support::no_puns@0`" in _messages(records, policy)


def test_nothing_goes_on_after_a_halt(tmp_path: Path) -> None:
    """Such a record is genuine alone and not in its conversation."""
    spec = tmp_path / "halting.spec"
    spec.write_text("spec halting\nauthor developer\ntool a()\ntool b()\nclause stop\n"
                    "  forbid call a\n  otherwise halt\n", "utf-8")  # fmt: skip
    policy = remit.load(spec)
    halted = policy.session()
    genuine = [halted.decide(Call("a")), halted.decide(Call("b"))]
    records = [json.loads(json.dumps(one.to_json())) for one in genuine]
    assert _messages(records, policy) == []
    other = policy.judge([Message("user", "x"), Call("b")])[1].to_json()
    (message,) = _messages([records[0], json.loads(json.dumps(other))], policy)
    assert "halted" in message


# ---- what grows


def test_what_is_folded_verifies(policy: Policy) -> None:
    """Beyond the cap the oldest words are no longer kept, as semantics 5 says."""
    session = policy.session()
    names = ["".join(chr(97 + int(digit)) for digit in str(one)) for one in range(1_003)]
    steps: list[Step] = [
        Message("user", " ".join(f"never pay {name}." for name in names[:600])),
        Message("user", " ".join(f"never pay {name}." for name in names[600:])),
        Call("pay", {"amount": 1, "to": "zoe"}),
    ]
    records = [json.loads(json.dumps(session.decide(step).to_json())) for step in steps]
    assert records[2]["verdict"] == "ask"
    said = [one for one in records[2]["past"]["said"] if one["directive"].endswith("never_pay")]
    assert [one["certain"] for one in said] == [True] * 1_000 + [False]
    assert _messages([records[2]], policy) == []
    assert _messages([{**one, "conversation": "x"} for one in records], policy) == []
