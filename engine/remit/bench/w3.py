"""W3: one text against many patterns; and what happens where the text is twice as long."""

from __future__ import annotations

from collections.abc import Iterator

import remit
from remit.bench.arena.engines import TEXTS
from remit.bench.arena.measure import Local, Samples, each, ratio
from remit.bench.counts import count_texts
from remit.bench.goals import at_most
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import by_size

# Patterns that a backtracking engine takes square or exponential time for, with texts that nearly
# match: what stands before, what is repeated, what stands behind.
NASTY = {
    "(a+)+$": ("", "a", "!"),
    r"\s+$": ("", " ", "x"),
    "(a|aa)+b": ("", "a", "c"),
    "(x+x+)+y": ("", "x", "z"),
    ".*a.*b.*c": ("", "ab", "!"),
    r"^(\w+\s?)*$": ("", "word ", "!"),
    "(?i)(k|ſ|s)+z": ("", "sK", "!"),
    "a.{0,200}b": ("", "a", "c"),
    "[^x]*[^y]*[^z]*!{3}": ("", "q", "?"),
}


def tables(run: Run) -> Iterator[Table]:
    """Both lengths of text, and what is counted; then texts that double."""
    sizes = run.sizes(1, 10, 100, 1_000, quick=(1, 10))
    for characters in run.sizes(2_000, 100_000, quick=(2_000,)):
        races: dict[float, dict[str, Samples]] = {}
        for size in sizes:
            where = f"{size:,} patterns, {characters:,} characters"
            races[size] = run.meets(TEXTS, where, patterns=size, characters=characters)
        title = f"A text of {characters:,} characters, patterns that it does not hold"
        yield by_size(f"{title}: CPU time of a decision, or of a search", races, "patterns")
        if characters == 2_000 and 100 in races:
            at_most(run, "W3, 100 patterns, 2,000 characters", races[100], {"re": 1 / 400})
    yield count_texts(sizes, 2_000)
    yield _doubled(run)


def _doubled(run: Run) -> Table:
    length = 2_000 if run.quick else 100_000
    once: dict[str, Samples] = {}
    twice: dict[str, Samples] = {}
    for pattern, text in NASTY.items():
        entrants = [_search(pattern, text, size) for size in (length, 2 * length)]
        found = run.race(entrants, f"doubled text, {pattern}")
        once[pattern], twice[pattern] = (found[one.name] for one in entrants)
    growths = {one: ratio(twice[one], once[one]) or 0 for one in NASTY}
    worst = max(growths, key=lambda one: growths[one])
    run.goals.append(Goal(f"W3, text doubled, the worst: `{worst}`", growths[worst], 2.2))
    title = "Patterns that are slow elsewhere: CPU time of a decision of Remit"
    races: dict[float, dict[str, Samples]] = {length: once, 2 * length: twice}
    return by_size(title, races, "characters", head="pattern", base=None)


def _search(pattern: str, text: tuple[str, str, str], size: int) -> Local:
    before, again, behind = text
    step = remit.Message("assistant", before + again * (size // len(again)) + behind)
    head = "spec bench.one\nauthor developer\nclause p\n  forbid message where text matches"
    policy = remit.load(f"{head} /{pattern}/\n")
    return Local(str(size), each([step], policy.session().decide))
