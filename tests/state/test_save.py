"""Law 5: save, restore and go on equals going on; and no damaged session is ever gone on with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.state.small import HEAD, conversations, policies, policy_of, rude

import remit
from remit.program.values import EVERY, UNKNOWN, Partly
from remit.seal import sealed
from remit.state import blob, plain
from remit.state.consent import Proposal, Yes
from remit.state.debts import Debts
from remit.state.fold import Fold
from remit.state.memory import Memory
from remit.state.model import State
from remit.state.moment import Entry, Moment
from remit.state.origins import Origins
from remit.state.sayings import Saying, Void
from remit.state.totals import Totals
from remit.state.window import Window

JUDGES = {"reader": rude}
law = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
Steps = list[dict[str, Any]]


# ---- continue equals continue


@law
@given(policies(), conversations, st.sampled_from(["standard", "gold"]), st.booleans())
def test_to_go_on_from_what_was_saved_is_to_go_on(
    policy: remit.Policy, steps: Steps, tier: str, cut: bool
) -> None:
    """At every place of a conversation, record for record; saved again it is the same bytes."""
    session = policy.session({"tier": tier}, JUDGES, truncated=cut)
    saved, records = [], []
    for step in steps:
        saved.append(session.save())
        records.append(session.decide(step).to_json())
    for at, data in enumerate(saved):
        again = policy.restore(data, JUDGES)
        assert again.save() == data
        assert [again.decide(step).to_json() for step in steps[at:]] == records[at:]


@law
@given(policies(), conversations)
def test_saving_changes_nothing_and_is_the_same_for_the_same(
    policy: remit.Policy, steps: Steps
) -> None:
    """A session that is saved at every step decides as one that never is; equals give equals."""
    one, other = (policy.session(judges=JUDGES) for _ in range(2))
    for step in steps:
        assert one.save() == policy.restore(one.save()).save()
        assert one.decide(step).to_json() == other.decide(step).to_json()
    assert one.save() == other.save()


def test_a_judge_is_not_asked_again() -> None:
    """What judges said is saved, not the judges."""
    policy = policy_of(("judged",), (), 1)
    session = policy.session(judges=JUDGES)
    say = remit.Message("assistant", "idiot")
    assert session.decide(say).verdict == "deny"
    again = policy.restore(session.save())
    assert again.decide(say).verdict == "deny"
    assert not again.decide(say).unknown
    assert again.decide(remit.Message("assistant", "you")).unknown


def test_a_halted_session_stays_halted() -> None:
    """Saving is no way out."""
    policy = remit.load(HEAD + "clause a\n  forbid call pay\n  otherwise halt\n")
    session = policy.session()
    session.decide(remit.Call("pay", {"order": "A1", "amount": 1}))
    again = policy.restore(session.save())
    assert again.halted
    assert again.decide(remit.Call("look", {"order": "A1"})).decided_by == ()
    assert again.decide(remit.Call("look", {"order": "A1"})).errors[0][0] == "halted"


def test_what_is_handed_on_is_saved_and_lives_apart() -> None:
    """A sub-agent's session has its cap and settings, and a past of its own from there on."""
    policy = policy_of(("limit", "per", "before"), ("directive less",), 2)
    look, pay = remit.Call("look", {"order": "A1"}), remit.Call("pay", {"order": "A1", "amount": 9})
    session = policy.session()
    assert [bool(session.decide(one)) for one in (look, pay)] == [True, True]
    child = session.hand_on("user", {"limit": ("<=", 10)})
    again = policy.restore(child.save())
    for one in (child, again):
        assert one.decide(pay).verdict == "allow"  # the second: the first was before the hand-over
        assert one.decide(pay).decided_by == ("small::c.per",)
        too_much = remit.Call("pay", {"order": "B2", "amount": 11})
        assert one.decide(too_much).decided_by == ("small::c.limit",)
    assert session.decide(pay).verdict == "allow", "what a sub-agent does does not come back"
    assert session.decide(pay).verdict == "deny"


