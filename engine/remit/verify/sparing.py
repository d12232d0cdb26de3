"""What judges answered, and whether those who were not asked could be spared (semantics 7).

Answers are taken on trust; that a spared one changes nothing is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from remit.conversation.from_steps import step_to_json
from remit.conversation.model import Step
from remit.program.values import UNKNOWN, Truth
from remit.program.view import Asked
from remit.verify import differences
from remit.verify.step import Case, Outcome

TRUTHS: Mapping[str, Truth] = {"true": True, "false": False, "unknown": UNKNOWN}
MOST_OF_THREE, MOST_OF_TWO = 4, 6  # spared questions of which every combination is tried


def answers_of(rows: list[Mapping[str, Any]]) -> tuple[dict[Asked, Truth], list[Asked]]:
    """What a record tells of judges: the answers, and the questions that were spared."""
    told = {_key(row): TRUTHS[row["answer"]] for row in rows if row["answer"] != "spared"}
    return told, [_key(row) for row in rows if row["answer"] == "spared"]


def _key(row: Mapping[str, Any]) -> Asked:
    return row["judge"], row["question"], row["text_sha256"]


def twice(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Questions that are told of more than once; one may be spared first and then be asked."""
    seen = set[tuple[Asked, bool]]()
    for row in rows:
        mark = (_key(row), row["answer"] == "spared")
        if mark in seen:
            yield f"`judged` tells twice of `{row['question'][:200]}`"
        seen.add(mark)


def wrongly_spared(case: Case, step: Step, spared: list[Asked], base: Outcome) -> Iterator[str]:
    """Where answers that were spared would come to something else."""
    open_ones = [one for one in dict.fromkeys(spared) if one in case.used]
    wanted = _seen(base)
    for truths in _tried(len(open_ones)):
        given = dict(zip(open_ones, truths, strict=True))
        other = replace(case, answers={**case.answers, **given}, used={},
                        later={**case.later, **{one: truth for one, truth in given.items()
                                                if case.later.get(one) is False}})  # fmt: skip
        made = other.follows(step)
        if not differences.same_json(_seen(made), wanted):
            asked = next((one for one, truth in given.items() if truth is not False), open_ones[0])
            lead = f"`{asked[1][:200]}` was spared, but an answer of `{asked[0][:80]}` matters"
            yield f"{lead}: the verdict could be `{made.verdict}`, and others asked or changed"
            return


def _tried(count: int) -> Iterator[tuple[Truth, ...]]:
    if count == 0:
        return
    if count <= MOST_OF_THREE:
        yield from product((True, UNKNOWN, False), repeat=count)
        return
    yield (UNKNOWN,) * count
    yield (True,) * count
    if count <= MOST_OF_TWO:
        yield from product((True, False), repeat=count)


def _seen(made: Outcome) -> list[Any]:
    """What a host sees of an outcome."""
    norms = made.applying.norms
    asks = [norms[name].remedy.who or "" for name, kind in made.asked.items() if kind == "ask"]
    asking = sorted({*asks, *made.also}) if made.verdict == "ask" else []
    return [made.verdict, asking, step_to_json(made.after)]
