"""Acts: patterns over one step, with an identity that two files can share.

`message` without `from` is what the agent says, for that is what is judged; `message from anyone`
is every message.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit.checked.conditions import Conditions
from remit.checked.files import Unit
from remit.checked.identity import conjunction, identity
from remit.checked.model import Act, Term, Tool
from remit.checked.names import ACTS, TOOLS, Declared, Names
from remit.checked.scope import Scope
from remit.checked.types import FLAG
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.unparse import unparse_expr
from remit_grammar.value import replace, value

AGENT = "assistant"  # the role of the agent that is judged; `agent` means the same in a spec
ANYONE = "anyone"
DEEPEST = 30  # acts that use each other
# stands in for an act with a mistake, so that the rest of a clause is checked without cascades
_BROKEN = Act("", "call", tools=frozenset({""}))


@value
class Target:
    """What `forbid NAME where ...` speaks of: the act, the condition beyond it, a clause's id."""

    act: Act
    where: Term | None = None
    clause: Declared | None = None


class Acts:
    """Reads the acts of one file."""

    def __init__(
        self, names: Names, unit: Unit, tools: Mapping[str, Tool],
        words: Mapping[str, Term] | None = None, around: Scope | None = None,
    ) -> None:  # fmt: skip
        self.names = names
        self.unit = unit
        self.tools = tools
        self.words = words or {}  # what a directive takes from the text it is heard in
        self.around = around  # of acts in the past
        self.opening: list[str] = []

    def in_the_past(self, around: Scope) -> Acts:
        """Reads acts of the past, whose conditions may speak of `this` step too."""
        return Acts(self.names, self.unit, self.tools, None, around)

    def scope(self, act: Act | None) -> Scope:
        """Where a condition about the act stands."""
        return Scope(
            self.names, self.unit, self.tools, act, self.words, acts=self, around=self.around
        )

    def target(self, pattern: t.Pattern, *, clauses: bool) -> Target:
        """The act of a norm. A named act keeps its identity; a `where` behind it is the norm's."""
        if pattern.head.kind != "named":
            return Target(self.inline(pattern))
        act, found = _BROKEN, self.named_target(pattern.head)
        if found is not None:
            act = self.of_declared(pattern.head, found, clauses=clauses)
        where = None
        if pattern.where is not None:
            where = Conditions(self.scope(act)).condition(pattern.where)
        is_clause = found is not None and isinstance(found.node, (t.Clause, t.Except))
        return Target(act, where, found if is_clause else None)

    def named_target(self, head: t.Head) -> Declared | None:
        """The declaration that a head names; a finding if there is none."""
        reported = len(self.names.found)
        found = self.names.find(ACTS, head.names[0], self.unit)
        if found is None and len(self.names.found) == reported:
            self.unknown_act(head)
        return found

    def unknown_act(self, head: t.Head) -> None:
        """Report a name that is neither act nor clause."""
        name = head.names[0]
        help = f"for a tool write `call {name.text}`" if name.text in self.tools else ""
        known = self.names.known(ACTS, self.unit)
        self.names.unknown("act or clause", name, known, help=help)

    def of_declared(self, head: t.Head, found: Declared, *, clauses: bool) -> Act:
        """The act behind a declared name; only a permit may name a clause."""
        if isinstance(found.node, t.Act):
            return self.named(found, head.names[0])
        if not clauses:
            message = f"`{head.names[0].text}` is a clause, and an act is needed here"
            help = "only `permit` takes the name of a clause"
            where = (Label(found.span, "declared here"),)
            found_clause = Diagnostic("R0307", message, Label(head.span), where, help=help)
            self.names.found.append(found_clause)
            return _BROKEN
        return self.of_clause(head, found)

    def of_clause(self, head: t.Head, found: Declared) -> Act:
        """The act that a clause is about."""
        for one in found.block.body:
            if isinstance(one, (t.Norm, t.RequireBefore)):
                return Acts(self.names, found.unit, self.tools).target(one.act, clauses=True).act
            if isinstance(one, t.SetNorm):
                self.about_a_setting(head, found, one)
        return _BROKEN

    def about_a_setting(self, head: t.Head, found: Declared, norm: t.SetNorm) -> None:
        """A permit cannot lift a `set`; who may say otherwise sets it anew."""
        setting = norm.setting.text
        message = f"`{head.names[0].text}` sets `{setting}`, and forbids nothing"
        where = (Label(found.span, "declared here"),)
        help = f"write `set {setting} ...`: the stronger of the two is in force"
        self.names.found.append(Diagnostic("R0307", message, Label(head.span), where, help=help))

    def named(self, found: Declared, used: t.Name | None = None) -> Act:
        """A declared act under its own identity; `used` is the name by which another uses it."""
        assert isinstance(found.node, t.Act), "only acts are named acts"
        key = f"{found.unit.name}::{found.name}"
        if key in self.opening:
            ring = [*self.opening[self.opening.index(key) :], key]
            self.names.is_ring("act", ring, used or found.node.name)
            return _BROKEN
        if len(self.opening) >= DEEPEST:
            help = f"acts nest at most {DEEPEST} levels deep"
            label = Label(found.span)
            self.names.found.append(Diagnostic("R0106", "nested too deeply", label, help=help))
            return _BROKEN
        same = found.unit is self.unit and self.around is None
        reader = self if same else Acts(self.names, found.unit, self.tools)
        reader.opening = [*self.opening, key]
        target = reader.target(found.node.pattern, clauses=False)
        reader.opening = reader.opening[:-1]
        where = conjunction(target.act.where, target.where)
        return replace(target.act, key=key, where=where, span=found.span, text=found.name)

    def inline(self, pattern: t.Pattern) -> Act:
        """An act written out; equal patterns are the same act, in whatever file."""
        act, text = self.head(pattern.head), ""
        where = act.where
        if pattern.where is not None:
            where = conjunction(where, Conditions(self.scope(act)).condition(pattern.where))
            text = f" where {unparse_expr(pattern.where)}"
        key = identity(act, where)
        return replace(act, key=key, where=where, span=pattern.span, text=act.text + text)

    def head(self, head: t.Head) -> Act:
        """The act without its condition."""
        if head.labelled is None:
            return self.plain(head)
        name = head.labelled
        if name.text not in self.names.labels:
            known = list(self.names.labels)
            help = "" if known else f"declare it: `label {name.text} on result of TOOL`"
            self.names.unknown("label", name, known, help=help)
        return replace(self.plain(head), label=name.text)

    def plain(self, head: t.Head) -> Act:
        """The act without its condition and label."""
        text = " ".join(head.span.text.split())
        if head.kind == "output":
            return Act("", "message", roles=frozenset({AGENT}), span=head.span, text=text)
        if head.kind == "refusal":
            return _refusal(head, text)
        if head.kind == "message":
            return self.message(head, text)
        if head.kind == "call":
            return self.call(head, text)
        names = frozenset(name.text for name in head.names) or None
        if head.kind == "result":
            self.check_tools(head.names)
            return Act("", "result", tools=names, span=head.span, text=text)
        agents = names if head.kind == "handoff" else None
        return Act("", head.kind, agents=agents, span=head.span, text=text)

    def message(self, head: t.Head, text: str) -> Act:
        """`message from user`: which roles are meant."""
        known = {AGENT, "agent", "tool", ANYONE, *self.names.roles}
        roles = set()
        for name in head.names:
            if name.text not in known:
                self.names.unknown("role", name, sorted(known))
            roles.add(AGENT if name.text == "agent" else name.text)
        chosen = None if ANYONE in roles else frozenset(roles or {AGENT})
        return Act("", "message", roles=chosen, span=head.span, text=text)

    def call(self, head: t.Head, text: str) -> Act:
        """`call refund with effects spends`: which tools, with which effects."""
        self.check_tools(head.names)
        tools = frozenset(name.text for name in head.names) or None
        effects = frozenset(name.text for name in head.effects)
        self.check_effects(head, effects)
        return Act("", "call", tools=tools, effects=effects, span=head.span, text=text)

    def check_tools(self, names: tuple[t.Name, ...]) -> None:
        """Whether every tool exists; without any declaration every name goes."""
        for name in names:
            self.names.find(TOOLS, name, self.unit)  # marks it as used
            if self.tools and name.text not in self.tools:
                self.names.unknown("tool", name, list(self.tools), code="R0801")

    def check_effects(self, head: t.Head, effects: frozenset[str]) -> None:
        """Warn of an effect that no declared tool has."""
        if not effects:
            return
        known = {effect for tool in self.tools.values() for effect in tool.effects}
        for name in head.effects:
            if known and name.text not in known:
                message = f"no tool has the effect `{name.text}`"
                near = did_you_mean(name.text, known)
                listed = ", ".join(f"`{one}`" for one in sorted(known)[:12])
                help = f"did you mean `{near}`?" if near else f"known: {listed}"
                fix = Fix(name.span, near) if near else None
                one = Diagnostic("R0503", message, Label(name.span), help=help, fix=fix)
                self.names.found.append(one)


def _refusal(head: t.Head, text: str) -> Act:
    """What the agent says where it refuses."""
    refuses = Term("field", (), FLAG, "refuses", head.span, "the message refuses")
    return Act("", "message", roles=frozenset({AGENT}), where=refuses, span=head.span, text=text)
