"""Every bundled pack: it compiles without a warning, its scenarios pass, and they show each clause.

`pytest --update` rewrites the table of clauses in each pack's README.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import remit
import remit_specs
from remit.checked.model import FORBID, Norm
from remit.scenarios import ScenarioResult, run_scenarios
from remit.verdict.model import Decision

PACKS = Path(remit_specs.__path__[0])
NAMES = sorted({one.parent.name for one in PACKS.glob("*/*.spec")})
SPEC_BLOCK = re.compile(r"```spec\n(.*?)```", re.DOTALL)


def _entries() -> list[Path]:
    """What people use: the file of the pack's name, or else those that no other extends."""
    found: list[Path] = []
    for name in NAMES:
        folder = PACKS / name
        whole = folder / f"{name}.spec"
        found += [whole] if whole.is_file() else _tops(sorted(folder.glob("*.spec")))
    return found


def _tops(files: list[Path]) -> list[Path]:
    texts = [one.read_text("utf-8").partition("\nclause ")[0] for one in files]
    return [
        file for file in files
        if not any(re.search(rf"^extends .*\b{file.stem}\b", one, re.MULTILINE) for one in texts)
    ]  # fmt: skip


ENTRIES = _entries()
WHOLE = [one for one in ENTRIES if one.stem == one.parent.name]  # packs for any company


