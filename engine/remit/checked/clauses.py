"""Clauses, their exceptions and defaults -> norms; author and strength checked (semantics 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from remit.checked.acts import Acts, Target
from remit.checked.conditions import Conditions
from remit.checked.files import Unit
from remit.checked.history import read_debt
from remit.checked.identity import conjunction
from remit.checked.model import (
    DEFAULT,
    FORBID,
    HOLDS_BACK,
    PERMIT,
    REQUIRE,
    Act,
    Constraint,
    Norm,
    Remedy,
    Term,
    Tool,
)  # fmt: skip
from remit.checked.names import ACTS, Declared, Names, exception_name
from remit.checked.settings import read_constraint
from remit.checked.types import ANY, FLAG
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label
from remit_grammar.source import Span

S = TypeVar("S")
_DENY = Remedy("deny")
_NOTHING = Term("const", (), ANY)  # the value of a `set` until it was read
# what is overdue is asked of calls, handoffs and messages of the agent; see `overdue` at run time
AGENT_STEP = Act("agent step", "step", text="a step of the agent")


class Clauses:
    """Makes the norms of one file."""

    def __init__(
        self, names: Names, unit: Unit, tools: Mapping[str, Tool], chain: Sequence[str],
        author: int, goals: Sequence[str],
    ) -> None:  # fmt: skip
        self.names = names
        self.unit = unit
        self.chain = chain
        self.author = author
        self.goals = goals
        self.acts = Acts(names, unit, tools)
        self.is_whole = True  # whether the act of the clause in hand could be read
        self.tools = tools

    def complain(
        self, code: str, span: Span, message: str, *where: Label,
        help: str | None = None, fix: Fix | None = None,
    ) -> None:  # fmt: skip
        """Note a finding."""
        found = Diagnostic(code, message, Label(span), where, help=help, fix=fix)
        self.names.found.append(found)

    # ---- authority

    def level(self, name: t.Name) -> int | None:
        """The rank of a level; a finding if the chain has none of that name."""
        if name.text in self.chain:
            return self.chain.index(name.text)
        self.names.unknown("level", name, list(self.chain))
        return None

    def strength(self, at: t.Name | None) -> int:
        """The rank that a clause's `at` gives it: never above its author (semantics 2)."""
        if at is None:
            return self.author
        rank = self.level(at)
        if rank is None:
            return self.author
        if rank < self.author:
            author = self.chain[self.author]
            message = f"the strength `{at.text}` is above this file's author, `{author}`"
            self.complain("R0601", at.span, message,
                          help=f"a clause has at most its author's strength: write `at {author}`"
                               " or leave it out")  # fmt: skip
            return self.author
        return rank

    # ---- norms

    def of_block(self, block: t.Block) -> list[Norm | Constraint]:
        """The norms of a clause: its own and its exceptions."""
        head = block.head
        assert isinstance(head, t.Clause), "a clause is needed"
        norm = self.norm_of(block, head.name, head.at, head.doc)
        if norm is None or isinstance(norm, Constraint):
            self.fits_a_setting(block, norm)
            return [] if norm is None else [norm]
        return [norm, *self.exceptions(block, head, norm)]

    def norm_of(
        self, block: t.Block, name: t.Name, at: t.Name | None, doc: str | None
    ) -> Norm | Constraint | None:
        """The norm that a clause or a directive states; None where it has none that runs."""
        core, constraint = first(block, t.Norm), first(block, t.SetNorm)
        if core is not None:
            return self.main(block, core, self.headed(block, name, at, doc))
        before, within = first(block, t.RequireBefore), first(block, t.RequireWithin)
        if before is not None:
            return self.require_before(block, before, self.headed(block, name, at, doc))
        if within is not None:
            return self.require_within(block, within, self.headed(block, name, at, doc))
        if constraint is None:
            return None
        head = self.headed(block, name, at, doc)
        blank = Constraint(
            **head, setting="", op=constraint.op, value=_NOTHING, span=constraint.span
        )
        return read_constraint(self.acts, constraint, blank)

    def headed(
        self, block: t.Block, name: t.Name, at: t.Name | None, doc: str | None
    ) -> dict[str, Any]:
        """What all norms have: names, author and strength, goal and sources."""
        return {
            "id": f"{self.unit.name}::{name.text}", "name": name.text, "spec": self.unit.name,
            "author": self.author, "strength": self.strength(at), "doc": doc,
            "goal": self.goal(first(block, t.Serves)), "head": name.span,
            "cites": tuple(one.text for one in block.body if isinstance(one, t.Cites)),
            "marks": {"at": at.span} if at else {},
        }  # fmt: skip

    def fits_a_setting(self, block: t.Block, norm: Constraint | None) -> None:
        """Report the parts of a clause that say nothing where it sets a setting."""
        if norm is None and first(block, t.SetNorm) is None:
            return
        for one in block.body:
            if isinstance(one, (t.Otherwise, t.IfUnknown, t.Except, t.Overrides)):
                message = "a `set` is never violated, so this says nothing"
                self.complain("R0504", one.span, message, help="remove it")

    def main(self, block: t.Block, core: t.Norm, head: dict[str, Any]) -> Norm:
        """The norm of the clause itself."""
        before = len(self.names.found)
        target = self.acts.target(core.act, clauses=core.modality == PERMIT)
        self.is_whole = len(self.names.found) == before
        remedy = self.remedy(block, core.modality, target.act, target.where)
        unless = self.condition(core.unless, target.act)
        unknown = first(block, t.IfUnknown)
        otherwise = first(block, t.Otherwise)
        lifts = (self.id_of(target),) if target.clause is not None else ()
        return Norm(
            **head, modality=core.modality, act=target.act, where=target.where, unless=unless,
            lifts=lifts, overrides=self.overrides(block), remedy=remedy,
            advice=otherwise.advice if otherwise else None,
            if_unknown=unknown.verdict if unknown else None, span=core.span,
        )  # fmt: skip

    def require_before(
        self, block: t.Block, node: t.RequireBefore, head: dict[str, Any]
    ) -> Norm | None:
        """`require X before ACT`: the act is a violation where X has not happened."""
        target = self.acts.target(node.act, clauses=False)
        needed = self.conditions(target.act).earlier(
            t.Earlier(node.needed, span=node.needed.span), None
        )
        if needed is None:
            return None
        text = f"{needed.text} has not happened".removeprefix("earlier ")
        missing = Term("not", (needed,), needed.type, None, node.needed.span, text)
        unless = self.condition(node.unless, target.act)
        where = conjunction(target.where, missing)
        return self.required(block, head, target.act, where, unless, node.span)

    def require_within(
        self, block: t.Block, node: t.RequireWithin, head: dict[str, Any]
    ) -> Norm | None:
        """`require X within BOUND after Y`: once it is overdue, the agent may do nothing else."""
        debt = read_debt(self.conditions(AGENT_STEP), node)
        if debt is None:
            return None
        text = " ".join(node.span.text.split()).removeprefix("require ")
        due = Term("overdue", (), FLAG, debt, node.span, f"overdue: {text}")
        if node.unless is not None:
            message = "what is owed is owed, whatever is done later"
            help = "put the condition into the act that it is owed after: `after call x where ...`"
            self.complain("R0504", node.unless.span, message, help=help)
        return self.required(block, head, AGENT_STEP, due, None, node.span)

    def required(
        self, block: t.Block, head: dict[str, Any], act: Act, where: Term | None,
        unless: Term | None, span: Span,
    ) -> Norm:  # fmt: skip
        """The norm of a `require`."""
        otherwise, unknown = first(block, t.Otherwise), first(block, t.IfUnknown)
        self.is_whole = True
        return Norm(
            **head, modality=REQUIRE, act=act, where=where, unless=unless,
            overrides=self.overrides(block), remedy=self.remedy(block, REQUIRE, act, where),
            advice=otherwise.advice if otherwise else None,
            if_unknown=unknown.verdict if unknown else None, span=span,
        )  # fmt: skip

    def id_of(self, target: Target) -> str:
        """The id of the clause that a target names."""
        assert target.clause is not None, "asked only where a clause is named"
        return f"{target.clause.unit.name}::{target.clause.name}"

    def exceptions(self, block: t.Block, head: t.Clause, main: Norm) -> list[Norm]:
        """The norms of the `except` statements of a clause."""
        target = Target(main.act, main.where)
        found = [one for one in block.body if isinstance(one, t.Except)]
        norms = [self.exception(block, head, target, one, n) for n, one in enumerate(found, 1)]
        for one in found:
            if (one.modality in HOLDS_BACK) == (main.modality in HOLDS_BACK):
                help = f"an exception to a `{main.modality}` is a `{_opposite(main.modality)}`"
                message = (
                    f"a `{one.modality}` that excepts from a `{main.modality}` changes nothing"
                )
                self.complain("R0503", one.span, message, help=help)
        return norms

    def exception(
        self, block: t.Block, head: t.Clause, target: Target, one: t.Except, number: int
    ) -> Norm:
        """One exception: it stands on its clause's act and has its clause's strength."""
        parent = f"{self.unit.name}::{head.name.text}"
        where = conjunction(target.where, self.condition(one.where, target.act))
        name = exception_name(head.name.text, one, number)
        otherwise = first(block, t.Otherwise)
        holds_back = one.modality == FORBID
        return Norm(
            id=f"{self.unit.name}::{name}", name=name, spec=self.unit.name,
            modality=one.modality, author=self.author, strength=self.strength(head.at),
            act=target.act, where=where,
            unless=self.condition(one.unless, target.act),
            lifts=(parent,), overrides=(parent,), parent=parent,
            remedy=self.remedy(block, FORBID, target.act, where) if holds_back else _DENY,
            advice=otherwise.advice if otherwise and holds_back else None,
            span=one.span, head=one.span, marks={"overrides": one.span},
        )  # fmt: skip

    def conditions(self, act: Act | None) -> Conditions:
        """Reads conditions about an act."""
        return Conditions(self.acts.scope(act))

    def condition(self, node: t.Expr | None, act: Act) -> Term | None:
        """A condition about the act; None where there is none or it has a mistake."""
        return None if node is None else Conditions(self.acts.scope(act)).condition(node)

    def overrides(self, block: t.Block) -> tuple[str, ...]:
        """The ids of the clauses that a clause says it overrides."""
        ids = []
        for one in block.body:
            for name in one.clauses if isinstance(one, t.Overrides) else ():
                found = self.clause(name)
                if found is None:
                    continue
                if isinstance(found.node, t.Act):
                    self.complain("R0307", name.span, f"`{name.text}` is an act, not a clause",
                                  Label(found.span, "declared here"),
                                  help="name the clause that this one beats")  # fmt: skip
                else:
                    ids.append(f"{found.unit.name}::{found.name}")
        return tuple(ids)

    def clause(self, name: t.Name) -> Declared | None:
        """The declaration of a clause or act; a finding if there is none."""
        reported = len(self.names.found)
        found = self.names.find(ACTS, name, self.unit)
        if found is None and len(self.names.found) == reported:
            self.names.unknown("clause", name, self.names.known(ACTS, self.unit))
        return found

    def goal(self, serves: t.Serves | None) -> str | None:
        """The goal a clause serves, if the policy has it."""
        if serves is None:
            return None
        if serves.goal.text not in self.goals:
            help = "" if self.goals else f"declare it: `goals {serves.goal.text}`"
            self.names.unknown("goal", serves.goal, list(self.goals), help=help)
            return None
        return serves.goal.text

    def default(self, block: t.Block) -> Norm | None:
        """`default deny for call`: in force unless a permit speaks (semantics 3)."""
        node = block.head
        assert isinstance(node, t.Default), "a default is needed"
        act = self.acts.inline(t.Pattern(node.head, None, span=node.head.span))
        if node.verdict == "allow":
            return None
        if node.verdict not in ("deny", "halt", "warn"):
            message = f"`{node.verdict}` needs more than a default can say"
            help = f"write a clause with `forbid {node.head.span.text}` and `otherwise`"
            self.complain("R0504", node.span, message, help=help)
            return None
        name = _default_name(node.head)
        return Norm(
            id=f"{self.unit.name}::{name}", name=name, spec=self.unit.name, modality=DEFAULT,
            author=self.author, strength=self.strength(node.at), act=act,
            remedy=Remedy(node.verdict), span=node.span, head=node.span,
        )  # fmt: skip

    # ---- remedies

    def remedy(self, block: t.Block, modality: str, act: Act, where: Term | None) -> Remedy:
        """What `otherwise` says; deny where it says nothing."""
        otherwise = first(block, t.Otherwise)
        if otherwise is None:
            return _DENY
        if modality not in HOLDS_BACK:
            if not any(isinstance(one, t.Except) and one.modality == FORBID for one in block.body):
                message = f"a `{modality}` is never violated, so `otherwise` says nothing"
                self.complain("R0504", otherwise.span, message, help="remove it")
            return _DENY
        node = otherwise.remedy
        if node.kind == "ask":
            return Remedy("ask", who=node.who)
        if node.kind == "redact":
            return self.redact(node, act, where)
        if node.kind == "rewrite":
            return self.rewrite(node, act)
        return Remedy(node.kind)

    def redact(self, node: t.Remedy, act: Act, where: Term | None) -> Remedy:
        """What a redaction takes out and puts in."""
        replacement = "[redacted]" if node.replacement is None else node.replacement
        conditions = Conditions(self.acts.scope(None))
        if node.what is None:
            if self.is_whole and not (_finds(act.where) or _finds(where)):
                help = "say what (`redact email`), or look for it in the condition (`has email`)"
                message = "this redaction has nothing to take out"
                self.complain("R0504", node.span, message, help=help)
            return Remedy("redact", replacement=replacement)
        if isinstance(node.what, t.Name):
            patterns = conditions.detector(node.what)
            what = node.what.text
            return Remedy("redact", what=what, patterns=patterns or (), replacement=replacement)
        pattern = conditions.pattern(node.what)
        patterns = () if pattern is None else (pattern,)
        return Remedy("redact", patterns=patterns, replacement=replacement)

    def rewrite(self, node: t.Remedy, act: Act) -> Remedy:
        """Which part of the step is rewritten, and the value put there."""
        assert node.target is not None, "the grammar sees to it"
        assert node.value is not None, "the grammar sees to it"
        conditions = Conditions(self.acts.scope(act))
        target = conditions.expr(t.Ref(node.target, span=node.target.span))
        if target is None:
            return _DENY
        path = _path(target, act)
        if path is None:
            help = "rewrite an argument of a call, or the `text` of a message"
            message = f"`{node.target.text}` cannot be rewritten"
            self.complain("R0504", node.target.span, message, help=help)
            return _DENY
        value = conditions.value(node.value, target.type)
        return Remedy("rewrite", target=path, value=value)


def _finds(term: Term | None) -> bool:
    """Whether a condition that holds has looked for something in a text; `not` finds nothing."""
    if term is None:
        return False
    if term.op in ("and", "or"):
        return any(_finds(arg) for arg in term.args)
    return term.op in ("has", "matches") or (term.op == "contains" and term.args[1].op == "const")


def _path(term: Term, act: Act) -> tuple[str, ...] | None:
    """Where in a step a term's value stands: the path of an argument, or the text."""
    if term.op == "arg":
        return (str(term.value),)
    if term.op == "field" and term.value == "text" and act.kind not in ("call", "step"):
        return ("text",)
    if term.op == "member":
        base = _path(term.args[0], act)
        return None if base is None else (*base, str(term.value))
    return None


def first(block: t.Block, kind: type[S]) -> S | None:
    """The first statement of a kind in a block."""
    for one in block.body:
        if isinstance(one, kind):
            return one
    return None


def _default_name(head: t.Head) -> str:
    """The name of a default: what it is for, however that was laid out."""
    names = sorted(name.text for name in (*head.names, *head.effects))
    return "_".join([f"default.{head.kind}", *names])


def _opposite(modality: str) -> str:
    return PERMIT if modality in HOLDS_BACK else FORBID
