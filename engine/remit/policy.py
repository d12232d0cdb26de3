"""The front door: from files or text to a policy, and from a policy to decisions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.session import Session, meant
from remit.verdict.model import Ground

if TYPE_CHECKING:
    from pathlib import Path

    from remit.checked.model import Checked, Scenario
    from remit.checked.seen import Seen
    from remit.conversation.model import Step
    from remit.conversation.whole import Conversation
    from remit.graph.model import PriorityGraph
    from remit.hooks.tell import Teller
    from remit.judges.model import AnyJudge
    from remit.store.read import Stored
    from remit.verdict.model import Decision
    from remit_grammar.diagnostic import Diagnostic
    from remit_grammar.source import Source


class Compiled(NamedTuple):
    """A policy as it comes from the compiler."""

    checked: Checked
    graph: PriorityGraph
    diagnostics: tuple[Diagnostic, ...] = ()


class Policy:
    """A compiled set of specs: immutable, and safe to share between threads.

    `name` is the name of the first entry spec; `digest` is the SHA-256 (hex) of the canonical
    content of all files, so it is the same for the same meaning whatever the layout, comments and
    order. `stored` tells whether it was read from a store: then it has no scenarios.
    """

    __slots__ = ("_anew", "_whole", "ground")

    def __init__(
        self, ground: Ground, whole: Compiled | Stored, anew: Callable[[], Policy] | None = None
    ) -> None:
        self.ground = ground
        self._whole = whole
        self._anew = anew

    @classmethod
    def from_store(cls, data: bytes, anew: Callable[[], Policy] | None = None) -> Policy:
        """The policy that `store` gave the bytes of.

        Loads in a fraction of the time that the specs take, and decides alike. The bytes may come
        from anywhere: no code is in them. Raises `StoreError`, a `SpecError`, for bytes that are
        damaged, of another version, or no policy. Norms are read when they are first needed; where
        one is not as it must be, the step is denied. `anew` compiles the specs that it was made
        from, where they are there.
        """
        from remit.store.read import Stored

        found = Stored(data)
        return cls(Ground(found.name, found.digest, found.program), found, anew)

    def store(self) -> bytes:
        """The policy as bytes, for `from_store`; equal for equal files of equal names.

        All is in them but the scenarios, so keep them as you keep the specs. They are not signed:
        whoever can write them can write another policy. Raises `ValueError` where conditions are
        nested too deep.
        """
        from remit.store.write import store

        outline = self.ground.program.outline
        return store(self.name, self.digest, outline, self.checked, self.diagnostics)

    @property
    def stored(self) -> bool:
        """Whether it is all that there is of it: a stored policy, without scenarios."""
        return self._anew is None and not isinstance(self._whole, Compiled)

    @property
    def checked(self) -> Checked:
        """The specs as checked. For scenarios ask for `scenarios`: a store holds none."""
        return self._whole.checked

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of the specs. Raises `ValueError` where they are not there any more."""
        if isinstance(self._whole, Compiled):
            return self._whole.checked.scenarios
        if self._anew is None:
            raise ValueError("a stored policy holds no scenarios: load the specs that it is of")
        again = self._anew()
        if again.digest != self.digest:
            raise ValueError("the specs have changed since the policy was loaded: load them again")
        return again.scenarios

    @property
    def graph(self) -> PriorityGraph:
        """The priority graph."""
        return self._whole.graph

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The warnings that were found."""
        return self._whole.diagnostics

    @property
    def name(self) -> str:
        """The name of the first entry spec."""
        return self.ground.name

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical content, in hex."""
        return self.ground.digest

    @property
    def system_role(self) -> str:
        """Whom a framework's system prompt speaks for: the developer, where the policy has one."""
        return "developer" if "developer" in self.ground.program.roles else "system"

    def session(
        self, context: Mapping[str, Any] | None = None,
        judges: Mapping[str, AnyJudge] | None = None, *, truncated: bool = False,
        tell: Teller | None = None,
    ) -> Session:  # fmt: skip
        """A new conversation under this policy; `context` holds what the host declares about it.

        `judges` answer what conditions ask of them, by the names that the specs use; what a judge
        that is not there would say is unknown. `truncated`: the beginning of the conversation will
        not be seen, so what was not seen is unknown. `tell`: the plugins that hear each decision
        (`remit.hooks.tell.Teller`). Raises `ValueError` for a name that the policy declares no
        `context` for.
        """
        declared = self.ground.program.known.contexts
        for name in context or {}:
            if name not in declared:
                told = meant(str(name), declared)
                raise ValueError(f"the policy declares no context `{name}`{told}")
        made = Session(self.ground, context or {}, judges, truncated=truncated, tell=tell)
        return made.begun()

    def restore(
        self, data: bytes, judges: Mapping[str, AnyJudge] | None = None,
        tell: Teller | None = None,
    ) -> Session:  # fmt: skip
        """The session that `Session.save` made the bytes of; it goes on where that one was.

        `judges` are given anew; what they said before is remembered. Raises `RestoreError`, a
        `ValueError`, for a session of another policy or version, and for whatever is damaged, cut
        short or no session: a conversation is never continued on a past that is in doubt.
        """
        return Session.restored(self.ground, data, judges, tell)

    def take_over(
        self, session: Session, judges: Mapping[str, AnyJudge] | None = None,
        tell: Teller | None = None,
    ) -> Session:  # fmt: skip
        """The conversation of a session, going on under this policy instead of its own.

        What both policies ask of the past goes on, and what was said by directives that both have;
        what only this one asks is unknown, for it was not seen (semantics 8). The judges go on too
        unless others are given, which are asked anew. The old session is left as it is. Raises
        `ValueError` where the chain of command is another one.
        """
        return session.taken_over(self.ground, judges, tell)

    def judge(
        self,
        conversation: Conversation | Iterable[Step | Mapping[str, Any]],
        context: Mapping[str, Any] | None = None,
        judges: Mapping[str, AnyJudge] | None = None,
        tell: Teller | None = None,
    ) -> list[Decision]:
        """A decision for each step of a whole conversation, in order; `tell` as for `session`."""
        from remit.conversation.whole import Conversation

        if isinstance(conversation, Conversation):
            known = {**conversation.context, **(context or {})}
            cut = conversation.cut
            session = Session(self.ground, known, judges, truncated=cut, tell=tell).begun()
            return [session.decide(step) for step in conversation.steps]
        session = self.session(context, judges, tell=tell)
        return [session.decide(step) for step in conversation]

    def __repr__(self) -> str:
        return f"<Policy {self.name} {self.digest[:12]}>"


