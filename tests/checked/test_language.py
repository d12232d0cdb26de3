"""Pins the numbered rules of `docs/language.md`; the test of a rule is called after it.

What people say, settings, loans and judges have a file of their own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import remit
from remit import Call, Handoff, Message, Part, Result, Step
from remit.checked.ops import FUNCTIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
HEAD = "spec s\nauthor developer\ntool pay(to: text, amount: number, items?: list of text)\n"


def _verdict(body: str, step: Step, head: str = HEAD, **context: Any) -> str:
    return remit.load(head + body).session(context).decide(step).verdict


def _codes(body: str, head: str = HEAD) -> list[str]:
    return [one.code for one in remit.check(head + body)[1] if one.is_error]


def pay(amount: float = 10, to: str = "Bob", **more: Any) -> Call:
    """A call with good arguments."""
    return Call("pay", {"to": to, "amount": amount, **more})


def says(text: str, role: str = "assistant") -> Message:
    """A message."""
    return Message(role, text)


# ---- the page itself


def test_rules_are_numbered_without_gaps() -> None:
    """Numbers are for ever, so none may stand twice or be left out; they may stand in any order."""
    text = PAGE.read_text("utf-8")
    numbers = [int(number) for number in re.findall(r'<a id="L(\d+)"></a>', text)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_rules_name_tests_that_exist() -> None:
    """In the files for this page by the number of the rule, or in another file."""
    files = Path(__file__).parent.glob("test_language*.py")
    tests = "".join(one.read_text("utf-8") for one in files)
    for rule in PAGE.read_text("utf-8").split('<a id="L')[1:]:
        number = rule.partition('"')[0]
        own = f"*(test_L{number})*" in rule
        others = re.findall(r"\*\((tests/[\w/]+\.py)", rule)
        assert own or others, f"L{number} names no test"
        assert not own or f"def test_L{number}(" in tests, f"L{number} names a test that is nowhere"
        assert all((PAGE.parents[1] / one).is_file() for one in others)


def test_the_table_of_functions() -> None:
    """All of them, in the words of the checker."""
    table = PAGE.read_text("utf-8").partition("<!-- functions -->")[2]
    table = table.partition("<!-- /functions -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert rows == [(name, function.help) for name, function in FUNCTIONS.items()]


# ---- files and names


def test_L1() -> None:
    """Line ends mean nothing, comments neither."""
    text = (
        HEAD.replace("\n", " ")
        + "clause a # why\nforbid\n# and\ncall pay where amount>5 otherwise warn"
    )
    assert _verdict("", pay(), head=text + "\n") == "warn"


def test_L2() -> None:
    """Case counts in names."""
    assert _codes("clause a\n  forbid call Pay\n") == ["R0801"]
    assert _codes("clause Ä.b_1.c\n  forbid call pay\nclause ä.b_1.c\n  forbid call pay\n") == []


def test_L3() -> None:
    """Any name in backquotes; soft keywords without."""
    tool = "tool `x-y z`(`a b`: text)\n"
    assert _verdict(tool + "clause `forbid`\n  forbid call `x-y z` where `a b` = \"1\"\n",
                    Call("x-y z", {"a b": "1"})) == "deny"  # fmt: skip
    assert _codes("clause owner\n  forbid call pay\nclause tool\n  forbid call pay\n") == []


def test_L5() -> None:
    """An act and a clause share a space; an act and a context do not."""
    assert _codes("act a = call pay\nclause a\n  forbid call pay\n") == ["R0302"]
    assert _codes("act a = call pay\ncontext a: flag\nclause b\n  forbid a where a\n") == []


def test_L6() -> None:
    """Each literal in its place."""
    text = (
        "tool go(a: text, n: number, d: duration, t: time, l: list of number, r: record, f: flag)\n"
        'clause c\n  forbid call go where a = "x\\n\\u{e9}" and n = 1e3'
        " and d = 2h and t = 2026-12-01"
        " and l = [1, 2] and r = (k: 1) and f = true and a matches /X/i\n"
    )
    moment = 1796083200
    args = {"a": "x\né", "n": 1000, "d": 7200, "t": moment, "l": [1, 2], "r": {"k": 1}, "f": True}
    assert _verdict(text, Call("go", args)) == "deny"
    assert _verdict(text, Call("go", {**args, "d": 7201})) == "allow"


# ---- the head


def test_L7() -> None:
    """Without them there is no policy."""
    assert _codes("clause a\n  forbid call\n", head="author developer\n") == ["R0204"]
    assert _codes("clause a\n  forbid call\n", head="spec s\n") == ["R0605"]


def test_L8(tmp_path: Path) -> None:
    """`extends` brings clauses, `import` only words; both see what the other file extends."""
    (tmp_path / "c.spec").write_text("spec c\nauthor user\nact third = call y\n")
    (tmp_path / "b.spec").write_text(
        "spec b\nauthor user\nextends c\nact other = call x\nclause y\n  forbid other\n"
    )
    main = tmp_path / "a.spec"
    for how, verdict in (("extends", "deny"), ("import", "allow")):
        main.write_text(f"spec a\nauthor user\n{how} b\nclause z\n  forbid other where amount > 5\n"
                        "clause w\n  forbid third\n")  # fmt: skip
        assert remit.load(main).session().decide(Call("x", {"amount": 1})).verdict == verdict


def test_L10() -> None:
    """Levels by name, and only the top sets them."""
    text = "spec s\nauthor {}\nchain board > staff\nclause a at staff\n  forbid output\n"
    assert _codes("", head=text.format("board")) == []
    assert _codes("", head=text.format("staff")) == ["R0603"]


def test_L11() -> None:
    """A role speaks at most as the author's level."""
    assert _codes("role clerk speaks as user\nclause a\n  forbid message from clerk\n") == []
    assert _codes("role clerk speaks as none\nclause a\n  forbid message from clerk\n") == []
    assert _codes("role clerk speaks as root\nclause a\n  forbid message from clerk\n") == ["R0601"]
    assert dict(remit.load(HEAD).checked.roles) == {"system": 1, "developer": 2, "user": 3}


