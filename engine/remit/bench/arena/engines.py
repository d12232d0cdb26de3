"""Who can take part in what, where to get it, and how an entrant is set up by name.

An engine is one file here. It has a function for each workload that it takes part in; some have
several forms, which are entrants of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from . import calls, loads, texts, trace
from .measure import Local
from .memory import resident

CALLS, LOADS, TRACE, TEXTS = "calls", "loads", "trace", "texts"
_UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Engine:
    """A library. `forms` are its entrants for each task: a name, and the function that makes it.

    `alone`: the tasks for which it gets a process of its own. `clashes`: it does not go together
    with other packages, so it is found only by an interpreter that is named.
    """

    name: str
    file: str
    module: str
    package: str
    forms: Mapping[str, Mapping[str, str]]
    alone: frozenset[str] = frozenset()
    clashes: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it is installed in this interpreter."""
        return find_spec(self.module) is not None

    def forms_of(self, task: str) -> tuple[str, ...]:
        """The names of its entrants for a task."""
        return tuple(self.forms.get(task, ()))


def _plain(name: str, *tasks: str) -> dict[str, dict[str, str]]:
    """One entrant a task, made by the function that has the name of the task."""
    return {task: {name: "loader" if task == LOADS else task} for task in tasks}


_REMIT = {
    **_plain("remit", TRACE, TEXTS),
    LOADS: {
        "remit": "loader", "remit, from the store": "loader_stored",
        "remit, from the store, and a first decision": "loader_decides",
    },
    CALLS: {
        "remit": "calls", "remit, step made": "calls_step", "remit, new session": "calls_session",
        "remit, from the store": "calls_stored",
    },
}  # fmt: skip
_REGORUS = {
    **_plain("regorus", LOADS),
    TRACE: {"regorus": "trace", "regorus, each message": "trace_each"},
    CALLS: {"regorus": "calls", "regorus, machine": "calls_machine"},
}

ENGINES: tuple[Engine, ...] = (
    Engine("remit", "by_remit", "remit", "remit", _REMIT),
    Engine("cedarpy", "by_cedarpy", "cedarpy", "cedarpy", _plain("cedarpy", CALLS, LOADS)),
    Engine("regorus", "by_regorus", "regorus", "gordon-to-regorus", _REGORUS),
    Engine("durable_rules", "by_durable", "durable", "durable_rules",
           _plain("durable_rules", CALLS, LOADS, TRACE), alone=frozenset({TRACE})),
    Engine("cel", "by_cel", "cel", "common-expression-language",
           _plain("cel", CALLS, LOADS, TRACE)),
    Engine("re", "by_re", "re", "", _plain("re", TEXTS)),
    Engine("re2", "by_re2", "re2", "google-re2",
           {TEXTS: {"re2": "texts", "re2, set": "texts_set"}}),
    Engine("hyperscan", "by_hyperscan", "hyperscan", "hyperscan", _plain("hyperscan", TEXTS)),
    Engine("ahocorasick", "by_ahocorasick", "ahocorasick_rs", "ahocorasick-rs",
           _plain("ahocorasick", TEXTS)),
    Engine("agent-control-spec", "by_acs", "agent_control_spec", "agent-control-spec agt-policies",
           _plain("agent-control-spec", CALLS, LOADS), clashes=True),
    Engine("invariant", "by_invariant", "invariant", "invariant-ai",
           _plain("invariant", CALLS, LOADS, TRACE), clashes=True),
)  # fmt: skip
BY_NAME = {one.name: one for one in ENGINES}

_TASKS: Mapping[str, tuple[Callable[..., Any], Callable[..., Local]]] = {
    CALLS: (calls.workload, calls.entrant),
    LOADS: (calls.workload, loads.entrant),
    TRACE: (trace.Trace, trace.entrant),
    TEXTS: (texts.workload, texts.entrant),
}


def build(engine: Engine, task: str, form: str, parameters: Mapping[str, Any]) -> Local:
    """An entrant in this process. Raises whatever the library raises."""
    module = import_module(f".{engine.file}", __package__)
    workload, entrant = _TASKS[task]
    work = workload(**parameters)
    made = getattr(module, engine.forms[task][form])(work)
    if task == TRACE:
        return entrant(form, work, made, getattr(module, "CONVERSATIONS", _UNLIMITED))
    return entrant(form, work, made)


def hold(engine: Engine, form: str, parameters: Mapping[str, Any]) -> int:
    """Bytes that this process grows by until it has decided all requests of W1 once.

    Imports come before.
    """
    module = import_module(f".{engine.file}", __package__)
    make = getattr(module, engine.forms[CALLS][form])
    kept = [_decided(make, calls.workload(2, requests=1))]
    work = calls.workload(**parameters)
    before = resident()
    kept.append(_decided(make, work))
    return resident() - before


def _decided(make: Callable[[calls.Calls], calls.Judge], work: calls.Calls) -> calls.Judge:
    judge = make(work)
    for request in work.requests:
        judge.decide(judge.ready(request))
    return judge
