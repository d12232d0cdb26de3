"""Parsed files -> one checked set, with every finding of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remit.checked.clauses import Clauses
from remit.checked.conditions import Conditions
from remit.checked.confirmations import check_confirmations
from remit.checked.costs import check_costs
from remit.checked.directives import read_directive
from remit.checked.files import Unit
from remit.checked.header import Header, file_facts, read_header, statements
from remit.checked.history import History
from remit.checked.literals import context_of, literal, setting_of, type_of
from remit.checked.loans import read_loan
from remit.checked.model import (
    Checked,
    Constraint,
    Context,
    Directive,
    Labelling,
    Loan,
    NeverAllow,
    Norm,
    Scenario,
    Setting,
    SpecFile,
    Tool,
)  # fmt: skip
from remit.checked.names import DETECTORS, TOOLS, Names, label_span
from remit.checked.scenarios import check_scenario
from remit.checked.seen import Seen
from remit.checked.settings import check_setting
from remit.checked.tools import read_tools_file
from remit.checked.types import ANY, Param, Type
from remit.text.model import Pattern
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Span
from remit_grammar.unparse import unparse_statement
from remit_grammar.unparse_conditions import written_once
from remit_grammar.value import replace


def check_units(
    units: Sequence[Unit], seen: Seen | None = None
) -> tuple[Checked, list[Diagnostic]]:
    """Bind names, check types and authority. Use the result only if no finding is an error.

    `seen` is told of files that describe tools.
    """
    with written_once():
        return _Checker(units, seen or Seen()).run()


class _Checker:
    def __init__(self, units: Sequence[Unit], seen: Seen) -> None:
        self.units = units
        self.seen = seen
        twins = _tell_apart(units)
        self.header: Header = read_header(units)
        labels = {node.name.text for _, node in statements(units, t.LabelOn)}
        self.names = Names(roles=tuple(self.header.roles), labels=tuple(sorted(labels)))
        self.names.found += [*twins, *self.header.found]
        for unit in units:
            for block in unit.spec.blocks:
                self.names.declare(unit, block)
        self.own_tools = {unit.name: self.declared_tools(unit) for unit in units}

    def run(self) -> tuple[Checked, list[Diagnostic]]:
        self.types()
        norms, constraints = self.norms()
        directives, loans = self.directives(), self.loans()
        detectors = self.detectors()
        scenarios = self.scenarios()
        check_costs([*norms, *(one.norm for one in directives)], self.names.found)
        labels = self.labels()
        if self.names.confirms:
            self.names.found += check_confirmations(norms, directives, labels, loans)
        contexts, tools, settings = self.contexts(), self.all_tools(), self.settings()
        self.memories()
        if not any(one.is_error for one in self.names.found):
            self.unused()  # with a mistake in the way, a use may only be misspelt
        checked = Checked(
            chain=self.header.chain, goals=self.header.goals, strict_goals=self.header.strict,
            goals_rank=self.header.goals_rank,
            roles=self.header.roles, tools=tools, contexts=contexts,
            settings=settings, constraints=tuple(sorted(constraints, key=lambda one: one.id)),
            directives=directives, loans=loans,
            detectors=detectors, norms=tuple(sorted(norms, key=lambda norm: norm.id)),
            files=self.files(), scenarios=scenarios, never_beats=self.never_beats(),
            never_allow=self.never_allow(), labels=labels,
            content=self.content(),
        )  # fmt: skip
        return checked, self.names.found

    def files(self) -> tuple[SpecFile, ...]:
        units = sorted((unit for unit in self.units if unit.in_force), key=lambda one: one.name)
        return tuple(file_facts(unit, self.header.authors[unit.name]) for unit in units)

    # ---- tools

    def declared_tools(self, unit: Unit) -> dict[str, Tool]:
        tools: dict[str, Tool] = {}
        for _, node in statements([unit], t.Tools):
            for tool in self.imported(unit, node):
                tools.setdefault(tool.name, tool)
        for _, one in statements([unit], t.Tool):
            tools[one.name.text] = self.tool(one)
        return tools

    def imported(self, unit: Unit, node: t.Tools) -> list[Tool]:
        home = unit.path.parent if unit.path else Path()
        tools, found = read_tools_file(home, node.path, self.seen)
        named = Label(node.span, "these tools are read here")
        for one in found:
            if one.primary is None:
                self.names.found.append(replace(one, primary=Label(node.span)))
            else:
                self.names.found.append(replace(one, secondary=(*one.secondary, named)))
        return tools

    def tool(self, node: t.Tool) -> Tool:
        params: dict[str, Param] = {}
        for one in node.params:
            if one.name in params:
                place = label_span(one.span, one.name)
                message = f"`{one.name}` is declared twice"
                help = "give one of them another name, or remove it"
                self.names.found.append(Diagnostic("R0302", message, Label(place), help=help))
            params[one.name] = self.param(one)
        effects = frozenset(name.text for name in node.effects)
        return Tool(node.name.text, params, effects, closed=True, span=node.span)

    def param(self, node: t.Param) -> Param:
        kind = self.type(node.type) or ANY
        return Param(kind, not node.optional, literal(node.default))

    def type(self, node: t.TypeExpr) -> Type | None:
        kind = type_of(node)
        if kind is None:
            names = ["text", "number", "flag", "time", "duration", "record", "anything"]
            name = _innermost(node)
            self.names.unknown("type", name, [*names, "list", "set"])
        return kind

    def types(self) -> None:
        """Check every type that a value is declared with, and the defaults against them."""
        for unit, node in statements(self.units, t.Context):
            self.default_fits(unit, self.type(node.type), node.default)
        for unit, setting in statements(self.units, t.Setting):
            self.type(setting.type)
            check_setting(self.clauses(unit).acts, setting)
        for unit, tool in statements(self.units, t.Tool):
            for param in tool.params:
                self.default_fits(unit, type_of(param.type), param.default)

    def default_fits(self, unit: Unit, kind: Type | None, default: t.Expr | None) -> None:
        """Check a default against its type."""
        if kind is not None and default is not None:
            scope = Clauses(self.names, unit, {}, self.header.chain, 0, ()).acts.scope(None)
            Conditions(scope).value(default, kind)

    def visible_tools(self, unit: Unit) -> dict[str, Tool]:
        tools: dict[str, Tool] = {}
        for one in [*reversed(unit.sees), unit]:
            tools.update(self.own_tools[one.name])
        return tools

    def all_tools(self) -> Mapping[str, Tool]:
        """The tools of all files by name; two files must not describe one tool differently."""
        tools: dict[str, Tool] = {}
        for unit in self.units:
            for name, tool in self.own_tools[unit.name].items():
                other = tools.setdefault(name, tool)
                if _tool_content(other) != _tool_content(tool):
                    self.clash("tool", name, tool.span, other.span)
        return tools

    def clash(self, what: str, name: str, here: Span | None, there: Span | None) -> None:
        where = (Label(there, "the other declaration"),) if there else ()
        message = f"two files declare the {what} `{name}` differently"
        help = "keep one declaration, and import its file where it is needed"
        label = Label(here) if here else None
        self.names.found.append(Diagnostic("R0302", message, label, where, help=help))

    # ---- norms and vocabulary

    def clauses(self, unit: Unit) -> Clauses:
        author = self.header.authors[unit.name]
        tools = self.visible_tools(unit)
        return Clauses(self.names, unit, tools, self.header.chain, author, self.header.goals)

    def norms(self) -> tuple[list[Norm], list[Constraint]]:
        """The norms of every file in force; files that are only imported are checked as well."""
        norms: list[Norm | Constraint] = []
        for unit in self.units:
            reader = self.clauses(unit)
            for block in unit.spec.blocks:
                made: list[Norm | Constraint] = []
                if isinstance(block.head, t.Clause):
                    made = reader.of_block(block)
                elif isinstance(block.head, t.Default):
                    made = [one for one in [reader.default(block)] if one is not None]
                elif isinstance(block.head, t.Act):
                    reader.acts.named(self.names.table("act", unit)[block.head.name.text])
                norms += made if unit.in_force else []
        constraints = {one.id: one for one in norms if isinstance(one, Constraint)}
        others = [one for one in norms if isinstance(one, Norm)]
        return self.without_twins(others), list(constraints.values())

    def directives(self) -> tuple[Directive, ...]:
        """The directives of every file in force; those of imported files are checked as well."""
        made = []
        for unit in self.units:
            for block in unit.spec.blocks:
                if isinstance(block.head, t.Directive):
                    one = read_directive(self.clauses(unit), block)
                    made += [one] if one is not None and unit.in_force else []
        return tuple(sorted({one.id: one for one in made}.values(), key=lambda one: one.id))

    def loans(self) -> tuple[Loan, ...]:
        """Every `delegate` in force."""
        made = []
        for unit, node in statements(self.units, t.Delegate):
            one = read_loan(self.clauses(unit), node)
            made += [one] if one is not None and unit.in_force else []
        return tuple(sorted({one.id: one for one in made}.values(), key=lambda one: one.id))

    def settings(self) -> dict[str, Setting]:
        """The settings of all files; one name means one setting, whichever file asks."""
        settings: dict[str, Setting] = {}
        for unit, node in statements(self.units, t.Setting):
            setting = setting_of(node, unit.name)
            other = settings.setdefault(node.name, setting)
            same_file = other.spec == setting.spec
            if repr(replace(other, spec=unit.name)) != repr(setting) and not same_file:
                self.clash("setting", node.name, setting.span, other.span)
        return settings

    def without_twins(self, norms: list[Norm]) -> list[Norm]:
        """One norm an id; a second default for the same kind of step is a mistake."""
        seen: dict[str, Norm] = {}
        for norm in norms:
            first = seen.setdefault(norm.id, norm)
            if first is norm or "default" not in (norm.modality, first.modality):
                continue
            if norm.span and first.span:
                where = (Label(first.span, "the first one"),)
                message = "a second default for the same kind of step"
                if {norm.modality, first.modality} != {"default"}:
                    message = f"a clause is called like the default `{norm.name}`"
                self.names.found.append(Diagnostic("R0203", message, Label(norm.span), where))
        return list(seen.values())

    def detectors(self) -> dict[str, tuple[Pattern, ...]]:
        """The spec's own detectors by name, of every file."""
        found: dict[str, tuple[Pattern, ...]] = {}
        for unit in self.units:
            conditions = Conditions(self.clauses(unit).acts.scope(None))
            for name, declared in self.names.table(DETECTORS, unit).items():
                used = declared.used
                patterns = conditions.detector(t.Name((name,), span=declared.span))
                declared.used = used
                found[name] = patterns or ()
        return found

    def contexts(self) -> dict[str, Context]:
        """The contexts of all files; one name means one value, whichever file asks."""
        contexts: dict[str, Context] = {}
        for unit, node in statements(self.units, t.Context):
            context = context_of(node)
            other = contexts.setdefault(node.name, context)
            same_file = other.span is not None and other.span.source is unit.source
            if repr(other) != repr(context) and not same_file:  # `True == 1`, but not here
                self.clash("context", node.name, context.span, other.span)
        return contexts

    def never_beats(self) -> tuple[tuple[str, int, int, Span], ...]:
        out = []
        for unit, node in statements(self.units, t.NeverBeats):
            reader = self.clauses(unit)
            speaker, strength = reader.level(node.speaker), reader.level(node.strength)
            if speaker is not None and strength is not None:
                out.append((node.title, speaker, strength, node.span))
        return tuple(out)

    def labels(self) -> tuple[Labelling, ...]:
        """Every `label` in force; what a label stands on cannot ask for labels in turn."""
        made = []
        for unit, node in statements(self.units, t.LabelOn):
            target = self.clauses(unit).acts.target(node.act, clauses=False)
            if target.act.label is not None:
                message = "a label stands on steps, not on what is labelled"
                help = "write the condition of the other label here"
                found = Diagnostic("R0506", message, Label(node.act.span), help=help)
                self.names.found.append(found)
            elif unit.in_force:
                made.append(Labelling(node.name.text, target.act, target.where))
        return tuple(sorted(made, key=lambda one: (one.name, one.act.key)))

    def memories(self) -> None:
        """Read every `remember`: one that nothing uses may have a mistake too."""
        for unit, node in statements(self.units, t.Remember):
            conditions = self.clauses(unit).conditions(None)
            History(conditions).memory(t.Ref(node.name, span=node.span), node, unit)

    def never_allow(self) -> tuple[NeverAllow, ...]:
        made = []
        for unit, node in statements(self.units, t.NeverAllow):
            reader = self.clauses(unit)
            target = reader.acts.target(node.act, clauses=False)
            asked = t.Earlier(node.without, span=node.without.span)
            needed = reader.conditions(target.act).earlier(asked, None)
            if needed is not None:
                made.append(NeverAllow(node.title, target.act, needed, node.span))
        return tuple(made)

    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of every file in force; those of imported files are checked as well."""
        out = []
        for unit in self.units:
            scope = self.clauses(unit).acts.scope(None)
            for block in unit.spec.blocks:
                if isinstance(block.head, t.Scenario):
                    named = check_scenario(scope, block, self.header)
                    if unit.in_force:
                        out.append(Scenario(unit.name, block, block.head.title, named))
        return tuple(out)

    # ---- findings about the whole

    def unused(self) -> None:
        """Warn of vocabulary that the file itself declares and nothing uses."""
        words = {t.Act: "act", t.Define: "definition", t.Detector: "detector",
                 t.Context: "context"}  # fmt: skip
        vocabulary_only = {
            unit.name for unit in self.units if not any(statements([unit], t.Clause))
        }
        for (space, name), table in self.names.tables.items():
            for declared in table.values():
                word = words.get(type(declared.node))
                skip = declared.used or not declared.unit.in_force or name in vocabulary_only
                if word is None or skip or space == TOOLS:
                    continue
                message = f"nothing uses the {word} `{declared.name}`"
                self.names.found.append(
                    Diagnostic("R0306", message, Label(declared.span), help="remove it, or use it")
                )

    def content(self) -> str:
        """The meaning-bearing text of all files, whatever their order, layout and comments."""
        parts = [self.unit_content(unit) for unit in self.units]
        return "\n\n".join(sorted(parts))

    def unit_content(self, unit: Unit) -> str:
        left_out = (t.Scenario, t.Extends, t.Import, t.Tools)
        blocks = sorted(
            _block_content(block)
            for block in unit.spec.blocks
            if not isinstance(block.head, left_out)
        )
        tools = [_tool_content(tool) for _, tool in sorted(self.own_tools[unit.name].items())]
        sees = [f"sees: {name}" for name in sorted(one.name for one in unit.sees)]
        return "\n".join([f"in force: {unit.in_force}", *sees, *blocks, *tools])


def _tell_apart(units: Sequence[Unit]) -> list[Diagnostic]:
    """Findings about specs of one name; later ones are renamed, so that nothing else clashes."""
    found: list[Diagnostic] = []
    seen: dict[str, Unit] = {}
    for number, unit in enumerate(units):
        other = seen.setdefault(unit.name, unit)
        if other is not unit:
            labels = [Label(_name_span(one)) for one in (unit, other)]
            message = f"two files are called `{unit.name}`"
            help = "give one of them another name"
            found.append(Diagnostic("R0302", message, labels[0], (labels[1],), help=help))
            unit.name = f"{unit.name} ({number})"
    return found


def _name_span(unit: Unit) -> Span:
    names = [node.name.span for _, node in statements([unit], t.SpecName)]
    return names[0] if names else unit.source.span(0, 0)


def _block_content(block: t.Block) -> str:
    """A block as text; only the order of its unnamed exceptions has a meaning."""
    exceptions = [one for one in block.body if isinstance(one, t.Except)]
    rest = sorted(unparse_statement(one) for one in block.body if not isinstance(one, t.Except))
    return "\n  ".join([unparse_statement(block.head), *rest, *map(unparse_statement, exceptions)])


def _tool_content(tool: Tool) -> str:
    """A tool as text that is the same in every run."""
    params = [f"{name} {param!r}" for name, param in sorted(tool.params.items())]
    return f"{tool.name} {params} {sorted(tool.effects)} {tool.closed}"


def _innermost(node: t.TypeExpr) -> t.Name:
    while isinstance(node, t.ListType):
        if node.name.text not in ("list", "set"):
            return node.name
        node = node.item
    assert isinstance(node, t.NamedType), "a one_of always names a type"
    return node.name
