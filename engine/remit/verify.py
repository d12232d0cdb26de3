"""Verifies decision records: an independent telling of semantics 4, from the norms' own fields.

Shares no code with the resolver, the graph or the program. It takes on trust the truth of a single
condition (`remit.program.conditions`) and how a change is made (`remit.verdict.changes`). Texts for
readers (`explanation`, `note`, `flip`, terms under `unknown`) are not verified, nor `index`, nor
that the engine failed or the conversation was halted: a record that says so must deny, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from remit.checked.model import Norm
from remit.conversation.from_steps import read_step, step_to_json
from remit.conversation.model import Step
from remit.program.conditions import compile_truth
from remit.program.values import UNKNOWN, Truth, every, negation
from remit.program.view import Known, View
from remit.verdict import read_record as form
from remit.verdict.changes import Impossible, changed_step
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from remit.policy import Policy

SEVERITY = (("halt",), ("deny",), ("ask",), ("rewrite", "redact"), ("warn",), ("allow",))
CAUTION = {"forbid": 0, "default": 0, "require": 1, "protect": 2, "permit": 3}  # 0 wins
VIOLABLE = ("forbid", "require", "default")
Record = Mapping[str, Any]
Truths = Mapping[str, Truth]  # of the norms that apply, by id


def verify_file(path: str | Path, policy: Policy) -> list[Diagnostic]:
    """Every finding about a file of records, JSON or JSONL. Never raises on bad input."""
    checker = _Checker(policy)
    return [
        replace(one, primary=one.primary or label)
        for data, label, problem in form.read_records(path)
        for one in ([problem] if problem else checker.findings(data))
    ]


def verify_records(records: Iterable[Mapping[str, Any]], policy: Policy) -> list[Diagnostic]:
    """Every finding about records as `Decision.to_json` gives them. Never raises on bad records."""
    checker = _Checker(policy)
    return [
        replace(one, notes=(f"in record {number}",))
        for number, data in enumerate(records, 1)
        for one in checker.findings(data)
    ]


class _Checker:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.checked = policy.checked
        self.known = Known.of(self.checked)
        self.norms = {norm.id: norm for norm in self.checked.norms}
        self.tests = {norm.id: list(self._conditions(norm)) for norm in self.checked.norms}

    def _conditions(self, norm: Norm) -> Iterator[Callable[[View], Truth]]:
        contexts = dict(self.checked.contexts)
        for term in (norm.act.where, norm.where):
            if term is not None:
                yield compile_truth(term, contexts)
        if norm.unless is not None:
            holds = compile_truth(norm.unless, contexts)
            yield lambda view: negation(holds(view))

    def findings(self, data: Record) -> list[Diagnostic]:
        """Everything wrong with one record."""
        try:
            problems = list(form.malformed(data))
            if problems:
                return [Diagnostic("R1001", message) for message in problems]
            made_by, mine = data["policy"], {"id": self.policy.name, "digest": self.policy.digest}
            if made_by != mine:
                ours = f"`{mine['id']}` ({mine['digest'][:12]})"
                told = f"`{str(made_by.get('id'))[:200]}` ({str(made_by.get('digest'))[:12]})"
                return [Diagnostic("R1002", f"made by {told}, not by {ours}")]
            return [Diagnostic("R1003", message) for message in self.differences(data)]
        except Exception as error:  # noqa: BLE001 - records are hostile, whatever they hold
            return [Diagnostic("R1001", f"the record cannot be followed: {type(error).__name__}")]

    def differences(self, data: Record) -> Iterator[str]:
        """Where a well-formed record of this policy does not follow from it."""
        yield from form.compare("void", [str(one) for one in data["void"]], ())
        if any(one["norm"] in form.REFUSALS for one in data["errors"]):
            yield from form.claims_of_refusal(data)
            return
        step, problems = read_step(data["step"])
        if step is None:
            yield f"the step cannot be read: {problems[0].message}"
            return
        view = View(step, self.known, data["context"])
        applied, raised = self.applying(view)
        yield from form.compare("errors", [one["norm"] for one in data["errors"]], raised)
        yield from self.applied_differences(data, applied)
        in_force = self.in_force(applied)
        yield from form.compare("in_force", data["in_force"], in_force)
        yield from self.defeat_differences(data["defeated"], applied, in_force)
        yield from self.verdict_differences(data, view, applied)

    def applying(self, view: View) -> tuple[dict[str, Truth], list[str]]:
        """The norms that count on a step, with their truth, and those whose condition raised."""
        applied: dict[str, Truth] = {}
        raised = []
        for name, norm in self.norms.items():
            try:
                truth = every(self.parts(norm, view))
            except Exception:  # noqa: BLE001 - an error in a condition makes it unknown
                truth = UNKNOWN
                raised.append(name)
            doubt = (norm.modality in VIOLABLE) != (norm.if_unknown == "allow")
            if truth is True or (truth is UNKNOWN and doubt):
                applied[name] = truth
        return applied, raised

    def parts(self, norm: Norm, view: View) -> Iterator[Truth]:
        """All that must hold for a norm to apply to a step."""
        act = norm.act
        yield act.kind in ("step", view.kind)
        names = {"call": act.tools, "result": act.tools, "message": act.roles}.get(view.kind)
        if names is not None:
            yield UNKNOWN if view.unnamed else (view.tool or view.role) in names
        yield act.agents is None or getattr(view.step, "to", "") in act.agents
        if act.effects:
            tool = self.checked.tools.get(view.tool)
            yield UNKNOWN if tool is None else act.effects <= tool.effects
        for test in self.tests[norm.id]:
            yield test(view)

    def applied_differences(self, data: Record, applied: Truths) -> Iterator[str]:
        yield from form.compare("applied", [one["norm"] for one in data["applied"]], applied)
        unsure = [name for name, truth in applied.items() if truth is UNKNOWN]
        yield from form.compare("unknown", [one["norm"] for one in data["unknown"]], unsure)
        for row in data["applied"]:
            norm = self.norms.get(row["norm"])
            level = self.checked.level
            due = {} if norm is None else {
                "modality": norm.modality, "author": level(norm.author),
                "strength": level(norm.strength), "unknown": norm.id in unsure,
            }  # fmt: skip
            for key, value in due.items():
                if row[key] != value:
                    said = f"the record says that the {key} of `{row['norm']}` is `{row[key]}`"
                    yield f"{said}, but it is `{value}`"

    # ---- who wins (semantics 4)

    def oppose(self, one: Norm, other: Norm) -> bool:
        """Whether two norms that apply to one step pull apart."""
        return any(b.id in a.overrides or _opens(a, b) for a, b in permutations((one, other)))

    def tell_apart(self, one: Norm, other: Norm) -> tuple[str, Norm]:
        """The first reason that tells two opposing norms apart, and whom it favours."""
        if one.strength != other.strength:
            return "authority", min(one, other, key=lambda norm: norm.strength)
        excepted = [a for a, b in permutations((one, other)) if _excepts(a, b)]
        if len(excepted) == 1:
            return "exception", excepted[0]
        may = self.checked.strict_goals and one.strength >= self.checked.goals_rank
        goals = list(self.checked.goals) if may else []
        if one.goal != other.goal and one.goal in goals and other.goal in goals:
            return "goal", min(one, other, key=lambda norm: goals.index(str(norm.goal)))
        return "caution", min(one, other, key=lambda norm: (CAUTION[norm.modality], norm.id))

    def in_force(self, applied: Collection[str]) -> list[str]:
        """Grounded: in once every norm that beats it is out, out once one of them is in."""
        beaters: dict[str, list[str]] = {name: [] for name in applied}
        for a, b in permutations((self.norms[name] for name in applied), 2):
            if self.oppose(a, b) and self.tell_apart(a, b)[1] is a:
                beaters[b.id].append(a.id)
        state: dict[str, bool] = {}
        while True:
            before = len(state)
            for name in (one for one in applied if one not in state):
                seen = [state.get(one) for one in beaters[name]]
                if True in seen or None not in seen:
                    state[name] = True not in seen
            if len(state) == before:
                return [name for name in state if state[name]]

    def defeat_differences(
        self, rows: list[Any], applied: Collection[str], in_force: Collection[str]
    ) -> Iterator[str]:
        lost = [name for name in applied if name not in in_force]
        yield from form.compare("defeated", [row["norm"] for row in rows], lost)
        for row in (one for one in rows if one["norm"] in applied):
            problem = self.unlicensed(row, applied, in_force)
            if problem:
                by = f"`{row['norm']}` lost to `{row['by'][:200]}` by {row['reason'][:200]}"
                yield f"the record says {by}, but {problem}"

    def unlicensed(
        self, row: Mapping[str, str], applied: Collection[str], in_force: Collection[str]
    ) -> str | None:
        """Why a claimed defeat is none, or is another one."""
        if row["by"] not in applied:
            return f"`{row['by'][:200]}` does not apply"
        loser, winner = self.norms[row["norm"]], self.norms[row["by"]]
        if loser is winner or not self.oppose(winner, loser):
            return "the two do not oppose each other"
        reason, favoured = self.tell_apart(winner, loser)
        if favoured is not winner:
            return f"`{loser.id}` beats `{winner.id}` by {reason}"
        if reason != row["reason"]:
            return f"{reason} decides first"
        return None if winner.id in in_force else f"`{winner.id}` is not in force"

    def asked(self, applied: Truths) -> dict[str, str]:
        """The norms in force that the step violates, with the remedy that each asks for."""
        norms = [self.norms[name] for name in self.in_force(applied)]
        wrong = {norm.id: norm for norm in norms if norm.modality in VIOLABLE}
        unsure = {name: wrong[name].if_unknown for name in wrong if applied[name] is UNKNOWN}
        return {name: unsure.get(name) or norm.remedy.kind for name, norm in wrong.items()}

    def verdict(self, applied: Truths) -> tuple[str, list[str]]:
        """The gravest remedy among what is violated, and the norms in force that ask for it."""
        asked = self.asked(applied)
        for kinds in SEVERITY:
            deciding = [name for name, kind in asked.items() if kind in kinds]
            if deciding:
                return min((asked[name] for name in deciding), key=kinds.index), deciding
        return "allow", []

    def verdict_differences(self, data: Record, view: View, applied: Truths) -> Iterator[str]:
        verdict, deciding = self.verdict(applied)
        if not deciding:  # a permit that opened something decides, else all that speak
            winners = {row["by"] for row in data["defeated"]}
            in_force = self.in_force(applied)
            deciding = [name for name in in_force if name in winners] or in_force
        asked, also = self.asked(applied), list[str]()
        verdict, after, changes, failed = self.change(view, verdict, asked, also)
        if data["verdict"] != verdict:
            yield f"the verdict that follows is `{verdict}`, not `{data['verdict'][:200]}`"
        yield from form.compare("decided_by", data["decided_by"], deciding)
        norms = [self.norms[name] for name in deciding]
        advice = dict.fromkeys(norm.advice for norm in norms if norm.advice)
        yield from form.compare("advice", data["advice"], advice)
        who = [self.who(norm.id) for norm in norms if asked.get(norm.id) == "ask"] + also
        yield from form.compare("ask", data["ask"], dict.fromkeys(who) if verdict == "ask" else ())
        if bool(data["note"]) != failed:
            yield "a note is due" if failed else "a note, where no change was due that failed"
        yield from self.change_differences(data, after, changes)

    def who(self, name: str) -> str:
        return self.norms[name].remedy.who or "a person"

    def change(
        self, view: View, word: str, asked: Mapping[str, str], also: list[str]
    ) -> tuple[str, Step, list[str], bool]:
        """Verdict, step, changes, and whether one failed; each level's heal nothing above it."""
        asked = asked if word in ("redact", "rewrite", "ask") else {}
        due = [r for r in self.policy.ground.program.rules if asked.get(r.norm.id) in SEVERITY[3]]
        ranks = {one.norm.strength for one in due} | {len(self.checked.chain)}
        after, made = view.step, tuple[Any, ...]()
        for rank, below in pairwise(sorted(ranks)):
            part: Any = [SimpleNamespace(rule=one) for one in due if one.norm.strength <= rank]
            try:
                after, made = changed_step(view, part)
            except Impossible:
                return "deny", view.step, [], True
            left = self.asked(self.applying(View(after, self.known, view.context))[0])
            left = {n: kind for n, kind in left.items() if self.norms[n].strength < below}
            if set(left.values()) - {"ask", "warn"}:
                return "deny", view.step, [], True
            also += [self.who(name) for name, kind in left.items() if kind == "ask"]
            word = "ask" if "ask" in left.values() else word
        return word, after, [f"{one.kind} {one.path} by {one.by}" for one in made], False

    def change_differences(self, data: Record, after: Step, changes: list[str]) -> Iterator[str]:
        said = [f"{row['kind']} {row['path']} by {row['by']}" for row in data["changes"]]
        yield from form.compare("changes", said, changes)
        if ("after" in data) != bool(changes):
            yield "the changed step is missing" if changes else "`after`, where nothing was changed"
        elif changes and not form.same_json(data["after"], step_to_json(after)):
            yield "`after` is not the step that the changes give"


def _opens(opener: Norm, other: Norm) -> bool:
    """Whether a permit or protect speaks against what another norm holds back (semantics 3)."""
    if other.modality not in VIOLABLE or opener.modality in VIOLABLE:
        return False
    if opener.modality == "protect":
        return True
    named = other.id in opener.lifts if opener.lifts else other.act.key == opener.act.key
    return other.author <= opener.author and (named or other.modality == "default")


def _excepts(one: Norm, other: Norm) -> bool:
    """Whether one says that it overrides the other; a default yields to whatever opens."""
    yields = other.modality == "default" and one.modality not in VIOLABLE
    return yields or other.id in one.overrides