def check(
    *specs: str | Path | Source, search: Sequence[str | Path] = ()
) -> tuple[Policy | None, list[Diagnostic]]:
    """Compile specs and give every finding; the policy is None if one of them is an error.

    Each of `specs` is a path, a `Source`, or the text of a spec (any string with a line end in it).
    `search` are folders in which specs are looked for by name. A path may be that of a stored
    policy, which stands alone; then all of it is read.
    """
    from remit_grammar.diagnostic import SpecError

    try:
        data = _stored(specs)
        if data is not None:
            return _check_store(data)
    except SpecError as error:
        return None, list(error.diagnostics)
    return _compile(specs, search)


def load(*specs: str | Path | Source, search: Sequence[str | Path] = ()) -> Policy:
    """Compile specs into a policy. Raises `SpecError` with every finding if there is an error.

    Takes what `check` takes. Of a stored policy it reads what deciding needs, when it needs it. So
    it does of specs in files once it has compiled them: it keeps them stored in the user's cache
    folder, until one of the files changes (`REMIT_CACHE=off` keeps nothing).
    """
    policy = load_stored(*specs)
    if policy is None and specs and all(map(_is_path, specs)):
        return _cached(specs, search)
    return policy if policy is not None else _compiled(specs, search, None)


def load_stored(*specs: str | Path | Source) -> Policy | None:
    """The stored policy that is named; None where specs are. Raises `SpecError`."""
    data = _stored(specs)
    return None if data is None else Policy.from_store(data)


# ---- from stored policies


