"""What `docs/dogwood.md` says of the two languages, as cases that both engines are asked.

`SAME` are bounds on which they agree, `APART` cases on which they do not, with how a translation
bridges it. `REMIT` and `DOGWOOD` hold what only one can say, in its own words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.real.dogwood_cases import Asked, Happens, Rule, Rules, Seen
from tests.real.dogwood_shop import PORTS, written
from tests.real.dogwood_spec import HEAD, PARAMETERS, condition, judge, spec
from tests.real.dogwood_text import Writer, actions, logs, policy, replay

import remit
from remit import Call

A, B, C = (Seen("call", (tool,)) for tool in "abc")
OWN = Seen("call", ("b",), same=(("user", "user"),))
BUILT = Rule("permit", ("b", "c"), ())
RAW = "".join(f"tool {tool}{PARAMETERS}\n" for tool in "abc")


@dataclass(frozen=True)
class Same:
    """A question about the past for calls of `a`, and steps with what both say to them."""

    title: str
    asked: Asked
    steps: str  # tool, time and arguments: "b@0 a@5"
    said: str  # one letter a step: y or n

    @property
    def rules(self) -> Rules:
        """The policy that asks it."""
        return Rules((Rule("permit", ("a",), (self.asked,)), BUILT))

    def remits(self) -> str:
        """What Remit says."""
        rules = self.rules
        return _said([one.allowed for one in judge(rules, remit.load(spec(rules)), self.calls())])

    def dogwoods(self) -> str:
        """What Dogwood says."""
        rules = self.rules
        judged = judge(rules, remit.load(spec(rules)), self.calls())
        found: dict[int, bool] = {}
        for lines, places in logs(rules, judged):
            found.update(zip(places, replay(policy(rules), actions(), lines, EVENTS), strict=True))
        return _said([found[place] for place in range(len(judged))])

    def calls(self) -> tuple[Happens, ...]:
        """The steps."""
        return tuple(_happens(one) for one in self.steps.split())

    def row(self) -> str:
        """The row of the page."""
        ours, theirs = condition(self.asked, self.rules), Writer(self.rules).text(self.asked)
        ours, theirs = (ours, f"!({theirs})") if self.asked.negated else (ours[1:-1], theirs)
        theirs = theirs.replace('T::Action::"', "").replace('"::done', "").replace("{  }", "{}")
        said = " ".join(f"{one} {'yes' if so == 'y' else 'no'}," for one, so in
                        zip(self.steps.split(), self.said, strict=True))  # fmt: skip
        return f"| {self.title} | `{ours}` | `{theirs}` | {said.rstrip(',')} |"


@dataclass(frozen=True)
class Apart:
    """A policy in both languages, word for word alike, and steps to which they say other things."""

    title: str
    bridge: str
    spec: str
    policy: str
    steps: str
    remit: str
    dogwood: str

    def remits(self) -> str:
        """What Remit says."""
        session = remit.load(f"{HEAD}{RAW}{self.spec}").session()
        return _said([bool(session.decide(Call(tool, given, time=float(at))))
                      for tool, at, given in map(_parts, self.steps.split())])  # fmt: skip

    def dogwoods(self) -> str:
        """What Dogwood says: each step is a request, and all are part of the past."""
        lines = []
        for tool, at, given in map(_parts, self.steps.split()):
            inside = ", ".join(f"{name}: {json.dumps(value)}" for name, value in given.items())
            lines.append(f'@{at} scope(principal: T::Caller::"ann", resource: T::Place::"here") '
                         f"request_context(input: {{ {inside} }}) "
                         f'T::Action::"{tool}"::request(input: {{ {inside} }})')  # fmt: skip
        return _said(replay(self.policy, actions(), lines, EVENTS))

    def row(self) -> str:
        """The row of the page."""
        steps = self.steps.split()
        said = [_but(steps, self.remit), _but(steps, self.dogwood)]
        return f"| {self.title} | {' '.join(steps)} | {said[0]} | {said[1]} | {self.bridge} |"


def _but(steps: Sequence[str], said: str) -> str:
    denied = [f"{number}." for number, so in enumerate(said, 1) if so == "n"]
    return f"denies the {' and '.join(denied)}" if denied else "allows all"


def _said(found: Sequence[bool]) -> str:
    return "".join("y" if one else "n" for one in found)


def _parts(text: str) -> tuple[str, int, dict[str, Any]]:
    """`a@5`, `a@5(n=3)`: tool, time, arguments; `n` is 0 and `user` is x where not said."""
    head, _, rest = text.rstrip(")").partition("(")
    tool, _, at = head.partition("@")
    given: dict[str, Any] = {"user": "x", "n": 0}
    for one in filter(None, rest.split(",")):
        name, _, value = one.partition("=")
        given[name] = value if name == "user" else int(value) if value else None
    return tool, int(at), {name: value for name, value in given.items() if value is not None}


def _happens(text: str) -> Happens:
    tool, at, given = _parts(text)
    return Happens("call", tool, at, "ann", given["user"], given["n"], given.get("opt"))


EVENTS = """max_window = 400d
decision event <A>::request { ...inputs(A) }
event <A>::done { ...inputs(A) }
"""

SAME = (
    Same("the end of a window is inside", Asked("earlier", B, within=5), "b@0 a@5 a@6", "yyn"),
    Same("what happened at the same second, before", Asked("earlier", B, within=5),
         "a@3 b@3 a@3", "nyy"),
    Same("what happened is known by its values", Asked("earlier", OWN),
         "b@0(user=x) a@1(user=y) a@1(user=x)", "yny"),
    Same("a value that is absent is equal to none",
         Asked("earlier", Seen("call", ("b",), same=(("opt", "opt"),))),
         "b@0 a@1 b@2(opt=1) a@3 a@4(opt=1)", "ynyny"),
    Same("`since`: it ends with the other step", Asked("earlier", B, since=C),
         "b@0 a@0 c@0 a@0 b@0 a@0", "yyynyy"),
    Same("a step that is both begins anew and counts",
         Asked("earlier", Seen("call", ("b",), above=(("n", 1),)), since=B),
         "b@0(n=2) a@0 b@1(n=1) a@1 b@1(n=3) a@1", "yyynyy"),
    Same("`since`, of the same value alone", Asked("earlier", OWN, since=Seen("call", ("c",), same=(
         ("user", "user"),))), "b@0(user=x) c@1(user=y) a@2 c@3(user=x) a@4", "yyyyn"),
    Same("a past step with a past of its own",
         Asked("earlier", replace(B, after=replace(C, same=(("user", "user"),)), gap=2)),
         "c@0(user=y) b@1(user=x) a@1 b@2(user=y) a@9", "yynyy"),
    Same("the step just before", Asked("previous", B), "b@0 a@0 a@0 c@0 a@0", "yynyn"),
    Same("a denied step is not the one before", Asked("previous", C, negated=True),
         "c@0 a@0 a@0 b@0 a@0", "ynnyy"),
    Same("the step just before, if it is not too long ago", Asked("previous", B, within=2),
         "b@0 a@3 b@3 a@5", "ynyy"),
    Same("a count of steps, not of values", Asked("count", B, within=9, order=">=", bound=2),
         "b@0 a@0 b@0 a@9 a@10", "ynyyn"),
    Same("no step is a count of 0", Asked("count", B, order="<", bound=1), "a@0 b@0 a@0", "yyn"),
    Same("different values; one that is absent is none",
         Asked("distinct", B, "opt", order="=", bound=1), "a@0 b@0 a@0 b@1(opt=7) b@2(opt=7) a@3",
         "nynyyy"),
    Same("the sum of nothing is 0", Asked("sum", B, "n", order="<=", bound=0),
         "a@0 b@0(n=1) a@0", "yyn"),
    Same("a sum leaves out what is absent", Asked("sum", B, "opt", order="=", bound=2),
         "b@0(opt=2) b@0 a@0", "yyy"),
    Same("equal amounts all count", Asked("sum", B, "n", within=3, order=">", bound=3),
         "b@0(n=2) a@1 b@1(n=2) a@3 a@4", "ynyyn"),
    Same("no last value: the comparison is false", Asked("last", B, "n", order="<", bound=9),
         "a@0 b@0(n=3) a@0", "nyy"),
    Same("the last step, though it lacks the value", Asked("last", B, "opt", order="=", bound=1),
         "b@0(opt=1) a@0 b@0 a@0", "yyyn"),
    Same("the first value", Asked("first", B, "n", order="=", bound=1),
         "b@0(n=1) b@0(n=2) a@0", "yyy"),
    Same("the largest value", Asked("largest", B, "n", within=4, order="<", bound=3),
         "a@0 b@0(n=5) b@1(n=2) a@4 a@5 a@6", "nyynyn"),
    Same("compared with the judged call", Asked("sum", B, "n", order="<", bound="n"),
         "b@0(n=2) a@0(n=2) a@0(n=3)", "yny"),
)  # fmt: skip

_FREE = "default deny for call at rule\nclause free at rule\n  permit call b, c\n"
_OPEN = 'permit (principal, action in [T::Action::"b", T::Action::"c"], resource);\n'
_IF = 'permit (principal, action == T::Action::"a", resource)\n'
_NOT = 'forbid (principal, action == T::Action::"a", resource)\n'
_ALL = "permit (principal, action, resource);\n"
APART = (
    Apart("a denied step", "in Dogwood an event `done` behind each allowed call; or in Remit an"
          " allowed step `asked` before each call",
          f"{_FREE}clause p at rule\n  permit call a where n < 5"
          " and not earlier (call a where n >= 5)\n",
          f"{_OPEN}{_IF}when {{ context.input.n < 5 }} unless temporal {{ exists (v: Long)."
          ' (formerly within 1h (T::Action::"a"::request{ input.n: v } && v >= 5)) };',
          "a@0(n=9) a@1(n=1)", "ny", "nn"),
    Apart("the judged step itself", "the same; or `amount + sum of amount over ...`",
          f"{_FREE}clause p at rule\n  permit call a where not earlier call a\n",
          f'{_OPEN}{_IF}unless temporal {{ formerly within 1h T::Action::"a"::request{{}} }};',
          "a@0 a@1", "yn", "nn"),
    Apart("time that goes back", "none: Remit goes on at the latest time, Dogwood has not seen what"
          " is later", f"{_FREE}clause p at rule\n  permit call a where earlier call b within 3s\n",
          f'{_OPEN}{_IF}when temporal {{ formerly within 3s T::Action::"b"::request{{}} }};',
          "b@10 a@5 a@13 a@14", "yyyn", "ynyn"),
    Apart("a required argument that is missing", "none: unknown in Remit, so a `forbid` counts; in"
          " Dogwood an error, so it does not",
          "clause f at rule\n  forbid call a where n > 3\n",
          f"{_ALL}{_NOT}when {{ context.input.n > 3 }};", "a@0(n=) a@1(n=4)", "nn", "yn"),
    Apart("the same, of a past step", "none, as above",
          "clause f at rule\n  forbid call a where earlier (call b where n > 3)\n",
          f"{_ALL}{_NOT}when temporal {{ exists (v: Long)."
          ' (formerly within 1h (T::Action::"b"::request{ input.n: v } && v > 3)) };',
          "b@0(n=) a@1", "yn", "yy"),
    Apart("a permit against a forbid", "in Remit a named act for each forbid, so that no permit is"
          " about the same act", "clause f at rule\n  forbid call a\n"
          "clause p\n  permit call a\n", f"{_ALL}{_NOT};", "a@0", "y", "n"),
)  # fmt: skip

# what only Remit can say: in words, and the condition of a forbid, or whole clauses
REMIT = (
    ("windows of steps and of turns", "count of call b within 3 steps > 1"),
    ("parts of a second", "earlier call b within 500ms"),
    ("no window, without a largest one declared", "earlier call b"),
    ("`or` in one condition", "earlier call b or earlier call c"),
    ("arithmetic on what is counted", "n + sum of n over call b > 9"),
    ("the first of a window", "first of n over call b within 1h > 3"),
    ("texts that are looked into", 'earlier (call b where user contains "x")'),
    ("messages, and who speaks", "earlier message from user since result"),
    ("what is owed", "require call b within 3 turns after call a"),
    ("what is remembered by name", "remember users = user in call b at most 9"),
    ("verdicts besides allow and deny", 'forbid call a otherwise ask "user"'),
    ("levels, exceptions and freedoms", "protect call a"),
)

# what only Dogwood can say: in words, and the condition of a permit; `a{...}` is a request of `a`
DOGWOOD = (
    (
        "two past steps in any order, in one window, joined by a value that the judged call lacks",
        "exists (u: String)."
        + " (formerly within 1h b{ input.user: u } && formerly within 1h c{ input.user: u })",
    ),
    (
        "a sum of different values",
        "(sum v for (v: Long). where (formerly within 1h b{ input.n: v })) > 3",
    ),
    (
        "how many past steps are above a value of the judged call",
        "(count for (v: Long), (t: Timepoint). where"
        + " (formerly within 1h (b{ input.n: v } && v > context.input.n && tp(t)))) > 1",
    ),
    (
        "what holds at every step, of the same value",
        "a{ input.user: context.input.user } since within 1h b{ input.user: context.input.user }",
    ),
    ("what was tried and denied", "formerly within 1h a{}"),
)


def clauses(text: str) -> str:
    """A row of `REMIT` as clauses."""
    if text.startswith("remember"):
        return text
    norm = text if text.split()[0] in ("require", "forbid", "protect") else None
    return f"role user speaks as rule\nclause x at rule\n  {norm or f'forbid call a where {text}'}"


def conditions(text: str) -> str:
    """A row of `DOGWOOD` as a policy."""
    full = re.sub(r"\b([abc])\{", r'T::Action::"\1"::request{', text)
    return f"{_IF}when temporal {{ {full} }};"


# ---- the page


def same_rows() -> Iterator[str]:
    """The table of bounds that are the same."""
    yield "| case | Remit | Dogwood | both say |"
    yield "|---|---|---|---|"
    yield from (one.row().replace("||", "\\|\\|") for one in SAME)


def apart_rows() -> Iterator[str]:
    """The table of differences."""
    yield "| case | steps | Remit | Dogwood | in a translation |"
    yield "|---|---|---|---|---|"
    yield from (one.row() for one in APART)


def only_rows(of: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What only one of them can say."""
    yield from (f"- {title}: `{text}`" for title, text in of)


def port_rows() -> Iterator[str]:
    """The policies of the wheel."""
    yield "| policy of the wheel | port | conversations | steps |"
    yield "|---|---|---:|---:|"
    for port in PORTS:
        found = [steps for _, steps, _ in written(port)]
        path = port.path.removeprefix("examples/")
        yield f"| `{path}` | `{port.name}.spec` | {len(found)} | {sum(map(len, found))} |"
