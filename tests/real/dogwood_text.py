"""The generated policies for Dogwood, its form of a conversation, and what its engine says.

In Dogwood every request is part of the past, denied or not, and so is the request that is judged.
Where only what took effect counts, an allowed call is followed by an event `done`, and conditions
speak of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import files
from itertools import count
from typing import Any

from tests.real.dogwood_cases import TOOLS, Asked, Happens, Rule, Rules, Seen
from tests.real.dogwood_spec import Judged, arguments

EVER = "365d"  # longer than any conversation here; Dogwood knows no question without a window
KINDS = {"request": "decision event", "done": "event", "response": "event"}
NOTHING: Mapping[str, str] = {}
FLIPPED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def actions() -> str:
    """The actions and what they are given, as a Cedar schema."""
    shape = "context: { input: Given, output?: Got }"
    lines = ["namespace T {", "  entity Place;", "  entity Caller;",
             "  type Given = { user: String, n: Long, opt?: Long };",
             "  type Got = { ok: Bool, got: Long };"]  # fmt: skip
    to = f"appliesTo {{ principal: [Caller], resource: [Place], {shape} }}"
    lines += [f'  action "{tool}" {to};' for tool in TOOLS]
    return "\n".join([*lines, "}"])


def events(rules: Rules) -> str:
    """The kinds of events; with a pin each caller has a past of their own."""
    pin, to = ("pin ", " = principal") if rules.apart else ("", "")
    lines = ["max_window = 400d"]
    for kind, head in KINDS.items():
        more = " ...outputs(A)," if kind == "response" else ""
        who = f"{pin}callerPrincipal: principalType(A){to}"
        lines.append(f"{head} <A>::{kind} {{ ...inputs(A),{more} {who} }}")
    return "\n".join(lines)


# ---- writing


def policy(rules: Rules) -> str:
    """The text of the policy."""
    return "\n".join(_rule(rule, rules) for rule in rules.rules)


def _rule(rule: Rule, rules: Rules) -> str:
    effect = "permit" if rule.effect == "permit" else "forbid"
    names = ", ".join(f'T::Action::"{tool}"' for tool in rule.tools)
    lines = [f"{effect} (principal, action in [{names}], resource)"]
    if rule.at_least is not None:
        lines.append(f"when {{ context.input.n >= {rule.at_least} }}")
    for asked in rule.asked:
        holds = asked.negated == (rule.effect == "require")
        word = "when" if holds else "unless"
        lines.append(f"{word} temporal {{ {Writer(rules).text(asked)} }}")
    return "\n".join(lines) + ";"


class Writer:
    """Writes one question; every variable gets a name of its own."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.fresh = count()

    def text(self, asked: Asked) -> str:
        """The question, without its negation."""
        fold = asked.fold
        if fold == "earlier":
            return self.inside(asked, self.holds(asked.what))
        if fold == "previous":
            return f"previous within {self.window(asked)} {self.holds(asked.what)}"
        if fold == "kept":
            assert asked.since is not None, "what is kept"
            anchor = self.holds(asked.what)
            return f"{self.holds(asked.since)} since within {self.window(asked)} {anchor}"
        if fold in ("count", "distinct", "sum"):
            return self.added_up(asked)
        if fold in ("largest", "smallest"):
            return self.extreme(asked)
        return self.one_of_them(asked)

    def window(self, asked: Asked) -> str:
        """How far back a question looks."""
        return EVER if asked.within is None else f"{asked.within}{self.rules.unit}"

    def inside(self, asked: Asked, body: str) -> str:
        """That the body held at some time, since the beginning that the question has."""
        if asked.since is None:
            return f"formerly within {self.window(asked)} ({body})"
        return f"(!{self.holds(asked.since)} since within {self.window(asked)} ({body}))"

    def holds(
        self, seen: Seen, of: str = "", var: str = "", more: str = "",
        outer: Mapping[str, str] = NOTHING,
    ) -> str:  # fmt: skip
        """That a step is like this, in parentheses. `var` is bound to the field `of`.

        `outer` are variables with what a later past step was given, where it is not the judged one.
        """
        if len(seen.tools) == 1:
            return self.one(seen, seen.tools[0], of, var, more, outer)
        # there is no "or": not none of them, and `tp` because a scope must look at the time point
        none = " && ".join(f"!{self.one(seen, tool, '', '', '', outer)}" for tool in seen.tools)
        return f"(!({none}){more})"

    def one(
        self, seen: Seen, tool: str, of: str, var: str, more: str, outer: Mapping[str, str]
    ) -> str:
        """As `holds`, of one tool."""
        named = {of: var} if of else {}
        asked = [field for field, _ in seen.above]
        asked += [own for _, own in seen.after.same] if seen.after else []
        for field in asked:
            named.setdefault(field, f"w{next(self.fresh)}")
        fields = [f"{_field(field)}: {json.dumps(value)}" for field, value in seen.fixed]
        fields += [f"{_field(field)}: {outer.get(own, f'context.input.{own}')}"
                   for field, own in seen.same]  # fmt: skip
        fields += [f"{_field(field)}: {name}" for field, name in named.items()]
        above = "".join(f" && {named[field]} > {number}" for field, number in seen.above)
        head = f'T::Action::"{tool}"::{self.kind(seen)}{{ {", ".join(fields)} }}'
        text = f"({head}{above}{self.before(seen, named)}{more})"
        for field, name in named.items():
            if name != var:
                text = f"(exists ({name}: {_type(field)}). {text})"
        return text

    def before(self, seen: Seen, named: dict[str, str]) -> str:
        """What was before a past call: before its request, which is the event just before it."""
        if seen.after is None:
            return ""
        gap = EVER if seen.gap is None else f"{seen.gap}{self.rules.unit}"
        past = f"formerly within {gap} {self.holds(seen.after, outer=named)}"
        return f" && previous within {EVER} ({past})"

    def kind(self, seen: Seen) -> str:
        """The kind of event that stands for a step."""
        if seen.kind == "result":
            return "response"
        return "request" if self.rules.attempts else "done"

    def added_up(self, asked: Asked) -> str:
        """A count, a sum, or how many different values there are."""
        var, point = f"v{next(self.fresh)}", f"t{next(self.fresh)}"
        if asked.fold == "distinct":
            head, body = (
                f"count for ({var}: {_type(asked.of)}).",
                self.holds(asked.what, asked.of, var),
            )
        elif asked.fold == "sum":
            head = f"sum {var} for ({var}: Long), ({point}: Timepoint)."
            body = self.holds(asked.what, asked.of, var, f" && tp({point})")
        else:
            head = f"count for ({point}: Timepoint)."
            body = self.holds(asked.what, more=f" && tp({point})")
        return f"({head} where ({self.inside(asked, body)})) {_compared(asked)}"

    def extreme(self, asked: Asked) -> str:
        """The largest is above a bound where some value is, and below it where none is above."""
        some = self.some(asked, asked.order)
        if (asked.fold == "largest") == asked.order.startswith(">"):
            return some
        return f"{self.some(asked, '')} && !{self.some(asked, FLIPPED[asked.order])}"

    def some(self, asked: Asked, order: str) -> str:
        """That some value compares so with the bound, or that there is any."""
        var = f"v{next(self.fresh)}"
        more = f" && {var} {order} {_bound(asked)}" if order else ""
        body = self.holds(asked.what, asked.of, var, more)
        return f"(exists ({var}: Long). {self.inside(asked, body)})"

    def one_of_them(self, asked: Asked) -> str:
        """The last: no other has been since. The first: there was no other before it."""
        var, what = f"v{next(self.fresh)}", asked.what
        begins = "" if asked.since is None else f" && !{self.holds(asked.since)}"
        if asked.fold == "last":
            left = f"(!{self.holds(what)}{begins})"
            value = self.holds(what, asked.of, var)
            past = f"({left} since within {self.window(asked)} {value})"
        else:
            before = f"previous within {EVER} ({self.inside(asked, self.holds(what))})"
            past = self.inside(asked, self.holds(what, asked.of, var, f" && !({before}{begins})"))
        return f"exists ({var}: Long). ({past} && {var} {_compared(asked)})"


