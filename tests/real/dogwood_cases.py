"""Policies about the past, as neither language writes them, and conversations for them.

Generated from seeds, so that a number names a case. What both Remit and Dogwood can say is here;
`dogwood_spec.py` writes it as a spec, `dogwood_text.py` for Dogwood, and `docs/dogwood.md` says
what stays outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

TOOLS = ("a", "b", "c")
USERS = ("x", "y")
UNITS = {"s": 1, "m": 60, "h": 3600}
ORDERS = ("<", "<=", ">", ">=")
VALUES = ("sum", "distinct", "last", "first", "largest", "smallest")  # folds of a value
OWN = "n"  # the argument of the judged call that a fold may be compared with


@dataclass(frozen=True)
class Seen:
    """A step of the past: a call of one of the tools, or what one gave back, and its conditions.

    `fixed` are fields with their value, `same` fields that are equal to an argument of the judged
    call, `above` fields that are larger than a number. `after` is a step that was before it, by
    at most `gap` units; what is `same` there is an argument of this step.
    """

    kind: str  # "call" or "result"
    tools: tuple[str, ...]
    fixed: tuple[tuple[str, str | int | bool], ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    above: tuple[tuple[str, int], ...] = ()
    after: Seen | None = None
    gap: int | None = None


@dataclass(frozen=True)
class Asked:
    """A question about the past, with what it is compared with where it gives a value.

    `kept` asks whether every step since `what` was `since`; in all others `since` is where the
    question begins. `within` counts units of the policy; None looks back for ever.
    """

    fold: str
    what: Seen
    of: str = ""
    since: Seen | None = None
    within: int | None = None
    order: str = ""
    bound: int | str = 0
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """A `permit`, a `forbid`, or a `require` (what is asked must hold) on calls of the tools."""

    effect: str
    tools: tuple[str, ...]
    asked: tuple[Asked, ...]
    at_least: int | None = None  # of the judged call's own `n`


@dataclass(frozen=True)
class Rules:
    """A policy: calls are denied unless a permit holds and no forbid does.

    `attempts`: every proposed call is part of the past, denied or not, and so is the judged one.
    Otherwise only what took effect is, before the judged one. `apart`: each caller has a past of
    their own.
    """

    rules: tuple[Rule, ...]
    unit: str = "s"
    attempts: bool = False
    apart: bool = False

    def asks(self, fold: str) -> bool:
        """Whether some question is of that kind."""
        return any(one.fold == fold for rule in self.rules for one in rule.asked)


@dataclass(frozen=True)
class Happens:
    """A step of a conversation: a call, or what the caller's last call of that tool gave back."""

    kind: str
    tool: str
    at: int  # seconds
    caller: str
    user: str = ""
    n: int = 0
    opt: int | None = None
    ok: bool = True
    got: int = 0


# ---- policies


def rules_of(seed: int) -> Rules:
    """The policy of a number. One tool or two are ruled; the others are free, to build a past."""
    dice = Random(f"policy {seed}")
    attempts = dice.random() < 0.35
    ruled = dice.sample(TOOLS, dice.choice([1, 1, 2]))
    free = tuple(one for one in TOOLS if one not in ruled)
    effects = dice.choice(
        [["permit"], ["permit"] * 2, ["permit", "forbid"], ["forbid"], ["require"]]
    )
    rules = [_rule(dice, effect, ruled, attempts) for effect in effects]
    if "permit" not in effects:
        free = TOOLS
    rules.append(Rule("permit", free, ()))
    if not attempts and dice.random() < 0.35:
        rules[0] = _nested(dice, rules[0])
    return Rules(tuple(rules), dice.choice([*UNITS]), attempts, apart=dice.random() < 0.2)


def _rule(dice: Random, effect: str, ruled: list[str], attempts: bool) -> Rule:
    tools = tuple(ruled if dice.random() < 0.7 else ruled[:1])
    at_least = dice.randint(0, 2) if dice.random() < 0.1 else None
    if effect == "require":
        return Rule(effect, tools, (_earlier(dice),), at_least)
    count = dice.choice([1, 1, 1, 2])
    return Rule(effect, tools, tuple(_asked(dice, attempts) for _ in range(count)), at_least)


def _nested(dice: Random, rule: Rule) -> Rule:
    """The rule with a past in the past: of a call, because a request stands before it."""
    first = rule.asked[0]
    if first.what.kind != "call":
        return rule
    after = replace(_seen(dice), above=())
    what = replace(first.what, after=after, gap=dice.choice([None, 1, 2, 4]))
    return replace(rule, asked=(replace(first, what=what), *rule.asked[1:]))


def _asked(dice: Random, attempts: bool) -> Asked:
    folds = ["earlier"] * 5 + ["count"] * 3 + [*VALUES, "sum", "distinct", "last"]
    fold = dice.choice([*folds, *["kept" if attempts else "previous"] * 2])
    negated = dice.random() < 0.3
    if fold in ("earlier", "kept", "previous"):
        made = {"earlier": _earlier, "kept": _kept, "previous": _previous}[fold]
        return replace(made(dice), negated=negated)
    base = _earlier(dice, several=fold == "count")
    within = None if fold == "first" else base.within
    of = "" if fold == "count" else _value(dice, base.what, fold)
    bound: int | str = OWN if dice.random() < 0.15 else dice.randint(0, 3)
    if fold == "sum" and bound != OWN:
        bound = dice.randint(0, 8)
    orders = ORDERS if fold in ("largest", "smallest") else (*ORDERS, "=")
    return Asked(fold, base.what, of, base.since, within, dice.choice(orders), bound, negated)


