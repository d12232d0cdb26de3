"""`remit test`: the scenarios of specs, and what they never showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import has_colour, paint, plural, say, say_json, table

if TYPE_CHECKING:
    from remit.scenarios import Coverage, DirectiveCoverage, NormCoverage, ScenarioResult
    from remit.scenarios.coverage import AtomCoverage


@click.command("test")
@options.specs
@click.option("-k", "word", default="", metavar="WORD", help="Only scenarios whose title has WORD.")
@click.option("-q", "--quiet", is_flag=True, help="Name only the scenarios that fail.")
@click.option("--coverage", is_flag=True, help="Show what no scenario showed of the policy.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="Fail where the coverage is lower.")  # fmt: skip
@click.option("--junit", metavar="FILE", help="Write the results as JUnit XML.")
@options.search
@options.as_json
@options.colour
def command(
    specs: tuple[str, ...], word: str, quiet: bool, coverage: bool, fail_under: float | None,
    junit: str | None, search: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Run the scenarios of specs."""
    from remit.scenarios import measure, run_scenarios

    policy = usable(specs, search, as_json=as_json)
    if policy.stored:
        raise click.UsageError(f"`{specs[0]}` is a stored policy, which holds no scenarios: "
                               "name the specs that it was compiled from")  # fmt: skip
    folded = word.casefold()
    results = run_scenarios(policy, lambda one: folded in one.title.casefold())
    if word and not results:
        raise click.UsageError(f"no scenario has `{word}` in its title")
    seen = measure(policy, results) if coverage or fail_under is not None else None
    if junit:
        _write_junit(junit, results)
    if as_json:
        say_json(_data(results, seen))
    else:
        _print(results, seen if coverage else None, quiet=quiet)
    return _code(results, seen, fail_under)


def _code(results: Sequence[ScenarioResult], seen: Coverage | None, least: float | None) -> int:
    if seen is not None and least is not None and seen.percent < least:
        say(f"coverage {seen.percent:.0f} % is under {least:g} %", err=True)
        return exits.FINDINGS
    return exits.FINE if all(one.passed for one in results) else exits.FINDINGS


def _data(results: Sequence[ScenarioResult], seen: Coverage | None) -> dict[str, object]:
    failed = sum(not one.passed for one in results)
    data: dict[str, object] = {
        "passed": len(results) - failed,
        "failed": failed,
        "scenarios": [one.to_json() for one in results],
    }
    return data if seen is None else {**data, "coverage": seen.to_json()}


def _write_junit(path: str, results: Sequence[ScenarioResult]) -> None:
    from remit.scenarios import junit_xml

    try:
        Path(path).write_text(junit_xml(results), "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write `{path}`: {error.strerror}") from None


# ---- for people


def _print(results: Sequence[ScenarioResult], seen: Coverage | None, *, quiet: bool) -> None:
    spec = None
    for one in results:
        if quiet and one.passed:
            continue
        if one.spec != spec:
            spec = one.spec
            say(paint(spec, "", bold=True))
        _print_one(one)
    if results:
        say()
    say(_summary(results))
    if seen is not None:
        say()
        _print_coverage(seen)


def _print_one(one: ScenarioResult) -> None:
    mark = paint("pass", "green") if one.passed else paint("FAIL", "red", bold=True)
    say(f"  {mark}  {one.title}")
    for failure in one.failures:
        say()
        text = failure.render(colour=has_colour())
        say("\n".join(f"    {line}".rstrip() for line in text.rstrip().split("\n")))
        say()


def _summary(results: Sequence[ScenarioResult]) -> str:
    if not results:
        return "no scenarios: nothing was tested"
    counts = Counter(one.passed for one in results)
    steps = sum(len(one.decisions) for one in results)
    ran = f"{plural(len(results), 'scenario')}, {plural(steps, 'step')}"
    passed = paint(f"{counts[True]} passed", "green") if counts[True] else "0 passed"
    failed = ", " + paint(f"{counts[False]} failed", "red", bold=True) if counts[False] else ""
    return f"{ran}: {passed}{failed}"


def _print_coverage(seen: Coverage) -> None:
    table(
        ("norm", "decided", "in force", "lost", "terms seen"),
        [_row(one) for one in seen.norms],
        numbers=(1, 2, 3, 4),
    )
    if seen.directives:
        say()
        table(
            ("directive", "said", "void", "decided", "in force", "lost", "terms seen"),
            [_said_row(one) for one in seen.directives],
            numbers=(1, 2, 3, 4, 5, 6),
        )
    if seen.sets:
        say()
        rows = [(one.constraint.name, one.constraint.setting, str(one.in_force), str(one.lost))
                for one in seen.sets]  # fmt: skip
        table(("norm", "sets", "in force", "gave way"), rows, numbers=(2, 3))
    say()
    say(f"coverage: {seen.percent:.0f} %")
    if seen.unseen:
        say("never seen:")
    for text, span in seen.unseen:
        say(f"  {span.place if span else '':<28}  {text}")


def _row(one: NormCoverage) -> tuple[str, ...]:
    counts = (one.decided, one.in_force, one.lost)
    return one.norm.name, *map(str, counts), _terms(one.atoms)


def _said_row(one: DirectiveCoverage) -> tuple[str, ...]:
    counts = (one.said, one.void, one.decided, one.in_force, one.lost)
    return one.directive.name, *map(str, counts), _terms(one.atoms)


def _terms(atoms: Sequence[AtomCoverage]) -> str:
    """How much was seen of some terms; of each both truths can be seen."""
    both = [count > 0 for atom in atoms for count in (atom.true, atom.false)]
    return f"{sum(both)} of {len(both)}" if both else "-"
