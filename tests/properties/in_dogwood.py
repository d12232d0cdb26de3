"""What Remit and Dogwood can both ask of the past, in the words of each.

Dogwood's present belongs to its past and every event is of it, a denied one too; in Remit the past
ends before the step that is judged. So most questions here say in Remit what the step itself adds
(`now`). Both have tools with the arguments `who`, `n` and `ok`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.real.dogwood_oracle import Oracle

EVER = "1000d"  # Dogwood knows no window without an end; this one holds every conversation here
TOOLS = ("pay", "stop", "look")


def window(within: str) -> str:
    """A window in Remit; none where Dogwood's holds everything."""
    return "" if within == EVER else f" within {within}"


@dataclass(frozen=True)
class Pattern:
    """A call of a tool, or a result of one.

    `ok` is what the argument must be, None where it does not matter; `keyed`: `who` is that of the
    step that is judged.
    """

    tool: str
    ok: bool | None = None
    keyed: bool = False
    result: bool = False

    def dogwood(self, **more: str) -> str:
        """The predicate, with more fields of the event; `who` takes the place of the key."""
        fields = {"who": "context.input.who"} if self.keyed else {}
        fields |= {} if self.ok is None else {"ok": str(self.ok).lower()}
        fields |= more
        kind = "response" if self.result else "request"
        inside = ", ".join(f"input.{name}: {value}" for name, value in fields.items())
        return f'S::Action::"{self.tool}"::{kind}{{ {inside} }}'

    def remit(self, who: str = "this.args.who") -> str:
        """The act. `who` is what the argument is compared with, if it is keyed."""
        of, kind = ("called.", "result of") if self.result else ("args.", "call")
        tests = [] if self.ok is None else [f"{of}ok = {str(self.ok).lower()}"]
        tests += [f"{of}who = {who}"] if self.keyed else []
        where = f" where {' and '.join(tests)}" if tests else ""
        return f"{kind} {self.tool}{where}"

    def act(self, who: str = "this.args.who") -> str:
        """The act of the past behind `earlier`, `over` and the like."""
        act = self.remit(who)
        return f"({act})" if " where " in act else act

    def value(self, name: str) -> str:
        """An argument of the past step."""
        return f"called.{name}" if self.result else f"args.{name}"

    @property
    def now(self) -> str:
        """The condition that the judged step is one; its `who` is its own."""
        if self.result:
            return "false"
        ok = "" if self.ok is None else f" and args.ok = {str(self.ok).lower()}"
        return f'(tool = "{self.tool}"{ok})'


# ---- questions


@dataclass(frozen=True)
class Happened:
    """One was in the window, with no `until` after it."""

    what: Pattern
    within: str
    until: Pattern | None = None

    @property
    def dogwood(self) -> str:
        """`!until since what`, or `formerly what`."""
        return occurrences(self.what.dogwood(), self.within, self.until)

    @property
    def remit(self) -> str:
        """Before now and not ended now, or now."""
        past = f"earlier {self.what.act()}{since(self.until)}{window(self.within)}"
        return f"(({past}{not_now(self.until)}) or {self.what.now})"


def occurrences(what: str, within: str, until: Pattern | None) -> str:
    """All places where something was, that nothing has ended."""
    if until is None:
        return f"formerly within {within} ({what})"
    return f"(!{until.dogwood()} since within {within} ({what}))"


def since(until: Pattern | None) -> str:
    """What ends the past, in Remit."""
    return "" if until is None else f" since {until.act()}"


def not_now(until: Pattern | None) -> str:
    """And the step that is judged does not end it."""
    return "" if until is None else f" and not {until.now}"


@dataclass(frozen=True)
class Previous:
    """The last step was one, and is in the window."""

    what: Pattern
    within: str

    @property
    def dogwood(self) -> str:
        """As it is."""
        return f"previous within {self.within} {self.what.dogwood()}"

    @property
    def remit(self) -> str:
        """Where the last step was one, the newest one is the last step."""
        act = self.what.act()
        return f"(previous {act} and earlier {act}{window(self.within)})"


