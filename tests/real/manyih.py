"""Items of ManyIH as specs: who wins among instructions with many levels of privilege.

The chain of an item has a level for each privilege, the largest number on top, as the data has it.
Instructions that conflict are about one setting. Its values are the ways to follow as many of them
as go together; an instruction narrows the setting to the ways in which it is followed. Who wins is
left to the policy: nothing here compares two privileges, except to write the chain.

It takes the conflicts as the item gives them, and does not look for more in the descriptions.
`python -m tests.real.manyih FILE` prints what is right and explains what is not.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import networkx as nx

import remit
from remit_grammar.literals import string_literal

MOST_WAYS = 5_000  # values of one setting
STANDING, SPOKEN = "standing", "spoken"
FORMS = (STANDING, SPOKEN)
Winners = dict[str, list[str]]


@dataclass(frozen=True)
class Instruction:
    """One instruction of an item. `clashes` are the ids of those that it cannot go with.

    `name` is what it is called in the spec: its style, with its id where the item has it twice.
    """

    id: str
    privilege: float
    key: str
    style: str
    text: str
    clashes: frozenset[str]
    name: str = ""


@dataclass(frozen=True)
class Dispute:
    """Instructions that conflicts join, and every largest set of them that goes together."""

    name: str
    members: tuple[Instruction, ...]
    ways: tuple[frozenset[str], ...]

    def allowed(self, one: Instruction) -> list[str]:
        """The names of the ways in which an instruction is followed."""
        return [self.way(ids) for ids in self.ways if one.id in ids]

    def way(self, ids: frozenset[str]) -> str:
        """The name of a way: the styles that it is made of."""
        return " + ".join(one.name for one in self.members if one.id in ids)


@dataclass(frozen=True)
class Item:
    """An item: its instructions, and the styles that win for each key."""

    id: str
    instructions: tuple[Instruction, ...]
    expected: Winners

    @cached_property
    def conflicts(self) -> nx.Graph[str]:
        """The instructions with an edge for each conflict, whichever side names it."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(one.id for one in self.instructions)
        graph.add_edges_from((one.id, other) for one in self.instructions for other in one.clashes)
        return graph

    @cached_property
    def disputes(self) -> tuple[Dispute, ...]:
        """The instructions in groups that have nothing to do with each other."""
        made: list[Dispute] = []
        taken: Counter[str] = Counter()
        for ids in nx.connected_components(self.conflicts):
            members = tuple(one for one in self.instructions if one.id in ids)
            key = " + ".join(dict.fromkeys(_tidy(one.key) for one in members))
            taken[key] += 1
            name = key if taken[key] == 1 else f"{key} #{taken[key]}"
            made.append(Dispute(name, members, self._ways(ids)))
        return tuple(made)

    def _ways(self, ids: set[str]) -> tuple[frozenset[str], ...]:
        fits = nx.complement(self.conflicts.subgraph(ids))
        found = [frozenset(one) for one in islice(nx.find_cliques(fits), MOST_WAYS + 1)]
        if len(found) > MOST_WAYS:
            raise ValueError(f"item {self.id}: more than {MOST_WAYS:,} ways to go together")
        return tuple(sorted(found, key=sorted))

    def spec(self, form: str = STANDING, *, smaller_is_stronger: bool = False) -> str:
        """The text of the spec: the instructions as clauses, or as directives that roles say."""
        ranks = sorted({one.privilege for one in self.instructions})
        strongest_first = ranks if smaller_is_stronger else ranks[::-1]
        levels = [_quoted(_level(rank)) for rank in strongest_first]
        head = ["spec manyih", f"author {levels[0]}", f"chain {' > '.join(levels)}"]
        if form == SPOKEN:
            head += [f"role {level} speaks as {level}" for level in levels]
        lines = [line for dispute in self.disputes for line in _written(dispute, form)]
        return "\n".join([*head, *lines]) + "\n"


def _written(dispute: Dispute, form: str) -> Iterator[str]:
    ways = ", ".join(_quoted(dispute.way(ids)) for ids in dispute.ways)
    yield f"\nsetting {_quoted(dispute.name)}: one of {ways}"
    for one in dispute.members:
        if form == SPOKEN:
            yield f"\ndirective {_quoted(one.name)}\n  heard {string_literal(said(one))}"
        else:
            level = _quoted(_level(one.privilege))
            yield f"\nclause {_quoted(one.name)} at {level} {string_literal(one.text)}"
        allowed = ", ".join(map(_quoted, dispute.allowed(one)))
        yield f"  set {_quoted(dispute.name)} in [{allowed}]"