def _value(dice: Random, what: Seen, fold: str) -> str:
    """The field that is folded."""
    names = ["n", "n", "opt"] + ["user"] * (fold == "distinct")
    return dice.choice(names + ["got"] * 3 if what.kind == "result" else names)


def _earlier(dice: Random, several: bool = True) -> Asked:
    what = _seen(dice, several)
    since = None
    if dice.random() < 0.35:
        since = replace(_seen(dice), same=what.same if dice.random() < 0.6 else ())
    within = dice.choice([None, 1, 2, 3, 5, 8])
    return Asked("earlier", what, since=since, within=within)


def _previous(dice: Random) -> Asked:
    return Asked("previous", _seen(dice), within=dice.choice([None, 1, 2, 3]))


def _kept(dice: Random) -> Asked:
    """Every step was a call like this one since some call."""
    calls = [replace(_seen(dice, kinds=("call",)), same=()) for _ in range(2)]
    return Asked("kept", calls[0], since=calls[1], within=dice.choice([None, 2, 5]))


def _seen(
    dice: Random, several: bool = True, kinds: Sequence[str] = ("call", "call", "result")
) -> Seen:
    kind = dice.choice(kinds)
    tools = tuple(dice.sample(TOOLS, dice.choice([1, 1, 1, 1, 2]) if several else 1))
    fixed: list[tuple[str, str | int | bool]] = []
    if dice.random() < 0.2:
        fixed.append(("user", dice.choice(USERS)))
    if kind == "result" and dice.random() < 0.3:
        fixed.append(("ok", dice.random() < 0.7))
    pairs = [("user", "user")] * 4 + [("opt", "opt"), ("n", "n"), ("opt", "n")]
    same = {dice.choice(pairs) for _ in range(dice.choice([0, 0, 1, 1, 2]))}
    above = [(dice.choice(["n", "n", "opt"]), dice.randint(0, 2))] if dice.random() < 0.2 else []
    if kind == "result" and dice.random() < 0.2:
        above.append(("got", dice.randint(0, 2)))
    return Seen(kind, tools, tuple(fixed), tuple(sorted(same)), tuple(above))


# ---- conversations


def steps_of(seed: int, rules: Rules) -> tuple[Happens, ...]:
    """The conversation of a number: short steps in time, so that bounds are often just met."""
    dice = Random(f"steps {seed}")
    callers = ("ann", "bob") if rules.apart else ("ann",)
    now, steps = dice.choice([0, 1_000]), []
    for _ in range(dice.randint(8, 24)):
        now += dice.choice([0, 0, 1, 1, 1, 2, 3]) * UNITS[rules.unit] + dice.choice([0] * 9 + [1])
        steps.append(_step(dice, now, dice.choice(callers)))
    return tuple(steps)


def _step(dice: Random, now: int, caller: str) -> Happens:
    if dice.random() < 0.3:
        ok, got = dice.random() < 0.7, dice.randint(0, 4)
        return Happens("result", dice.choice(TOOLS), now, caller, ok=ok, got=got)
    user = dice.choice([*USERS, USERS[0]])
    opt = dice.choice([None, None, 0, 1, 2])
    return Happens("call", dice.choice(TOOLS), now, caller, user, dice.randint(0, 4), opt)


# ---- smaller ones, to show what a difference is about


def smaller(
    rules: Rules, steps: tuple[Happens, ...]
) -> Iterator[tuple[Rules, tuple[Happens, ...]]]:
    """The pair without one of its parts, for each part."""
    for place in range(len(steps)):
        yield rules, steps[:place] + steps[place + 1 :]
    for place, rule in enumerate(rules.rules):
        before, after = rules.rules[:place], rules.rules[place + 1 :]
        if before or after:
            yield replace(rules, rules=before + after), steps
        for less in _less(rule):
            yield replace(rules, rules=(*before, less, *after)), steps
    if rules.apart:
        yield replace(rules, apart=False), tuple(replace(one, caller="ann") for one in steps)


def _less(rule: Rule) -> Iterator[Rule]:
    if rule.at_least is not None:
        yield replace(rule, at_least=None)
    for place, asked in enumerate(rule.asked):
        rest = rule.asked[:place] + rule.asked[place + 1 :]
        if rest or rule.effect == "permit":
            yield replace(rule, asked=rest)
        for one in _plainer(asked):
            yield replace(rule, asked=(*rule.asked[:place], one, *rule.asked[place + 1 :]))


def _plainer(asked: Asked) -> Iterator[Asked]:
    if asked.negated:
        yield replace(asked, negated=False)
    if asked.within is not None:
        yield replace(asked, within=None)
    if asked.since is not None and asked.fold != "kept":
        yield replace(asked, since=None)
    if asked.since is not None:
        yield from (replace(asked, since=one) for one in _vaguer(asked.since))
    for one in _vaguer(asked.what):
        if one.same == asked.what.same or asked.since is None or not asked.since.same:
            yield replace(asked, what=one)


def _vaguer(seen: Seen) -> Iterator[Seen]:
    whole = replace(seen, fixed=()), replace(seen, same=()), replace(seen, above=())
    yield from (one for one in (*whole, replace(seen, after=None)) if one != seen)
    if seen.after is not None:
        yield replace(seen, gap=None)
        yield from (replace(seen, after=one) for one in _vaguer(seen.after))
