"""What a conversation had come to before a step, asked and moved on (`reading` reads it)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from remit.checked.model import Constraint, Norm
from remit.program.values import UNKNOWN, Partly, Truth, every, some
from remit.program.view import View
from remit.verify import consent
from remit.verify.folds import Moment
from remit.verify.looked import Place, origin_place, same
from remit.verify.said import Said, Void, unsure
from remit.verify.settings import Found, settled, value_of
from remit.verify.telling import Telling
from remit.verify.watched import CALLED
from remit.verify.world import World, bind

ASKING = "asking for it"  # among a view's variables while that is asked; no name has blanks
TRUSTED = object()  # of what only the record tells
KEPT = 1_000  # sayings of one directive by one level, and void directives, that are kept apart


@dataclass(slots=True)
class Past:
    """What counts from before a step; `remit.program.view.Past` for the verifier.

    `turn` are the norms violated since someone with authority spoke, `turn_seen` whether someone
    did. `asked_about` are the calls that somebody was asked about. Nobody speaks above the rank
    `cap`. `cut`: the beginning was not seen. What came to pass before is asked of the `telling`;
    without one it is `looked` up, and noted where nothing is there. `full` are the questions that
    are said to have reached a cap.
    """

    world: World
    said: dict[tuple[object, ...], Said] = field(default_factory=dict)
    voids: dict[tuple[object, ...], Void] = field(default_factory=dict)
    turn: frozenset[str] = frozenset()
    turn_seen: bool = False
    cap: int = 0
    cut: bool = False
    asked_about: Sequence[consent.Row] = ()
    looked: Mapping[Place, Any] = field(default_factory=dict)
    unlooked: dict[Place, None] = field(default_factory=dict)
    full: frozenset[str] = frozenset()
    telling: Telling | None = None

    # ---- what conditions ask

    def found(self, name: str, view: View) -> Found:
        """What a setting comes to."""
        if name not in view.settings:
            view.settings[name] = settled(self.world, self.said.values(), name, view)
        found: Found = view.settings[name]
        return found

    def setting(self, name: str, view: View) -> Any:
        """The value of a setting that is in force."""
        return value_of(self.world, name, self.found(name, view))

    def void(self, wanted: Any, view: View) -> Truth:
        """Whether a void directive was heard: by its name, its origin, asking for the step."""
        name, origin, asking = wanted
        if not asking:
            return self._heard(name, origin, view, asking=False)
        if ASKING in view.variables:  # a directive whose own condition asks this
            return UNKNOWN
        view.variables[ASKING] = True
        try:
            return False if self._is_ordered(view) else self._heard(name, origin, view, asking=True)
        finally:
            del view.variables[ASKING]

    def _is_ordered(self, view: View) -> bool:
        """ "Nobody with authority asks for it too": somebody surely does."""
        return any(
            isinstance(one.norm, Norm)
            and one.norm.modality in ("permit", "protect")
            and self.world.says(one, view) is True
            for one in self.said.values()
        )

    def _heard(self, name: Any, origin: Any, view: View, *, asking: bool) -> Truth:
        alike = [one for one in (*view.voids, *self.voids.values())
                 if name in (None, one.directive) and _came_from(one, origin)]  # fmt: skip
        found = some(self._counts(one, view, asking=asking) for one in alike)
        return UNKNOWN if found is False and self.cut else found

    def asked(self) -> Truth:
        """Whether a norm in force asks for a refusal: one was violated in this turn."""
        return bool(self.turn) or (UNKNOWN if self.cut and not self.turn_seen else False)

    def confirmed(self, who: str, view: View) -> Truth:
        """Whether somebody said yes to the call."""
        found = consent.confirmed(self.asked_about, who, view)
        return UNKNOWN if not found and self.cut and not self.turn_seen else found

    def history(self, asked: Any, key: tuple[Any, ...], view: View) -> Any:
        """What a condition asks of past steps."""
        if self.telling is not None:
            return self.telling.ask(asked, key, self.moment(view))
        return self._look((asked.id, key))

    def overdue(self, debt: Any, view: View) -> Any:
        """Whether something owed is overdue."""
        if self.telling is not None:
            owing = self.world.watched.owings[debt.id]
            return self.telling.overdue(owing, view, self.moment(view))
        return self._look((debt.id, ()))

    def strays(self, telling: Telling, view: View) -> Iterator[tuple[str, Any, Any]]:
        """What was looked up otherwise than past steps tell it: of what, what, and what was due.

        A session may let go of what is old, and then know less; of a question it says so (`full`).
        """
        knowing = replace(self, telling=telling)
        for (name, key), value in self.looked.items():
            due = knowing._recalled(name, key, view)
            vague = value is UNKNOWN or type(value) is Partly
            may_be = telling.forgets(name) if name == CALLED else name in self.full
            if due is not TRUSTED and not same(value, due) and not (vague and may_be):
                yield name, value, due

    def _recalled(self, name: str, key: tuple[Any, ...], view: View) -> Any:
        """What past steps tell of a look-up of a record; `TRUSTED` where they do not tell."""
        watched = self.world.watched
        if name in watched.watches:
            return self.history(watched.watches[name].history, key, view)
        if name in watched.owings:
            return self.overdue(watched.owings[name].debt, view)
        return self.called(*key) if name == CALLED else TRUSTED

    def origin(self, how: str, value: Any, wanted: Any, view: View) -> Any:
        """Where a value came from; only the record tells."""
        return self._look(origin_place(how, value, wanted))

    def called(self, id: str) -> Any:
        """The arguments of an earlier call."""
        return self.telling.called(id) if self.telling is not None else self._look((CALLED, (id,)))

    def moment(self, view: View) -> Moment:
        """When a step is that comes now."""
        assert self.telling is not None, "asked only where past steps are told"
        ranks = self.world.checked.roles
        speaks = view.kind == "message" and not view.unnamed and (
            ranks.get(view.role, self.world.none) < self.world.none
        )  # fmt: skip
        return self.telling.moment(view, speaks=speaks)

    def _look(self, place: Place) -> Any:
        if place not in self.looked:
            self.unlooked[place] = None
        return self.looked.get(place, UNKNOWN)

    def lacks(self, said: Said) -> int | None:
        """What a permit needs, where all that it could lift, standing or spoken, is stronger."""
        held = self.world.held_by(said, self.said.values())
        return max(held) if held and max(held) < said.strength else None

    def _counts(self, void: Void, view: View, *, asking: bool) -> Truth:
        sure: Truth = True if void.certain else UNKNOWN
        return every((sure, self._asks_for(void, view))) if asking else sure

    def _asks_for(self, void: Void, view: View) -> Truth:
        """ "It is a permit or protect and this step is what it asks for"."""
        directive = self.world.directives[void.directive]
        norm = directive.norm
        if isinstance(norm, Constraint) or norm.modality not in ("permit", "protect"):
            return False
        bind(view, directive, void.words)
        return self.world.applies(norm, view)

    # ---- what happens

    def after(
        self, said: Iterable[Said], voids: Iterable[Void], turn: frozenset[str], *, seen: bool
    ) -> Past:
        """The past of the next step, where this one said all that and left such a turn."""
        then = replace(self, said=dict(self.said), voids=dict(self.voids), turn=turn)
        then.turn_seen = seen
        for one in said:
            then.say(one)
        for void in voids:
            then.note(void)
        return then

    def say(self, new: Said) -> None:
        """Said again, it counts as said last; beyond the cap the oldest loses its words."""
        self.said.pop(new.key, None)
        self.said[new.key] = new
        alike = [one for one in self.said.values()
                 if (one.directive.id, one.author) == (new.directive.id, new.author)]  # fmt: skip
        if len(alike) > KEPT:
            del self.said[alike[0].key]
            folded = replace(new, words=unsure(new.directive), text="", certain=False, voice=-1)
            self.said.pop(folded.key, None)
            self.said[folded.key] = folded

    def note(self, void: Void) -> None:
        """Remember a void directive; beyond the cap without its words."""
        if void.key not in self.voids and len(self.voids) >= KEPT:
            void = replace(void, words=None, text="")
        self.voids[void.key] = void


def _came_from(void: Void, origin: tuple[str, tuple[str, ...]] | None) -> bool:
    if origin is None:
        return True
    kind, names = origin
    return kind in ("step", void.kind) and (not names or void.name in names)
