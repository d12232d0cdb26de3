"""`remit bench`: Remit beside its peers, measured in one run, with all answers checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remit.cli import exits, options
from remit.cli.output import console, is_terminal, plural, say, say_json, table
from remit_grammar.diagnostic import did_you_mean

if TYPE_CHECKING:
    from remit.bench.model import Report, Table
    from remit.bench.run import Run, Tell

ALL = "all"


def _peers(ctx: click.Context, param: click.Parameter, value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    names = [one.strip() for one in value.split(",") if one.strip()]
    return frozenset(_engine(name) for name in names if name != "none")


def _pythons(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in value:
        name, sign, path = one.partition("=")
        if not sign or not path:
            raise click.BadParameter(f"`{one}` is not NAME=PATH")
        if not Path(path).is_file():
            raise click.BadParameter(f"there is no interpreter `{path}`")
        found[_engine(name)] = path
    return found


def _engine(name: str) -> str:
    from remit.bench.arena.engines import BY_NAME

    names = [one for one in BY_NAME if one != "remit"]
    if name not in names:
        near = did_you_mean(name, names)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(names)}"
        raise click.BadParameter(f"no such peer: `{name}`; {hint}")
    return name


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]... [PATH]...")
@click.option("--list", "listed", is_flag=True, help="List the benchmarks and the peers.")
@click.option("--quick", is_flag=True, help="Small sizes and few turns: seconds, and no evidence.")
@click.option("--peers", callback=_peers, metavar="NAMES",
              help="Only these peers, with commas between; `none` for Remit alone.")  # fmt: skip
@click.option("--peer-python", "pythons", multiple=True, callback=_pythons, metavar="NAME=PATH",
              help="The interpreter that has a peer; may be given again.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 1000), help="Turns of each race; else 7.")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              metavar="DIR", help="A folder of recorded conversations for `real`.")  # fmt: skip
@click.option("--misses", type=click.IntRange(0), default=0, metavar="N",
              help="On work of others: explain N misses of each kind.")  # fmt: skip
@click.option("--runs", multiple=True, metavar="PATH",
              help="On work of others: recorded runs, the same as a PATH.")  # fmt: skip
@click.option("--suite", "suites", multiple=True, metavar="NAME",
              help="On work of others: only this suite; may be given again.")  # fmt: skip
@click.option("--attack", "attacks", multiple=True, metavar="NAME",
              help="An attack of AgentDojo; may be given again, and the first stands in the "
                   "main table.")  # fmt: skip
@click.option("--write", "page", metavar="FILE",
              help="Write the results as a page, with its plots beside it; on work of others, "
                   "into this folder.")  # fmt: skip
@options.as_json
@options.colour
def command(
    names: tuple[str, ...], listed: bool, quick: bool, peers: frozenset[str] | None,
    pythons: dict[str, str], rounds: int | None, data: Path | None, misses: int,
    runs: tuple[str, ...], suites: tuple[str, ...], attacks: tuple[str, ...], page: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Measure Remit beside its peers, in one run, with all answers checked.

    NAME is a benchmark that --list shows, or all. Times are CPU time; a ratio is the median over
    turns in which the engines alternate. What is measured on work of others (agentdojo,
    tau2) stands alone, and takes PATHs of tasks and of runs: files, or folders of files.
    """
    if listed or not names:
        _list(as_json=as_json)
        return exits.FINE
    from remit.bench.catalogue import BENCHMARKS, FIELD
    from remit.bench.run import Run

    if names[0] in FIELD:
        paths = _existing([*names[1:], *runs])
        run = Run(paths=paths, most_misses=misses, suites=frozenset(suites), attacks=attacks)
        return _field(names[0], run, page, as_json=as_json)
    chosen = _chosen(names)
    reports = []
    for name in chosen:
        run = Run(quick=quick, peers=peers, pythons=pythons, data=data)
        run.rounds = rounds or run.rounds
        with _telling() as run.tell:
            reports.append(BENCHMARKS[name].run(run, _command(name, run, rounds)))
        if not as_json:
            _print(reports[-1])
    if page:
        _write(reports, page)
    if as_json:
        say_json([one.to_json() for one in reports])
    return exits.FINDINGS if any(one.wrong for one in reports) else exits.FINE


def _existing(paths: Sequence[str]) -> tuple[Path, ...]:
    for one in paths:
        if not Path(one).exists():
            raise click.UsageError(f"there is no file or folder `{one}`")
    return tuple(map(Path, paths))


def _field(name: str, run: Run, folder: str | None, *, as_json: bool) -> int:
    """Verdicts on work of others. Misses are no error; files that cannot be read are."""
    from remit.bench.catalogue import FIELD
    from remit.bench.run import NoSuch

    try:
        with _telling() as run.tell:
            report = FIELD[name].run(run, _field_command(name, run))
    except NoSuch as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        say_json([report.to_json()])
    else:
        _print_field(report)
    for one in report.problems:
        say(one, err=True)
    if folder:
        _write_field(report, folder)
    return exits.FINDINGS if report.problems or not report.checked else exits.FINE


