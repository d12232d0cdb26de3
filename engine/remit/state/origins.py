"""Where values of a conversation come from: each text that was seen, whose it is, its labels.

The index (`remit.provenance`) finds values and pieces of text in groups of texts; here a group is
what a condition can tell apart: a kind of step, a tool, role or agent, and the labels carried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT
from remit.program.values import UNKNOWN, Truth, every, some
from remit.provenance import Index, leaves
from remit.provenance.model import MOST_GROUPS, Found
from remit.provenance.save import from_json, to_json
from remit.state.moment import count_of

if TYPE_CHECKING:
    from remit.program.model import Program
    from remit.program.view import View

PART = "part"  # the kind of quoted and attached texts, which are nobody's own words
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
    """Every text of a conversation that took effect, found by what it holds.

    It only grows: `before` is how many texts a reader may see. `cut`: the beginning was not seen.
    """

    __slots__ = ("count", "cut", "groups", "index", "program")

    def __init__(self, program: Program, *, cut: bool = False) -> None:
        self.program = program
        self.cut = cut
        self.index = Index()
        self.count = 0
        self.groups: dict[Origin, int] = {}

    def ask(self, how: str, value: Any, wanted: Any, before: int) -> Truth:
        """Whether a value `came from`, or `quotes`, texts of a kind, of names, with a label.

        What holds several values came from there where each of them did; it quotes where one does.
        Flags come from everywhere and nowhere, so they are left out.
        """
        values = [one.value for one in leaves(value)]
        if how == "quotes":
            texts = [one for one in values if type(one) is str or one is UNKNOWN]
            return some(self._is_there(how, one, wanted, before) for one in texts)
        telling = [one for one in values if one is not None and type(one) is not bool]
        if not telling:
            return False
        return every(self._is_there(how, one, wanted, before) for one in telling)

    def _is_there(self, how: str, value: object, wanted: Any, before: int) -> Truth:
        if value is UNKNOWN:
            return UNKNOWN
        found = self._find(how, value, before)
        groups = self.groups.items()
        fits: dict[int, Truth] = {number: _fits(one, *wanted) for one, number in groups}
        fits[REST] = UNKNOWN if REST in found.groups or REST in found.gaps else False
        sure = [number for number, fit in fits.items() if fit is True]
        perhaps = [number for number, fit in fits.items() if fit is UNKNOWN]
        truth: Truth = found.among(sure)
        if truth is not False:
            return truth
        return UNKNOWN if self.cut or found.among(perhaps) is not False else False

    def _find(self, how: str, value: object, before: int) -> Found:
        if how == "quotes":
            return self.index.quotes(value, before)
        return self.index.origins_of(value, before)

    def take(self, view: View) -> None:
        """Take in the texts of a step that took effect."""
        labels, doubtful = self._labels(view)
        for kind, name, value in _texts(view):
            origin = Origin(kind, name, labels, doubtful)
            self.index.add(self.count, value, self._group(origin))
            self.count += 1

    def _group(self, origin: Origin) -> int:
        if origin not in self.groups and len(self.groups) < REST:
            self.groups[origin] = len(self.groups)
        return self.groups.get(origin, REST)

    def to_data(self) -> dict[str, Any]:
        """The texts and what they are, as data."""
        return {
            "index": to_json(self.index), "count": self.count,
            "groups": [[one.kind, one.name, [*one.labels], [*one.doubtful]] for one in self.groups],
        }  # fmt: skip

    @classmethod
    def from_data(cls, program: Program, data: Any, *, cut: bool) -> Origins:
        """What the data describes. Raises `ValueError`, `TypeError` or `KeyError` if it is none."""
        origins = cls(program, cut=cut)
        origins.index = from_json(data["index"])
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
        if self.program.labels and agent:
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


def _fits(origin: Origin, kind: str, names: tuple[str, ...], label: str | None) -> Truth:
    if kind not in ("step", origin.kind) or (names and origin.name not in names):
        return False
    if label is None or label in origin.labels:
        return True
    return UNKNOWN if label in origin.doubtful else False


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