VALUES: list[Any] = [
    None, True, 0, 1, 1.0, -0.0, 0.1, 10**40, "", "é𝄞\0", "\ud800", [], {}, (),
    float("inf"), UNKNOWN, EVERY, ("flag", True), {"$": "unknown"}, {"a": {"$": [1, (2,)]}},
    {1: 2}, {"\udfff": [UNKNOWN]}, [[[]]], Partly([1, None]),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_values_keep_their_kind(value: Any) -> None:
    """`1`, `1.0` and true are three values, a tuple is no list, and unknown is itself."""
    back = plain.from_text(plain.to_text([value, value]))
    assert repr(back) == repr([value, value])
    assert type(back[0]) is type(value)


def test_a_number_of_any_length_is_kept() -> None:
    """Also one that Python does not write out in digits."""
    for value in (1 << 9_999, -(1 << 10_000), 1 << 100_000):
        assert plain.from_text(plain.to_text([value])) == [value]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner)
    | st.tuples(inner, inner),
))  # fmt: skip
def test_any_plain_value_is_kept(value: Any) -> None:
    """Whatever JSON, or a host's Python, can hold."""
    assert repr(plain.from_text(plain.to_text(value))) == repr(value)


def test_what_is_no_plain_data_is_not_saved() -> None:
    """Saving says so; it does not leave it out."""
    policy = policy_of(("tier", "called"), (), 1)
    with pytest.raises(ValueError, match="a value of type `object` cannot be saved"):
        policy.session({"tier": object()}).save()
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested more than 250 levels deep"):
        policy.session({"tier": deep}).save()
    session = policy.session()
    session.decide(remit.Call("look", {"order": object()}, id="1"))
    assert policy.restore(session.save()).save() == session.save(), "a step may hold anything"


def test_nothing_is_forgotten() -> None:
    """What is added to a session must be saved, and listed here, or be made anew."""
    saved: dict[type, set[str]] = {
        Proposal: {"call", "tool", "args", "step", "people"},
        Yes: {"step", "said"},
        State: {"cap", "cut", "sayings", "voids", "turn", "turn_seen", "answers", "memory",
                "consent"},
        Fold: {"tallies", "strays", "doubts", "changes", "lost", "begun", "unseen", "first",
               "full"},
        Totals: {"count", "value", "total", "values", "newest", "unsure", "begun", "settled"},
        Window: {"entries", "unsure", "begun", "settled"},
        Origins: {"count", "cut", "groups", "index", "late"},
        Debts: {"sure", "maybe", "unseen"},
        Saying: {"directive", "author", "strength", "order", "by", "text", "words", "certain",
                 "loan", "voice"},
        Void: {"directive", "step", "by", "kind", "name", "has", "needs", "text", "words",
               "certain"},
        Memory: {"answered", "calls", "calls_cut", "clock", "cut", "debts", "folds", "last",
                 "origins", "step", "turn"},
        remit.Session: {"_context", "_index", "_scene"},  # its state, and whether it halted
        Moment: {"step", "turn", "time"},
        Entry: {"at", "value"},
    }  # fmt: skip
    made_anew: dict[type, set[str]] = {
        State: {"program"}, Debts: {"debt"},
        Memory: {"program", "watches", "light", "keeps", "filled", "told", "unseen"},
        Origins: {"program", "fitting", "labelled", "told", "wanted"}, Fold: {"history"},
        Window: {"base", "mark", "total", "values"}, Saying: {"rule", "value"}, Moment: {"clock"},
        remit.Session: {"_ground", "_holder", "_judges", "_lock", "_tell"},
    }  # fmt: skip
    for kind, known in saved.items():
        names = getattr(kind, "_fields", None) or kind.__slots__  # type: ignore[attr-defined]
        told = f"{kind.__name__}: see remit.state.keep and remit.state.save"
        assert set(names) == known | made_anew.get(kind, set()), told


# ---- what is refused


FULL = ("per", "soon", "kinds", "again", "just", "memory", "within", "called", "judged", "void",
        "source", "label", "lead_says")  # fmt: skip
SAID = ("directive no_pay", "directive stop")


def full() -> tuple[remit.Policy, bytes]:
    """A session in which everything that can be saved is."""
    policy = policy_of(FULL, SAID, 2)
    session = policy.session({"tier": "gold"}, JUDGES)
    asked = remit.Call("pay", {"order": "A9", "amount": 1.5}, time=0.5)
    steps: list[remit.Step] = [
        remit.Call("look", {"order": "A9"}),
        asked,
        remit.Message("user", "no B2, and stop", time=1),
        remit.Message("assistant", "well"),
        remit.Call("look", {"order": "A1"}, id="1", time=2.5),
        remit.Result("look", "stop", id="1"),
        remit.Call("send", {"to": "A1"}),
        remit.Call("look", {"order": "C3"}, id="2", time=4),
        remit.Call("pay", {"order": "A1", "amount": 1.5}, time=3),
    ]
    for step in steps:
        session.decide(step)
    session.approve(asked, "lead")
    return policy, session.save()