def _field_command(name: str, run: Run) -> str:
    """The command as somebody else would give it: without the paths of this machine."""
    words = ["remit bench", name, *(["PATH..."] if run.paths else [])]
    words += [f"--suite {one}" for one in sorted(run.suites)]
    words += [f"--attack {one}" for one in run.attacks]
    words += [f"--misses {run.most_misses}"] if run.most_misses else []
    return " ".join(words)


def _write_field(report: Report, folder: str) -> None:
    from remit.bench.field.page import write

    try:
        drawn = write(report, Path(folder))
    except OSError as error:
        raise click.ClickException(f"cannot write to `{folder}`: {error.strerror}") from None
    _say_plots(drawn=drawn)


def _print_field(report: Report) -> None:
    _print_found(report)
    for one in report.misses:
        say(one)
        say()
    say(f"{report.name}: {report.seconds:.0f} s, {plural(report.checked, 'case')} judged")


def _chosen(names: Sequence[str]) -> list[str]:
    from remit.bench.catalogue import BENCHMARKS, FIELD
    from remit.bench.run import NoSuch, known

    for name in names:
        if name in FIELD:
            raise click.UsageError(f"`{name}` stands alone: remit bench {name} PATH...")
        try:
            known("benchmark", name, [*BENCHMARKS, *FIELD, ALL])
        except NoSuch as error:
            raise click.UsageError(str(error)) from None
    return list(BENCHMARKS) if ALL in names else list(dict.fromkeys(names))


def _command(name: str, run: Run, rounds: int | None) -> str:
    """The command as somebody else would give it: without the paths of this machine."""
    words = ["remit bench", name]
    words += ["--quick"] if run.quick else []
    words += [f"--peers {','.join(sorted(run.peers)) or 'none'}"] if run.peers is not None else []
    words += [f"--peer-python {one}=PATH" for one in run.pythons]
    words += ["--data DIR"] if run.data and name == "real" else []
    words += [f"--rounds {rounds}"] if rounds else []
    return " ".join(words)


@contextmanager
def _telling() -> Iterator[Tell]:
    """What is at work, with a bar, on one line of a terminal; nothing where nobody looks."""
    from remit.bench.run import silence

    if not is_terminal(err=True):
        yield silence
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(20), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(err=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def tell(what: str, share: float | None = None, /) -> None:
            total = None if share is None else 1.0
            progress.update(task, description=what, total=total, completed=share or 0.0)

        yield tell


def _list(*, as_json: bool) -> None:
    from remit.bench.arena.engines import ENGINES
    from remit.bench.catalogue import BENCHMARKS, FIELD
    from remit.bench.run import how_to_get

    known = [*BENCHMARKS.values(), *FIELD.values()]
    peers = {one.name: "here" if one.is_here else how_to_get(one)
             for one in ENGINES if one.name != "remit"}  # fmt: skip
    if as_json:
        names = {one.name: one.title for one in known}
        say_json({"benchmarks": names, "peers": peers})
        return
    table(("benchmark", "what it measures"), [(one.name, one.title) for one in known])
    say()
    table(("peer", "installed"), list(peers.items()))


def _print(report: Report) -> None:
    _print_found(report)
    for wrong in report.wrong:
        say(f"WRONG: {wrong.entrant}, {wrong.where}: {wrong.wrong} of {wrong.checked} answers, "
            f"such as {wrong.example}")  # fmt: skip
    checked = f"{plural(report.checked, 'answer')} checked, {len(report.wrong) or 'none'} wrong"
    say(f"{report.name}: {report.seconds:.0f} s, {checked}")


def _print_found(report: Report) -> None:
    """Tables, goals, and what is missing."""
    from remit.bench.words import GOAL_HEAD, goal_row

    for one in report.tables:
        _print_table(one)
    if report.goals:
        table(GOAL_HEAD, [goal_row(one) for one in report.goals], numbers=(1, 2))
        say()
    for name, reason in report.missing.items():
        say(f"without {name}: {reason}")
    for note in report.notes:
        say(f"note: {note}")


def _print_table(one: Table) -> None:
    from remit.bench.words import cells

    say(one.title)
    head, rows = cells(one)
    table(head, rows, numbers=range(1, len(head)))
    for note in one.notes:
        say(note)
    say()


def _write(reports: Sequence[Report], path: str) -> None:
    from remit.bench.page import write

    try:
        drawn = write(reports, Path(path))
    except OSError as error:
        raise click.ClickException(f"cannot write `{path}`: {error.strerror}") from None
    _say_plots(drawn=drawn)


def _say_plots(*, drawn: bool) -> None:
    if not drawn:
        say("the page has no plots: pip install 'remit[bench]'", err=True)