@pytest.fixture(scope="module", params=ENTRIES, ids=lambda one: f"{one.parent.name}/{one.stem}")
def entry(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def pack(entry: Path) -> Path:
    return entry.parent


@pytest.fixture(scope="module")
def policy(entry: Path) -> remit.Policy:
    policy, found = remit.check(entry, search=[PACKS])
    assert [one.message for one in found] == []
    assert policy is not None
    return policy


@pytest.fixture(scope="module")
def results(policy: remit.Policy) -> list[ScenarioResult]:
    return run_scenarios(policy)


def _clauses(policy: remit.Policy) -> list[Norm]:
    """The clauses, without exceptions and defaults, in the order in which they stand."""
    norms = [one for one in policy.checked.norms if one.parent is None and one.head is not None]
    clauses = [one for one in norms if one.modality != "default"]
    files = [one.name for one in policy.checked.files]
    return sorted(
        clauses, key=lambda one: (files.index(one.spec), one.head.start if one.head else 0)
    )


def _decisions(results: list[ScenarioResult]) -> list[Decision]:
    return [decision for one in results for decision in one.decisions]


def test_the_packs_are_there() -> None:
    assert {"coding_agent", "customer_support", "model_spec"} <= set(NAMES)


def test_scenarios_pass(results: list[ScenarioResult]) -> None:
    failed = [failure.render() for one in results for failure in one.failures]
    assert failed == []


def test_a_whole_pack_has_many_scenarios(entry: Path, results: list[ScenarioResult]) -> None:
    assert len(results) >= 30 or entry not in WHOLE


def test_every_scenario_expects_something(results: list[ScenarioResult]) -> None:
    assert [one.title for one in results if one.expects == 0] == []


def test_each_clause_is_shown_to_bite(policy: remit.Policy, results: list[ScenarioResult]) -> None:
    decisions = _decisions(results)
    decided = {norm for one in decisions for norm in one.decided_by}
    winners = decided | {defeat.by for one in decisions for defeat in one.defeated}
    assert [one.name for one in policy.checked.norms if one.id not in winners] == []


def test_each_clause_is_shown_to_let_pass(
    policy: remit.Policy, results: list[ScenarioResult]
) -> None:
    silent: set[str] = set()
    for decision in _decisions(results):
        assert decision.view is not None
        applied = {one.rule.norm.id for one in decision.applied}
        asked = {one.norm.id for one in policy.ground.program.candidates(decision.view)}
        silent |= asked - applied if decision.verdict == "allow" else set()
    conditional = [
        one for one in policy.checked.norms if one.modality == FORBID and _conditions(one)
    ]
    assert [one.name for one in conditional if one.id not in silent] == []


def _conditions(norm: Norm) -> bool:
    return any(one is not None for one in (norm.act.where, norm.where, norm.unless))


def test_clauses_explain_themselves(policy: remit.Policy) -> None:
    clauses = _clauses(policy)
    held = [one for one in clauses if one.modality == FORBID]
    assert [one.name for one in clauses if not (one.doc or "").endswith(".")] == []
    assert [one.name for one in held if not one.advice] == [
        one.name for one in held if one.remedy.kind == "redact" and not one.advice
    ]


def test_strengths_differ(entry: Path, policy: remit.Policy) -> None:
    levels = {policy.checked.level(one.strength) for one in _clauses(policy)}
    wanted = {"system", "developer", "user"} if entry in WHOLE else {"developer"}
    assert wanted <= levels


def test_the_readme_lists_the_clauses(pack: Path, policy: remit.Policy, update: bool) -> None:
    readme = pack / "README.md"
    text = readme.read_text(encoding="utf-8")
    wanted = _table(policy)
    block = _block(policy)
    if update:
        readme.write_text(block.sub(lambda _: wanted, text, count=1), encoding="utf-8")
        return
    found = block.search(text)
    assert found is not None
    assert found[0] == wanted


def _block(policy: remit.Policy) -> re.Pattern[str]:
    """Where a README has the table; one of several policies has its name in the mark."""
    own = rf"(?<=<!-- clauses {re.escape(policy.name)} -->\n)"
    return re.compile(rf"(?:(?<=<!-- clauses -->\n)|{own}).*?(?=<!-- end -->)", re.DOTALL)


def _table(policy: remit.Policy) -> str:
    rows = ["| clause | strength | otherwise | says |", "|---|---|---|---|"]
    for one in _clauses(policy):
        level = policy.checked.level(one.strength)
        rows.append(f"| `{one.name}` | {level} | {_otherwise(one)} | {one.doc} |")
    return "\n".join(rows) + "\n"


def _otherwise(norm: Norm) -> str:
    if norm.modality != FORBID:
        return f"({norm.modality})"
    return f"ask {norm.remedy.who}" if norm.remedy.kind == "ask" else norm.remedy.kind


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_s_extensions_work(name: str, tmp_path: Path) -> None:
    pack = PACKS / name
    blocks = SPEC_BLOCK.findall((pack / "README.md").read_text(encoding="utf-8"))
    assert blocks
    for number, block in enumerate(blocks):
        file = tmp_path / f"extension{number}.spec"
        file.write_text(block, encoding="utf-8")
        policy, found = remit.check(file, search=[PACKS])
        assert [one.message for one in found] == []
        assert policy is not None
        own = run_scenarios(policy, lambda one: not one.spec.startswith("remit."))
        assert own
        assert [failure.render() for one in own for failure in one.failures] == []


def test_nobody_below_lifts_what_the_platform_set(
    pack: Path, policy: remit.Policy, tmp_path: Path
) -> None:
    """A company's file that permits each hard rule puts none of them out of force."""
    hard = [
        one for one in _clauses(policy)
        if one.modality == FORBID and policy.checked.level(one.strength) in ("root", "system")
    ]  # fmt: skip
    lines = [f"spec sly\nauthor developer\nextends {policy.name}"]
    lines += [f"clause sly{i}\n  permit {one.name}" for i, one in enumerate(hard)]
    file = tmp_path / "sly.spec"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sly, _ = remit.check(file, search=[PACKS])
    assert sly is not None
    ids = {one.id for one in hard}
    before = _held_by(policy, ids)
    after = _held_by(sly, ids)
    assert before or not hard
    assert before <= after


def _held_by(policy: remit.Policy, ids: set[str]) -> set[tuple[str, int, str]]:
    """Which of the clauses is in force at which step of which scenario."""
    return {
        (result.title, index, norm)
        for result in run_scenarios(policy)
        for index, decision in enumerate(result.decisions)
        for norm in decision.in_force
        if norm in ids
    }
