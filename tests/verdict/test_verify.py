"""The verifier: real records verify, changed ones do not, and nothing makes it raise."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit import Call, Message, Policy, Result, Step
from remit.verify import verify_file, verify_records

Record = dict[str, Any]
Change = Callable[[Record], object]

SPECS = (
    """
spec acme.root
author root
goals prevent_harm > empower strict

clause ask_for_a_human
  protect message where text contains "human"
""",
    """
spec acme.support
author developer
extends acme.root
tool refund(order: text, amount: number, note?: text) effects spends
tool send_email(to: text)
tool web_search(query: text)
context tier: one of standard, gold default standard
act outside_mail = call send_email where not (to ends with "@acme.example")
act words = message where text contains "word"
act swearing = message where text contains "damn" or text contains "heck"

default deny for call

clause mail.only_inside
  forbid outside_mail
  otherwise ask "support-lead" advise "Ask the user for the address."
  serves prevent_harm

clause mail.newsletter
  permit outside_mail
  serves empower

clause refunds
  permit call refund

clause refunds.limit
  forbid call refund where amount > 200
  otherwise ask "manager" advise "Say that a manager looks at it."
  except gold: permit where tier is gold and amount <= 500

clause refunds.limit.hard
  forbid call refund where amount > 5000
  otherwise halt

clause spending at user
  forbid call with effects spends where note contains "gift"
  if unknown warn

clause short at user
  forbid words
  otherwise warn

clause short.open at user
  permit words

clause no_humans at user
  forbid message where text contains "human"

clause swearing.out at guideline
  forbid swearing
  otherwise redact "damn" as "***"

clause rounded
  forbid call refund where amount = 150
  otherwise rewrite amount to 10
""",
)

STEPS: dict[str, Step] = {
    "limit": Call("refund", {"order": "A", "amount": 300}),
    "fine": Call("refund", {"order": "A", "amount": 20}),
    "hard": Call("refund", {"order": "A", "amount": 9000}),
    "unknown": Call("refund", {"order": "A", "amount": "300"}),
    "unknown note": Call("refund", {"order": "A", "amount": 1, "note": 7}),
    "rewritten": Call("refund", {"order": "A", "amount": 150}),
    "mail": Call("send_email", {"to": "x@y.example"}),
    "closed": Call("web_search", {"query": "x"}),
    "undeclared": Call("other_tool", {}),
    "caution": Message("assistant", "a word"),
    "authority": Message("assistant", "ask a human, a word"),
    "redacted": Message("assistant", "damn good"),
    "not to be redacted": Message("assistant", "damn, what the heck"),
    "user": Message("user", "hello"),
    "result": Result("web_search", "nothing"),
}


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy in which every verdict and each reason of standing norms occurs."""
    folder = tmp_path_factory.mktemp("specs")
    for text in SPECS:
        (folder / f"{text.split()[1]}.spec").write_text(text, "utf-8")
    return remit.load(folder / "acme.support.spec", search=[folder])


@pytest.fixture(scope="module")
def records(policy: Policy) -> dict[str, Record]:
    """The record of each step, each in its own conversation, as JSON gives it back."""
    made = {name: policy.session().decide(step) for name, step in STEPS.items()}
    made["gold"] = policy.session({"tier": "gold"}).decide(STEPS["limit"])
    return {name: _json(decision.to_json()) for name, decision in made.items()}


def _json(record: Mapping[str, Any]) -> Record:
    copied: Record = json.loads(json.dumps(record))
    return copied


def _codes(record: Any, policy: Policy) -> list[str]:
    return [one.code for one in verify_records([record], policy)]


# ---- real records


def test_real_records_verify(records: dict[str, Record], policy: Policy) -> None:
    """Every verdict and every reason of standing norms is among them, or this holds little."""
    assert [str(one) for one in verify_records(records.values(), policy)] == []
    verdicts = {record["verdict"] for record in records.values()}
    assert verdicts == {"allow", "warn", "redact", "rewrite", "ask", "deny", "halt"}
    reasons = {one["reason"] for record in records.values() for one in record["defeated"]}
    assert reasons == {"authority", "exception", "goal", "caution"}
    assert any(record["unknown"] for record in records.values())
    assert any(record["note"] for record in records.values())


def test_what_is_said_in_a_whole_conversation_verifies(policy: Policy) -> None:
    """After a halt every step is denied by the engine, and the records say so."""
    decisions = policy.judge([STEPS["fine"], STEPS["hard"], STEPS["fine"]])
    assert [one.verdict for one in decisions] == ["allow", "halt", "deny"]
    assert verify_records([one.to_json() for one in decisions], policy) == []


