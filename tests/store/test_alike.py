"""Nothing of a policy is lost in a store. That it decides alike: `tests/properties`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import remit
import remit_specs
from remit.checked.model import Norm
from remit.policy import Policy
from remit.program.lazy import LazyRow
from remit.program.survey import outline_of
from remit_grammar.source import Source

REPO = Path(__file__).resolve().parents[2]
PACKS = Path(remit_specs.__path__[0])
SPECS = [*sorted(PACKS.glob("*/*.spec")), *sorted(REPO.glob("docs/examples/*.spec"))]


def again(policy: Policy) -> Policy:
    """The policy, stored and read back."""
    return Policy.from_store(policy.store())


def blocks() -> Iterator[Source]:
    """The specs in the documentation."""
    for page in sorted(REPO.glob("docs/**/*.md")):
        text = page.read_text("utf-8")
        for number, block in enumerate(re.findall(r"```spec[^\n]*\n(.*?)```", text, re.DOTALL)):
            yield Source(f"{page.name} {number}", block)


def places(norm: Norm) -> list[tuple[str, str]]:
    """The text and the place of every span of a norm."""
    spans = [norm.span, norm.head, norm.act.span, *norm.marks.values()]
    return [(one.text, one.place) for one in spans if one is not None]


def same(policy: Policy, other: Policy) -> None:
    """Nothing is lost but the scenarios and the content, and storing it again gives it again."""
    checked = replace(policy.checked, scenarios=(), content="", never_beats=())
    assert replace(other.checked, never_beats=()) == checked
    assert [one[:3] for one in other.checked.never_beats] == [
        one[:3] for one in policy.checked.never_beats
    ]
    assert other.graph == policy.graph
    assert [one.to_json() for one in other.diagnostics] == [
        one.to_json() for one in policy.diagnostics
    ]
    assert (other.name, other.digest, other.store()) == (
        policy.name, policy.digest, policy.store()
    )  # fmt: skip
    assert other.stored
    assert not policy.stored


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_nothing_is_lost(path: Path) -> None:
    """Of the bundled packs and the examples; all of it follows from the norms."""
    policy = remit.load(path)
    same(policy, again(policy))


def test_nothing_is_lost_of_the_documentation() -> None:
    """Every block there that is a policy."""
    policies = [policy for policy, _ in map(remit.check, blocks()) if policy is not None]
    assert len(policies) > 60
    for policy in policies:
        same(policy, again(policy))


def test_what_the_outline_says_follows_from_the_norms(tmp_path: Path) -> None:
    """Reading all of it finds nothing wrong, and every span shows what it showed."""
    path = tmp_path / "pack.remit"
    policy = remit.load(PACKS / "coding_agent/coding_agent.spec")
    path.write_bytes(policy.store())
    stored, found = remit.check(path)
    assert not found
    assert stored is not None
    assert stored.ground.program.outline.norms[0].span is not None
    for one, other in zip(policy.graph.norms, stored.graph.norms, strict=True):
        assert places(one) == places(other)
    assert outline_of(stored.checked, stored.graph).reads == policy.ground.program.outline.reads


def test_a_decision_reads_the_norms_that_its_step_needs() -> None:
    """And loading reads none; nor does the first text read all that hold a pattern."""
    clauses = [f"clause {name}\n  forbid call {name} where arguments.x matches /{name}+/\n"
               for name in ("pay", "look", "send")]  # fmt: skip
    said = "clause quiet\n  forbid message from assistant where text matches /hush/\n"
    policy = again(remit.load("spec a\nauthor user\n" + "".join(clauses) + said))
    norms = policy.ground.program.outline.norms
    assert isinstance(norms, LazyRow)
    assert list(norms.made()) == []
    assert policy.session().decide(remit.Call("pay", {"x": "payyy"})).verdict == "deny"
    assert [norm.name for norm in norms.made()] == ["pay"]
    assert policy.session().decide(remit.Message("assistant", "hush")).verdict == "deny"
    assert sorted(norm.name for norm in norms.made()) == ["pay", "quiet"]
