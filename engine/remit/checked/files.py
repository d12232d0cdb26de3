"""Which files a policy is made of: follows `extends` and `import`, and finds specs by name.

A spec named `acme.mail` is looked for beside the file that names it, then in the search folders,
then in the packs that installed distributions offer (entry points of the group `remit.specs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from remit.checked.seen import Seen
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.parse import parse
from remit_grammar.read import read_source
from remit_grammar.source import Source, Span
from remit_grammar.value import field, record

DEEPEST = 50  # files that extend each other


@record
class Unit:
    """One parsed file. `sees` are the units whose vocabulary it may use, itself left out.

    `in_force`: its clauses are part of the policy (it is an entry, or extended by one).
    """

    name: str
    spec: t.Spec
    path: Path | None
    extends: list[Unit] = field(default_factory=list)
    sees: list[Unit] = field(default_factory=list)
    in_force: bool = False

    @property
    def source(self) -> Source:
        """The text it was read from."""
        return self.spec.source


def load_units(
    entries: Sequence[Path | Source], search: Sequence[Path] = (), seen: Seen | None = None
) -> tuple[list[Unit], list[Diagnostic]]:
    """Every file of the policy, entries first, with all that is wrong in reading them.

    `seen` is told of every file that was looked at.
    """
    loader = _Loader(search, seen or Seen())
    roots = [loader.entry(entry) for entry in entries]
    for unit in roots:
        if unit is not None:
            _put_in_force(unit)
    for unit in loader.units.values():
        unit.sees = _closure(unit)
    return list(loader.units.values()), loader.found


def _put_in_force(unit: Unit) -> None:
    if not unit.in_force:
        unit.in_force = True
        for other in unit.extends:
            _put_in_force(other)


def _closure(unit: Unit) -> list[Unit]:
    """What the unit sees: what it names, and what those extend in turn."""
    seen: list[Unit] = []
    todo = list(unit.sees)
    while todo:
        other = todo.pop(0)
        if other is not unit and other not in seen:
            seen.append(other)
            todo += other.extends
    return seen


class _Loader:
    def __init__(self, search: Sequence[Path], seen: Seen) -> None:
        self.search = search
        self.seen = seen
        self.units: dict[object, Unit] = {}
        self.found: list[Diagnostic] = []
        self.open: list[tuple[Unit, Span | None]] = []

    def entry(self, entry: Path | Source) -> Unit | None:
        if isinstance(entry, Source):
            return self.parsed(entry, None, None)
        return self.file(entry, None)

    def file(self, path: Path, asked: Span | None) -> Unit | None:
        key = _key(path)
        if key in self.units:
            return self.again(self.units[key], asked)
        source, found = self.seen.source(path)
        self.found += found
        return None if source is None else self.parsed(source, path, asked)

    def again(self, unit: Unit, asked: Span | None) -> Unit | None:
        """A file that was met before; an error if it is still being read."""
        units = [one for one, _ in self.open]
        if unit not in units:
            return unit
        at = units.index(unit)
        ring = [*(one.name for one in units[at:]), unit.name]
        steps = tuple(
            Label(span, "and this one leads on") for _, span in self.open[at + 1 :] if span
        )
        self.found.append(
            Diagnostic(
                "R0304",
                "these specs extend each other in a circle: "
                + " -> ".join(f"`{one}`" for one in ring),
                Label(asked, "this closes the circle") if asked else None,
                steps,
                help="put what they share in a third spec that both extend",
            )
        )
        return None

    def parsed(self, source: Source, path: Path | None, asked: Span | None) -> Unit:
        spec, found = parse(source)
        self.found += found
        unit = Unit(_spec_name(spec), spec, path)
        self.units[_key(path) if path else id(unit)] = unit
        self.open.append((unit, asked))
        for block in spec.blocks:
            if isinstance(block.head, (t.Extends, t.Import)):
                for file in block.head.files:
                    self.follow(unit, file, extends=isinstance(block.head, t.Extends))
        self.open.pop()
        return unit

    def follow(self, unit: Unit, file: t.File, *, extends: bool) -> None:
        if len(self.open) > DEEPEST:
            help = f"files extend each other at most {DEEPEST} levels deep"
            finding = Diagnostic("R0106", "nested too deeply", Label(file.span), help=help)
            self.found.append(finding)
            return
        home = unit.path.parent if unit.path else Path()
        other = self.by_path(home, file) if file.path is not None else self.by_name(home, file)
        if other is None:
            return
        unit.sees.append(other)
        if extends:
            unit.extends.append(other)

    def by_path(self, home: Path, file: t.File) -> Unit | None:
        path = home / (file.path or "")
        if self.seen.is_file(path):
            return self.file(path, file.span)
        message, fix = f"there is no file `{file.path}`", None
        help = "paths start at this file's folder"
        if _is_folder(path):
            message, help = f"`{file.path}` is a folder", "name a file in it"
        elif near := did_you_mean(path.name, self.others(path.parent)):
            near = str(Path(file.path or "").with_name(near))
            help, fix = f"did you mean `{near}`?", Fix(file.span, f'"{near}"')
        self.found.append(Diagnostic("R0303", message, Label(file.span), help=help, fix=fix))
        return None

    def others(self, folder: Path) -> list[str]:
        """The files of a folder that are not being read."""
        reading = {_key(unit.path) for unit, _ in self.open if unit.path}
        return [one for one in _files_in(folder) if _key(folder / one) not in reading]

    def by_name(self, home: Path, file: t.File) -> Unit | None:
        assert file.name is not None, "a file is a path or a name"
        name = file.name.text
        for path in self.candidates(home, name):
            if self.says_it_is(path, name):
                return self.file(path, file.span)  # whoever else claims the name is a twin (R0302)
        for unit in self.units.values():
            if unit.name == name:
                return self.again(unit, file.span)
        near, help = self.near(home, name)
        message = f"there is no spec `{name}`"
        fix = Fix(file.span, near) if near else None
        self.found.append(Diagnostic("R0303", message, Label(file.span), help=help, fix=fix))
        return None

    def folders(self, home: Path) -> list[Path]:
        """Where specs are looked for by name, first what is nearest."""
        return [home, *self.search, *self.seen.packs]

    def candidates(self, home: Path, name: str) -> list[Path]:
        """Where a spec of that name may be, most specific first."""
        paths = [folder / tail for folder in self.folders(home) for tail in _tails(name)]
        return [path for path in paths if self.seen.is_file(path)]

    def says_it_is(self, path: Path, name: str) -> bool:
        source, _ = self.seen.source(path)
        return source is not None and _declared_name(source.text) == name

    def near(self, home: Path, name: str) -> tuple[str | None, str]:
        """The spec that may be meant, never one that is being read, and what to say of it."""
        reading = [unit for unit, _ in self.open]
        paths = {_key(unit.path) for unit in reading if unit.path}
        for path in self.candidates(home, name):
            source, _ = read_source(path)
            called = _declared_name(source.text) if source and _key(path) not in paths else None
            if called:
                return called, f"`{path.name}` is called `{called}`"
        own = {unit.name for unit in reading}
        known = [one for one in _names_in(self.folders(home)) if one not in own]
        near = did_you_mean(name, known)
        if near:
            return near, f"did you mean `{near}`?"
        return None, 'put it beside this file, or name a file by its path: `"path.spec"`'


def _spec_name(spec: t.Spec) -> str:
    for block in spec.blocks:
        if isinstance(block.head, t.SpecName):
            return block.head.name.text
    return Path(spec.source.name).stem


def _key(path: Path) -> object:
    """What is the same for two paths of one file."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a path no system takes, or links in a circle
        return path


def _tails(name: str) -> list[str]:
    """How the path of a spec of that name may end, most specific first."""
    parts = name.split(".")
    last = parts[-1]
    ends = ["/".join(parts[at:]) for at in range(len(parts) - 1)]
    return [f"{one}.spec" for one in (name, last, f"{last}/{last}", *ends)]


def _is_folder(path: Path) -> bool:
    """Whether there is such a folder; a path that no system takes names none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _files_in(folder: Path) -> list[str]:
    try:
        return sorted(one.name for one in folder.glob("*.spec"))
    except (OSError, ValueError):
        return []


def _declared_name(text: str) -> str | None:
    """The name after the word `spec` at the start of a line; cheap, without parsing."""
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "spec":
            return rest.partition("#")[0].strip()
    return None


def _names_in(folders: Iterable[Path]) -> list[str]:
    names = []
    for folder in folders:
        for path in [*folder.glob("*.spec"), *folder.glob("*/*.spec")]:
            source, _ = read_source(path)
            name = _declared_name(source.text) if source else None
            if name:
                names.append(name)
    return names
