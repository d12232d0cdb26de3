"""Bytes -> the outline of a policy, and on request the rest of it. Trusts nothing that it reads.

All bytes are checked for damage when they are opened, and the head for its form; a norm is checked
when it is first read. What has not its form raises `StoreError`; in the middle of a decision that
denies the step. `remit.store.whole` reads everything at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from remit.checked.norm import LANGUAGE, Norm
from remit.conversation.model import NO_AUTHORITY
from remit.graph.reasons import REASONS
from remit.program.from_graph import build_program
from remit.program.lazy import LazyRow, LazyTable
from remit.program.outline import ASKED, KINDS, Outline
from remit.program.view import Known
from remit.seal import DAMAGED, STRANGE, Unsealed, unsealed
from remit.store import layout
from remit.store.layout import FORM, MAGIC
from remit.store.shapes import (
    COUNT,
    COUNTS,
    FLAG,
    TEXT,
    Shape,
    exactly,
    many,
    named,
    one_of,
    row,
    some,
)
from remit.store.sources import Sources, StoredSource, unpacked

if TYPE_CHECKING:
    from remit.checked.model import Checked
    from remit.graph.model import PriorityGraph
    from remit.program.outline import Look
    from remit_grammar.diagnostic import Diagnostic

T = TypeVar("T")

_DICTIONARY = exactly(dict, "an object")
HEAD: Mapping[str, Shape] = {  # what loading reads; tools wait until they are asked for
    "language": COUNT, "name": TEXT, "chain": layout.NAMES, "goals": layout.NAMES,
    "strict_goals": FLAG, "goals_rank": COUNT, "roles": named(COUNT), "tools": _DICTIONARY,
    "contexts": named(layout.CONTEXT), "names": some(TEXT), "reads": some(one_of(*ASKED)),
    "index": named(named(COUNTS)), "looks": exactly(list, "a list"), "norms": COUNTS, "rest": COUNT,
    "sources": many(row(TEXT, FLAG, COUNT)),
}  # fmt: skip
_ROWS = ("labels", "constraints", "directives", "loans", "histories", "debts", "origins")
_BEATEN = named(COUNTS)


class Stored:
    """A policy as it is stored: `program` for deciding; for people what the compiler knew of it."""

    def __init__(self, data: object) -> None:
        self.digest, self._content = _opened(data)
        raw, at = self._first()
        if raw.get("language") != LANGUAGE:
            refuse(f"it is of another version of the language than {LANGUAGE}")
        lengths: list[int] = self._guarded("its head", lambda: _lengths(raw))
        self._ends = list(accumulate(lengths, initial=at))
        if self._ends[-1] != len(self._content):
            refuse("it is longer or shorter than it says")
        self._size = len(raw["norms"])
        self._sources = Sources([self._source(number, *row) for number, row in
                                 enumerate(raw["sources"])])  # fmt: skip
        self._head: dict[str, Any] = self._guarded("its head", lambda: {
            name: one.read(raw[name], self._sources) for name, one in HEAD.items()}
            | _more_of(raw, self._sources))  # fmt: skip
        self.name: str = self._head["name"]
        self.outline = self._outline()
        self.program = self._guarded("what it hears and remembers",
                                     lambda: build_program(self.outline))  # fmt: skip

    # ---- pieces of the content

    def _first(self) -> tuple[dict[str, Any], int]:
        """The head as it is written, and where it ends."""
        size = int.from_bytes(self._content[:4], "big")
        raw = self._guarded("its head", lambda: _DICTIONARY.read(
            _decoded(self._content[4 : 4 + size]), Sources()))  # fmt: skip
        return raw, 4 + size

    def _piece(self, number: int) -> memoryview:
        return self._content[self._ends[number] : self._ends[number + 1]]

    def _source(self, number: int, name: str, has_lines: bool, size: int) -> StoredSource:
        """A source whose text stands behind the norms and the rest."""
        return StoredSource(name, has_lines, lambda: self._guarded(
            f"the text of `{name}`", lambda: unpacked(self._piece(self._size + 1 + number))
        ))  # fmt: skip

    def _guarded(self, what: str, read: Callable[[], T]) -> T:
        """What `read` gives; whatever is wrong there is told as one kind of error."""
        try:
            return read()
        except RecursionError:
            refuse(f"{what} is nested too deep")
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            told = f"it lacks {error}" if isinstance(error, KeyError) else str(error)[:200]
            refuse(f"{what} has not the form of a stored policy: {told}")

    def _read(self, what: str, shape: Shape, data: Any) -> Any:
        return self._guarded(what, lambda: shape.read(data, self._sources))

    # ---- what deciding needs

    def _outline(self) -> Outline:
        head = self._head
        tools = LazyTable(head["tools"], lambda raw: self._read("a tool", layout.TOOL, raw))
        roles = head["roles"]
        records = LazyRow(self._size, self._record)
        return Outline(
            chain=head["chain"], goals=head["goals"] if head["strict_goals"] else (),
            goals_rank=head["goals_rank"], roles=roles,
            known=Known(tools, head["contexts"], frozenset(roles) | NO_AUTHORITY, head["labels"]),
            norms=LazyRow(self._size, lambda number: records[number][0]),
            beaten=LazyRow(self._size, lambda number: records[number][1]),
            by_kind=self._guarded("its index", lambda: _index(head["index"], self._size)),
            names=head["names"] | frozenset(tools),
            looks=LazyRow(len(head["looks"]), self._look),
            **{name: head[name] for name in ("settings", "constraints", "directives", "loans",
                                             "histories", "debts", "origins", "reads")},
        )  # fmt: skip

    def _look(self, number: int) -> Look:
        from remit.store.patterns import LOOK

        look: Look = self._read("what texts are searched for", LOOK, self._head["looks"][number])
        return look

    def _record(self, number: int) -> tuple[Norm, Mapping[int, str]]:
        """A norm and who beats it: only norms with smaller numbers, so there is no circle."""
        what = f"norm {number}"
        norm, beaten = self._guarded(what, lambda: _pair(_decoded(self._piece(number))))
        return (
            self._read(what, layout.NORM, norm),
            self._guarded(what, lambda: _beaten(_BEATEN.read(beaten, self._sources), number)),
        )

    # ---- what people ask for

    @cached_property
    def _rest(self) -> dict[str, Any]:
        return self._guarded("the rest", lambda: _DICTIONARY.read(
            _decoded(self._piece(self._size)), self._sources))  # fmt: skip

    def _of_rest(self, name: str, shape: Shape) -> Any:
        return self._guarded("the rest", lambda: shape.read(self._rest[name], self._sources))

    @cached_property
    def checked(self) -> Checked:
        """The policy as the compiler had it, but for the scenarios and the content."""
        from remit.checked.model import Checked
        from remit.store import more

        outline, head = self.outline, self._head
        known = outline.known
        return Checked(
            chain=outline.chain, goals=head["goals"], strict_goals=head["strict_goals"],
            roles=outline.roles, tools={name: known.tools[name] for name in known.tools},
            contexts=known.contexts, detectors=self._of_rest("detectors", named(layout.PATTERNS)),
            norms=tuple(sorted(outline.norms, key=lambda norm: norm.id)),
            files=self._of_rest("files", many(more.SPEC_FILE)), scenarios=(),
            goals_rank=outline.goals_rank, settings=outline.settings,
            constraints=outline.constraints, directives=outline.directives, loans=outline.loans,
            never_beats=self._of_rest("never_beats", many(more.NEVER_BEATS)),
            never_allow=self._of_rest("never_allow", many(more.NEVER_ALLOW)),
            labels=known.labels,
        )  # fmt: skip

    @cached_property
    def graph(self) -> PriorityGraph:
        """The priority graph, drawn anew."""
        from remit.graph.from_checked import build_graph

        return build_graph(self.checked)[0]

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The warnings that were found when it was compiled."""
        from remit.store.findings import FINDING

        found: tuple[Diagnostic, ...] = self._of_rest("findings", many(FINDING))
        return found