def test_what_is_no_step_is_denied_and_verifies(policy: Policy) -> None:
    """The engine's own failures are records too."""
    decision = policy.session().decide({"kind": "nonsense"})
    assert verify_records([decision.to_json()], policy) == []


def test_an_engine_error_is_never_an_allow(policy: Policy, records: dict[str, Record]) -> None:
    """Nor may such a record claim anything else."""
    failed = _json(policy.session().decide({"kind": "nonsense"}).to_json())
    for field, value in [
        ("verdict", "allow"), ("applied", records["limit"]["applied"]), ("advice", ["x"]),
        ("after", failed["step"]), ("decided_by", ["acme.support::refunds"]),
    ]:  # fmt: skip
        assert set(_codes({**failed, field: value}, policy)) == {"R1003"}, field


# ---- changed records: each change alters what the record means


def _set(field: str, value: Any) -> Change:
    return lambda record: record.update({field: value})


def _row(field: str, key: str, value: Any, at: int = 0) -> Change:
    return lambda record: record[field][at].update({key: value})


def _drop(field: str, at: int = 0) -> Change:
    return lambda record: record[field].pop(at)


def _again(field: str) -> Change:
    return lambda record: record[field].append(record[field][0])


def _arg(name: str, value: Any) -> Change:
    return lambda record: record["step"]["args"].update({name: value})


def _swap(record: Record) -> None:
    one = next(one for one in record["defeated"] if one["norm"] == LIMIT)
    one["norm"], one["by"] = one["by"], one["norm"]


def _moved(record: Record) -> None:
    """A norm that lost is said to be in force."""
    record["in_force"].append(record["defeated"].pop()["norm"])


def _forgot(record: Record) -> None:
    """A norm that applied is left out everywhere."""
    norm = record["in_force"].pop()
    record["applied"] = [one for one in record["applied"] if one["norm"] != norm]
    record["decided_by"] = [one for one in record["decided_by"] if one != norm]


LIMIT, GOLD = "acme.support::refunds.limit", "acme.support::refunds.limit.gold"
VOID = {"directive": "x", "step": 0, "by": "user", "kind": "message", "name": "user", "has": "user",
        "text": ""}  # fmt: skip
