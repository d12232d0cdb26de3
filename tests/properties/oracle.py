"""What a generated spec set makes of a step, by `definition.py` and `meaning.py` alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from tests.properties import definition
from tests.properties.definition import Norm, in_force, violated
from tests.properties.meaning import Change, Seen, Truth, both, changed, is_act, opposite, truth
from tests.properties.strategies import Clause, Specs


@dataclass(frozen=True)
class Answer:
    """What follows. `applied` are the norms that apply, `step` is the step as it goes on."""

    verdict: str
    applied: list[Norm]
    in_force: list[Norm]
    step: Mapping[str, Any]


Changes = Sequence[tuple[str, Change]]  # by the ids of the norms that ask for them
Norms = Callable[[Seen], list[Norm]]  # every norm, with the truth of its condition for a step


def answer(specs: Specs, seen: Seen) -> Answer:
    """What a spec set comes to at a step."""
    changes = [change for one in specs.clauses for change in changes_of(one)]
    return follows(lambda seen: norms_of(specs, seen), changes, len(specs.chain), seen)


def follows(norms_of: Norms, changes: Changes, levels: int, seen: Seen) -> Answer:
    """The whole way: conditions, who is in force, the verdict, and the changes that it asks for."""
    norms = norms_of(seen)
    applied = [norm for norm in norms if definition.applies(norm)]
    word, step = definition.verdict(norms), seen.step
    if word in ("redact", "rewrite", "ask"):
        word, step = after_changes(norms_of, changes, levels, seen, word)
    return Answer(word, applied, in_force(norms), step)


def after_changes(
    norms_of: Norms, changes: Changes, levels: int, seen: Seen, word: str
) -> tuple[str, Mapping[str, Any]]:
    """A change must take away what was wrong, and what the strong find wrong without the weak.

    So the changes of each level and those above it are tried without the levels below.
    """
    norms = norms_of(seen)
    due = {name: kind for name, kind in violated(norms).items() if kind in ("redact", "rewrite")}
    ranks = sorted({norm.strength for norm in norms if norm.id in due})
    step = seen.step
    for rank, below in pairwise([*ranks, levels]):
        part = {norm.id for norm in norms if norm.id in due and norm.strength <= rank}
        made = changed(seen.step, [change for name, change in changes if name in part])
        left = {"deny"} if made is None else still(norms_of(replace(seen, step=made)), below)
        if left - {"ask", "warn"}:
            return "deny", seen.step
        word, step = "ask" if "ask" in left else word, made or step
    return word, step


def still(norms: list[Norm], below: int) -> set[str]:
    """What norms above a rank still ask for after a change."""
    strong = {norm.id for norm in norms if norm.strength < below}
    return {kind for name, kind in violated(norms).items() if name in strong}


def changes_of(clause: Clause) -> list[tuple[str, Change]]:
    """The ids of a clause's norms that change a step, each with its change."""
    if clause.change is None:
        return []
    own = [(clause.id, clause.change)] if clause.modality == "forbid" else []
    return own + [(f"{clause.id}.{one.label}", clause.change)
                  for one in clause.exceptions if one.modality == "forbid"]  # fmt: skip


def norms_of(specs: Specs, seen: Seen) -> list[Norm]:
    """Every norm of the set, with the truth of its condition for the step."""
    ids = {clause.name: clause.id for clause in specs.clauses}
    return [norm for clause in specs.clauses for norm in norms_for(specs, clause, ids, seen)]


def norms_for(specs: Specs, clause: Clause, ids: Mapping[str, str], seen: Seen) -> list[Norm]:
    """The norm of a clause and those of its exceptions."""
    act = clause.act
    base = [is_act(act.head, seen.step)]
    base += (
        [truth(one, seen) for one in (act.where, clause.where) if one]
        if base[0] is not False
        else []
    )
    own = (
        [*base, opposite(truth(clause.unless, seen))]
        if clause.unless and False not in base
        else base
    )
    served = clause.goal if specs.strict else None
    main = Norm(
        clause.id, clause.modality, clause.author, clause.strength, act.identity, both(own),
        ids.get(clause.lifts or ""), frozenset(ids[name] for name in clause.overrides), served,
        clause.remedy if clause.modality in definition.HOLD_BACK else "deny", clause.if_unknown,
    )  # fmt: skip
    return [main, *(_exception(clause, one, base, seen) for one in clause.exceptions)]


def _exception(clause: Clause, one: Any, base: list[Truth], seen: Seen) -> Norm:
    parts = [*base, truth(one.where, seen)] if one.where and False not in base else base
    return Norm(
        f"{clause.id}.{one.label}", one.modality, clause.author, clause.strength,
        clause.act.identity, both(parts), clause.id, frozenset({clause.id}), None,
        clause.remedy if one.modality == "forbid" else "deny",
    )  # fmt: skip