def test_damage_is_refused() -> None:
    """Any bit of any byte, and any length but the whole."""
    policy, data = full()
    policy.restore(data)
    for at in range(len(data)):
        for bit in range(8):
            broken = bytearray(data)
            broken[at] ^= 1 << bit
            _refused(policy, bytes(broken), "no saved session|damaged|reads form 2")
    for length in range(len(data)):
        _refused(policy, data[:length], "no saved session|damaged|reads form 2")
    _refused(policy, data + b"\0", "damaged")


@pytest.mark.parametrize("data", [b"", b"x", b"{}", None, "text", 7, [], {}, bytearray(b"x")])
def test_what_is_no_session_is_refused(data: Any) -> None:
    """Whatever it is."""
    _refused(full()[0], data, "no saved session")


def test_a_session_of_another_policy_is_refused() -> None:
    """With both digests, so that the right policy can be found."""
    policy, data = full()
    other = policy_of(FULL, SAID, 3)
    told = f"saved under {policy.digest[:12]}, this is {other.digest[:12]}"
    _refused(other, data, f"a session of another policy: {told}")


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Older and newer ones; the message says what to do."""
    policy, _ = full()
    monkeypatch.setattr(blob, "VERSION", 3)
    data = policy.session().save()
    monkeypatch.setattr(blob, "VERSION", 2)
    _refused(policy, data, "saved in form 3, this version reads form 2: begin one with")


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than is allowed, or nests without end, costs no more than saying so."""
    policy, _ = full()
    _refused(policy, _sealed(policy, b"[" * 5_000_000), "nested more than 250 levels")
    _refused(policy, _sealed(policy, b'{"a":' * 3000 + b"1" + b"}" * 3000), "nested more than")
    _refused(policy, _sealed(policy, b"1" * 10_000), "a number with more than")
    monkeypatch.setattr(blob, "MOST_TEXT", 1 << 20)
    _refused(policy, _sealed(policy, b" " * ((1 << 20) + 1)), "no session: more than 1 MB")
    for packed in (zlib.compress(b"{}") * 2, zlib.compress(b"{}")[:-1], b"", b"\0"):
        data = sealed(blob.MAGIC, blob.VERSION, policy.digest, packed)
        _refused(policy, data, "what is saved is no")


TEXTS = [b"", b"{}", b"[]", b"null", b"1", b'"a"', b"\xff", b"{", b'{"a":1,"a":1}', b"NaN",
         b'{"$":"code","of":"1"}', b'{"$":"tuple"}', b'{"$":"text","of":"zz"}', b'{"$":[]}',
         b'{"$":"map","of":[[{},1]]}', b'{"$":"whole","of":"0x1_"}']  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_other_json_is_refused(text: bytes) -> None:
    """With the right checksum."""
    policy, _ = full()
    _refused(policy, _sealed(policy, text), "what is saved is no session")


ODD = [None, True, -1, 0, 1.5, 10**30, "", "x", "none", [], [1], {}, {"a": 1}, {"unknown": True},
       UNKNOWN, EVERY, ("any",), Partly([1])]  # fmt: skip


def test_odd_values_anywhere_are_refused_or_meant() -> None:
    """Every value in a session is replaced by every odd one: it is refused, or it is a session.

    What is restored decides, and saves to what it was restored from.
    """
    policy, data = full()
    content = blob.unpack(data, policy.digest)
    refused = 0
    for place in _places(content):
        for odd in ODD:
            changed = blob.unpack(data, policy.digest)
            _put(changed, place, odd)
            packed = blob.pack(changed, policy.digest)
            try:
                session = policy.restore(packed)
            except remit.RestoreError:
                refused += 1
                continue
            assert session.save() == packed
            assert session.decide(remit.Call("pay", {"order": "A1", "amount": 1})).to_json()
    assert refused > 1000


def _edit(*path: Any, to: Any) -> Callable[[Any], None]:
    return lambda content: _put(content, path, to)


