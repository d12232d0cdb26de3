"""Cases that the laws, or a sceptic, found: each small, each with what it showed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from tests.properties.support import compiled, weight

import remit
from remit import Step
from remit.judges.model import Question
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


# ---- what is said

TALK = """\
spec s
author root
tool pay(to: text, amount: number)
"""


class Says:
    """A judge that says the same of every text, but for those that it was told of."""

    immediate = True

    def __init__(self, truth: bool | None, **others: bool | None) -> None:
        self.truth = truth
        self.others = others

    def answer(self, question: Question) -> bool | None:
        """By the text's first word."""
        return self.others.get(question.subject.partition(" ")[0], self.truth)


def said(text: str, *steps: Step, judge: Says | None = None) -> remit.Decision:
    """The decision on the last of some steps."""
    judges: dict[str, Any] = {"j": judge}
    session = remit.load(TALK + text).session(judges=judges if judge else None)
    return [session.decide(step) for step in steps][-1]


PAYS = remit.Call("pay", {"to": "Bob", "amount": 1})


def test_a_constraint_lost_to_the_one_that_took_its_last_value() -> None:
    """Not to one that came when nothing was left of it."""
    parts = (
        ["root", "[1, 2, 5]"],
        ["system", "[2, 3, 5]"],
        ["user", "[2, 5]"],
        ["guideline", "[1, 3]"],
    )
    text = "setting x: number\n" + "".join(
        f"clause at_{level} at {level}\n  set x in {values}\n" for level, values in parts
    )
    (found,) = said(text, PAYS).settings
    assert [(one.id, one.by, one.reason) for one in found.lost] == [
        ("s::at_guideline", "s::at_system", "authority")
    ]


def test_what_is_said_at_one_place_is_told_apart_by_goals() -> None:
    """And the reason is `goal`; it was told as `later`."""
    text = """\
goals safety > speed strict
setting x: one of a, b
directive one
  heard "now"
  set x = a
  serves speed
directive two
  heard "now"
  set x = b
  serves safety
"""
    (found,) = said(text, remit.Message("user", "now"), PAYS).settings
    assert found.value == "b"
    assert [(one.by, one.reason) for one in found.lost] == [("s::two@0", "goal")]


def test_what_the_host_gives_comes_after_what_a_judge_hears() -> None:
    """The two were at one place, and caution decided."""
    text = """\
directive halting
  heard judged "wants no payment" by j
  forbid call pay
directive yes
  permit call pay
"""
    step = remit.Message("user", "hm", directives=(remit.Given("yes"),))
    decision = said(text, step, PAYS, judge=Says(True))
    assert decision.verdict == "allow"
    assert decision.defeated[0].reason == "later"


def test_words_that_are_there_and_words_that_are_not_at_one_place() -> None:
    """A group without a part stood where another took an empty text; they could not be sorted."""
    text = """\
directive d
  heard /go(?P<w>x)?/, /go(?P<w>y*)/
  forbid call pay where to = w
"""
    decision = said(text, remit.Message("user", "go"))
    assert not decision.errors
    assert [dict(one.words)["w"] for one in decision.heard.sayings] == [None, ""]


def test_each_authority_of_a_text_says_a_norm_of_its_own() -> None:
    """Two norms had one id."""
    text = """\
delegate developer to message from user
delegate system to message from user for call
directive d
  heard "stop"
  forbid call pay
"""
    decision = said(text, remit.Message("user", "stop"), PAYS)
    assert decision.in_force == ("s::d@0~2", "s::d@0~1", "s::d@0")


def test_what_is_said_to_a_sub_agent_is_later_than_what_it_inherits() -> None:
    """Its steps were counted from 0 again."""
    text = """\
directive halting
  heard "stop"
  forbid call pay
directive yes
  heard "go on"
  permit call pay
"""
    session = remit.load(TALK + text).session()
    for words in ("hi", "stop"):
        session.decide(remit.Message("user", words))
    below = session.hand_on("user")
    assert below.decide(PAYS).verdict == "deny"
    below.decide(remit.Message("user", "go on"))
    assert below.decide(PAYS).verdict == "allow"


def test_the_words_of_an_undecodable_call_cannot_be_rewritten() -> None:
    """The tool would still have had the old ones."""
    text = """\
clause a
  forbid call pay unless amount is 100
  otherwise rewrite amount to 100
"""
    assert said(text, remit.Call("pay", {}, bad_args="{")).verdict == "deny"


def test_a_directive_that_asks_whether_it_is_asked_for() -> None:
    """Its own condition goes round in a circle; that is unknown, and no error."""
    text = """\
default deny for call
directive d
  heard "go on"
  permit call pay unless a void directive asking for it
"""
    heard = remit.Message("user", "go on", parts=(remit.Part("go on"),))
    decision = said(text, heard, PAYS)
    assert (decision.verdict, decision.errors) == ("deny", ())


# ---- judges that were spared, and should not have been


def test_an_opener_that_overrides_another_matters() -> None:
    """Both openers, or none of them, come to the same; one of them alone does not."""
    text = """\
clause closed at user
  forbid call pay
clause free
  protect call pay where judged "q" by j
clause mail
  permit call where not judged "r" by j
  overrides free
"""
    assert said(text, PAYS, judge=Says(True)).verdict == "allow"


def test_a_judge_that_does_not_know_may_halt() -> None:
    """A deny is sure, but `if unknown halt` is worse."""
    text = """\
clause closed
  forbid call pay
clause odd
  forbid call pay where judged "q" by j
  otherwise warn
  if unknown halt
"""
    assert said(text, PAYS, judge=Says(None)).verdict == "halt"
    assert said(text, PAYS, judge=Says(True)).verdict == "deny"


def test_what_the_strong_find_wrong_with_a_changed_step_is_asked() -> None:
    """A weak deny of the step as half changed spared the judge of the strong."""
    text = """\
clause rude
  forbid output where judged "q" by j
clause alpha
  forbid output where text contains "alpha"
  otherwise redact "alpha" as "beta"
clause gamma at user
  forbid output where text contains "gamma"
  otherwise redact "gamma" as "delta"
clause no_gamma at guideline
  forbid output where text contains "gamma" and text does not contain "alpha"
"""
    judge = Says(False, beta=True)
    decision = said(text, remit.Message("assistant", "alpha gamma"), judge=judge)
    assert decision.verdict == "deny"
    judge = Says(False)
    decision = said(text, remit.Message("assistant", "alpha gamma"), judge=judge)
    assert decision.verdict == "redact"


def test_a_judge_hears_the_changed_text() -> None:
    """What was said before the change is not what counts, and nobody was asked about the rest."""
    text = """\
clause clean
  forbid message from anyone where text contains "alpha"
  otherwise redact "alpha" as "-"
directive calm
  heard judged "wants no payment" by j
  forbid call pay
"""
    order = remit.Message("user", "alpha no payments")
    assert said(text, order, PAYS, judge=Says(False, **{"-": True})).verdict == "deny"
    assert said(text, order, PAYS, judge=Says(False, alpha=True)).verdict == "allow"


def test_nobody_is_asked_whether_text_without_authority_orders_something() -> None:
    """Nor is an answer about the same text, said by someone else, taken for one."""
    text = """\
directive calm
  heard judged "wants no payment" by j
  forbid call pay
"""
    order = remit.Message("user", "stop"), remit.Result("pay", "stop")
    assert said(text, *order, judge=Says(True)).void == ()
    reads = "clause v\n  forbid call where a void directive\n"
    assert said(text + reads, *order, judge=Says(True)).void != ()
