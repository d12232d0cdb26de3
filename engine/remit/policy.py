"""The front door: from files or text to a policy, and from a policy to decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Conversation, Step
from remit.session import Session
from remit.verdict.model import Decision, Ground
from remit_grammar.diagnostic import Diagnostic, SpecError, did_you_mean
from remit_grammar.source import Source

if TYPE_CHECKING:
    from remit.checked.model import Checked
    from remit.graph.model import PriorityGraph

LANGUAGE = 1  # the version of the language; part of every digest


class Policy:
    """A compiled set of specs: immutable, and safe to share between threads.

    `name` is the name of the first entry spec; `digest` is the SHA-256 (hex) of the canonical
    content of all files, so it is the same for the same meaning whatever the layout, comments and
    order. `diagnostics` are the warnings that were found.
    """

    __slots__ = ("checked", "diagnostics", "graph", "ground")

    def __init__(
        self,
        name: str,
        checked: Checked,
        graph: PriorityGraph,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        from remit.program.from_graph import build_program

        digest = hashlib.sha256(f"remit {LANGUAGE}\n{checked.content}".encode()).hexdigest()
        self.checked = checked
        self.graph = graph
        self.diagnostics = tuple(diagnostics)
        self.ground = Ground(name, digest, build_program(checked, graph))

    @property
    def name(self) -> str:
        """The name of the first entry spec."""
        return self.ground.name

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical content, in hex."""
        return self.ground.digest

    def session(self, context: Mapping[str, Any] | None = None) -> Session:
        """A new conversation under this policy; `context` holds what the host declares about it.

        Raises `ValueError` for a name that the policy declares no `context` for.
        """
        declared = self.checked.contexts
        for name in context or {}:
            if name not in declared:
                near = did_you_mean(str(name), declared)
                told = f"; did you mean `{near}`?" if near else ""
                raise ValueError(f"the policy declares no context `{name}`{told}")
        return Session(self.ground, context or {})

    def judge(
        self,
        conversation: Conversation | Iterable[Step | Mapping[str, Any]],
        context: Mapping[str, Any] | None = None,
    ) -> list[Decision]:
        """A decision for each step of a whole conversation, in order."""
        session = self.session(context)
        if isinstance(conversation, Conversation):
            session = Session(self.ground, {**conversation.context, **(context or {})})
            return [session.decide(step) for step in conversation.steps]
        return [session.decide(step) for step in conversation]

    def __repr__(self) -> str:
        return f"<Policy {self.name} {self.digest[:12]}>"


def check(
    *specs: str | Path | Source, search: Sequence[str | Path] = ()
) -> tuple[Policy | None, list[Diagnostic]]:
    """Compile specs and give every finding; the policy is None if one of them is an error.

    Each of `specs` is a path, a `Source`, or the text of a spec (any string with a line end in it).
    `search` are folders in which specs are looked for by name.
    """
    from remit.checked.files import load_units
    from remit.checked.from_tree import check_units
    from remit.checked.tidy import tidy
    from remit.graph.from_checked import build_graph

    entries = [_entry(one) for one in specs]
    units, found = load_units(entries, [Path(one) for one in search])
    if not units:
        return None, found
    checked, more = check_units(units)
    found = tidy(found + more, [unit.source for unit in units])
    if any(one.is_error for one in found):
        return None, found
    graph, more = build_graph(checked)
    found += more
    if any(one.is_error for one in found):
        return None, found
    return Policy(units[0].name, checked, graph, found), found


def load(*specs: str | Path | Source, search: Sequence[str | Path] = ()) -> Policy:
    """Compile specs into a policy. Raises `SpecError` with every finding if there is an error.

    Takes what `check` takes.
    """
    policy, found = check(*specs, search=search)
    if policy is None:
        raise SpecError(found)
    return policy


def _entry(spec: str | Path | Source) -> Path | Source:
    if isinstance(spec, str) and ("\n" in spec or not spec.strip()):
        return Source("spec", spec)
    return spec if isinstance(spec, (Path, Source)) else Path(spec)
