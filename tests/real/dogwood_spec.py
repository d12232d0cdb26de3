"""The generated policies as specs, and what Remit says to a conversation.

Where attempts count, each call is reported first as a call of `asked_TOOL`, which is always
allowed, and conditions speak of these: in Remit a denied step has not happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.real.dogwood_cases import TOOLS, UNITS, Asked, Happens, Rule, Rules, Seen

import remit
from remit import Call, Result

HEAD = "spec generated\nauthor known\nchain known > rule\n"
PARAMETERS = "(user: text, n: number, opt?: number)"


@dataclass(frozen=True)
class Judged:
    """A step that was judged, and whether it may go on. `of` is the call that a result is of."""

    step: Happens
    of: Happens
    allowed: bool


# ---- writing


def spec(rules: Rules) -> str:
    """The text of the spec."""
    names = [*TOOLS, *(f"asked_{one}" for one in TOOLS if rules.attempts)]
    lines = [HEAD, *(f"tool {name}{PARAMETERS}" for name in names), "default deny for call at rule"]
    if rules.attempts:
        asked = ", ".join(f"asked_{one}" for one in TOOLS)
        lines.append(f"clause asking at rule\n  permit call {asked}")
    for number, rule in enumerate(rules.rules):
        lines.append(_clause(number, rule, rules))
    return "\n".join(lines) + "\n"


def _clause(number: int, rule: Rule, rules: Rules) -> str:
    """A clause. The acts of forbids have names, so no permit is about the same act and lifts it."""
    act, head = f"r{number}", f"clause c{number} at rule\n  "
    tests = [condition(one, rules) for one in rule.asked]
    if rule.at_least is not None:
        tests.append(f"args.n >= {rule.at_least}")
    tools = ", ".join(rule.tools)
    if rule.effect == "permit":
        return f"{head}permit call {tools}{_where(tests)}"
    named = f"act {act} = call {tools}\n{head}"
    if rule.effect == "forbid":
        return f"{named}forbid {act}{_where(tests)}"
    (asked,) = rule.asked
    happening = _bare(asked.what, rules) + _rest(asked, rules, bare=True)
    return f"{named}require {happening} before {act}{_where(tests[1:])}"


def _where(tests: list[str]) -> str:
    return f" where {' and '.join(tests)}" if tests else ""


def condition(asked: Asked, rules: Rules) -> str:
    text = f"{_term(asked, rules)}{_rest(asked, rules)}"
    if asked.fold == "previous" and asked.within is not None:
        # the step before and the last such step are then the same one
        text = f"{text} and earlier {_act(asked.what, rules)} within {asked.within}{rules.unit}"
    if asked.order:
        bound = f"args.{asked.bound}" if isinstance(asked.bound, str) else str(asked.bound)
        text = f"{text} {asked.order} {bound}"
    return f"not ({text})" if asked.negated else f"({text})"


def _term(asked: Asked, rules: Rules) -> str:
    act = _act(asked.what, rules)
    if asked.fold in ("earlier", "kept"):
        return f"earlier {act}"
    if asked.fold == "previous":
        return f"previous {act}"
    return (
        f"count of {act}"
        if asked.fold == "count"
        else f"{asked.fold} of {_field(asked.of, asked.what)} over {act}"
    )


def _rest(asked: Asked, rules: Rules, bare: bool = False) -> str:
    """Since when, and within what."""
    if asked.fold == "previous":
        return ""
    text = ""
    if asked.fold == "kept":
        assert asked.since is not None, "what is kept"
        every = ", ".join(_name(one, rules) for one in TOOLS)
        text = f" since (call {every} where not ({_is(asked.since, rules)}))"
    elif asked.since is not None:
        text = f" since {_bare(asked.since, rules) if bare else _act(asked.since, rules)}"
    return text if asked.within is None else f"{text} within {asked.within}{rules.unit}"


def _name(tool: str, rules: Rules) -> str:
    return f"asked_{tool}" if rules.attempts else tool


def _act(seen: Seen, rules: Rules) -> str:
    """The act, in parentheses where it has conditions."""
    if seen.kind == "call":
        head = f"call {', '.join(_name(one, rules) for one in seen.tools)}"
    else:
        head = f"result of {', '.join(seen.tools)}"
    tests = [*_tests(seen, rules)]
    return f"({head} where {' and '.join(tests)})" if tests else head


def _bare(seen: Seen, rules: Rules) -> str:
    """The act without its parentheses."""
    act = _act(seen, rules)
    return act[1:-1] if act.startswith("(") else act


def _is(seen: Seen, rules: Rules) -> str:
    """That a step is the call, as a condition."""
    tools = ", ".join(f'"{_name(one, rules)}"' for one in seen.tools)
    return " and ".join([f"tool in [{tools}]", *_tests(seen, rules)])


def _tests(seen: Seen, rules: Rules) -> Iterator[str]:
    for field, value in seen.fixed:
        yield f"{_field(field, seen)} = {json.dumps(value)}"
    for field, own in seen.same:
        yield f"{_field(field, seen)} = this.{own}"
    for field, number in seen.above:
        yield f"{_field(field, seen)} > {number}"
    if seen.after is not None:
        within = "" if seen.gap is None else f" within {seen.gap}{rules.unit}"
        yield f"earlier {_act(seen.after, rules)}{within}"


def _field(name: str, seen: Seen) -> str:
    if seen.kind == "call":
        return f"args.{name}"
    return f"value.{name}" if name in ("ok", "got") else f"called.{name}"


# ---- running


def judge(rules: Rules, policy: remit.Policy, steps: tuple[Happens, ...]) -> list[Judged]:
    """What the policy says to each step. A result is left out where its call did not happen."""
    callers = {one.caller for one in steps} if rules.apart else {""}
    sessions = {caller: policy.session() for caller in callers}
    last: dict[tuple[str, str], tuple[Happens, str]] = {}
    found: list[Judged] = []
    for place, step in enumerate(steps):
        session = sessions[step.caller if rules.apart else ""]
        if step.kind == "result":
            if (step.caller, step.tool) in last and not rules.asks("kept"):
                of, id = last[step.caller, step.tool]
                value = {"ok": step.ok, "got": step.got}
                result = Result(step.tool, value=value, id=id, time=float(step.at))
                found.append(Judged(step, of, _sure(session.decide(result))))
            continue
        args, time = arguments(step), float(step.at)
        if rules.attempts:
            assert _sure(session.decide(Call(f"asked_{step.tool}", args, time=time)))
        id = f"call {place}"
        allowed = _sure(session.decide(Call(step.tool, args, id=id, time=time)))
        if allowed:
            last[step.caller, step.tool] = (step, id)
        else:
            last.pop((step.caller, step.tool), None)
        found.append(Judged(step, step, allowed))
    return found


def arguments(step: Happens) -> Mapping[str, str | int]:
    """What a call is given."""
    given: dict[str, str | int] = {"user": step.user, "n": step.n}
    return given if step.opt is None else {**given, "opt": step.opt}


def _sure(decision: remit.Decision) -> bool:
    assert (decision.errors, decision.unknown) == ((), ()), decision
    return bool(decision)


def seconds(count: int, rules: Rules) -> int:
    """A window in seconds."""
    return count * UNITS[rules.unit]
