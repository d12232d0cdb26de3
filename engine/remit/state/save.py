"""A state as plain data and back: for records, which must be verified alone, and for saving.

Rules and masks are made anew from the policy; what stands here is what was said, by whom and where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remit.program.values import UNKNOWN
from remit.state.model import State
from remit.state.save_consent import consent_from_json, proposal_to_json
from remit.state.sayings import Saying, Void, Words, spoken_rule, voice_of

if TYPE_CHECKING:
    from remit.program.model import Program

MOST_STEPS = 1 << 53  # steps of a conversation


class RestoreError(ValueError):
    """A saved session that is damaged, of another policy, or none at all."""


HANDED = "handed on"  # the origin of what a hand-over to a sub-agent sets
_UNKNOWN = {"unknown": True}


def state_to_json(state: State) -> dict[str, Any]:
    """The state as plain data; empty before anything was heard. Answers of judges are left out."""
    data: dict[str, Any] = {}
    if state.sayings:
        data["said"] = [saying_to_json(one, state.program) for one in state.sayings.values()]
    if state.voids:
        data["void"] = [void_to_json(one, state.program) for one in state.voids.values()]
    if state.turn:
        data["turn"] = sorted(state.turn)
    if state.consent:
        data["asked"] = [proposal_to_json(one) for one in state.consent]
    if state.cap:
        data["cap"] = state.program.level(state.cap)
    if state.cut:
        data["cut"] = True
    if state.turn_seen:
        data["turn_seen"] = True
    return data


def saying_to_json(one: Saying, program: Program) -> dict[str, Any]:
    """A saying as plain data."""
    data: dict[str, Any] = {
        "norm": one.id, "directive": one.directive.id, "author": program.level(one.author),
        "strength": program.level(one.strength), "step": one.order[0], "place": one.order[1],
        "by": one.by, "text": one.text, "words": _words_to_json(one.words),
        "certain": one.certain,
    }  # fmt: skip
    if one.loan is not None:
        data["loan"] = one.loan
    norm = one.directive.norm
    if one.directive.id not in program.templates:
        from remit.checked.model import Constraint

        assert isinstance(norm, Constraint), "only what is handed on has no template"
        data["sets"] = {"setting": norm.setting, "op": norm.op, "value": norm.value.value}
    return data


def void_to_json(one: Void, program: Program) -> dict[str, Any]:
    """A void directive as plain data."""
    data: dict[str, Any] = {
        "directive": one.directive, "step": one.step, "by": one.by, "kind": one.kind,
        "name": one.name, "has": program.level(one.has), "text": one.text,
    }  # fmt: skip
    if one.needs is not None:
        data["needs"] = program.level(one.needs)
    if not one.certain:
        data["certain"] = False
    if one.words is None or one.words:
        data["words"] = None if one.words is None else _words_to_json(one.words)
    return data


def _words_to_json(words: Words) -> dict[str, Any]:
    return {name: _UNKNOWN if value is UNKNOWN else value for name, value in words}


def state_from_json(program: Program, data: Mapping[str, Any]) -> State:
    """The state that the data describes. Raises `ValueError` where it describes none."""
    try:
        state = State(program, cap=_rank(program, data.get("cap", program.level(0))))
        state.cut, state.turn_seen = data.get("cut") is True, data.get("turn_seen") is True
        state.turn = frozenset(str(one) for one in data.get("turn", ()))
        state.consent = consent_from_json(program, data.get("asked", ()))
        for row in data.get("said", ()):
            saying = _saying(program, row)
            state.sayings[saying.key] = saying
        for row in data.get("void", ()):
            void = void_from_json(program, row)
            state.voids[void.key] = void
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"the state cannot be read: {error}") from error
    return state


def _rank(program: Program, level: object) -> int:
    if level == "none":
        return len(program.chain)
    if level not in program.chain:
        raise ValueError(f"there is no level `{str(level)[:80]}`")
    return program.chain.index(str(level))


def _words(data: Mapping[str, Any]) -> Words:
    return tuple((name, UNKNOWN if value == _UNKNOWN else value) for name, value in data.items())


def _saying(program: Program, row: Mapping[str, Any]) -> Saying:
    author, strength = _rank(program, row["author"]), _rank(program, row["strength"])
    order = (int(row["step"]), int(row["place"]))
    if "sets" in row:
        return _handed(program, row["sets"], author, order)
    directive = program.templates[row["directive"]].directive
    plain = Saying(
        directive, author, strength, order, str(row["by"]), str(row["text"]), _words(row["words"]),
        row["certain"] is True, row.get("loan"), voice_of(row["norm"]),
    )  # fmt: skip
    if not _is_legal(program, plain):
        raise ValueError(f"nobody can say `{directive.id[:80]}` like that")
    return spoken_rule(program, plain)


def _handed(program: Program, sets: Any, rank: int, order: tuple[int, int]) -> Saying:
    kind = program.settings[sets["setting"]].type
    from remit.program.domain import whole

    if rank >= len(program.chain) or whole(kind).narrow(sets["op"], sets["value"]) is None:
        raise ValueError(f"nobody can hand on `{sets['setting'][:80]}` like that")
    return handed_on(sets["setting"], sets["op"], sets["value"], rank, order)


def _is_legal(program: Program, one: Saying) -> bool:
    """Whether a saying has an author, a strength, words and a loan that it can have."""
    directive, none = one.directive, len(program.chain)
    strengths = (max(one.author, directive.weakest), max(one.author, directive.weakest, none - 1))
    plain = all(value is UNKNOWN or value is None or type(value) in (str, int, float, bool)
                for _, value in one.words)  # fmt: skip
    lent = one.loan is None or any(each.loan.id == one.loan for each in program.lendings)
    return (
        directive.author <= one.author < none and one.strength in strengths and lent and plain
        and tuple(name for name, _ in one.words) == directive.words
        and -1 <= one.order[0] < MOST_STEPS and one.order[1] >= 0
    )  # fmt: skip


def void_from_json(program: Program, row: Mapping[str, Any]) -> Void:
    """The void directive that the data describes; KeyError and TypeError where it is none."""
    words = row.get("words", {})
    needs = None if "needs" not in row else _rank(program, row["needs"])
    return Void(
        program.templates[row["directive"]].directive.id, int(row["step"]), str(row["by"]),
        str(row["kind"]), str(row["name"]), _rank(program, row["has"]), needs, str(row["text"]),
        None if words is None else _words(words), row.get("certain", True) is True,
    )  # fmt: skip


def handed_on(setting: str, op: str, value: Any, rank: int, order: tuple[int, int]) -> Saying:
    """What a hand-over to a sub-agent sets: a constraint with the strength of the hand-over."""
    from remit.checked.model import Constraint, Directive, Term
    from remit.checked.types import ANY

    fixed = Term("const", (), ANY, value)
    name = f"{HANDED}::{setting}"
    norm = Constraint(name, setting, HANDED, rank, rank, setting, op, fixed)
    directive = Directive(name, setting, HANDED, norm)
    words = (("value", repr(value)), ("op", op))
    return Saying(directive, rank, rank, order, "whoever handed on", words=words,
                  value=lambda view: value)  # fmt: skip
