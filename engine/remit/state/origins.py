"""Where values of a conversation come from: each text that was seen, whose it is, its labels.

The index (`remit.provenance`) finds values and pieces of text in groups of texts; here a group is
what a condition can tell apart: a kind of step, a tool, role or agent, and the labels carried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT
from remit.program.outline import Wanted
from remit.program.values import UNKNOWN, Truth, every, some
from remit.provenance import Index, leaves
from remit.provenance.model import MOST_GROUPS
from remit.provenance.save import from_json, to_json
from remit.state.moment import count_of

if TYPE_CHECKING:
    from remit.program.model import Program
    from remit.program.view import View

PART = "part"  # the kind of quoted and attached texts, which are nobody's own words
MOST_TOLD = 1_000  # answers that are remembered for as long as nothing is taken in
REST = MOST_GROUPS - 1  # the group of all texts, once there are more kinds of them than groups


class Origin(NamedTuple):
    """What a condition can tell of a text: the kind of step, its tool, role or agent, and labels.

    `doubtful` are labels that it may carry.
    """

    kind: str
    name: str
    labels: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


class Origins:
    """Every text of a conversation that took effect and that its policy can ask about.

    It only grows: `before` is how many texts a reader may see. `cut`: the beginning was not seen.
    `late`: what the policy asks about but another one before it did not, so that some is not here.
    """

    __slots__ = ("count", "cut", "fitting", "groups", "index", "labelled", "late", "program",
                 "told", "wanted")  # fmt: skip

    def __init__(self, program: Program, *, cut: bool = False) -> None:
        self.program = program
        self.cut = cut
        self.late: tuple[Wanted, ...] = ()
        self.index = Index(pieces=_asks_for_pieces(program))
        self.labelled = any(one.label is not None for one in program.origins)
        self.count = 0
        self.groups: dict[Origin, int] = {}
        self.wanted: dict[tuple[str, str], bool] = {}
        self.fitting: dict[Wanted, tuple[list[int], list[int]]] = {}
        self.told: dict[tuple[object, ...], Truth] = {}  # since the last text was taken in

    def ask(self, how: str, value: Any, wanted: Any, before: int) -> Truth:
        """Whether a value `came from`, or `quotes`, texts of a kind, of names, with a label.

        What holds several values came from there where each of them did; it quotes where one does.
        Flags come from everywhere and nowhere, so they are left out.
        """
        asked = Wanted(how, *wanted)
        plain = type(value) in (str, int, float)  # mostly, and looking inside takes its time
        values = [value] if plain else [one.value for one in leaves(value)]
        if how == "quotes":
            texts = [one for one in values if type(one) is str or one is UNKNOWN]
            return some(self._is_there(one, asked, before) for one in texts)
        telling = [one for one in values if one is not None and type(one) is not bool]
        if not telling:
            return False
        return every(self._is_there(one, asked, before) for one in telling)

    def _is_there(self, value: object, asked: Wanted, before: int) -> Truth:
        """Whether one value is there. A decision that is not plain asks it several times."""
        if value is UNKNOWN:
            return UNKNOWN
        if type(value) not in (str, int, float):
            return self._search(value, asked, before)
        place = (type(value), value, asked, before)
        found = self.told.get(place)
        if found is None:
            if len(self.told) >= MOST_TOLD:
                self.told.clear()
            found = self.told[place] = self._search(value, asked, before)
        return found

    def _search(self, value: object, asked: Wanted, before: int) -> Truth:
        sure, perhaps = self._fitting(asked)
        truth = self.index.among(asked.how, value, sure, before)
        if truth is not False:
            return truth
        unsure = self.cut or asked in self.late
        if unsure or self.index.among(asked.how, value, perhaps, before) is not False:
            return UNKNOWN
        return False

    def _fitting(self, asked: Wanted) -> tuple[list[int], list[int]]:
        """The groups whose texts are meant, and those whose texts may be."""
        if asked not in self.fitting:
            fits = [(number, _fits(one, asked)) for one, number in self.groups.items()]
            if REST in self.index.groups:
                fits.append((REST, UNKNOWN))
            self.fitting[asked] = (
                [number for number, fit in fits if fit is True],
                [number for number, fit in fits if fit is UNKNOWN],
            )
        return self.fitting[asked]

    def take(self, view: View) -> None:
        """Take in the texts of a step that took effect."""
        labels, doubtful = self._labels(view) if self.labelled else ((), ())
        for kind, name, value in _texts(view):
            if labels or doubtful or self._is_wanted(kind, name):
                self.told.clear()
                origin = Origin(kind, name, labels, doubtful)
                self.index.add(self.count, value, self._group(origin))
                self.count += 1

    def _is_wanted(self, kind: str, name: str) -> bool:
        """Whether the policy can ask about texts of a kind of step, of a tool, role or agent."""
        wanted = self.wanted.get((kind, name))
        if wanted is None:
            wanted = any(one.takes(kind, name) for one in self.program.origins)
            if len(self.wanted) < MOST_GROUPS:  # names are the conversation's own
                self.wanted[kind, name] = wanted
        return wanted

    def _group(self, origin: Origin) -> int:
        if origin not in self.groups:
            self.fitting.clear()
            if len(self.groups) < REST:
                self.groups[origin] = len(self.groups)
        return self.groups.get(origin, REST)

    def late_for(self, program: Program) -> list[Any]:
        """What another policy asks about and of which some is not here, as data."""
        here = [one for one in self.program.origins if one not in self.late]
        late = [one for one in program.origins if not any(mine.covers(one) for mine in here)]
        return [_to_row(one) for one in late]

    def to_data(self) -> dict[str, Any]:
        """The texts and what they are, as data."""
        return {
            "index": to_json(self.index), "count": self.count,
            "late": [_to_row(one) for one in self.late],
            "groups": [[one.kind, one.name, [*one.labels], [*one.doubtful]] for one in self.groups],
        }  # fmt: skip

    @classmethod
    def from_data(cls, program: Program, data: Any, *, cut: bool) -> Origins:
        """What the data describes. Raises `ValueError`, `TypeError` or `KeyError` if it is none."""
        origins = cls(program, cut=cut)
        origins.index = from_json(data["index"], pieces=_asks_for_pieces(program))
        origins.late = tuple(one for one in program.origins if _to_row(one) in data["late"])
        origins.count = count_of(data["count"])
        known = set(program.labels)
        for kind, name, labels, doubtful in data["groups"]:
            if type(kind) is not str or type(name) is not str or {*labels, *doubtful} - known:
                raise ValueError("an origin of no kind")
            one = Origin(kind, name, tuple(labels), tuple(doubtful))
            origins.groups[one] = len(origins.groups)
        if origins.count < origins.index.end or len(origins.groups) > REST:
            raise ValueError("more origins than were counted")
        return origins

    def _labels(self, view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The labels of a step: its own, and of what the agent says those of what it passes on."""
        sure: set[str] = set()
        perhaps: set[str] = set()
        for name, test in self.program.labels.items():
            truth = test(view)
            if truth is not False:
                (sure if truth is True else perhaps).add(name)
        agent = view.kind in (CALL, HANDOFF) or (view.kind == MESSAGE and view.role == "assistant")
        if agent:
            for one in self._passed_on(view):
                sure |= {*one.labels}
                perhaps |= {*one.doubtful}
        return tuple(sorted(sure)), tuple(sorted(perhaps - sure))

    def _passed_on(self, view: View) -> Iterator[Origin]:
        """What the values and texts of a step of the agent are known to come from."""
        found: set[int] = set()
        for _, _, value in _texts(view):
            for one in leaves(value):
                if type(one.value) is str and one.value:
                    found |= self.index.origins_of(one.value).groups
                    found |= self.index.quotes(one.value).groups
        yield from (origin for origin, number in self.groups.items() if number in found)


def _fits(origin: Origin, asked: Wanted) -> Truth:
    if not asked.takes(origin.kind, origin.name):
        return False
    if asked.label is None or asked.label in origin.labels:
        return True
    return UNKNOWN if asked.label in origin.doubtful else False


def _asks_for_pieces(program: Program) -> bool:
    """Whether pieces of texts can be asked for; what an agent passes on is found by them too."""
    return any(one.how == "quotes" or one.label is not None for one in program.origins)


def _to_row(asked: Wanted) -> list[Any]:
    return [asked.how, asked.kind, [*asked.names], asked.label]


def _texts(view: View) -> Iterator[tuple[str, str, Any]]:
    """The texts of a step, each with its kind and whose it is."""
    step: Any = view.step
    if view.kind == CALL:
        yield CALL, view.tool, dict(view.args)
    elif view.kind == MESSAGE:
        yield MESSAGE, str(view.role), step.text
        for part in step.parts:
            yield PART, part.origin, part.text
    elif view.kind == RESULT:
        yield RESULT, view.tool, step.text or step.value
        if step.error:
            yield RESULT, view.tool, step.error
    else:
        yield HANDOFF, step.to, step.text
