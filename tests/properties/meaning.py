"""What conditions and changes mean, evaluated slowly and without a line of the engine.

A second telling of the generated part of the language: terms as plain data, their Remit text, their
three-valued truth about a step (None is unknown), and what redactions and rewrites make of a step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Protocol
from zlib import crc32

Truth = bool | None
UNKNOWN, ABSENT = object(), object()

TYPES: dict[str, str | tuple[str, ...]] = {
    "order": "text", "amount": "number", "note": "text", "tags": "texts", "urgent": "flag",
    "mode": ("fast", "slow"), "to": "text", "body": "text",
    "tier": ("standard", "gold"), "verified": "flag", "limit": "number",
    "text": "text", "kind": ("message", "call", "result", "handoff"), "agent": "text",
    "failed": "flag", "w": "word", "spend": "number", "lang": ("en", "fr", "de"), "kinds": "texts",
}  # fmt: skip
TOOLS: dict[str, dict[str, Any]] = {  # per argument: needed, or what stands in where it is left out
    "pay": {"order": "needed", "amount": "needed", "note": ABSENT, "tags": ABSENT,
            "mode": "fast", "urgent": ABSENT},
    "mail": {"to": "needed", "body": "needed", "tags": ABSENT},
    "look": {"order": "needed"},
}  # fmt: skip
ROLES = {"assistant", "agent", "tool", "function", "user", "system", "clerk"}
EFFECTS = {"pay": {"spends", "lasting"}, "mail": {"lasting"}, "look": {"reads"}}
REFUSAL = "I'm sorry, but I can't help with that."
CONTEXT = {"tier": "standard", "verified": UNKNOWN, "limit": 100}  # the defaults
VOCABULARY = """\
tool pay(order: text, amount: number, note?: text, tags?: list of text,
         mode?: one of fast, slow = fast, urgent?: flag) effects spends, lasting