def test_L12() -> None:
    """The higher goal wins where strength does not tell."""
    text = (
        "goals {} strict\nact big = call pay where amount > 5\n"
        "clause a\n  forbid big\n  serves safety\nclause b\n  permit big\n  serves speed\n"
    )
    assert _verdict(text.format("safety > speed"), pay()) == "deny"
    assert _verdict(text.format("speed > safety"), pay()) == "allow"


# ---- words


def test_L14() -> None:
    """Left out: absent, a default, or unknown."""
    text = "tool go(a: number, b?: number, c: number = 7)\nclause x\n  forbid call go where {}\n"
    assert _verdict(text.format("b is missing"), Call("go", {"a": 1})) == "deny"
    assert _verdict(text.format("c = 7"), Call("go", {"a": 1})) == "deny"
    assert _verdict(text.format("not c = 7"), Call("go", {"a": 1})) == "allow"
    assert _verdict(text.format("a > 5"), Call("go", {})) == "deny"


def test_L15() -> None:
    """A text does not slip through a bound on numbers."""
    for amount in ("250", "1", None, [250]):
        assert _verdict("clause a\n  forbid call pay where amount > 200\n", pay(amount)) == "deny"  # type: ignore[arg-type]


def test_L16() -> None:
    """Without a value it is unknown, with a default it has that; a step's own comes first."""
    text = "context vip: flag{}\nclause a\n  forbid call pay unless vip\n"
    assert _verdict(text.format(""), pay()) == "deny"
    assert remit.load(HEAD + text.format("")).session().decide(pay()).unknown
    assert _verdict(text.format(" default true"), pay()) == "allow"
    assert _verdict(text.format(" default true"), pay(), vip=False) == "deny"
    step = Call("pay", {"to": "x", "amount": 1}, context={"vip": True})
    assert _verdict(text.format(""), step, vip=False) == "allow"


