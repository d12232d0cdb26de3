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
    from remit.judges.model import AnyJudge


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
        from remit.checked.model import LANGUAGE
        from remit.program.from_graph import build_program
        from remit.program.outline import outline_of

        digest = hashlib.sha256(f"remit {LANGUAGE}\n{checked.content}".encode()).hexdigest()
        self.checked = checked
        self.graph = graph
        self.diagnostics = tuple(diagnostics)
        self.ground = Ground(name, digest, build_program(outline_of(checked, graph)))

    @property
    def name(self) -> str:
        """The name of the first entry spec."""
        return self.ground.name

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical content, in hex."""
        return self.ground.digest

    def session(
        self, context: Mapping[str, Any] | None = None,
        judges: Mapping[str, AnyJudge] | None = None, *, truncated: bool = False,
    ) -> Session:  # fmt: skip
        """A new conversation under this policy; `context` holds what the host declares about it.

        `judges` answer what conditions ask of them, by the names that the specs use; what a judge
        that is not there would say is unknown. `truncated`: the beginning of the conversation will
        not be seen, so what was not seen is unknown. Raises `ValueError` for a name that the policy
        declares no `context` for.
        """
        declared = self.checked.contexts
        for name in context or {}:
            if name not in declared:
                near = did_you_mean(str(name), declared)
                told = f"; did you mean `{near}`?" if near else ""
                raise ValueError(f"the policy declares no context `{name}`{told}")
        return Session(self.ground, context or {}, judges, truncated=truncated)

    def restore(self, data: bytes, judges: Mapping[str, AnyJudge] | None = None) -> Session:
        """The session that `Session.save` made the bytes of; it goes on where that one was.

        `judges` are given anew; what they said before is remembered. Raises `RestoreError`, a
        `ValueError`, for a session of another policy or version, and for whatever is damaged, cut
        short or no session: a conversation is never continued on a past that is in doubt.
        """
        return Session.restored(self.ground, data, judges)

    def take_over(self, session: Session, judges: Mapping[str, AnyJudge] | None = None) -> Session:
        """The conversation of a session, going on under this policy instead of its own.

        What both policies ask of the past goes on, and what was said by directives that both have;
        what only this one asks is unknown, for it was not seen (semantics 8). The judges go on too
        unless others are given, which are asked anew. The old session is left as it is. Raises
        `ValueError` where the chain of command is another one.
        """
        return session.taken_over(self.ground, judges)

    def judge(
        self,
        conversation: Conversation | Iterable[Step | Mapping[str, Any]],
        context: Mapping[str, Any] | None = None,
        judges: Mapping[str, AnyJudge] | None = None,
    ) -> list[Decision]:
        """A decision for each step of a whole conversation, in order."""
        session = self.session(context, judges)
        if isinstance(conversation, Conversation):
            known = {**conversation.context, **(context or {})}
            session = Session(self.ground, known, judges, truncated=conversation.cut)
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
    from remit.program.contradictions import contradictions

    entries = [_entry(one) for one in specs]
    units, found = load_units(entries, [Path(one) for one in search])
    if not units:
        return None, found
    checked, more = check_units(units)
    found = tidy(found + more, [unit.source for unit in units])
    if any(one.is_error for one in found):
        return None, found
    graph, more = build_graph(checked)
    found += more + contradictions(checked)
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