@dataclass(frozen=True)
class Steps:
    """One of the last `most` steps was one."""

    what: Pattern
    most: int

    @property
    def dogwood(self) -> str:
        """Step by step; there is no `or`."""
        chain, chains = self.what.dogwood(), []
        for _ in range(self.most):
            chain = f"previous within {EVER} ({chain})"
            chains.append(f"!({chain})")
        return f"!({' && '.join(chains)})"

    @property
    def remit(self) -> str:
        """A window in steps, which does not hold the step itself."""
        return f"(earlier {self.what.act()} within {self.most} steps)"


@dataclass(frozen=True)
class Tally:
    """`count`, `sum` or `distinct`, compared with a number; what is told apart has no key."""

    fold: str
    what: Pattern
    within: str
    until: Pattern | None
    op: str
    number: int

    @property
    def dogwood(self) -> str:
        """Of timepoints, of values at timepoints, or of values alone."""
        binders = {"count": "(t: Timepoint)", "sum": "(a: Long), (t: Timepoint)",
                   "distinct": "(u: String)"}[self.fold]  # fmt: skip
        more = {"sum": {"n": "a"}, "distinct": {"who": "u"}}.get(self.fold, {})
        at = "" if self.fold == "distinct" else " && tp(t)"
        head = "sum a" if self.fold == "sum" else "count"
        rows = occurrences(f"{self.what.dogwood(**more)}{at}", self.within, self.until)
        return f"(({head} for {binders}. where ({rows})) {self.op.replace('!', '')} {self.number})"

    @property
    def remit(self) -> str:
        """What was, if it is not ended now, and what the step adds."""
        tail = f"{since(self.until)}{window(self.within)}"
        name = {"sum": "n", "distinct": "who"}.get(self.fold)
        of = f"{self.what.value(name)} over " if name else ""
        past = f"{self.fold} of {of}{self.what.act()}{tail}"
        ended = self.until.now if self.until else "false"
        adds = "args.n" if self.fold == "sum" else "1"
        plus = f"{past} + {adds}"
        cases = [f"(not {self.what.now} and {self._is(ended, past, '0')})"]
        if self.fold == "distinct":  # the value of now may be there already
            same = f"earlier {self._keyed().act()}{tail}"
            cases.append(f"({self.what.now} and {same} and {self._is(ended, past, '1')})")
            cases.append(f"({self.what.now} and not {same} and {self._is(ended, plus, '1')})")
        else:
            cases.append(f"({self.what.now} and {self._is(ended, plus, adds)})")
        return f"({' or '.join(cases)})"

    def _is(self, ended: str, whole: str, rest: str) -> str:
        """The comparison, with the `rest` where the past is ended now."""
        op = self.op if self.op != "==" else "="
        if ended == "false":
            return f"{whole} {op} {self.number}"
        return (f"((not {ended} and {whole} {op} {self.number}) "
                f"or ({ended} and {rest} {op} {self.number}))")  # fmt: skip

    def _keyed(self) -> Pattern:
        return Pattern(self.what.tool, self.what.ok, keyed=True, result=self.what.result)


@dataclass(frozen=True)
class Value:
    """`first`, `last`, `largest` or `smallest` of `n`, compared with a number."""

    fold: str
    what: Pattern
    within: str
    op: str
    number: int

    @property
    def dogwood(self) -> str:
        """Some value that is the one; of an extreme, some value beyond the number."""
        one, any_one = self.what.dogwood(n="a"), self.what.dogwood()
        some = {
            "first": f"formerly within {EVER} ({one} && "
            f"!(previous within {EVER} (formerly within {EVER} {any_one})))",
            "last": f"(!{any_one} since within {self.within} {one})",
        }.get(self.fold, f"formerly within {self.within} {one}")
        return f"(exists (a: Long). ({some} && a {self.op} {self.number}))"

    @property
    def remit(self) -> str:
        """The fold, or the value of the step itself."""
        tail = "" if self.fold == "first" else window(self.within)
        past = f"{self.fold} of {self.what.value('n')} over {self.what.act()}{tail}"
        beyond, now = f"{past} {self.op} {self.number}", f"args.n {self.op} {self.number}"
        if self.fold == "first":
            earlier = f"earlier {self.what.act()}"
            return f"({beyond} or (not {earlier} and {self.what.now} and {now}))"
        if self.fold == "last":
            return f"((not {self.what.now} and {beyond}) or ({self.what.now} and {now}))"
        return f"({beyond} or ({self.what.now} and {now}))"


