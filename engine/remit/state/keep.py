"""A whole state as data and back: what was said, answers of judges, and the memory of the past.

Unlike the state in a record, it is enough to go on with. What is read back is not trusted: whatever
no conversation can come to is refused, for a session must not forget by accident.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from remit.program.values import UNKNOWN, Truth, keyed
from remit.state.debts import Debts
from remit.state.fold import Fold, Key
from remit.state.memory import MOST_CALLS, Memory
from remit.state.model import MOST_ANSWERS, State
from remit.state.moment import Moment, count_of, flag_of, moment_of
from remit.state.save import state_from_json, state_to_json

if TYPE_CHECKING:
    from remit.checked.model import History
    from remit.program.model import Program


def state_to_data(state: State) -> dict[str, Any]:
    """The state as data that holds nothing of it that changes later."""
    return {
        "state": state_to_json(state),
        "answers": [[*asked, truth] for asked, truth in state.answers.items()],
        "memory": memory_to_data(state.memory),
    }


def state_from_data(program: Program, data: Any) -> State:
    """The state that the data describes. `ValueError`, `TypeError`, `KeyError` if it is none."""
    state = state_from_json(program, data["state"])
    state.answers = dict(map(_answer, _at_most(MOST_ANSWERS, data["answers"])))
    state.memory = memory_from_data(program, data["memory"])
    return state


def _answer(row: Any) -> tuple[tuple[str, str, str], Truth]:
    judge, question, digest, truth = row
    if not type(judge) is type(question) is str or len(bytes.fromhex(digest)) != 32:
        raise ValueError("an answer to no question")
    return (judge, question, digest), flag_of(truth)


# ---- memory


def memory_to_data(memory: Memory) -> dict[str, Any]:
    """A memory as data. What folds hold is copied, the values in it are not."""
    return {
        "step": memory.step, "turn": memory.turn, "clock": memory.clock,
        "cut": memory.cut, "calls_cut": memory.calls_cut,
        "folds": {name: fold.to_data() for name, fold in memory.folds.items()},
        "last": {name: [truth, [*key]] for name, (truth, key) in memory.last.items()},
        "debts": {name: debts.to_data() for name, debts in memory.debts.items()},
        "calls": dict(memory.calls), "answered": sorted(memory.answered),
        "origins": None if memory.origins is None else memory.origins.to_data(),
    }  # fmt: skip


def memory_from_data(program: Program, data: Any) -> Memory:
    """The memory that the data describes. Raises as `state_from_data`."""
    memory = Memory(program, cut=flag_of(data["cut"]))
    memory.step, memory.turn = count_of(data["step"]), count_of(data["turn"])
    now = Moment(memory.step, memory.turn, data["clock"])
    memory.clock = moment_of([now.step, now.turn, now.time], now).time
    memory.calls_cut = flag_of(data["calls_cut"])
    if data["folds"].keys() != memory.folds.keys() or data["debts"].keys() != memory.debts.keys():
        raise ValueError("it remembers what the policy does not ask")
    histories = {one.history.id: one.history for one in program.watches}
    owings = {one.debt.id: one.debt for one in program.owings}
    memory.folds = {name: Fold.from_data(histories[name], fold, now)
                    for name, fold in data["folds"].items()}  # fmt: skip
    memory.last = {name: (_truth(truth), _last(histories[name], key))
                   for name, (truth, key) in data["last"].items()}  # fmt: skip
    memory.debts = {name: Debts.from_data(owings[name], debts, now)
                    for name, debts in data["debts"].items()}  # fmt: skip
    memory.calls = _calls(data["calls"])
    if (data["origins"] is None) != (memory.origins is None):
        raise ValueError("it knows origins that the policy does not ask for")
    if memory.origins is not None:
        from remit.state.origins import Origins

        memory.origins = Origins.from_data(program, data["origins"], cut=memory.cut)
    memory.answered = {id for id in data["answered"] if id in memory.calls}
    return memory


def _last(history: History, values: Any) -> Key:
    """The values of the step just before; they may be unknown or absent."""
    key = tuple(values)
    known = [(keyed(one[1]) if type(one) is tuple else keyed(one)) == one for one in key]
    if history.fold == "previous" and len(key) in (0, len(history.what.keys)) and all(known):
        return key
    raise ValueError("it remembers by what is no key")


def _truth(value: Any) -> Truth:
    return value if value is UNKNOWN else flag_of(value)


def _calls(data: Any) -> dict[str, Any]:
    known = [args is UNKNOWN or type(args) is dict for args in data.values()]
    if not all(known) or not all(type(id) is str for id in data):
        raise ValueError("a call without its arguments")
    return dict(_at_most(MOST_CALLS, data.items()))


def _at_most(most: int, rows: Iterable[Any]) -> list[Any]:
    found = list(rows)
    if len(found) > most:
        raise ValueError("it remembers more than it can")
    return found
