"""What each file declares, and which declaration a name means.

A name means a declaration of its own file first, then one of the files it extends or imports; where
two of those declare it, the author must say `spec::name`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remit.checked.files import Unit
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.source import Span
from remit_grammar.value import field, record

# name spaces: acts and clauses share one, since `permit NAME` may mean either
ACTS, VALUES, TOOLS, DETECTORS, ROLES, EVENTS = "act", "value", "tool", "detector", "role", "event"
MOST_LISTED = 12  # names in one help
FLAGS = {"yes": "true", "on": "true", "no": "false", "off": "false"}  # as others write flags
_SPACE: dict[type, str] = {
    t.Act: ACTS, t.Clause: ACTS, t.Context: VALUES, t.Setting: VALUES, t.Define: VALUES,
    t.Remember: VALUES, t.Tool: TOOLS, t.Detector: DETECTORS, t.Role: ROLES, t.Directive: EVENTS,
}  # fmt: skip


@record
class Declared:
    """A declaration: the node, the file it stands in, its name's place."""

    name: str
    node: t.Statement
    unit: Unit
    span: Span
    block: t.Block
    used: bool = False


@record
class Names:
    """All declarations of all files, and the findings made while looking them up."""

    tables: dict[tuple[str, str], dict[str, Declared]] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    roles: tuple[str, ...] = ()  # every role that a level speaks for, declared or by default
    labels: tuple[str, ...] = ()  # every label that some statement gives
    rings: set[frozenset[str]] = field(default_factory=set)  # circles that were reported
    questions: dict[str, set[str]] = field(default_factory=dict)  # what each judge is asked
    confirms: bool = False  # whether any condition asks for a confirmation

    def table(self, space: str, unit: Unit) -> dict[str, Declared]:
        """The declarations of one file in one name space."""
        table = self.tables.get((space, unit.name))
        return self.tables.setdefault((space, unit.name), {}) if table is None else table

    def declare(self, unit: Unit, block: t.Block) -> None:
        """Note what a block declares, if it declares something."""
        space = _SPACE.get(type(block.head))
        if space is not None:
            name, span = _declared_name(block.head)
            self.add(space, Declared(name, block.head, unit, span, block))
        if isinstance(block.head, t.Clause):
            self.declare_exceptions(unit, block)

    def declare_exceptions(self, unit: Unit, block: t.Block) -> None:
        """Exceptions of a clause are named below it: `refunds.limit.gold`."""
        assert isinstance(block.head, t.Clause), "only clauses have exceptions"
        number = 0
        for one in block.body:
            if isinstance(one, t.Except):
                number += 1
                name = exception_name(block.head.name.text, one, number)
                self.add(ACTS, Declared(name, one, unit, one.span, block))

    def add(self, space: str, new: Declared) -> None:
        """Put a declaration in its table; a finding if the name is taken."""
        table = self.table(space, new.unit)
        old = table.get(new.name)
        if old is None:
            table[new.name] = new
            return
        if space == ROLES:  # the header says what it means when a role speaks twice
            return
        message = f"`{new.name}` is declared twice"
        before = (Label(old.span, "first declared here"),)
        help = "give one of them another name, or remove it"
        self.found.append(Diagnostic("R0302", message, Label(new.span), before, help=help))

    def find(self, space: str, name: t.Name, unit: Unit) -> Declared | None:
        """What a name means, or None. An ambiguous name is a finding and means nothing."""
        own = self.table(space, unit).get(".".join(name.parts)) if name.spec is None else None
        hits = [own] if own is not None else list(self._hits(space, name, unit))
        if len(hits) > 1:
            self._ambiguous(name, hits)
            return None
        if hits:
            hits[0].used = True
            return hits[0]
        return None

    def _hits(self, space: str, name: t.Name, unit: Unit) -> Iterator[Declared]:
        text = ".".join(name.parts)
        for other in [unit, *unit.sees]:
            if name.spec is None or other.name == name.spec.text:
                hit = self.table(space, other).get(text)
                if hit is not None:
                    yield hit

    def _ambiguous(self, name: t.Name, hits: list[Declared]) -> None:
        where = tuple(Label(hit.span, f"declared in `{hit.unit.name}`") for hit in hits)
        choices = " or ".join(f"`{hit.unit.name}::{hit.name}`" for hit in hits[:5])
        self.found.append(
            Diagnostic(
                "R0305", f"`{name.text}` is declared in more than one spec", Label(name.span),
                where, help=f"say which one: {choices}",
            )
        )  # fmt: skip

    def known(self, space: str, unit: Unit) -> list[str]:
        """Every name that a file could use in a name space."""
        return [name for one in [unit, *unit.sees] for name in self.table(space, one)]

    def asks(self, judge: str, question: str) -> None:
        """Note that something asks a judge a question; judges are not declared."""
        self.questions.setdefault(judge, set()).add(question)

    def definitions(self, unit: Unit) -> list[str]:
        """Every definition that a file could use."""
        units = [unit, *unit.sees]
        tables = [self.table(VALUES, one).values() for one in units]
        return [one.name for table in tables for one in table if isinstance(one.node, t.Define)]

    def is_ring(self, kind: str, ring: list[str], name: t.Name) -> None:
        """Report declarations that use each other, each circle once; `ring` ends as it begins."""
        if frozenset(ring) in self.rings:
            return
        self.rings.add(frozenset(ring))
        if len(ring) == 2:
            message = f"the {kind} `{name.text}` uses itself"
        else:
            homes = {one.partition("::")[0] for one in ring}
            shown = [one.partition("::")[2] if len(homes) == 1 else one for one in ring]
            way = " -> ".join(f"`{one}`" for one in shown)
            message = f"these {kind}s use each other in a circle: {way}"
        help = "write out what one of them means; there is no recursion"
        self.found.append(Diagnostic("R0308", message, Label(name.span), help=help))

    def unknown(
        self, what: str, name: t.Name, known: list[str], *, code: str = "R0301", help: str = "",
        say: str = "",
    ) -> None:  # fmt: skip
        """Report a name that nothing declares, with the closest one that exists."""
        if name.spec is not None:
            tables = self.tables.items()
            known = [f"{spec}::{one}" for (_, spec), table in tables for one in table]
        near = FLAGS.get(name.text) if "true" in known else None
        near = near or did_you_mean(name.text, known)
        if near:
            help = f"did you mean `{near}`?"
        elif not help and known:
            help = f"known: {listed(sorted(set(known)))}"
        message = f"{say or f'there is no {what}'} `{name.text}`"
        fix = Fix(name.span, near) if near else None
        self.found.append(Diagnostic(code, message, Label(name.span), help=help or None, fix=fix))


def listed(names: Sequence[str]) -> str:
    """The names in backquotes; where there are many, the first of them and `...`."""
    shown = ", ".join(f"`{one}`" for one in names[:MOST_LISTED])
    return shown + ", ..." if len(names) > MOST_LISTED else shown


def exception_name(clause: str, one: t.Except, number: int) -> str:
    """The name of the `number`-th exception (from 1) of a clause."""
    own = one.name or ("except" if number == 1 else f"except{number}")
    return f"{clause}.{own}"


def label_span(span: Span, name: str, after: int = 0) -> Span:
    """Where a name that carries no span of its own stands in a piece of source."""
    at = span.text.find(name.partition(".")[0], after)
    return span.source.span(span.start + at, span.start + at + len(name)) if at >= 0 else span


def _declared_name(node: t.Statement) -> tuple[str, Span]:
    if isinstance(node, (t.Context, t.Setting)):
        return node.name, label_span(node.span, node.name, len("context"))
    if isinstance(node, t.Role):
        return node.role.text, node.role.span
    assert isinstance(
        node, (t.Act, t.Clause, t.Define, t.Remember, t.Tool, t.Detector, t.Directive)
    )
    return node.name.text, node.name.span