def test_L17() -> None:
    """Own patterns and texts; an own detector hides a built-in one."""
    text = 'detector {} = /T-[0-9]+/, "ticket"\nclause a\n  forbid output where has {}\n'
    own = text.format("ticket", "ticket")
    assert [_verdict(own, says(one)) for one in ("see T-1", "a Ticket", "no")] == [
        "deny",
        "deny",
        "allow",
    ]
    hiding = text.format("email", "email")
    assert _verdict(hiding, says("a@b.example")) == "allow"


def test_L18() -> None:
    """The body in place of the use."""
    text = "define big(n) = n > 5\ndefine most = 5\nclause a\n  forbid call pay where {}\n"
    assert _verdict(text.format("big(amount) and amount > most"), pay(6)) == "deny"
    assert _verdict(text.format("big(amount)"), pay(5)) == "allow"
    part = "define bag = (kind: (size: 3))\nclause a\n  forbid call pay where amount > bag.{}\n"
    assert [_verdict(part.format("kind.size"), pay(one)) for one in (4, 3)] == ["deny", "allow"]
    plain = "define bag{} = 3\nclause a\n  forbid call pay where amount > bag.size\n"
    assert [_codes(plain.format(one)) for one in ("", "(n)")] == [["R0401"], ["R0402"]]


# ---- acts


@pytest.mark.parametrize(
    ("act", "step"),
    [
        ("call", pay()), ("call pay", pay()), ("result", Result("pay", "x")),
        ("result of pay", Result("pay", "x")), ("handoff", Handoff("desk")),
        ("handoff to desk", Handoff("desk")), ("output", says("x")), ("message", says("x")),
        ("message from user", says("x", "user")), ("message from anyone", says("x", "system")),
    ],
)  # fmt: skip
def test_L19(act: str, step: Step) -> None:
    """Each kind of act is its own kind of step, and `step` is any."""
    assert _verdict(f"clause a\n  forbid {act}\n", step) == "deny"
    assert _verdict("clause a\n  forbid step\n", step) == "deny"
    others: list[Step] = [
        Call("other"),
        Result("other", "x"),
        Handoff("other"),
        says("x", "developer"),
    ]
    for other in others:
        if other.kind != step.kind:
            assert _verdict(f"clause a\n  forbid {act}\n", other) == "allow"


def test_L20() -> None:
    """Whose message it is."""
    for act in ("message", "output", "message from agent", "message from assistant"):
        assert _verdict(f"clause a\n  forbid {act}\n", says("x")) == "deny"
        assert _verdict(f"clause a\n  forbid {act}\n", says("x", "agent")) == "deny"
        assert _verdict(f"clause a\n  forbid {act}\n", says("x", "user")) == "allow"


def test_L21() -> None:
    """A permit lifts a forbid on the same act, and the same act only."""
    text = (
        "act big = call pay where amount > 5\nact large = call pay where amount > 5\n"
        "clause a at user\n  forbid big\nclause b\n  permit {}\n"
    )
    assert _verdict(text.format('big where to = "Bob"'), pay()) == "allow"
    assert _verdict(text.format("large"), pay()) == "deny"
    written = "clause a at user\n  forbid call pay where {}\nclause b\n  permit call pay where {}\n"
    one, other = 'amount > 5 and to = "Bob"', 'to = "Bob"  and amount   > 5'
    assert _verdict(written.format(one, other), pay()) == "allow"


def test_L22() -> None:
    """Nobody said what the tool does."""
    text = "tool free() effects reads\nclause a\n  forbid call with effects reads\n"
    assert _verdict(text, Call("nobody_described")) == "deny"
    assert _verdict(text, pay()) == "allow"


# ---- clauses