def said(one: Instruction) -> str:
    """What the role of its level says to give an instruction."""
    return f"Instruction {one.id}: {one.text}"


def _level(privilege: float) -> str:
    return f"p{privilege:.15g}"


def _quoted(name: str) -> str:
    """A name as a spec writes it, whatever is in it."""
    return f"`{name}`"


def _tidy(text: str) -> str:
    """A text without what cannot stand in a name."""
    return re.sub(r"[`\s]+", " ", text).strip()


# ---- what the policy says


@dataclass
class Outcome:
    """What the policy made of an item: the styles in force, and who lost to whom, in words."""

    item: Item
    form: str
    won: Winners = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    doubtful: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether the winners are those that the item expects, in whatever order."""
        return _plain(self.won) == _plain(self.item.expected)

    def read(self, decision: remit.Decision) -> None:
        """Note which constraints are in force in a decision, and which are not."""
        for setting in decision.settings:
            for claim in setting.claims:
                one = self._of(claim.id)
                self.won.setdefault(one.key, []).append(one.style)
            for lost in setting.lost:
                one, by = self._of(lost.id), self._of(lost.by)
                self.lost[one.id] = f"{_shown(one)} lost to {_shown(by)}: {lost.reason}"
            self.doubtful += [_shown(self._of(norm)) for norm in setting.doubtful]

    def _of(self, norm: str) -> Instruction:
        """The instruction whose clause, or whose directive with its step behind it, this is."""
        name = norm.removeprefix("manyih::")
        name = name.rpartition("@")[0] if self.form == SPOKEN else name
        return next(one for one in self.item.instructions if one.name == name)

    def explain(self) -> list[str]:
        """For each key that differs: expected, got, and what the losers lost to."""
        lines = [f"item {self.item.id} ({self.form})"]
        for key in sorted({*self.won, *self.item.expected}):
            wanted, got = (sorted(one.get(key, ())) for one in (self.item.expected, self.won))
            if wanted != got:
                lines.append(f"  {key}: expected {_list(wanted)}, got {_list(got)}")
                lines += [f"    {self.lost[one.id]}" for one in self.item.instructions
                          if one.key == key and one.id in self.lost]  # fmt: skip
        if self.doubtful:
            lines.append(f"  nothing tells these apart: {_list(self.doubtful)}")
        return lines


def _shown(one: Instruction) -> str:
    return f"{one.style} ({one.privilege:g})"


def _plain(winners: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {key: sorted(styles) for key, styles in winners.items() if styles}


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"


def outcome(
    item: Item, form: str = STANDING, *, seed: int = 0, smaller_is_stronger: bool = False
) -> Outcome:
    """Compile the item and ask the policy which constraints are in force.

    Spoken instructions are said in an order that `seed` shuffles. Raises `SpecError` if the spec
    does not compile.
    """
    policy = remit.load(item.spec(form, smaller_is_stronger=smaller_is_stronger))
    session = policy.session()
    for message in _messages(item, seed) if form == SPOKEN else ():
        session.decide(message)
    made = Outcome(item, form)
    made.read(session.decide(remit.Message("assistant", "Done.")))
    return made


def _messages(item: Item, seed: int) -> list[remit.Message]:
    made = [remit.Message(_level(one.privilege), said(one)) for one in item.instructions]
    random.Random(seed).shuffle(made)
    return made


# ---- reading


def read_items(path: Path) -> Iterator[tuple[Item | None, list[str]]]:
    """Each item of a file, one a line, or else what is wrong with it. Raises OSError."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _parsed(line, f"line {number}")


def _parsed(line: str, place: str) -> tuple[Item | None, list[str]]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, [f"{place}: no JSON: {error}"]
    made, problems = item_from(data)
    return made, [f"{place}: {one}" for one in problems]