CHANGES: list[tuple[str, str, Change, str]] = [
    ("limit", "verdict", _set("verdict", "allow"), "`ask`, not `allow`"),
    ("limit", "verdict of no kind", _set("verdict", "perhaps"), "`ask`, not `perhaps`"),
    ("limit", "amount", _arg("amount", 100), "must not hold `acme.support::refunds.limit`"),
    ("limit", "a flag for a number", _arg("amount", True), "`unknown` lacks"),
    ("limit", "tool", lambda r: r["step"].update(tool="web_search"), "`applied` must not hold"),
    ("limit", "context", _set("context", {"tier": "gold"}), f"`applied` lacks `{GOLD}`"),
    ("limit", "asked", _set("ask", ["anybody"]), "`ask` lacks `manager`"),
    ("limit", "asked twice", _again("ask"), "2 times"),
    ("limit", "nobody asked", _set("ask", []), "`ask` lacks `manager`"),
    ("limit", "dropped from applied", _drop("applied"), "`applied` lacks"),
    ("limit", "a stranger applied", _row("applied", "norm", "x::y"), "must not hold `x::y`"),
    ("limit", "modality", _row("applied", "modality", "protect"), "modality"),
    ("limit", "author", _row("applied", "author", "root"), "author"),
    ("limit", "strength", _row("applied", "strength", "none"), "strength"),
    ("limit", "unknown", _row("applied", "unknown", True), "unknown"),
    ("limit", "forgotten", _forgot, "`applied` lacks"),
    ("limit", "not in force", _drop("in_force"), "`in_force` lacks"),
    ("limit", "twice in force", _again("in_force"), "2 times"),
    ("limit", "decided by nobody", _set("decided_by", []), "`decided_by` lacks"),
    ("limit", "void", _set("void", [VOID]), "`void` must not hold `x`"),
    ("limit", "an error", _set("errors", [{"norm": LIMIT, "error": "x"}]), "`errors` must not"),
    ("limit", "a note", _set("note", "changed"), "a note, where no change was due"),
    ("limit", "after", lambda r: r.update(after=r["step"]), "nothing was changed"),
    ("limit", "changes", _set("changes", [{"path": "amount", "kind": "rewrite", "by": LIMIT}]),
     "`changes` must not hold"),
    ("gold", "swapped", _swap, f"`{GOLD}` beats `{LIMIT}` by exception"),
    ("gold", "reason", _row("defeated", "reason", "authority"), "exception decides first"),
    ("gold", "no defeat", _set("defeated", []), "`defeated` lacks"),
    ("gold", "lost to itself", lambda r: r["defeated"][0].update(by=r["defeated"][0]["norm"]),
     "do not oppose"),
    ("gold", "in force after all", _moved, "`in_force` must not hold"),
    ("gold", "context", _set("context", {}), "`applied` must not hold"),
    ("mail", "reason", lambda r: [one.update(reason="caution") for one in r["defeated"]],
     "goal decides first"),
    ("limit", "advice", _set("advice", ["Do as you please."]), "`advice` lacks"),
    ("limit", "no advice", _set("advice", []), "`advice` lacks"),
    ("caution", "reason", _row("defeated", "reason", "later"), "caution decides first"),
    ("authority", "reason", lambda r: [one.update(reason="goal") for one in r["defeated"]],
     "authority decides first"),
    ("authority", "beaten by one that lost",
     lambda r: [one.update(by="acme.support::short.open") for one in r["defeated"]], "but"),
    ("unknown", "sure", lambda r: [one.update(unknown=False) for one in r["applied"]],
     "unknown of"),
    ("unknown", "no doubt", _set("unknown", []), "`unknown` lacks"),
    ("redacted", "text after", lambda r: r["after"].update(text="damn good"), "not the step"),
    ("redacted", "other text", lambda r: r["after"].update(text="*** bad"), "not the step"),
    ("redacted", "no after", lambda r: r.pop("after"), "the changed step is missing"),
    ("redacted", "no change", _set("changes", []), "`changes` lacks"),
    ("redacted", "changed twice", _again("changes"), "2 times"),
    ("redacted", "path", _row("changes", "path", "quoted"), "`changes` lacks"),
    ("redacted", "verdict", _set("verdict", "allow"), "`redact`, not `allow`"),
    ("not to be redacted", "verdict", _set("verdict", "redact"), "`deny`, not `redact`"),
    ("not to be redacted", "no note", _set("note", ""), "a note is due"),
    ("rewritten", "amount after", lambda r: r["after"]["args"].update(amount=150), "not the step"),
    ("closed", "default left out", _forgot, "`applied` lacks `acme.support::default.call`"),
    ("user", "role", lambda r: r["step"].update(role="assistant", text="a word"), "lacks"),
    ("fine", "other step", _set("step", {"kind": "message", "role": "user"}), "must not hold"),
    ("fine", "broken step", _set("step", {"kind": "call"}), "the step cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [pytest.param(name, *rest, id=f"{name}: {title}") for name, title, *rest in CHANGES],
)
def test_a_changed_record_does_not_verify(
    records: dict[str, Record], policy: Policy, name: str, change: Change, told: str
) -> None:
    """The finding names what is wrong."""
    record = copy.deepcopy(records[name])
    change(record)
    assert record != records[name], "the change changes nothing"
    found = verify_records([record], policy)
    assert {one.code for one in found} == {"R1003"}
    assert any(told in one.message for one in found), [one.message for one in found]


@pytest.mark.parametrize("field", ["id", "digest"])
def test_a_record_of_another_policy(records: dict[str, Record], policy: Policy, field: str) -> None:
    """Nothing else is verified then: it need not follow from this one."""
    record = copy.deepcopy(records["limit"])
    record["policy"][field] = "0" * 64
    record["verdict"] = "allow"
    assert _codes(record, policy) == ["R1002"]


def test_a_policy_of_other_strength_gives_other_records(
    records: dict[str, Record], tmp_path: Path
) -> None:
    """The digest alone would tell; here it is forged."""
    for text in SPECS:
        changed = text.replace("clause short at user", "clause short at guideline")
        (tmp_path / f"{text.split()[1]}.spec").write_text(changed, "utf-8")
    other = remit.load(tmp_path / "acme.support.spec", search=[tmp_path])
    record = copy.deepcopy(records["caution"])
    record["policy"]["digest"] = other.digest
    assert set(_codes(record, other)) == {"R1003"}


# ---- data that is no record

FIELDS = [
    "format", "policy", "step", "context", "verdict", "decided_by", "in_force", "defeated",
    "applied", "void", "unknown", "advice", "ask", "changes", "errors", "note", "index",
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_found(records: dict[str, Record], policy: Policy, field: str) -> None:
    """Every field that is verified must be there."""
    record = {key: value for key, value in records["limit"].items() if key != field}
    assert "R1001" in _codes(record, policy)


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"format": 1}, 1.5, [[]], object()])
def test_what_is_no_record_is_found(policy: Policy, value: Any) -> None:
    """Whatever a file may hold."""
    assert "R1001" in _codes(value, policy)


