"""Cases that the laws, or a sceptic, found: each small, each with what it showed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.properties.support import compiled, weight

import remit
from remit_grammar.source import Source

STRONG = """\
spec strong
author root
clause strong
  forbid message where text contains "alpha"
  otherwise redact "beta"
"""
WEAK = "spec weak\nauthor user\nclause weak\n  forbid message where text contains "


@pytest.mark.parametrize(
    ("weak", "text"),
    [
        ('"alpha"\n  otherwise redact "alpha"\n', "alpha beta"),
        ('"alpha"\n  otherwise rewrite text to "fine"\n', "alpha beta"),
        ('"alpha"\n  otherwise ask "lead"\n', "alpha"),
        ('"[redacted]"\n  otherwise ask "lead"\n', "alpha beta"),
        ('"alpha"\n  otherwise deny\n', "alpha beta"),
    ],
)
def test_a_weak_remedy_never_heals_what_a_strong_one_cannot(weak: str, text: str) -> None:
    """Law 1: the strong clause alone denies, since its redaction does not help."""
    alone, _ = compiled([("strong", STRONG)])
    both, _ = compiled([("strong", STRONG), ("weak", WEAK + weak)])
    assert alone is not None
    assert both is not None
    step = remit.Message("assistant", text)
    before, after = alone.session().decide(step), both.session().decide(step)
    assert before.verdict == "deny"
    assert weight(after.verdict) >= weight(before.verdict)


def test_who_is_asked_is_asked_about_the_changed_step() -> None:
    """A person's yes must not carry along what a redaction in force takes out."""
    weak = WEAK + '"alpha"\n  otherwise ask "lead"\n'
    policy, _ = compiled([("strong", STRONG.replace('"alpha"', '"beta"')), ("weak", weak)])
    assert policy is not None
    decision = policy.session().decide(remit.Message("assistant", "alpha beta"))
    assert decision.verdict == "ask"
    assert isinstance(decision.after, remit.Message)
    assert decision.after.text == "alpha [redacted]"


ROOT = "spec r\nauthor root\nclause a\n  forbid call "


@pytest.mark.parametrize(
    ("clause", "tool"),
    [
        ("refund where amount > 200\n", "tool refund(order: text)"),
        ("with effects wipes\n", "tool refund(order: text) effects reads"),
    ],
)
def test_a_description_settles_what_was_unknown(clause: str, tool: str) -> None:
    """Decision 0006: a description is a fact, whoever gives it; it settles what was unknown."""
    clause_below = 'clause b\n  forbid call refund where order = "q"\n'
    below = f"spec d\nauthor developer\n{tool}\n{clause_below}"
    alone = remit.load(Source("r", ROOT + clause))
    both = remit.load(Source("r", ROOT + clause), Source("d", below))
    step = remit.Call("refund", {"order": "A1"})
    assert alone.session().decide(step).unknown
    assert alone.session().decide(step).verdict == "deny"
    assert both.session().decide(step).verdict == "allow"
    large = remit.Call("refund", {"order": "A1", "amount": 900})
    if "amount" in clause:
        assert both.session().decide(large).verdict == "deny"


def test_what_a_strong_file_describes_stays_so() -> None:
    """The other half: a second, different description of a tool does not compile."""
    own = "tool refund(order: text, amount: number)\n"
    strong = ROOT.replace("clause", own + "clause", 1) + "refund where amount > 200\n"
    below = "spec d\nauthor developer\ntool refund(order: text)\nclause b\n  forbid call refund\n"
    policy, found = compiled([("r", strong), ("d", below)])
    assert policy is None
    assert "R0302" in {one.code for one in found}


def test_a_context_has_one_default() -> None:
    """A second file must not give the contexts that a first one reads another default."""
    text = "spec {0}\nauthor {1}\ncontext ok: flag default {2}\n"
    text += "clause {0}\n  forbid call where not ok\n"
    files = [("r", text.format("r", "root", "false")), ("d", text.format("d", "developer", "true"))]
    for order in (files, files[::-1]):
        policy, found = compiled(order)
        assert policy is None
        assert "R0302" in {one.code for one in found}


SCRIPT = """
import json, sys, remit
from remit_grammar.source import Source
policy = remit.load(*(Source(name, text) for name, text in json.loads(sys.argv[1])))
for decision in policy.judge(json.loads(sys.argv[2])):
    print(json.dumps(decision.to_json()))
print([one.message for one in policy.diagnostics])
"""
MANY = """\
spec many
author root
tool pay(order: text, amount: number) effects spends, lasting
act small = call pay where amount < 5 or order in ["A1", "B2"]
default deny for call
clause a at user
  forbid small
  otherwise ask "one"
  except gold: permit where order = "A1"
clause b at user
  forbid call pay
  otherwise ask "two"
clause c at guideline
  permit call pay
clause d at guideline
  forbid call pay
clause e
  protect call with effects spends where amount < 3
"""


def test_hash_seeds_change_nothing() -> None:
    """Law 6 across processes: sets and dicts of another seed give the same bytes."""
    steps = [
        {"kind": "call", "tool": "pay", "args": {"order": order, "amount": amount}}
        for order in ("A1", "C3")
        for amount in (1, 4, "4", 100)
    ]
    folders = [one for one in sys.path if one]
    given = [sys.executable, "-c", SCRIPT, json.dumps([("many", MANY)]), json.dumps(steps)]
    outputs = set()
    for seed in ("0", "1", "42", "123456"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(folders)}
        done = subprocess.run(given, env=env, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == len(steps) + 1
