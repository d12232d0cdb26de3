"""What telemetry shows of a conversation: nothing, or what the host asks for after redaction."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.telemetry.traced import KEY, SECRET, Traced, call

import remit
from remit.conversation.pieces import Part
from remit.judges.function import FunctionJudge
from remit_plugins.telemetry import content, names
from remit_plugins.telemetry.content import canonical, digest
from remit_plugins.telemetry.settings import CAPTURE, Settings

# Each holds the secret, and is decided in another way.
TELLING: list[Any] = [
    call("mail", to="ann", body=f"the key is {SECRET}"),
    call("mail", to=SECRET, body="hello"),
    call("lookup", order=SECRET),
    call("refund", order=SECRET, amount=900),
    call("refund", order=SECRET, amount=9000),
    call("refund", order=SECRET, amount="many"),
    remit.Call("mail", {SECRET: 1}),
    remit.Call("mail", {}, bad_args=SECRET),
    remit.Message("user", SECRET, parts=(Part(f"refund everything {SECRET}", name=SECRET),)),
    remit.Message("assistant", f"HEY {SECRET} format the disk"),
    remit.Result("lookup", f"refund everything {SECRET}", value={"a": SECRET}, error=SECRET),
    remit.Handoff("ann", SECRET),
    {"kind": "call", SECRET: 1},
    remit.Message("user", [SECRET]),  # type: ignore[arg-type]
]
BLABS = {"tone": FunctionJudge(lambda question, text: remit_answer(text))}


def remit_answer(text: str) -> bool:
    """A judge that fails with the text in its error."""
    raise ValueError(text)


def told(traced: Traced) -> str:
    """Everything that was told, as text."""
    spans = [one.to_json() for one in traced.ended()]
    return "\n".join([*spans, *map(repr, map(vars, traced.records())),
                      str(traced.reader.get_metrics_data())])  # fmt: skip


@pytest.mark.parametrize("detail", ["none", "matched", "full"])
def test_no_text_is_told(policy: remit.Policy, detail: Any) -> None:
    traced = Traced(Settings(detail=detail, genai_draft=True))
    for step in TELLING:
        policy.session(judges=BLABS, tell=traced.teller()).decide(step)
    assert len(traced.ended()) == len(TELLING)
    assert SECRET not in told(traced)


@pytest.mark.parametrize("where", ["SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT"])
def test_texts_are_told_where_the_host_asks_for_it(policy: remit.Policy, where: Any) -> None:
    traced = Traced(Settings(content=where))
    policy.session(tell=traced.teller()).decide(call("lookup", order="A1"))
    in_span = "gen_ai.tool.call.arguments" in (traced.ended()[0].attributes or {})
    in_event = "gen_ai.tool.call.arguments" in traced.records()[0].attributes
    assert (in_span, in_event) == ("SPAN" in where, "EVENT" in where)


@pytest.mark.parametrize(
    ("step", "name", "wanted"),
    [
        (call("lookup", order="A1"), "gen_ai.tool.call.arguments", {"order": "A1"}),
        (remit.Result("lookup", "paid"), "gen_ai.tool.call.result", "paid"),
        (
            remit.Message("user", "hi"),
            "gen_ai.input.messages",
            [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}],
        ),
        (
            remit.Message("assistant", "hi"),
            "gen_ai.output.messages",
            [{"role": "assistant", "parts": [{"type": "text", "content": "hi"}]}],
        ),
    ],
)
def test_how_texts_are_told(policy: remit.Policy, step: Any, name: str, wanted: object) -> None:
    traced = Traced(Settings(content="SPAN_ONLY"))
    policy.session(tell=traced.teller()).decide(step)
    told = dict(traced.ended()[0].attributes or {})
    assert json.loads(str(told[name])) == wanted
    assert told["input.value"] == told[name]


def test_what_is_redacted_is_not_told(policy: remit.Policy) -> None:
    """The step is told as it goes on."""
    traced = Traced(Settings(content="SPAN_AND_EVENT", detail="full"))
    step = call("mail", to="ann", body=f"the key is {SECRET}")
    assert policy.session(tell=traced.teller()).decide(step).verdict == "redact"
    assert SECRET not in told(traced)
    assert "the key is [redacted]" in told(traced)


DENIED = """
spec acme.both
author developer
tool mail(body: text)
clause secrets
  forbid call mail where body has secret
  otherwise redact
clause words
  forbid call mail where body contains "buy"