tool mail(to: text, body: text, tags?: list of text) effects lasting
tool look(order: text) effects reads
context tier: one of standard, gold default standard
context verified: flag
context limit: number default 100
"""


@dataclass(frozen=True)
class Term:
    """An operation on terms; `name` and `value` are leaves, `any` and `all` bind the name `x`."""

    op: str
    args: tuple[Any, ...]


def key(term: Term) -> str:
    """The same text for terms that are the same up to the order of `and`, `or` and `=`."""
    parts = [key(arg) if isinstance(arg, Term) else repr(arg) for arg in term.args]
    return f"{term.op}({';'.join(sorted(parts) if term.op in ('and', 'or', '=') else parts)})"


# ---- terms as Remit text


def literal(value: Any) -> str:
    """A fixed value as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(literal(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def written(term: Term) -> str:
    """The term as Remit text; which of several spellings is used depends on the term alone."""
    op, args = term.op, term.args
    pick = crc32(key(term).encode()) % 2
    if op == "value":
        return literal(args[0])
    if op == "name":
        return f"args.{args[0]}" if pick and args[0] in ("order", "to") else str(args[0])
    if op in ("and", "or"):
        return f"({f' {op} '.join(written(arg) for arg in args)})"
    if op == "not":
        return _written_not(args[0], pick)
    if op in ("void", "asked", "judged", "number"):
        return _written_said(op, args)
    if op in ("any", "all"):
        return f"({op} x in {written(args[0])} satisfies ({written(args[1])}))"
    if op in ("missing", "empty"):
        return f"{written(args[0])} is {op}"
    left, right = (written(arg) for arg in args)
    if op in ("<", "<=") and pick:
        return f"{right} {op.replace('<', '>')} {left}"
    return f"{left} {'is' if op == '=' and pick else op} {right}"


def _written_said(op: str, args: tuple[Any, ...]) -> str:
    if op == "number":
        return "number of w"
    if op == "judged":
        return f'(judged "{args[0]}" by j)'
    if op == "asked":
        return "a norm in force asks for it"
    name, origin, asking = args
    parts = ["a void directive", name, origin and f"came from {origin}"]
    return " ".join(one for one in [*parts, "asking for it" if asking else None] if one)


def _written_not(inner: Term, pick: int) -> str:
    if pick and inner.op in ("=", "in", "contains"):
        left, right = (written(arg) for arg in inner.args)
        word = {"=": "is not", "in": "not in", "contains": "does not contain"}[inner.op]
        return f"{left} {word} {right}"
    if pick and inner.op == "missing":
        return f"{written(inner.args[0])} is present"
    return f"not ({written(inner)})"


# ---- the truth of terms


SETTINGS = ("spend", "lang", "kinds")


class Past(Protocol):
    """What a conversation has come to before a step."""

    def setting(self, name: str, seen: Seen) -> Any:
        """The value in force."""

    def truth(self, term: Term, seen: Seen) -> Truth:
        """Of `a void directive`, `a norm in force asks for it` and `judged`."""


@dataclass
class Seen:
    """A step, in the native form of conversations, and what the host says of the conversation.

    `word` is what a directive took from a text, the only word that there is.
    """

    step: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    past: Past | None = None
    word: Any = UNKNOWN

    def value(self, name: str) -> Any:
        """What a name of the language stands for; of another type than it should be: unknown."""
        return typed(self.raw(name), TYPES[name])

    def raw(self, name: str) -> Any:
        """The same before its type is looked at."""
        step = self.step
        if name == "w":
            return self.word
        if name in SETTINGS:
            return UNKNOWN if self.past is None else self.past.setting(name, self)
        if name in CONTEXT:
            return {**CONTEXT, **self.context, **step.get("context", {})}[name]
        if name == "text":
            return self.text()
        if name in ("kind", "agent", "failed"):
            return {"kind": step["kind"], "agent": step.get("to"), "failed": "error" in step}[name]
        if "bad_args" in step:
            return UNKNOWN
        params = TOOLS.get(step["tool"])
        stands_in = UNKNOWN if params is None else params.get(name, ABSENT)
        if step["args"].get(name) is not None:
            return step["args"][name]
        misfits = params is not None and not set(step["args"]) <= set(params)
        if stands_in == "needed" or (misfits and name not in step["args"]):
            return UNKNOWN  # it may stand under a name that the tool does not have
        if name in step["args"]:  # null: where there is a default, the tool may use either
            return ABSENT if stands_in in (ABSENT, UNKNOWN) else UNKNOWN
        return stands_in

    def text(self) -> str:
        """All that can be read in the step."""
        step = self.step
        if step["kind"] == "call":
            odd = [one for one in step.get("args", {}) if one not in TOOLS.get(step["tool"], [one])]
            given = list(step.get("args", {}).values())
            return "\n".join(texts([odd, given, step.get("bad_args")]))
        if step["kind"] == "result":
            return "\n".join([*texts(step["text"] or None), *texts(step.get("error") or None)])
        return "\n".join([step["text"], *(part["text"] for part in step.get("parts", ()))])


def texts(value: Any) -> list[str]:
    """Every text inside a value, from left to right; of a record the names of its fields first."""
    if isinstance(value, dict):
        return texts([*value, *value.values()])
    if isinstance(value, list):
        return [one for item in value for one in texts(item)]
    return [value] if isinstance(value, str) else []


def typed(value: Any, kind: str | tuple[str, ...]) -> Any:
    """The value, with unknown in place of whatever is not of the type."""
    if value is ABSENT or value is UNKNOWN or kind == "word":
        return value
    if isinstance(kind, tuple):
        return value if value in kind and isinstance(value, str) else UNKNOWN
    if kind == "texts" and isinstance(value, list):
        return [typed(one, "text") for one in value]
    fits: Any = {"text": str, "flag": bool, "number": (int, float), "texts": ()}[kind]
    good = isinstance(value, fits) and (isinstance(value, bool) == (kind == "flag"))
    broken = isinstance(value, float) and isnan(value)
    return value if good and not broken else UNKNOWN


def both(truths: Iterable[Truth]) -> Truth:
    """Kleene's and."""
    found = set(truths)
    return False if False in found else None if None in found else True


def either(truths: Iterable[Truth]) -> Truth:
    """Kleene's or."""
    return opposite(both(opposite(one) for one in truths))


def opposite(truth: Truth) -> Truth:
    """Kleene's not."""
    return None if truth is None else not truth


def value_of(term: Term, seen: Seen, item: Any = UNKNOWN) -> Any:
    """The value of a leaf; `item` is what `x` stands for."""
    if term.op == "value":
        return list(term.args[0]) if isinstance(term.args[0], tuple) else term.args[0]
    if term.op == "number":
        return number(seen.word)
    return item if term.args[0] == "x" else seen.value(term.args[0])


def number(word: Any) -> Any:
    """`number of w`: the number that a text of digits is; a number passes."""
    if isinstance(word, str):
        return int(word) if word.isdecimal() else UNKNOWN
    return word


def truth(term: Term, seen: Seen, item: Any = UNKNOWN) -> Truth:
    """Whether a condition holds: true, false, or None for unknown."""
    op, args = term.op, term.args
    if op in ("and", "or"):
        return (both if op == "and" else either)([truth(arg, seen, item) for arg in args])
    if op == "not":
        return opposite(truth(args[0], seen, item))
    if op in ("void", "asked", "judged"):
        return None if seen.past is None else seen.past.truth(term, seen)
    values = [value_of(arg, seen, item) for arg in (term,) if op == "name"] or [
        value_of(arg, seen, item) for arg in args if arg.op in ("name", "value", "number")
    ]
    if UNKNOWN in values:
        return None
    if op in ("any", "all"):
        items = [] if values[0] is ABSENT else values[0]
        return (either if op == "any" else both)([truth(args[1], seen, one) for one in items])
    if op == "missing":
        return values[0] is ABSENT
    if op == "empty":
        return values[0] is ABSENT or len(values[0]) == 0
    if ABSENT in values:
        return False
    return bool(values[0]) if op == "name" else _compared(op, *values)


def _compared(op: str, left: Any, right: Any) -> Truth:
    if op == "=":
        return _same(left, right)
    if op == "in":
        return either(_same(left, one) for one in right)
    if op == "contains" and isinstance(left, list):
        return either(_same(one, right) for one in left)
    if op in ("<", "<="):
        return bool(left < right if op == "<" else left <= right)
    tests: dict[str, Callable[[str, str], bool]] = {
        "contains": str.__contains__, "starts with": str.startswith, "ends with": str.endswith,
    }  # fmt: skip
    if not isinstance(right, str):
        return None  # a word that the host gave as a number
    return tests[op](left.lower(), right.lower())


def _same(left: Any, right: Any) -> Truth:
    if UNKNOWN in (left, right) or isinstance(left, str) != isinstance(right, str):
        return None
    return bool(left == right)


# ---- acts


@dataclass(frozen=True)
class Head:
    """An act without its condition, and how it is written."""

    text: str
    kind: str
    names: frozenset[str] | None = None  # tools, roles or agents; None for any
    effects: frozenset[str] = frozenset()


def is_act(head: Head, step: Mapping[str, Any]) -> Truth:
    """Whether the step is the act; what an undeclared tool does is unknown."""
    if head.kind not in ("step", step["kind"]):
        return False
    if head.text == "refusal":
        given = step.get("refusal")
        refuses = step["text"].startswith(REFUSAL) if given is None else given
        known = None if step["role"] not in ROLES else step["role"] in ("assistant", "agent")
        return both([known, refuses])
    name = {"message": "role", "handoff": "to"}.get(step["kind"], "tool")
    if head.names is not None and name == "role" and step["role"] not in ROLES:
        return None  # nobody knows who says it
    if head.names is not None and step[name] not in head.names:
        return False
    if not head.effects:
        return True
    return head.effects <= EFFECTS[step["tool"]] if step["tool"] in EFFECTS else None


# ---- changes


@dataclass(frozen=True)
class Change:
    """A redaction (`target` None: `old` becomes `new`) or a rewrite of `target` to `new`."""

    new: Any
    old: str = ""
    target: str | None = None


def changed(step: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any] | None:
    """The step with every change made, rewrites first; None where one cannot be made."""
    made: dict[str, Any] = dict(step)
    rewrites = [one for one in changes if one.target is not None]
    if len({(one.target, one.new) for one in rewrites}) != len({one.target for one in rewrites}):
        return None
    for one in rewrites:
        if one.target == "text":
            made = {name: value for name, value in made.items() if name != "parts"}
            made["text"] = one.new
        elif "bad_args" in step:
            return None
        else:
            made["args"] = {**made.get("args", {}), str(one.target): one.new}
    for one in (change for change in changes if change.target is None):
        after = _blanked(made, one)
        if after == made:
            return None
        made = after
    return made


def _blanked(step: dict[str, Any], change: Change) -> dict[str, Any]:
    parts = ("text", "args", "bad_args", "parts", "error", "value")
    return {name: _swap(one, change) if name in parts else one for name, one in step.items()}


def _swap(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return re.sub(re.escape(change.old), lambda _: change.new, value, flags=re.IGNORECASE)
    if isinstance(value, dict):
        return {k: v if k in ("origin", "name") else _swap(v, change) for k, v in value.items()}
    return [_swap(one, change) for one in value] if isinstance(value, list) else value