def test_L23() -> None:
    """`unless` takes out, and there is one norm."""
    text = 'clause a\n  forbid call pay where amount > 5 unless to = "Bob"\n'
    assert _verdict(text, pay()) == "allow"
    assert _verdict(text, pay(to="Ann")) == "deny"
    assert _codes(text + "  forbid output\n") == ["R0203"]


def test_L24() -> None:
    """Lower is allowed, higher is not."""
    assert _codes("clause a at guideline\n  forbid output\n") == []
    assert _codes("clause a at system\n  forbid output\n") == ["R0601"]


@pytest.mark.parametrize(
    ("remedy", "verdict"),
    [
        ("", "deny"), ("otherwise deny", "deny"), ('otherwise ask "lead"', "ask"),
        ("otherwise warn", "warn"), ("otherwise halt", "halt"),
        ("otherwise rewrite amount to 5", "rewrite"), ('otherwise redact "bob" as "-"', "redact"),
    ],
)  # fmt: skip
def test_L25(remedy: str, verdict: str) -> None:
    """What a violation leads to."""
    bound = 'to = "Bob"' if "redact" in remedy else "amount > 5"
    policy = remit.load(f"{HEAD}clause a\n  forbid call pay where {bound}\n  {remedy}\n")
    decision = policy.session().decide(pay())
    assert decision.verdict == verdict
    assert bool(decision) == (verdict in ("warn", "rewrite", "redact"))
    if verdict == "rewrite":
        assert decision.after == pay(5)
    if verdict == "redact":
        assert decision.after == pay(to="-")


def test_L26() -> None:
    """Taken out, nothing to take out, and still wrong."""
    text = 'clause a\n  forbid output where text contains "code"\n  otherwise redact{}\n'
    assert remit.load(HEAD + text.format("")).session().decide(says("a CODE")).after == says(
        "a [redacted]"
    )
    assert _verdict(text.format(" email"), says("a code")) == "deny"
    assert _verdict(text.format(' as "code"'), says("a code")) == "deny"
    other = "clause b\n  forbid output where length of text < 100\n"
    assert _verdict(text.format("") + other, says("a code")) == "deny"


def test_L27() -> None:
    """Exceptions by name and number, to either side."""
    text = (
        "clause a\n  forbid call pay where amount > 5\n"
        '  except permit where to = "Bob"\n  except permit where to = "Ann"\n'
    )
    policy = remit.load(HEAD + text)
    assert {norm.name for norm in policy.checked.norms} == {"a", "a.except", "a.except2"}
    assert _verdict(text, pay()) == "allow"
    assert _verdict(text, pay(to="Eve")) == "deny"
    other = (
        "clause a\n  protect call pay\n  except big: forbid where amount > 5\n  otherwise warn\n"
    )
    assert _verdict(other, pay(6)) == "warn"
    assert _verdict(other, pay(5)) == "allow"


def test_L28() -> None:
    """Over other acts too, and not upwards."""
    text = (
        "clause a\n  forbid call pay where amount > 5\nclause b{}\n  permit call\n  overrides a\n"
    )
    assert _verdict(text.format(""), pay()) == "allow"
    assert _codes(text.format(" at user")) == ["R0602"]


def test_L29() -> None:
    """By name, narrowed by `where`."""
    text = (
        "clause a at user\n  forbid call pay where amount > 5\n"
        'clause b\n  permit a where to = "Bob"\n'
    )
    assert _verdict(text, pay()) == "allow"
    assert _verdict(text, pay(to="Eve")) == "deny"


def test_L30() -> None:
    """Whatever act the forbid names."""
    text = (
        'clause a at user\n  forbid step\nclause b\n  protect output where text contains "human"\n'
    )
    assert _verdict(text, says("a human")) == "allow"
    assert _verdict(text, says("a robot")) == "deny"


