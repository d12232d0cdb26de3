"""One run of benchmarks: its options, who takes part, and what is collected on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from os import environ, pathsep
from pathlib import Path
from typing import Any, Protocol

from remit.bench.arena.engines import ENGINES, Engine, build
from remit.bench.arena.measure import ROUNDS, SECONDS, Checked, Entrant, Samples, race, told
from remit.bench.arena.remote import Far, Process, Remote
from remit.bench.model import Goal, Wrong
from remit_grammar.diagnostic import did_you_mean


class Tell(Protocol):
    """Hears what is at work, and how much of a race is done where that is known (0 to 1)."""

    def __call__(self, what: str, share: float | None = None, /) -> None:
        """Take note."""


def silence(what: str, share: float | None = None, /) -> None:
    """Nobody looks."""


QUICK = (3, 0.01)  # rounds, and seconds of CPU in each, of a quick run


@dataclass(slots=True)
class Run:
    """`peers` are the engines beside Remit that may take part, all where it is None.

    `pythons` are interpreters of engines that have one of their own, `versions` what was found
    there. `data` is a folder of recorded conversations. `tell` hears what is going on.

    What measures verdicts takes files from `paths`; it keeps what could not be read in `problems`,
    and tells `most_misses` of each kind in `misses`. `suites` are the only ones to look at, where
    there are any; `attacks` are those of AgentDojo that are tried.
    """

    quick: bool = False
    peers: frozenset[str] | None = None
    pythons: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    rounds: int = ROUNDS
    seconds: float = SECONDS
    tell: Tell = silence
    checked: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()
    suites: frozenset[str] = frozenset()
    attacks: tuple[str, ...] = ()
    most_misses: int = 0
    misses: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.quick:
            self.rounds, self.seconds = QUICK

    def sizes(self, *sizes: int, quick: Sequence[int]) -> tuple[int, ...]:
        """The sizes to measure at."""
        return tuple(quick) if self.quick else sizes

    def meets(self, task: str, where: str, **parameters: Any) -> dict[str, Samples]:
        """The race of all that take part in a task, their answers checked; Remit comes first."""
        with self.field(task, where, parameters) as entrants:
            for one in entrants:
                self.check(one, where)
            return self.race(entrants, where)

    def race(self, entrants: Sequence[Entrant], where: str) -> dict[str, Samples]:
        """The race of some entrants; those that fail are noted."""
        turns = len(entrants) * (self.rounds + 1)
        begun = count()

        def tell(name: str) -> None:
            self.tell(f"{where}: {name}", next(begun) / turns)

        found = race(entrants, self.rounds, self.seconds, tell)
        for name, samples in found.items():
            if samples.failed:
                self.notes.append(f"{name}, {where}: {samples.failed}")
        return dict(found)

    def check(self, entrant: Entrant, where: str) -> None:
        """Hold an entrant's answers against the oracle."""
        self.hold(entrant.name, where, entrant.check)

    def hold(self, name: str, where: str, examine: Callable[[], Checked]) -> None:
        """Hold answers against the oracle, and keep account of them."""
        self.tell(f"{where}: answers of {name}")
        try:
            found = examine()
        except Exception as error:  # noqa: BLE001 - a peer may raise anything
            self.notes.append(f"{name}, {where}: {told(error)}")
            return
        self.checked += found.checked
        if found.wrong:
            self.wrong.append(Wrong(name, where, found.wrong, found.checked, found.example))

    @contextmanager
    def field(
        self, task: str, where: str, parameters: Mapping[str, Any]
    ) -> Iterator[list[Entrant]]:
        """The entrants of a task, Remit's first; their processes end with the context."""
        entrants: list[Entrant] = []
        with ExitStack() as stack:
            for engine in self.engines(task):
                for form in engine.forms_of(task):
                    self.tell(f"{where}: setting up {form}")
                    try:
                        entrants.append(self._entrant(stack, engine, task, form, parameters))
                    except Exception as error:  # noqa: BLE001 - a peer may raise anything
                        self.notes.append(f"{form}, {where}: {told(error)}")
            yield entrants

    def _entrant(
        self, stack: ExitStack, engine: Engine, task: str, form: str, parameters: Mapping[str, Any]
    ) -> Entrant:
        if engine.name not in self.pythons and task not in engine.alone:
            return build(engine, task, form, parameters)
        process = stack.enter_context(self.process(engine))
        return Remote(process, engine.name, task, form, parameters)

    def engines(self, task: str) -> list[Engine]:
        """The engines that take part in a task and can; the others are noted as missing."""
        found = [one for one in ENGINES if one.forms_of(task) and self._is_wanted(one)]
        here = [
            one for one in found if one.name in self.pythons or (one.is_here and not one.clashes)
        ]
        self.missing |= {one.name: how_to_get(one) for one in found if one not in here}
        return here

    def _is_wanted(self, engine: Engine) -> bool:
        return engine.name == "remit" or self.peers is None or engine.name in self.peers

    def process(self, engine: Engine) -> Process:
        """A process of its own for an engine: with the interpreter that was named, else as here."""
        python = self.pythons.get(engine.name)
        path = {} if python else {"PYTHONPATH": pathsep.join(one for one in sys.path if one)}
        process = Process(python or sys.executable, {**environ, **path})
        if python:
            self._note_versions(process, engine)
        return process

    def _note_versions(self, process: Process, engine: Engine) -> None:
        try:
            self.versions |= process.ask(do="versions", packages=engine.package.split())
        except Far:
            process.end()
            raise


class NoSuch(ValueError):
    """A run was asked for something that there is not; the message says what there is."""


def known(kind: str, name: str, names: Sequence[str]) -> None:
    """Nothing where there is such a name; else raises `NoSuch`."""
    if name not in names:
        near = did_you_mean(name, names)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(names)}"
        raise NoSuch(f"no such {kind}: `{name}`; {hint}")


def how_to_get(engine: Engine) -> str:
    """How to have an engine take part."""
    if engine.clashes:
        return (
            f"pip install {engine.package} into an environment of its own, "
            f"and name it: --peer-python {engine.name}=PATH"
        )
    return f"pip install {engine.package}"