SAYING = ("state", "state", "said", 0)
MEMORY = ("state", "memory")
FORGED = {
    "negative index": _edit("index", to=-1),
    "no flag": _edit("halted", to=0),
    "context without names": _edit("context", to={1: 2}),
    "an author that nobody is": _edit(*SAYING, "author", to="none"),
    "an author above the file": _edit(*SAYING, "author", to="root"),
    "a level that is not there": _edit(*SAYING, "author", to="emperor"),
    "a strength above the author": _edit(*SAYING, "strength", to="root"),
    "no directive": _edit(*SAYING, "directive", to="small::nothing"),
    "another directive": _edit(*SAYING, "directive", to="small::stop"),
    "a loan that is not there": _edit(*SAYING, "loan", to="small:1"),
    "a word that is not there": _edit(*SAYING, "words", to={"who": "x"}),
    "a setting that is not there": _edit(
        *SAYING, "sets", to={"setting": "x", "op": "<=", "value": 1}
    ),
    "a negative step": _edit(*SAYING, "step", to=-2),
    "a void directive that is not there": _edit("state", "state", "void", 0, "directive", to="x"),
    "a digest that is none": _edit("state", "answers", 0, 2, to="abc"),
    "an answer that is none": _edit("state", "answers", 0, 3, to=UNKNOWN),
    "a negative step count": _edit(*MEMORY, "step", to=-1),
    "a step count before what happened": _edit(*MEMORY, "step", to=0),
    "a turn before what happened": _edit(*MEMORY, "turn", to=0),
    "a clock that stands": _edit(*MEMORY, "clock", to=float("nan")),
    "nothing remembered": _edit(*MEMORY, "folds", to={}),
    "nothing owed": _edit(*MEMORY, "debts", to={}),
    "a call without arguments": _edit(*MEMORY, "calls", to={"1": [1]}),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_no_conversation_comes_to_is_refused(name: str) -> None:
    """With the right checksum and form."""
    policy, data = full()
    content = blob.unpack(data, policy.digest)
    FORGED[name](content)
    _refused(policy, blob.pack(content, policy.digest), "what is saved is no session")


@pytest.mark.parametrize("number", [-1, 1.0, True, None, "1", [], UNKNOWN])
def test_counts_are_whole_and_not_negative(number: Any) -> None:
    """Of every tally, and the steps and turns of everything that was."""
    policy, data = full()
    for name, fold in blob.unpack(data, policy.digest)["state"]["memory"]["folds"].items():
        for place in _places(fold):
            content = blob.unpack(data, policy.digest)
            row = content["state"]["memory"]["folds"][name]
            if type(_get(row, place)) is int and not _is_value(row, place):
                _put(row, place, number)
                _refused(policy, blob.pack(content, policy.digest), "what is saved is no session")


def _is_value(fold: Any, place: tuple[Any, ...]) -> bool:
    """Whether a number there is a time, or what a step gave: it may be any number."""
    row = _get(fold, place[:-1])
    in_totals = place[0] == "tallies" and place[2:3] == (1,) and len(_get(fold, place[:3])) == 8
    is_entry = type(row) is list and len(row) == 2 and type(row[0]) is list
    is_time = type(row) is list and len(row) == 3 and place[-1] == 2
    is_given = in_totals and place[3] in (1, 2, 3)
    is_begun = place[0] == "tallies" and len(place) == 4 and place[3] in (2, 6)
    return is_entry or is_time or is_given or is_begun or place[2:3] == (0,)


def _refused(policy: remit.Policy, data: Any, why: str) -> None:
    with pytest.raises(remit.RestoreError, match=why) as error:
        policy.restore(data)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


def _sealed(policy: remit.Policy, text: bytes) -> bytes:
    return sealed(blob.MAGIC, blob.VERSION, policy.digest, zlib.compress(text))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = enumerate(value) if type(value) is list else ()
    for key, inner in value.items() if type(value) is dict else pairs:
        found += _places(inner, (*path, key))
    return found


def _get(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


def _put(content: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        content = content[key]
    content[path[-1]] = value


# ---- how much it is


def test_a_saved_session_is_small() -> None:
    """What a conversation of 1,000 steps is saved to, printed; it does not hold the steps."""
    policy = policy_of(FULL, SAID, 2)
    session = policy.session({"tier": "gold"}, JUDGES)
    seen = 0
    for number in range(250):
        order = f"A{number % 40}"
        steps: list[remit.Step] = [
            remit.Message("user", f"please look at {order} and pay", time=number * 60),
            remit.Call("look", {"order": order}, id=str(number), time=number * 60 + 1),
            remit.Result("look", "it is all there " * 20, id=str(number)),
            remit.Call("pay", {"order": order, "amount": number % 7}, time=number * 60 + 9),
        ]
        seen += sum(len(json.dumps(session.decide(step).to_json()["step"])) for step in steps)
    data = session.save()
    text = json.dumps(blob.unpack(data, policy.digest), default=str)
    print(f"1,000 steps of {seen:,} bytes: {len(data):,} saved, {len(text):,} unpacked")
    assert len(data) < seen / 5
