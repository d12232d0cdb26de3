"""`remit why`: one decision of a ledger or a trace, with its reasons, and decided anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from remit.cli import exits, options
from remit.cli.judge import verdicts_option
from remit.cli.loading import usable
from remit.cli.output import has_colour, plural, say, say_json, show
from remit_grammar.diagnostic import Diagnostic, render

if TYPE_CHECKING:
    from remit.ledger.find import Sought
    from remit.ledger.replay import Replayed
    from remit.ledger.story import Story
    from remit.policy import Policy

_ID = re.compile(r"[0-9a-f]{6,32}")


@click.command("why")
@click.argument("what", nargs=-1, required=True, metavar="FILE|ID...")
@click.option("--ledger", "ledgers", multiple=True, metavar="FILE",
              help="The ledger where an id is looked for; may be given again.")  # fmt: skip
@click.option("--spec", "specs", multiple=True, metavar="SPEC",
              help="The policy that decided; else the one that the ledger keeps.")  # fmt: skip
@click.option("--replay", is_flag=True,
              help="Decide the conversation anew, and show if it comes out the same.")  # fmt: skip
@verdicts_option("--verdict", "Only decisions with these verdicts, such as deny,ask.")
@click.option("--clause", default="", metavar="NAME", help="Only decisions that name this clause.")
@click.option("--conversation", default="", metavar="ID", help="Only this conversation.")
@click.option("--step", type=click.IntRange(1), metavar="N", help="Only this step, from 1.")
@options.search
@options.as_json
@options.colour
def command(
    what: tuple[str, ...], ledgers: tuple[str, ...], specs: tuple[str, ...], replay: bool,
    verdict: frozenset[str], clause: str, conversation: str, step: int | None,
    search: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Tell why something was decided: by which clause, what lost, who agreed.

    FILEs are those of a ledger, or traces as collectors write them (OTLP, JSON lines). ID is that
    of a decision, or its beginning. Of several decisions that fit, the newest is told.
    """
    from remit.ledger.find import Sought

    ids = [one for one in what if _ID.fullmatch(one) and not Path(one).exists()]
    files = [one for one in what if one not in ids] + list(ledgers)
    if len(ids) > 1 or not files:
        raise click.UsageError("name one id, and the files in which to look for it (--ledger)")
    sought = Sought(verdict, clause, conversation, ids[0] if ids else "", step)
    if "-" in files:
        raise click.UsageError("what is told here is read twice, so it cannot be standard input")
    story, is_read = _found(files, sought, replay, as_json)
    policy = _policy(story, specs, search, needed=replay, as_json=as_json)
    again = _replayed(story, policy) if replay and policy is not None else None
    if as_json:
        _say_data(story, again)
    else:
        _say(story, policy, again)
    if not is_read:
        return exits.BAD
    return exits.FINE if again is None or again.is_same else exits.FINDINGS


def _found(files: Sequence[str], sought: Sought, whole: bool, as_json: bool) -> tuple[Story, bool]:
    """The decision that is asked about, and whether all was read; leaves where there is none."""
    from remit.ledger.story import find_story

    story, problems = find_story(files, sought, whole=whole)
    if story is None:
        name = f" `{sought.id}`" if sought.id else " that fits"
        help = "`remit ledger show` lists what is in a ledger"
        problems = problems or [Diagnostic("R1308", f"there is no decision{name}", help=help)]
    show(problems, as_json=as_json)
    if story is None:
        raise click.exceptions.Exit(exits.BAD)
    return story, not problems


# ---- the policy


def _policy(
    story: Story, specs: Sequence[str], search: Sequence[str], *, needed: bool, as_json: bool
) -> Policy | None:
    """The policy that decided: of the specs, or kept in the ledger. Leaves where it is another."""
    digest = story.decision.record.get("policy")
    if specs:
        policy = usable(specs, search, as_json=as_json)
        if policy.digest == digest:
            return policy
        message = f"`{policy.name}` is not the policy that decided"
        notes = (f"its digest is {policy.digest}", f"the decision names {digest}")
        show([Diagnostic("R1310", message, notes=notes)], as_json=as_json)
        raise click.exceptions.Exit(exits.BAD)
    kept = _kept(story)
    if kept is None and needed:
        help = "name the specs of that time: `--spec`; a ledger can keep its policies (`keep`)"
        message = "the policy that decided is not kept in the ledger"
        show([Diagnostic("R1310", message, help=help)], as_json=as_json)
        raise click.exceptions.Exit(exits.BAD)
    return kept


def _kept(story: Story) -> Policy | None:
    from remit.ledger.kept import kept_policy

    policy, problem = kept_policy(story.policy, story.decision.record.get("policy"))
    if problem is not None:
        show([problem])
    return policy


def _replayed(story: Story, policy: Policy) -> Replayed:
    from remit.ledger.replay import replay

    return replay(story, policy)


# ---- telling


def _say(story: Story, policy: Policy | None, again: Replayed | None) -> None:
    from remit.ledger.why import explained

    told = explained(story, policy)
    if again is not None and again.decision is not None and again.is_same:
        told = _both(told, again.decision.explain())
    say(render(told, colour=has_colour()))
    if again is not None:
        for one in _differences(again):
            say(render(one, colour=has_colour()))
        say(_sum(again))
    if story.others:
        say(f"the newest of {plural(story.others + 1, 'decision')} that fit; an id names one")


def _both(recorded: Diagnostic, again: Diagnostic) -> Diagnostic:
    """What a replay explains, with what only the record knows."""
    from dataclasses import replace

    known = {*again.notes}
    notes = (*again.notes, *(one for one in recorded.notes if one not in known))
    return replace(again, notes=notes)


def _differences(again: Replayed) -> list[Diagnostic]:
    found = [
        Diagnostic(
            "R1309", f"`{one.name}` of record {one.line.seq:,} comes out otherwise",
            notes=(f"it was {_shown(one.was)}", f"it is {_shown(one.now)}"),
        )
        for one in again.differences
    ]  # fmt: skip
    if again.stopped:
        found.append(Diagnostic("R1310", f"the decision cannot be replayed: {again.stopped}"))
    return found


def _shown(value: Any) -> str:
    import json

    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)[:300]


def _sum(again: Replayed) -> str:
    hidden = len(again.hidden)
    some = f"; {plural(hidden, 'step')} kept only as they went on" if hidden else ""
    head = f"replayed {plural(again.compared, 'step')}"
    if again.stopped:
        return f"{head}, and no further{some}"
    if again.differences:
        return f"{head}: {plural(len(again.differences), 'difference')}{some}"
    return f"{head}: all came out the same{some}"


def _say_data(story: Story, again: Replayed | None) -> None:
    line = story.decision
    data: dict[str, Any] = {
        "seq": line.seq, "time": line.time, "hash": line.hash, "decision": line.record,
        "policy": {name: one for name, one in (story.policy or {}).items() if name != "stored"},
        "answers": [{"seq": one.seq, "time": one.time, **one.record} for one in story.answers],
        "corrected": story.is_corrected,
    }  # fmt: skip
    if again is not None:
        data["replay"] = {
            "same": again.is_same, "compared": again.compared, "hidden": len(again.hidden),
            "stopped": again.stopped, "differences": [
                {"seq": one.line.seq, "field": one.name, "was": one.was, "now": one.now}
                for one in again.differences
            ],
        }  # fmt: skip
        if again.decision is not None:
            data["replay"]["record"] = again.decision.to_json()
    say_json(data)