def refuse(message: str) -> NoReturn:
    """Say why a stored policy cannot be used."""
    from remit.store.errors import StoreError

    raise StoreError(f"the stored policy cannot be used: {message}")


def _opened(data: object) -> tuple[str, memoryview]:
    try:
        return unsealed(data, MAGIC, FORM)
    except Unsealed as error:
        if error.why == STRANGE:
            refuse("it is not what `remit compile` writes")
        if error.why == DAMAGED:
            refuse("it is damaged or cut short")
        refuse(f"it is of form {error.form}, and this version reads form {FORM}")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def _decoded(data: memoryview) -> Any:
    text = str(data, "ascii")
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("something stands behind its end")
    return value


def _lengths(raw: dict[str, Any]) -> list[int]:
    """How long the pieces behind the head are: norms, the rest, texts."""
    nothing = Sources()
    norms, rest, texts = (HEAD[name].read(raw[name], nothing)
                          for name in ("norms", "rest", "sources"))  # fmt: skip
    return [*norms, rest, *(size for _, _, size in texts)]


def _more_of(raw: dict[str, Any], sources: Sources) -> dict[str, Any]:
    """What only some policies have; the others do without what it takes to read it."""
    if raw["settings"] == {} and all(raw[name] == [] for name in _ROWS):
        return {"settings": {}, **dict.fromkeys(_ROWS, ())}
    from remit.store import more

    return {name: shape.read(raw[name], sources) for name, shape in more.HEAD.items()}


def _index(index: Mapping[str, Mapping[str, tuple[int, ...]]], size: int) -> Any:
    if index.keys() != frozenset(KINDS):
        raise ValueError("not the kinds of steps that there are")
    numbers = [number for of in index.values() for some in of.values() for number in some]
    if max(numbers, default=-1) >= size:
        raise ValueError("a norm that is not there")
    return index


def _pair(data: Any) -> tuple[Any, Any]:
    norm, beaten = data
    return norm, beaten


def _beaten(by_reason: Mapping[str, tuple[int, ...]], number: int) -> dict[int, str]:
    if not by_reason.keys() <= frozenset(REASONS):
        raise ValueError("not one of the reasons that there are")
    beaten = {winner: reason for reason, some in by_reason.items() for winner in some}
    if max(beaten, default=-1) >= number:
        raise ValueError("it is beaten by a norm behind it")
    return beaten