@dataclass(frozen=True)
class Joined:
    """Somebody for whom both were: a value that is bound by one step and found in another."""

    one: Pattern
    other: Pattern
    within: str

    @property
    def memory(self) -> str:
        """The name of the memory in Remit."""
        ok = {True: "ok", False: "not_ok", None: "any"}[self.one.ok]
        return f"who_{self.one.tool}_{ok}{'_done' if self.one.result else ''}"

    @property
    def remember(self) -> str:
        """The memory in Remit: all that were bound."""
        return f"remember {self.memory} = {self.one.value('who')} in {self.one.remit()}"

    @property
    def dogwood(self) -> str:
        """A join over the past."""
        one, other = self.one.dogwood(who="u"), self.other.dogwood(who="u")
        return (f"(exists (u: String). (formerly within {EVER} {one} "
                f"&& formerly within {self.within} {other}))")  # fmt: skip

    @property
    def remit(self) -> str:
        """Each of those remembered is looked up; the step itself may be the one or the other."""
        keyed = Pattern(self.other.tool, self.other.ok, keyed=True, result=self.other.result)
        tail, now, other = window(self.within), self.one.now, self.other.now
        found = f"(earlier {keyed.act('u')}{tail} or ({other} and args.who = u))"
        return (f"((any u in {self.memory} satisfies {found}) or ({now} and {other}) "
                f"or ({now} and earlier {keyed.act()}{tail}))")  # fmt: skip


@dataclass(frozen=True)
class Nested:
    """A call that came after something; `own`: by the same `who`, else by anybody.

    `how` is `formerly` or `previous`. The two are never one event.
    """

    what: Pattern
    how: str
    before: Pattern
    own: bool
    within: str
    inner: str

    @property
    def dogwood(self) -> str:
        """An operator inside an operator, its window counted from the inner event."""
        more = {"who": "u"} if self.own else {}
        before = f"{self.how} within {self.inner} {self.before.dogwood(**more)}"
        found = f"formerly within {self.within} ({self.what.dogwood(**more)} && {before})"
        return f"(exists (u: String). ({found}))" if self.own else found

    @property
    def remit(self) -> str:
        """The act of the past asks of its own past; `this` is then the step of that act."""
        asks = Pattern(self.before.tool, self.before.ok, self.own, self.before.result).act()
        tests = [f"earlier {asks}{window(self.inner)}"]
        tests += [f"previous {asks}"] if self.how == "previous" else []
        act = " and ".join([self.what.remit(), *tests] if self.what.ok is not None else tests)
        past = f"({act})" if self.what.ok is not None else f"(call {self.what.tool} where {act})"
        return f"(earlier {past}{window(self.within)} or ({' and '.join([self.what.now, *tests])}))"


# ---- what conditions are made of


@dataclass(frozen=True)
class Formula:
    """`and`, `or` and `not` of questions."""

    op: str
    parts: tuple[Formula | Question, ...]

    @property
    def dogwood(self) -> str:
        """There is no `or`, but there is `not`."""
        parts = [f"({one.dogwood})" for one in self.parts]
        if self.op == "or":
            return f"!({' && '.join('!' + one for one in parts)})"
        return f"!{parts[0]}" if self.op == "not" else f"({' && '.join(parts)})"

    @property
    def remit(self) -> str:
        """As it is."""
        parts = [one.remit for one in self.parts]
        return f"(not {parts[0]})" if self.op == "not" else f"({f' {self.op} '.join(parts)})"


