"""The defeasible cases of `datalog-conformance`, through compiled specs.

`docs/defeasible.md` says which variant of defeasible logic ours is, and lists every case; it is
held to the code here. Skipped where the package is not installed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest
from tests.real.defeasible_cases import (
    OURS,
    REASONS,
    Case,
    case_files,
    differences,
    read_cases,
    rests_on_specificity,
    scope,
)

pytest.importorskip("datalog_conformance", reason="the published cases are optional")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "defeasible.md"
EXAMPLE = "spindle_racket_query_penguin_superiority"
Found = Sequence[tuple[Case, str | None]]


def _all() -> Iterator[Case]:
    for path in case_files():
        yield from read_cases(path)


def _case(name: str) -> Case:
    """A case of one of the small files."""
    small = (path for path in case_files() if "strict_only" not in path.stem)
    return next(case for path in small for case in read_cases(path) if case.name == name)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in case_files()])
def test_the_policy_agrees(path: Path) -> None:
    """On every case in scope, row for row: what a case does not list must not be concluded."""
    wrong = {
        case.name: found
        for case in read_cases(path)
        if scope(case) is None
        and (found := differences(case.expected[OURS], case.translation.answers()))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "name",
    [
        "antoniou_ambiguous_attacker_blocks_only_in_propagating",
        "antoniou_ambiguity_propagates_to_downstream_rule",
    ],
)
def test_ours_blocks_ambiguity(name: str) -> None:
    """Where a case tells the two variants apart, the policy gives the one and not the other."""
    case = _case(name)
    answers = case.translation.answers()
    assert set(case.expected) == {"blocking", "propagating"}
    assert differences(case.expected["blocking"], answers) == []
    assert differences(case.expected["propagating"], answers) != []


def test_specificity_is_seen_in_the_rules() -> None:
    """The same shape is in scope where the theory declares who is superior."""
    for name, found in ((EXAMPLE, False), ("bozzato_example1_bob_exception", True)):
        case = _case(name)
        assert rests_on_specificity(case.theory, case.translation.order) is found


# ---- the page


def test_the_page_shows_the_cases_and_the_spec(update: bool) -> None:
    found = [(case, scope(case)) for case in _all()]
    page = PAGE.read_text(encoding="utf-8")
    now = _put(page, "example", f"```spec\n{_case(EXAMPLE).translation.spec()}```")
    now = _put(now, "cases", "\n".join(_table(found)))
    now = _put(now, "names", "\n".join(_names(found)).rstrip())
    if update:
        PAGE.write_text(now, encoding="utf-8")
    else:
        assert now == page, "`pytest --update` writes the page anew"


def _put(page: str, mark: str, text: str) -> str:
    """The page with what stands between two marks replaced."""
    head, start, rest = page.partition(f"<!-- {mark} -->\n")
    _, end, tail = rest.partition(f"<!-- /{mark} -->")
    assert start, f"the page lost its mark `{mark}`"
    assert end, f"the page lost the end of its mark `{mark}`"
    return f"{head}{start}\n{text}\n\n{end}{tail}"


def _table(found: Found) -> Iterator[str]:
    counts = Counter(reason for _, reason in found)
    strict = sum(reason is None and "strict-only" in case.tags for case, reason in found)
    assert set(counts) == {None, *REASONS}, "a reason without a case, or a case without a reason"
    yield "| | cases |"
    yield "|---|---:|"
    yield f"| in scope, and agreed | **{counts[None]}** |"
    yield f"| of these, Datalog lifted to strict rules | {strict} |"
    yield f"| of these, written for defeasible logic | {counts[None] - strict} |"
    for reason in REASONS:
        yield f"| out of scope: {reason} | {counts[reason]} |"
    yield f"| all | {len(found)} |"


def _names(found: Found) -> Iterator[str]:
    """The names of all cases, by reason and by file of the package."""
    for reason in (None, *REASONS):
        yield f"### {(reason or 'in scope').capitalize()}\n"
        inside = [case for case, why in found if why == reason]
        for file, cases in groupby(inside, key=lambda case: case.file):
            yield f"- {file}: {', '.join(f'`{case.name}`' for case in cases)}"
        yield ""