def test_deep_data_is_found(records: dict[str, Record], policy: Policy) -> None:
    """Nesting that no recursion survives."""
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert _codes({**records["limit"], "step": {"tier": deep}}, policy)
    assert _codes({**records["limit"], "applied": deep}, policy)
    assert _codes({**records["limit"], "context": {"tier": deep}}, policy) == []  # not gold either
    while isinstance(deep, list):  # taken apart here, for the interpreter would recurse
        deep = deep.pop()


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value."""
    if path:
        yield path
    items: Any = enumerate(value) if isinstance(value, list) else ()
    for key, one in value.items() if isinstance(value, dict) else items:
        yield from _places(one, (*path, key))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(
        ["", "allow", "deny", "acme.support::refunds", "acme.support::refunds.limit", "authority"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["norm", "by", "reason", "kind", "tool"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
# What nothing follows from, and texts for readers.
UNVERIFIED = ("explanation", "flip", "index", "note")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_junk_anywhere_is_found_and_never_raises(
    data: st.DataObject, records: dict[str, Record], policy: Policy
) -> None:
    """Any value of the verified part of a record replaced by another one."""
    record = copy.deepcopy(records[data.draw(st.sampled_from(sorted(records)))])
    places = [
        path for path in _places(record)
        if path[0] not in (*UNVERIFIED, "step", "context", "after") and path[-1] not in ("error",)
        and not (path[0] == "unknown" and "terms" in path)
    ]  # fmt: skip
    path = data.draw(st.sampled_from(places))
    inside: Any = record
    for key in path[:-1]:
        inside = inside[key]
    junk = data.draw(JUNK.filter(lambda one: json.dumps(one) != json.dumps(inside[path[-1]])))
    inside[path[-1]] = junk
    assert _codes(record, policy), (path, junk)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_junk_step_never_raises(
    data: st.DataObject, records: dict[str, Record], policy: Policy
) -> None:
    """A step with other content may give the same record; it must not break the verifier."""
    record = copy.deepcopy(records[data.draw(st.sampled_from(sorted(records)))])
    record[data.draw(st.sampled_from(["step", "context", "after"]))] = data.draw(JUNK)
    assert isinstance(verify_records([record], policy), list)


# ---- files


@pytest.mark.parametrize("form", ["lines", "list", "indented list"])
def test_files_of_records(
    records: dict[str, Record], policy: Policy, tmp_path: Path, form: str
) -> None:
    """A finding points at the record's place in the file."""
    bad = {**records["limit"], "verdict": "allow"}
    all_of_them = [records["fine"], bad, records["gold"]]
    lines = "".join(json.dumps(one) + "\n" for one in all_of_them)
    whole = json.dumps(all_of_them, indent=2 if form.startswith("indented") else None)
    path = tmp_path / "records.json"
    path.write_text(lines if form == "lines" else whole, "utf-8")
    (found,) = verify_file(path, policy)
    assert (found.code, found.primary is not None) == ("R1003", True)
    assert found.primary is not None
    assert found.primary.span.line == {"lines": 2, "list": 1}.get(form, found.primary.span.line)
    path.write_text(json.dumps(records["limit"], indent=1), "utf-8")
    assert verify_file(path, policy) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "R0901"), (b"{", "R0901"), (b'{"a": 1}\n{"a":\n', "R0901"), (b"\xff{}", "R0002"),
        (b"{}", "R1001"), (b"[1]", "R1001"), (b"[" * 5000, "R0906"), (b"\x28\xb5\x2f\xfd", "R0905"),
    ],
)  # fmt: skip
def test_bad_files(policy: Policy, tmp_path: Path, content: bytes, code: str) -> None:
    """Each is a finding."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(content)
    assert code in [one.code for one in verify_file(path, policy)]


def test_a_file_that_is_not_there(policy: Policy, tmp_path: Path) -> None:
    """Nor is a folder a file of records."""
    assert [one.code for one in verify_file(tmp_path / "none", policy)] == ["R0001"]
    assert [one.code for one in verify_file(tmp_path, policy)] == ["R0001"]


def test_it_shares_no_code_with_the_resolver() -> None:
    """Law 7: neither it nor what it takes on trust runs the resolver, graph, state or compiler."""
    folder = Path(remit.__file__).parent
    own = sorted((folder / "verify").glob("*.py"))
    assert len(own) > 5
    for path in (*own, folder / "verdict" / "changes.py", folder / "verdict" / "read_record.py"):
        head = path.read_text("utf-8").partition("if TYPE_CHECKING:")[0]
        for name in ("verdict.resolve", "verdict.judging", "verdict.decide", "remit.graph",
                     "remit.state", "program.from_graph", "program.model"):  # fmt: skip
            assert name not in head, (path.name, name)
    assert all(len(path.read_text("utf-8").splitlines()) < 300 for path in own)