def _stored(specs: Sequence[str | Path | Source]) -> bytes | None:
    """The bytes of a stored policy, if that is what is named. Raises `SpecError`."""
    from remit.store.files import is_store, read_store
    from remit.store.read import refuse

    paths = [
        os.fspath(one) for one in specs if isinstance(one, (str, os.PathLike)) and _is_path(one)
    ]
    stores = [one for one in paths if is_store(one)]
    if stores and len(specs) > 1:
        refuse(f"`{stores[0]}` is a whole policy, so it stands alone")
    return read_store(stores[0]) if stores else None


def _check_store(data: bytes) -> tuple[Policy, list[Diagnostic]]:
    from remit.store.whole import check_whole

    policy = Policy.from_store(data)
    check_whole(data)
    return policy, list(policy.diagnostics)


def _cached(specs: Sequence[str | Path | Source], search: Sequence[str | Path]) -> Policy:
    """The policy of specs in files, from the cache if it is there."""
    from contextlib import suppress

    from remit.store.cache import Entry, folder

    place = folder()
    if place is None:
        return _compiled(specs, search, None)
    from remit.store.errors import StoreError

    entry = Entry([str(one) for one in specs], [str(one) for one in search], place)
    data = entry.read()
    if data is not None:
        with suppress(StoreError):  # an entry that is damaged is made anew
            return Policy.from_store(data, lambda: _compiled(specs, search, None))
    from remit.checked.seen import Seen

    seen = Seen()
    policy = _compiled(specs, search, seen)
    with suppress(ValueError):  # nested too deep to be stored
        entry.write(policy.store(), seen.to_json())
    return policy


# ---- from specs


def _compiled(
    specs: Sequence[str | Path | Source], search: Sequence[str | Path], seen: Seen | None
) -> Policy:
    policy, found = _compile(specs, search, seen)
    if policy is None:
        from remit_grammar.diagnostic import SpecError

        raise SpecError(found)
    return policy


def _compile(
    specs: Sequence[str | Path | Source], search: Sequence[str | Path], seen: Seen | None = None
) -> tuple[Policy | None, list[Diagnostic]]:
    from remit.collector import resting

    with resting():
        return _compile_at_once(specs, search, seen)


def _compile_at_once(
    specs: Sequence[str | Path | Source], search: Sequence[str | Path], seen: Seen | None
) -> tuple[Policy | None, list[Diagnostic]]:
    from pathlib import Path

    from remit.checked.files import load_units
    from remit.checked.from_tree import check_units
    from remit.checked.tidy import tidy
    from remit.graph.from_checked import build_graph
    from remit.program.contradictions import contradictions

    entries = [_entry(one) for one in specs]
    units, found = load_units(entries, [Path(one) for one in search], seen)
    if not units:
        return None, found
    checked, more = check_units(units, seen)
    found = tidy(found + more, [unit.source for unit in units])
    if any(one.is_error for one in found):
        return None, found
    graph, more = build_graph(checked)
    found += more + contradictions(checked)
    if any(one.is_error for one in found):
        return None, found
    return compiled(units[0].name, checked, graph, found), found


def compiled(
    name: str, checked: Checked, graph: PriorityGraph, found: Sequence[Diagnostic] = ()
) -> Policy:
    """The policy of checked specs and their graph."""
    from hashlib import sha256

    from remit.checked.model import LANGUAGE
    from remit.program.from_graph import build_program
    from remit.program.survey import outline_of

    digest = sha256(f"remit {LANGUAGE}\n{checked.content}".encode()).hexdigest()
    ground = Ground(name, digest, build_program(outline_of(checked, graph)))
    return Policy(ground, Compiled(checked, graph, tuple(found)))


def _entry(spec: str | Path | Source) -> Path | Source:
    from pathlib import Path

    from remit_grammar.source import Source

    if isinstance(spec, str):
        return Path(spec) if _is_path(spec) else Source("spec", spec)
    return spec


def _is_path(spec: object) -> bool:
    """Whether it names a file; a text with a line end in it is a spec itself."""
    return not isinstance(spec, str) or ("\n" not in spec and bool(spec.strip()))
