"""Law 8: whatever a host or a conversation puts into a step, `decide` answers, and never opens.

The values here are not JSON: objects that raise or lie, huge and deep values, broken text. They are
inputs; nothing of the engine is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.steps import ARGS, texts
from tests.properties.strategies import spec_sets
from tests.properties.support import policy_of, told, weight

import remit

law = settings.get_profile("laws")


class Mute(Exception):
    """An error that cannot even be told."""

    def __str__(self) -> str:
        raise Mute


class Raises:
    """Raises whatever is asked of it."""

    def _raise(self, *_: Any) -> Any:
        raise Mute

    __eq__ = __lt__ = __le__ = __len__ = __iter__ = __contains__ = __bool__ = _raise
    __hash__ = __str__ = __getitem__ = __float__ = __index__ = _raise


class Liar(str):
    """A text that says it holds nothing and equals everything."""

    def __contains__(self, part: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def casefold(self) -> str:
        return ""


class Shifty(Mapping[str, Any]):
    """A mapping that raises when it is read."""

    def __getitem__(self, name: str) -> Any:
        raise Mute

    def __iter__(self) -> Iterator[str]:
        raise Mute

    def __len__(self) -> int:
        return 3


def _deep(levels: int) -> Any:
    value: Any = "alpha"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


HOSTILE: list[Any] = [
    Raises(), Liar("alpha"), Shifty(), float("nan"), float("inf"), -float("inf"), 10**5000, -0.0,
    _deep(2000), "\ud800alpha", "al\0pha", b"alpha", {"alpha"}, ("alpha",), object(), 1j, ...,
    [Raises()], {"amount": Raises()}, MappingProxyType({"a": "alpha"}), "alpha" * 50_000, None,
]  # fmt: skip
# by number: Hypothesis would ask the values for their hash
hostile = st.integers(0, len(HOSTILE) - 1).map(HOSTILE.__getitem__)
values = st.one_of([hostile, texts, st.integers(), st.floats()])
args = st.dictionaries(st.sampled_from([*ARGS, "alpha"]), values, max_size=4) | hostile
contexts = st.dictionaries(st.sampled_from(["tier", "verified", "limit"]), values, max_size=3)
raw_steps = st.one_of(
    st.builds(remit.Call, st.sampled_from(["pay", "mail", "ghost", ""]) | hostile, args,
              bad_args=st.none() | st.just("{alpha") | hostile, context=contexts | hostile),
    st.builds(remit.Message, st.sampled_from(["user", "assistant"]) | hostile, texts | hostile,
              parts=st.just(()) | hostile, refusal=st.none() | hostile),
    st.builds(remit.Result, st.just("look") | hostile, texts | hostile, value=values,
              error=st.none() | hostile, time=hostile),
    st.builds(remit.Handoff, st.just("helper") | hostile, texts | hostile),
    hostile,
)  # fmt: skip


@law
@given(spec_sets(), st.lists(raw_steps, min_size=2, max_size=6), contexts)
def test_nothing_raises_out_of_decide(
    made: tuple[Any, str], steps: list[Any], context: dict[str, Any]
) -> None:
    """Every step has a decision, in order, and what the engine could not judge is denied."""
    policy = policy_of(made[0])
    if policy is None:
        return
    session = policy.session(context)
    for index, step in enumerate(steps):
        decision = session.decide(step)
        assert decision.index == index
        assert isinstance(bool(decision), bool)
        assert isinstance(str(decision), str)
        if any(norm in ("engine_error", "halted") for norm, _ in decision.errors):
            assert decision.verdict == "deny"


@law
@given(spec_sets(), st.data())
def test_a_hostile_value_opens_nothing(made: tuple[Any, str], data: st.DataObject) -> None:
    """A value that cannot be judged is at least as closed as all arguments unknown.

    The comparison is with the same call whose arguments could not be decoded: there every term on
    an argument is unknown, and so is nothing else. Texts are left out, for there the two differ.
    """
    specs, _ = made
    policy = policy_of(specs)
    reads = repr([(one.act, one.where, one.unless, one.exceptions) for one in specs.clauses])
    if policy is None or "'text'" in reads:
        return
    bad = [Raises(), object(), float("nan"), b"alpha", {"alpha"}, ("alpha",), 1j]
    given_args = {name: bad[data.draw(st.integers(0, len(bad) - 1))] for name in ARGS}
    closed = policy.session().decide(remit.Call("pay", {}, bad_args="{"))
    decision = policy.session().decide(remit.Call("pay", given_args))
    if decision.verdict in ("redact", "rewrite"):
        # a value that cannot be judged may be changed away; what is left must stand for itself
        assert policy.session().decide(decision.after), told(specs)
    elif any(clause.change for clause in specs.clauses):
        assert weight(decision.verdict) >= min(weight(closed.verdict), weight("ask")), told(specs)
    else:
        assert decision.verdict == closed.verdict, told(specs)


def test_what_is_ill_typed_is_unknown() -> None:
    """Each of these once slipped through: an argument of another type than its tool declares."""
    cases: list[tuple[str, Any]] = [
        ('body contains "secret"', {"body": ["my secret"]}),
        ('body in ["evil"]', {"body": ["evil", "x"]}),
        ('["x"] = [body]', {}),
        ("[n] = [100]", {"body": "", "n": "100"}),
        ('tags = ["a"]', {"body": "", "tags": [["a"]]}),
        ('any x in tags satisfies x contains "a"', {"body": "", "tags": [["a b"]]}),
        ("mode is fast", {"body": "", "mode": "FAST"}),
        ('text contains "secret"', MappingProxyType({"body": "secret"})),
        ('text contains "secret"', {"body": b"secret"}),
        ('text contains "secret"', ["secret"]),
    ]
    for condition, arguments in cases:
        policy = remit.load(
            "spec s\nauthor root\ntool send(body: text, n?: number, tags?: list of text,\n"
            "  mode?: one of fast, slow)\n"
            f"clause a\n  forbid call send where {condition}\n"
        )
        decision = policy.session().decide(remit.Call("send", arguments))
        assert decision.verdict == "deny", f"{condition} {arguments}"