Question = Happened | Previous | Steps | Tally | Value | Joined | Nested


@dataclass(frozen=True)
class Rule:
    """A permit or forbid of calls of some tools, with a condition on the past.

    `above` is a bound on the `n` of the step, a condition of the present alone.
    """

    effect: str
    tools: tuple[str, ...]
    past: Formula | Question | None
    above: int | None = None

    @property
    def dogwood(self) -> str:
        """The policy."""
        actions = ", ".join(f'S::Action::"{one}"' for one in self.tools)
        when = "" if self.above is None else f" when {{ context.input.n > {self.above} }}"
        past = "" if self.past is None else f" when temporal {{ {self.past.dogwood} }}"
        return f"{self.effect} (principal, action in [{actions}], resource){when}{past};"

    def remit(self, number: int, remedy: str) -> str:
        """The clause, about a named act: no permit lifts another rule's forbid."""
        tests = [] if self.above is None else [f"args.n > {self.above}"]
        tests += [] if self.past is None else [self.past.remit]
        where = f" where {' and '.join(tests)}" if tests else ""
        clause = f"clause c{number}\n  {self.effect} a{number}"
        tail = f"\n  otherwise {remedy}" if self.effect == "forbid" else ""
        return f"act a{number} = call {', '.join(self.tools)}{where}\n{clause}{tail}"


@dataclass(frozen=True)
class Promise:
    """`require what within BOUND after after`: a forbid of every call that comes too late."""

    what: Pattern
    after: Pattern
    bound: str

    @property
    def dogwood(self) -> str:
        """More is owed than is owed since less than the bound."""
        owed, late = (
            "count for (t: Timepoint). where "
            f"({occurrences(self.after.dogwood() + ' && tp(t)', within, self.what)})"
            for within in (EVER, self.bound)
        )
        return f"forbid (principal, action, resource) when temporal {{ ({owed}) > {late} }};"

    def remit(self, number: int, remedy: str) -> str:
        """The clause."""
        owed = f"{self.what.remit()} within {self.bound} after {self.after.remit()}"
        return f"clause c{number}\n  require {owed}\n  otherwise {remedy}"


# ---- whole policies

SCHEMA = """namespace S {
  type In = { who: String, n: Long, ok: Bool };
  type Out = { fine: Bool };
  entity User;
  entity Agent;
""" + "".join(
    f'  action "{one}" appliesTo {{ principal: [User], resource: [Agent], '
    "context: { input: In, output?: Out } };\n"
    for one in TOOLS
) + "}\n"  # fmt: skip
EVENTS = f"""max_window = {EVER}
decision event <A>::request {{ ...inputs(A) }}
event <A>::response {{ ...inputs(A), ...outputs(A) }}
"""


def questions(part: Formula | Question | None) -> list[Question]:
    """The questions of a condition."""
    if isinstance(part, Formula):
        return [question for one in part.parts for question in questions(one)]
    return [] if part is None else [part]


def in_dogwood(rules: list[Rule | Promise]) -> Oracle:
    """The policy set; without a permit that applies everything is denied."""
    return Oracle("\n".join(one.dogwood for one in rules), SCHEMA, EVENTS)


def in_remit(rules: list[Rule | Promise], remedy: str) -> str:
    """The same as a spec of one level. `remedy` is what a step that Dogwood denies comes to."""
    lines = ["spec s", "author root", "chain root > user"]
    lines += [f"tool {one}(who: text, n: number, ok: flag)" for one in TOOLS]
    asked = [one for rule in rules if isinstance(rule, Rule) for one in questions(rule.past)]
    lines += sorted({one.remember for one in asked if isinstance(one, Joined)})
    lines.append(f"default {remedy} for call")
    lines += [rule.remit(number, remedy) for number, rule in enumerate(rules)]
    return "\n".join(lines) + "\n"