"""


def test_what_would_be_redacted_is_not_told_either() -> None:
    """A step that is denied is not redacted, so that nothing of it is shown."""
    traced = Traced(Settings(content="SPAN_AND_EVENT", detail="full"))
    session = remit.load(DENIED).session(tell=traced.teller())
    assert session.decide(call("mail", body=f"buy {SECRET}")).verdict == "deny"
    assert SECRET not in told(traced)
    assert (traced.ended()[0].attributes or {})[names.WITHHELD] == "redaction"


def test_texts_are_cut(policy: remit.Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK cuts none by itself."""
    traced = Traced(Settings(content="SPAN_ONLY"))
    session = policy.session(tell=traced.teller())
    session.decide(call("lookup", order="a" * 100_000))
    monkeypatch.setattr(content, "MOST_SIZE", 10)
    session.decide(call("lookup", order="a" * 100_000))
    first, second = (dict(one.attributes or {}) for one in traced.ended())
    assert len(str(first["gen_ai.tool.call.arguments"])) == names.MOST_CONTENT
    assert second[names.WITHHELD] == "size"


def test_names_are_cut_and_can_be_sent(policy: remit.Policy, traced: Traced) -> None:
    """One half of a character would keep a whole batch from being sent."""
    odd = remit.Call("\ud800" + "t" * 1000, {"a": "\ud800"}, "i" * 1000)
    policy.session(tell=traced.teller()).decide(odd)
    attributes = dict(traced.ended()[0].attributes or {})
    assert len(str(attributes[names.TOOL_NAME])) == names.MOST_NAME
    assert all(str(one).encode() for one in attributes.values())
    assert names.INPUT_DIGEST not in attributes


# ---- hashes


def test_equal_steps_have_equal_hashes() -> None:
    """Whatever the order of the arguments, and whenever it was; another key gives another."""
    one = remit.Call("t", {"a": 1, "b": 2.0}, "x", time=1.0)
    other = remit.Call("t", {"b": 2, "a": 1}, "y")
    assert digest(one, KEY) == digest(other, KEY) != digest(one, KEY + b"!")
    assert digest(remit.Call("t", {"a": 2}), KEY) != digest(one, KEY)


def test_the_hash_can_be_made_by_others() -> None:
    """As the documentation says how."""
    import hashlib
    import hmac

    data = {"kind": "call", "tool": "t", "args": {"a": 1}, "bad_args": None}
    made = hmac.new(KEY, rfc8785.dumps(data), hashlib.sha256).hexdigest()
    assert digest(remit.Call("t", {"a": 1}), KEY) == f"hmac-sha256:{made}"


def test_a_process_has_one_key(policy: remit.Policy) -> None:
    """Two plugins without one agree; hashes can be left out."""
    hashes = set()
    for settings in (Settings(), Settings(), Settings(digests=False)):
        traced = Traced(settings)
        policy.session(tell=traced.teller()).decide(call("lookup", order="A1"))
        hashes.add((traced.ended()[0].attributes or {}).get(names.INPUT_DIGEST))
    assert len(hashes) == 2
    assert None in hashes


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800", 2**60, [[]] * 3])
def test_what_has_no_hash_has_none(value: Any) -> None:
    step = remit.Call("t", {"a": value})
    try:
        rfc8785.dumps({"a": value})
    except Exception:  # noqa: BLE001 - the library has many ways to refuse
        assert digest(step, KEY) is None
    else:
        assert digest(step, KEY) is not None


_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda some: st.lists(some, max_size=3)
    | st.dictionaries(st.text(max_size=4), some, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(_plain)
def test_the_canonical_form_is_that_of_the_library(value: Any) -> None:
    """Also where Python's own writer is used, which is quicker."""
    try:
        wanted = rfc8785.dumps({"a": value})
    except rfc8785.CanonicalizationError:
        return
    assert canonical({"a": value}) == wanted


# ---- settings


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("", "NO_CONTENT"),
        ("span_only", "SPAN_ONLY"),
        (" EVENT_ONLY ", "EVENT_ONLY"),
        ("SPAN_AND_EVENT", "SPAN_AND_EVENT"),
        ("true", "EVENT_ONLY"),
        ("false", "NO_CONTENT"),
    ],
)
def test_the_standard_variable(word: str, wanted: str) -> None:
    assert Settings.from_environment({CAPTURE: word}).content == wanted
    assert Settings.from_environment({CAPTURE: word}, content="SPAN_ONLY").content == "SPAN_ONLY"


def test_strange_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="NO_CONTENT, SPAN_ONLY"):
        Settings.from_environment({CAPTURE: "SPANS"})
    with pytest.raises(ValueError, match="16 bytes"):
        Settings.from_environment({"REMIT_TELEMETRY_KEY": "short"})
    for wrong in ({"detail": "most"}, {"details": "full"}, {"key": b"short"}):
        with pytest.raises(ValidationError):
            Settings(**wrong)
    key = Settings.from_environment({"REMIT_TELEMETRY_KEY": "sixteen letters!"}).key
    assert key == b"sixteen letters!"
    assert "sixteen" not in repr(Settings(key=b"sixteen letters!"))
