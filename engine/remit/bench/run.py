"""One run of benchmarks: its options, who takes part, and what is collected on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ, pathsep
from pathlib import Path
from typing import Any

from remit.bench.arena.engines import BY_NAME, ENGINES, Engine, build
from remit.bench.arena.measure import ROUNDS, SECONDS, Entrant, Samples, race
from remit.bench.arena.remote import Far, Remote
from remit.bench.model import Goal, Wrong

Tell = Callable[[str], None]
QUICK = (3, 0.01)  # rounds, and seconds of CPU in each, of a quick run


@dataclass(slots=True)
class Run:
    """`peers` are the engines beside Remit that may take part, all where it is None.

    `pythons` are interpreters of engines that have one of their own. `data` is a folder of recorded
    conversations. `tell` hears what is going on.
    """

    quick: bool = False
    peers: frozenset[str] | None = None
    pythons: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    rounds: int = ROUNDS
    seconds: float = SECONDS
    tell: Tell = lambda what: None
    checked: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
        found = race(
            entrants, self.rounds, self.seconds, lambda name: self.tell(f"{where}: {name}")
        )
        for name, samples in found.items():
            if samples.failed:
                self.notes.append(f"{name}, {where}: {samples.failed}")
        return dict(found)

    def check(self, entrant: Entrant, where: str) -> None:
        """Hold an entrant's answers against the oracle."""
        self.tell(f"{where}: answers of {entrant.name}")
        try:
            found = entrant.check()
        except Exception as error:  # noqa: BLE001 - a peer may raise anything
            self.notes.append(f"{entrant.name}, {where}: {type(error).__name__}: {error}")
            return
        self.checked += found.checked
        if found.wrong:
            self.wrong.append(Wrong(entrant.name, where, found.wrong, found.checked, found.example))

    @contextmanager
    def field(
        self, task: str, where: str, parameters: Mapping[str, Any]
    ) -> Iterator[list[Entrant]]:
        """The entrants of a task, Remit's first; processes end with the context."""
        entrants: list[Entrant] = []
        try:
            for engine in self.engines(task):
                for form in engine.forms_of(task):
                    self.tell(f"{where}: setting up {form}")
                    entrants += self._made(engine, task, form, where, parameters)
            yield entrants
        finally:
            for one in entrants:
                if isinstance(one, Remote):
                    one.end()

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

    def _made(
        self, engine: Engine, task: str, form: str, where: str, parameters: Mapping[str, Any]
    ) -> list[Entrant]:
        try:
            if engine.name in self.pythons or task in engine.alone:
                return [self.start(engine, task, form, parameters)]
            return [build(engine, task, form, parameters)]
        except Exception as error:  # noqa: BLE001 - a peer may raise anything
            told = str(error) if isinstance(error, Far) else f"{type(error).__name__}: {error}"
            self.notes.append(f"{form}, {where}: {told[:200]}")
            return []

    def start(self, engine: Engine, task: str, form: str, parameters: Mapping[str, Any]) -> Remote:
        """An entrant in a process of its own."""
        python = self.pythons.get(engine.name)
        path = {} if python else {"PYTHONPATH": pathsep.join(one for one in sys.path if one)}
        return Remote.start(
            python or sys.executable, engine.name, task, form, parameters, {**environ, **path}
        )


def how_to_get(engine: Engine) -> str:
    """How to have an engine take part."""
    if engine.clashes:
        return (
            f"pip install {engine.package} into an environment of its own, "
            f"and name it: --peer-python {engine.name}=PATH"
        )
    return f"pip install {engine.package}"


def known_engine(name: str) -> Engine | None:
    """The engine of a name."""
    return BY_NAME.get(name)