def test_L31() -> None:
    """A default has a name, a strength, and gives way."""
    text = "default {} for call{}\nclause a{}\n  permit call pay where amount < 5\n"
    policy = remit.load(HEAD + text.format("deny", "", ""))
    assert {norm.name for norm in policy.checked.norms} == {"default.call", "a"}
    assert _verdict(text.format("deny", "", ""), pay(1)) == "allow"
    assert _verdict(text.format("deny", "", ""), pay(9)) == "deny"
    assert _verdict(text.format("halt", "", ""), pay(9)) == "halt"
    assert _verdict(text.format("warn", "", ""), pay(9)) == "warn"
    assert _verdict(text.format("deny", "", " at user"), pay(1)) == "deny"
    assert _verdict(text.format("deny", " at user", " at user"), pay(1)) == "allow"


# ---- conditions


@pytest.mark.parametrize(
    "condition",
    [
        "amount = 10 or amount = 1 and amount = 2", "not amount = 1 and amount = 10",
        "not (amount = 10 and amount = 1)", "amount - 2 - 3 = 5", "1 + 2 * 3 = amount - 3",
        "-amount + 20 = 10", "length of to + 7 = amount", "(1 + 2) * 3 = amount - 1",
        'any x in ["a", "b"] satisfies x = "b" and amount = 10',
        'amount = 1 or no x in ["a"] satisfies x = "b"',
    ],
)  # fmt: skip
def test_L33(condition: str) -> None:
    """Each holds only as the table of operators reads it."""
    assert _verdict(f"clause a\n  forbid call pay where {condition}\n", pay(10)) == "deny"


def test_L34() -> None:
    """`contains`, `starts with`, `ends with` fold case; `=`, `in` and plain patterns do not."""
    text = "clause a\n  forbid call pay where {}\n"
    for condition in (
        'to contains "BO"',
        'to starts with "bo"',
        'to ends with "OB"',
        "to matches /bOb/i",
    ):
        assert _verdict(text.format(condition), pay()) == "deny"
    for condition in ('to = "bob"', 'to in ["bob"]', "to matches /bob/"):
        assert _verdict(text.format(condition), pay()) == "allow"


def test_L35() -> None:
    """All of them, and nothing is in every list."""
    text = 'clause a\n  forbid call pay where items in ["a", "b"]\n'
    found = [_verdict(text, pay(items=items)) for items in (["a"], ["a", "b"], ["a", "c"], [])]
    assert found == ["deny", "deny", "allow", "deny"]


@pytest.mark.parametrize(
    ("act", "condition", "step"),
    [
        ("step", 'kind = "handoff"', Handoff("desk")), ("step", 'role = "user"', says("x", "user")),
        ("output", "time > 2026-01-01", Message("assistant", "x", time=1.8e9)),
        ("output", 'quoted = "q"', Message("assistant", "x", parts=(Part("q"),))),
        ("output", 'text contains "q"', Message("assistant", "x", parts=(Part("q"),))),
        ("output", "refuses", Message("assistant", "x", refusal=True)),
        ("call", 'tool = "pay" and arguments.amount = 10', pay()),
        ("call pay", 'text contains "bob"', pay()), ("result", 'tool = "pay"', Result("pay", "x")),
        ("result", "value.k = 1", Result("pay", "x", value={"k": 1})),
        ("result", "failed", Result("pay", "x", error="no")),
        ("handoff", 'agent = "desk"', Handoff("desk")),
        ("output", "who.name = 1", Message("assistant", "x", context={"who": {"name": 1}})),
    ],
)  # fmt: skip
def test_L37(act: str, condition: str, step: Step) -> None:
    """Each field where it is known."""
    policy = remit.load(f"{HEAD}context who: record\nclause a\n  forbid {act} where {condition}\n")
    decision = policy.session().decide(step)
    assert decision.verdict == "deny"
    assert decision.unknown == ()


def test_L43() -> None:
    """`expect` speaks of the step before it, so one must be there."""
    text = 'clause a\n  forbid output\nscenario "x"\n  expect deny\n  agent "y"\n'
    assert _codes(text) == ["R1102"]
