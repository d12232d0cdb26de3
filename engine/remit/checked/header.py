"""The header of a policy: one chain, one order of goals, who speaks as what, who wrote what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from remit.checked.files import Unit
from remit.checked.model import LANGUAGE, SpecFile
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.outline import unnamed
from remit_grammar.source import Span
from remit_grammar.value import field, record

DEFAULT_CHAIN = ("root", "system", "developer", "user", "guideline")
SPEAKERS = ("system", "developer", "user")  # roles that speak as the level of their name by default
S = TypeVar("S")


@record
class Header:
    """What the headers of all files say together. Levels are ranks, 0 the strongest."""

    chain: tuple[str, ...] = DEFAULT_CHAIN
    goals: tuple[str, ...] = ()
    strict: bool = False
    goals_rank: int = 0
    roles: dict[str, int] = field(default_factory=dict)
    authors: dict[str, int] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)


def read_header(units: Sequence[Unit]) -> Header:
    """Settle chain, goals, roles and authors of a set of files, with every finding."""
    header = Header()
    _settle_chain(header, units)
    _settle_goals(header, units)
    for unit in units:
        _version(header, unit)
        _author(header, unit)
    _settle_roles(header, units)
    _chain_is_the_tops(header, units)
    ranks = [header.authors[unit.name] for unit, _ in statements(units, t.Goals)]
    header.goals_rank = min(ranks, default=0)
    return header


def statements(units: Sequence[Unit], kind: type[S]) -> Iterator[tuple[Unit, S]]:
    """Every head statement of a kind, with its file."""
    for unit in units:
        for block in unit.spec.blocks:
            if isinstance(block.head, kind):
                yield unit, block.head


def file_facts(unit: Unit, author: int) -> SpecFile:
    """What a reader of decisions may want to know of a file."""
    facts = {one.key: one.value for _, one in statements([unit], t.Fact)}
    effective = next((one.date.text for _, one in statements([unit], t.Effective)), None)
    return SpecFile(
        unit.name, author, unit.source,
        facts.get("version"), facts.get("owner"), facts.get("source"), effective,
    )  # fmt: skip


def _names(names: Sequence[t.Name]) -> tuple[str, ...]:
    return tuple(name.text for name in names)


def _complain(header: Header, code: str, span: Span, message: str, *where: Label,
              help: str | None = None, fix: Fix | None = None) -> None:  # fmt: skip
    header.found.append(Diagnostic(code, message, Label(span), where, help=help, fix=fix))


def _settle_chain(header: Header, units: Sequence[Unit]) -> None:
    first: t.Chain | None = None
    for _, chain in statements(units, t.Chain):
        levels = _names(chain.levels)
        for name in {one for one in levels if levels.count(one) > 1 or one == "none"}:
            twice = f"the level `{name}` stands in the chain twice"
            message = "`none` is what is below the chain" if name == "none" else twice
            _complain(header, "R0302", chain.span, message, help="give each level a name")
        if first is None:
            first, header.chain = chain, levels
        elif levels != header.chain:
            _complain(header, "R0604", chain.span, "another file sets a different chain",
                      Label(first.span, "the other chain"), help="keep one of the two")  # fmt: skip


def _chain_is_the_tops(header: Header, units: Sequence[Unit]) -> None:
    for unit, chain in statements(units, t.Chain):
        if header.authors.get(unit.name, 0) != 0:
            author = header.chain[header.authors[unit.name]]
            _complain(header, "R0603", chain.span,
                      f"only `{header.chain[0]}` sets the chain; this file's author is `{author}`",
                      help="put the chain in a spec of the top level and extend that")  # fmt: skip


def _settle_goals(header: Header, units: Sequence[Unit]) -> None:
    first: t.Goals | None = None
    for _, goals in statements(units, t.Goals):
        if first is None:
            first, header.goals, header.strict = goals, _names(goals.goals), goals.strict
        elif (_names(goals.goals), goals.strict) != (header.goals, header.strict):
            _complain(header, "R0604", goals.span, "another file orders the goals differently",
                      Label(first.span, "the other order"), help="keep one of the two")  # fmt: skip


def _version(header: Header, unit: Unit) -> None:
    """A spec for a later version may say what would be read wrongly here."""
    for _, node in statements([unit], t.Remit):
        if node.version > LANGUAGE:
            message = f"this spec is written for version {node.version:g} of the language"
            help = f"this is a compiler of version {LANGUAGE}: take a newer release of Remit"
            _complain(header, "R0501", node.span, message, help=help)


def _author(header: Header, unit: Unit) -> None:
    spans = [one.span for _, one in statements([unit], t.SpecName)]
    header.found += unnamed(unit.spec)
    levels = [one.level for _, one in statements([unit], t.Author)]
    header.authors[unit.name] = 0  # where it is not known, nothing is above it
    for name, again in ((t.SpecName, spans[1:]), (t.Author, [one.span for one in levels[1:]])):
        for span in again:
            word = "spec" if name is t.SpecName else "author"
            _complain(header, "R0203", span, f"a second `{word}` in one file", help="keep one")
    if not levels:
        where = spans[0] if spans else unit.source.span(0, 0)
        _complain(header, "R0605", where, "this spec does not say whose voice it is",
                  help="add `author` and a level: "
                       + " > ".join(f"`{one}`" for one in header.chain))  # fmt: skip
    elif levels[0].text in header.chain:
        header.authors[unit.name] = header.chain.index(levels[0].text)
    else:
        _unknown_level(header, levels[0])


def _unknown_level(header: Header, name: t.Name) -> None:
    near = did_you_mean(name.text, header.chain)
    chain = " > ".join(f"`{level}`" for level in header.chain)
    help = f"did you mean `{near}`?" if near else f"the chain is {chain}"
    _complain(header, "R0301", name.span, f"there is no level `{name.text}`", help=help,
              fix=Fix(name.span, near) if near else None)  # fmt: skip


def _settle_roles(header: Header, units: Sequence[Unit]) -> None:
    said: dict[str, t.Role] = {}
    for unit, role in statements(units, t.Role):
        rank = _role_rank(header, unit, role)
        if rank is None:
            header.roles.setdefault(role.role.text, len(header.chain))  # known, and reported
            continue
        before = said.setdefault(role.role.text, role)
        if header.roles.setdefault(role.role.text, rank) != rank:
            _complain(header, "R0604", role.span,
                      f"the role `{role.role.text}` speaks as two different levels",
                      Label(before.span, "the other level"),
                      help="keep one of the two")  # fmt: skip
    for name in SPEAKERS:
        if name in header.chain:
            header.roles.setdefault(name, header.chain.index(name))


def _role_rank(header: Header, unit: Unit, role: t.Role) -> int | None:
    if role.level.text == "none":
        return len(header.chain)
    if role.level.text not in header.chain:
        _unknown_level(header, role.level)
        return None
    rank = header.chain.index(role.level.text)
    author = header.authors[unit.name]
    if rank < author:
        lender = header.chain[author]
        _complain(header, "R0601", role.level.span,
                  f"`{lender}`, this file's author, cannot lend out `{role.level.text}`",
                  help="a role speaks at most as the level of the file's author")  # fmt: skip
        return None
    return rank