def _field(name: str) -> str:
    return f"{'output' if name in ('ok', 'got') else 'input'}.{name}"


def _type(field: str) -> str:
    return "String" if field == "user" else "Long"


def _bound(asked: Asked) -> str:
    return f"context.input.{asked.bound}" if isinstance(asked.bound, str) else str(asked.bound)


def _compared(asked: Asked) -> str:
    return f"{'==' if asked.order == '=' else asked.order} {_bound(asked)}"


# ---- running


def logs(rules: Rules, judged: Sequence[Judged]) -> Iterator[tuple[list[str], list[int]]]:
    """Conversations for Dogwood, with the steps that they ask about.

    Where the step just before matters, a denied request must not be one, so it gets a
    conversation of its own, in which it is the last.
    """
    drop = rules.asks("previous")
    lines: list[str] = []
    asked: list[int] = []
    for place, one in enumerate(judged):
        if one.step.kind == "result":
            lines.append(_line("response", one.step, one.of))
            continue
        request = _line("request", one.step, one.step)
        if drop and not one.allowed:
            yield [*lines, request], [*asked, place]
            continue
        lines.append(request)
        asked.append(place)
        if one.allowed and not rules.attempts:
            lines.append(_line("done", one.step, one.step))
    yield lines, asked


def _line(kind: str, step: Happens, of: Happens) -> str:
    given = _record(arguments(of))
    got = f", output: {_record({'ok': step.ok, 'got': step.got})}" if kind == "response" else ""
    who = f'T::Caller::"{step.caller}"'
    return (f'@{step.at} scope(principal: {who}, resource: T::Place::"here") '
            f'request_context(input: {given}) T::Action::"{step.tool}"::{kind}'
            f"(input: {given}{got}, callerPrincipal: {who})")  # fmt: skip


def _record(fields: Any) -> str:
    inside = ", ".join(f"{name}: {json.dumps(value)}" for name, value in fields.items())
    return f"{{ {inside} }}"


def installed() -> bool:
    """Whether the package is there, with the engine for this machine."""
    try:
        files("dogwood-py")
        return bool(import_module("dogwood.native").available())
    except ImportError:
        return False


def replay(text: str, actions: str, lines: Sequence[str], events: str) -> list[bool]:
    """What the engine in the wheel says to each request."""
    native = import_module("dogwood.native")
    said = native.replay(text, actions, "\n".join(lines), events)
    found = re.findall(r"\(time point \d+\): (true|false)", said)
    assert len(found) == len(said.splitlines()), said
    return [one == "true" for one in found]


def problems(text: str, actions: str, events: str) -> list[str]:
    """What Dogwood finds wrong with a policy."""
    found = import_module("dogwood.native").validate_policy(text, actions, events)
    return [*found["errors"]]
