"""Cases from files: traces, tasks and results of tau2-bench, results of tau-bench.

A result file holds its tasks, so that a run is held against the ground truth it was made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from remit.bench.field.tau2.case import Talk, of_run, of_trace, of_truth
from remit.conversation.model import Call
from remit.conversation.read import LIMIT, Reader, conversation_from
from remit.conversation.whole import Conversation

Record = Mapping[str, Any]
# A case, None for what is none, a text for what is wrong; and how much of the file was read.
Reading = tuple[Talk | str | None, float]
Writes = Callable[[str], frozenset[str]]  # the tools of a desk that write
WON = 1 - 1e-6  # a reward from here on is a success


class Unreadable(RuntimeError):
    """A file holds nothing that this reads; the message says what was expected."""


def cases(path: Path, desks: Mapping[str, frozenset[str]], writes: Writes) -> Iterator[Reading]:
    """The cases of a file, one for each record. `desks`: their tools by name.

    Raises `Unreadable`.
    """
    whole = _json(path)
    if isinstance(whole, dict) and isinstance(whole.get("simulations"), list):
        yield from _shared(_results(whole, writes), len(whole["simulations"]))
    elif isinstance(whole, list) and _has(whole, "evaluation_criteria"):
        yield from _shared((_truth(one, "") for one in whole), len(whole))
    elif isinstance(whole, list) and _has(whole, "traj"):
        runs = (_first_edition(one, desks, writes) for one in whole)
        yield from _shared(runs, len(whole))
    else:
        yield from _traces(path)


def _shared(made: Iterable[Talk | None], count: int) -> Iterator[Reading]:
    """With how much of them was made; a file may hold more than it is said to."""
    for at, case in enumerate(made, 1):
        yield case, min(at / max(count, 1), 1.0)


def _json(path: Path) -> object:
    """What a JSON file holds; None for any other."""
    if path.suffix != ".json":
        return None
    try:
        if path.stat().st_size > LIMIT:
            raise Unreadable(f"`{path}` is larger than {LIMIT >> 20} MiB")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"cannot read `{path}`: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"`{path}` is not JSON") from None


def _has(records: list[Any], key: str) -> bool:
    return any(isinstance(one, dict) and key in one for one in records[:5])


def _traces(path: Path) -> Iterator[Reading]:
    reader = Reader(path)
    for conversation, found in reader:
        wrong = [one.message for one in found if one.is_error]
        share = reader.share or 0.0
        yield from ((f"`{path}`: {one}", share) for one in wrong)
        if conversation is not None and not wrong:
            yield of_trace(conversation), share


def _results(whole: Record, writes: Writes) -> Iterator[Talk | None]:
    """The results of tau2-bench: its tasks, and a run of each or more."""
    info = _record(whole.get("info"))
    desk = f"tau2/{_record(info.get('environment_info')).get('domain_name')}"
    tasks = {str(_record(one).get("id")): _record(one) for one in _list(whole.get("tasks"))}
    for task in tasks.values():
        yield _truth(task, desk)
    for run in map(_record, whole["simulations"]):
        name = str(run.get("task_id"))
        reward = _record(run.get("reward_info")).get("reward")
        talk = _conversation(f"{desk}/{name}/{run.get('trial', 0)}", run.get("messages"))
        actions = _record(tasks.get(name, {}).get("evaluation_criteria")).get("actions")
        won = _won(reward)
        yield of_run(talk, desk, name, _list(actions), writes(desk), won=won) if talk else None


def _truth(task: object, desk: str) -> Talk | None:
    """What a task's customer wants, and the calls that are right."""
    task = _record(task)
    wish = _record(task.get("user_scenario")).get("instructions")
    told = _record(wish)
    desk = desk or f"tau2/{told.get('domain')}"
    text = "\n".join(str(told[one]) for one in ("reason_for_call", "known_info") if told.get(one))
    calls = _record(task.get("evaluation_criteria")).get("actions")
    messages = [{"role": "user", "content": text or str(wish or "")}]
    messages += [_turn([one], at) for at, one in enumerate(_list(calls))]
    talk = _conversation(f"{desk}/{task.get('id')}", messages)
    return of_truth(talk, desk, str(task.get("id"))) if talk else None


def _first_edition(run: object, desks: Mapping[str, frozenset[str]], writes: Writes) -> Talk | None:
    """A run of tau-bench, whose file does not say at which desk: the one that has its tools."""
    run = _record(run)
    task, name = _record(_record(run.get("info")).get("task")), str(run.get("task_id"))
    actions = _list(task.get("actions"))
    talk = _conversation(f"tau1/{name}/{run.get('trial', 0)}", run.get("traj"))
    if talk is None:
        return None
    called = {one.tool for one in talk.steps if isinstance(one, Call)}
    called |= {str(_record(one).get("name")) for one in actions}
    home = max(desks, key=lambda one: len(desks[one] & called))
    won = _won(run.get("reward"))
    return of_run(talk, home.replace("tau2/", "tau1/"), name, actions, writes(home), won=won)


def _won(reward: object) -> bool:
    return isinstance(reward, (int, float)) and reward >= WON


def _record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _conversation(id: str, messages: object) -> Conversation | None:
    """The messages of either edition. Where they are malformed, the run is no case."""
    turns = [_result(_record(one)) for one in _list(messages)]
    return conversation_from({"id": id, "messages": turns}, format="openai")[0]


def _result(message: Record) -> Record:
    """A message of tau2-bench, whose results are joined to their calls by `id`."""
    kept = ("role", "content", "tool_calls", "name")
    turn = {key: message[key] for key in kept if message.get(key)}
    if turn.get("role") == "tool":
        turn["tool_call_id"] = message.get("tool_call_id") or message.get("id")
        turn["content"] = message.get("content") or ""
        turn |= {"error": True} if message.get("error") else {}
    return turn


def _turn(calls: list[Any], at: int) -> dict[str, Any]:
    made = [
        {"id": f"c{at}", "name": one.get("name"), "arguments": one.get("arguments"),
         "requestor": one.get("requestor") or "assistant"}
        for one in map(_record, calls)
    ]  # fmt: skip
    return {"role": "assistant", "tool_calls": made}