def item_from(data: object) -> tuple[Item | None, list[str]]:
    """The item that the data holds, or everything that is wrong with it."""
    problems: list[str] = []
    if not isinstance(data, dict):
        return None, ["an item is an object"]
    rows = data.get("instructions")
    if not isinstance(rows, list) or not rows:
        return None, ["an item has a list of `instructions`"]
    made = [_instruction(row, number, problems) for number, row in enumerate(rows, 1)]
    ids = Counter(one.id for one in made if one)
    problems += [f"the id {one} is used {count} times" for one, count in ids.items() if count > 1]
    if None not in made:  # else what is not there may just be malformed
        problems += [told for one in made if one for told in _bad_clashes(one, set(ids))]
    expected = data.get("expected")
    if not _is_expected(expected):
        problems.append("`expected` maps each key to a list of styles")
    if problems:
        return None, problems
    return Item(str(data.get("id", "?")), _named([one for one in made if one]), expected or {}), []


def _named(made: list[Instruction]) -> tuple[Instruction, ...]:
    styles = Counter(_tidy(one.style) for one in made)
    return tuple(
        replace(one, name=style if styles[style] == 1 else _tidy(f"{style} ({one.id})"))
        for one in made
        for style in [_tidy(one.style)]
    )


def _instruction(row: object, number: int, problems: list[str]) -> Instruction | None:
    before = len(problems)
    if not isinstance(row, dict):
        problems.append(f"instruction {number} is no object")
        return None
    for name, fits, what in _FIELDS:
        if not fits(row.get(name)):
            found = "is missing" if name not in row else f"is {json.dumps(row[name])[:40]}"
            problems.append(f"instruction {number}: `{name}` {found}, where {what} belongs")
    if len(problems) > before:
        return None
    clashes = frozenset(map(str, row.get("conflicts_with", ())))
    return Instruction(str(row["id"]), row["privilege"], row["style_key"], row["style_id"],
                       row["description"], clashes)  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_id(value: object) -> bool:
    return _is_text(value) or (isinstance(value, int) and not isinstance(value, bool))


def _are_ids(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_id, value))


def _is_expected(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(styles, list) and all(map(_is_text, styles)) for styles in value.values()
    )


_FIELDS = (
    ("id", _is_id, "a number or text"),
    ("privilege", _is_number, "a number"),
    ("style_key", _is_text, "text"),
    ("style_id", _is_text, "text"),
    ("description", _is_text, "text"),
    ("conflicts_with", _are_ids, "a list of ids"),
)


def _bad_clashes(one: Instruction, ids: set[str]) -> list[str]:
    unknown = [f"instruction {one.id} conflicts with {other}, which is not there"
               for other in sorted(one.clashes - ids)]  # fmt: skip
    return unknown + [f"instruction {one.id} conflicts with itself"] * (one.id in one.clashes)


# ---- the command


def main(args: Sequence[str] | None = None) -> int:
    """Run a file of items: 0 if each is right, 1 if one is not, 2 if the file cannot be read."""
    parser = ArgumentParser("python -m tests.real.manyih", description=__doc__)
    parser.add_argument("path", type=Path, metavar="FILE", help="items, one JSON object a line")
    parser.add_argument("--smaller-is-stronger", action="store_true", help="privilege 1 is on top")
    parser.add_argument("--show", metavar="ID", help="print the spec of an item")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which roles speak")
    asked = parser.parse_args(args)
    try:
        return _run(asked.path, asked.show, asked.seed, asked.smaller_is_stronger)
    except OSError as error:
        print(f"{asked.path}: {error.strerror or error}", file=sys.stderr)
        return 2


def _run(path: Path, show: str | None, seed: int, smaller: bool) -> int:
    right: list[bool] = []
    for item, problems in read_items(path):
        if item is not None and show is not None:
            if item.id == show:
                print(item.spec(smaller_is_stronger=smaller))
            continue
        for line in problems or _told(item, seed, smaller):
            print(line)
            problems = problems or [line]
        right.append(not problems)
    if show is None:
        print(f"{sum(right)} of {len(right)}")
    return 0 if all(right) and (right or show is not None) else 1


def _told(item: Item | None, seed: int, smaller: bool) -> list[str]:
    """What is not right about an item, in both forms; a spec that does not compile is told."""
    assert item is not None, "an item without problems"
    lines: list[str] = []
    for form in FORMS:
        try:
            made = outcome(item, form, seed=seed, smaller_is_stronger=smaller)
        except (remit.SpecError, ValueError) as error:
            lines.append(f"item {item.id} ({form}): {error}")
        else:
            lines += [] if made.is_right else made.explain()
    return lines


if __name__ == "__main__":
    sys.exit(main())
