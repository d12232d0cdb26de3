"""One step as conditions see it: its fields, its arguments, its text; made once, read by many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from remit.conversation.model import (
    CALL,
    HANDOFF,
    MESSAGE,
    NO_AUTHORITY,
    RESULT,
    Call,
    Handoff,
    Message,
    Step,
)  # fmt: skip
from remit.program.lazy import Fresh
from remit.program.values import UNKNOWN, Truth

if TYPE_CHECKING:
    from remit.checked.model import Checked, Context, Labelling, Tool
    from remit.program.reading import Reading

Asked = tuple[str, str, str]  # a judge, a question, and the SHA-256 (hex) of the text it is about
_ABSENT = object()
_NO_MORE = frozenset([bool, int, float, type(None)])  # types of what holds nothing
_FLAT = _NO_MORE | {str}
NO_ARGS: Mapping[str, Any] = MappingProxyType({})
BUDGET = 500_000  # units of work that loops may do in one decision; a unit is some 64 characters
MOST_TEXTS = 10_000  # texts inside one call that are looked at; with more, its text is unknown


def _read_alone() -> Reading:
    from remit.program.reading import Reading

    return Reading()


class Known(NamedTuple):
    """What a policy knows of the world: tools, values a host may declare, roles, and labels.

    `read` begins to read the texts of a decision: by one scan for all that the policy looks for, or
    each finder alone where nobody knows what that is.
    """

    tools: Mapping[str, Tool]
    contexts: Mapping[str, Context]
    roles: frozenset[str]
    labels: tuple[Labelling, ...] = ()
    read: Callable[[], Reading] = _read_alone

    @classmethod
    def of(cls, checked: Checked) -> Known:
        """What a checked set of specs knows; roles without authority are known to all."""
        roles = frozenset(checked.roles) | NO_AUTHORITY
        return cls(checked.tools, checked.contexts, roles, checked.labels)


class Past(Protocol):
    """What a conversation has come to before the step that is looked at."""

    def setting(self, name: str, view: View) -> Any:
        """The value of a setting that is in force."""

    def void(self, wanted: Any, view: View) -> Truth:
        """Whether a void directive was heard; `wanted` is its name, its origin, and whether it
        must ask for the step."""

    def asked(self) -> Truth:
        """Whether a norm in force asks for the step."""

    def history(self, asked: Any, key: tuple[Any, ...], view: View) -> Any:
        """What a fold over past steps comes to, looked up by values of this step."""

    def overdue(self, debt: Any, view: View) -> Truth:
        """Whether something owed was not done in time, and the step does not do it."""

    def origin(self, how: str, value: Any, wanted: Any, view: View) -> Truth:
        """Whether a value `quotes`, or `came from`, earlier steps of a kind, names and label."""

    def confirmed(self, who: str, view: View) -> Truth:
        """Whether somebody said yes to this very call, and nothing came between."""

    def called(self, id: str) -> Any:
        """The arguments of an earlier call, absent where no such call was seen."""


class View:
    """What a step shows. `variables` holds the item that a quantifier looks at.

    `unnamed`: the step does not tell which tool it is of, or a role that nobody knows says it.
    `readable`: whether the arguments are known. `answers` are what judges said of texts; what was
    looked up there and not found is in `unasked`, with its text, and counts as unknown, or as
    `spared` where that is not None; what was found is in `used`. `voids` are the void directives of
    the step itself, `settings` those looked at, `looked` what was looked up in the past. `closed`:
    the conversation went on, so that the past tells nothing more; `untold` notes that it was asked
    for more. `hits` is which rules apply, where that was worked out in passing. `left` is the
    budget that the decision left, once that matters. `reading` remembers what was found in texts,
    and is `read` if there is something; the views of one decision may share it.

    One is made for every decision, so what most steps do not need is made when it is looked at.
    """

    tool = ""
    role = "assistant"
    args: Mapping[str, Any] = NO_ARGS
    readable = True
    unnamed = False
    answers: Mapping[Asked, Truth] = MappingProxyType({})
    spared: bool | None = None
    voids: tuple[Any, ...] = ()
    budget = BUDGET
    left: int | None = None
    closed = False
    untold = False
    unasked: dict[Asked, str] = Fresh()  # type: ignore[assignment] # it gives the dictionary
    used: dict[Asked, Truth] = Fresh()  # type: ignore[assignment]
    settings: dict[str, Any] = Fresh()  # type: ignore[assignment]
    looked: dict[Any, Any] = Fresh()  # type: ignore[assignment]
    variables: dict[str, Any] = Fresh()  # type: ignore[assignment]
    hits: int | None = None
    _text: Any = _ABSENT
    _size: int | None = None
    read: Reading | None = None

    def __init__(
        self, step: Step, known: Known, context: Mapping[str, Any], past: Past | None = None,
        answers: Mapping[Asked, Truth] | None = None, reading: Reading | None = None,
    ) -> None:  # fmt: skip
        self.step = step
        self.past = past
        self.known = known
        self.context = context
        self.kind = kind = step.kind
        if answers is not None:
            self.answers = answers
        if reading is not None:
            self.read = reading
        role = step.role
        if role != "assistant" and role != "agent":
            self.role = role
        if kind == CALL:
            self.tool = tool = step.tool  # type: ignore[union-attr] # the kind says what it is
            args = step.args  # type: ignore[union-attr]
            if type(tool) is not str or not tool:
                self.tool, self.unnamed = "", True
            if type(args) is dict:  # steps are never changed, so nothing is copied
                self.args = args
            elif isinstance(args, Mapping):
                self.args = dict(args)
            else:
                self.readable = args is None
        elif kind == RESULT:
            tool = step.tool  # type: ignore[union-attr]
            self.tool = tool if type(tool) is str else ""
            self.unnamed = not self.tool
        elif kind == MESSAGE:
            self.unnamed = type(role) is not str or self.role not in known.roles

    def argument(self, name: str) -> Any:
        """An argument of the call: absent if the tool lets it be left out, else unknown."""
        value = self.args.get(name, _ABSENT)
        if value is _ABSENT:
            return self._left_out(name)
        if value is None:
            param = self._param(name)
            needed = param is not None and (param.required or param.default is not None)
            return UNKNOWN if needed else None
        return value

    def _param(self, name: str) -> Any:
        tool = self.known.tools.get(self.tool)
        return tool.params.get(name) if tool is not None else None

    def _left_out(self, name: str) -> Any:
        step = self.step
        if not isinstance(step, Call) or step.bad_args is not None or not self.readable:
            return UNKNOWN
        tool = self.known.tools.get(self.tool)
        if tool is None:
            return UNKNOWN
        param = tool.params.get(name)
        if self._misfits(tool):
            return UNKNOWN  # what was left out may stand under a name that the tool does not have
        if param is None:
            return None
        return UNKNOWN if param.required else param.default

    def _misfits(self, tool: Tool) -> bool:
        """Whether a call gives a tool that is described in full an argument it does not have."""
        return tool.closed and not all(name in tool.params for name in self.args)

    def declared(self, context: Context) -> Any:
        """A value that the host declared: the step's own, the conversation's, or the default."""
        value = self.step.context.get(context.name, _ABSENT)
        if value is _ABSENT:
            value = self.context.get(context.name, _ABSENT)
        if value is _ABSENT:
            return UNKNOWN if context.default is None or self._strays() else context.default
        return UNKNOWN if value is None else value

    def _strays(self) -> bool:
        """Whether the host gave a name that the policy does not have: a slip for one it has."""
        declared = self.known.contexts
        given = (*self.step.context, *self.context)
        return not all(name in declared for name in given)

    def setting(self, name: str) -> Any:
        """The value of a setting that is in force."""
        return UNKNOWN if self.past is None else self.past.setting(name, self)

    def judged(self, judge: str, question: str, text: str) -> Truth:
        """What a judge says of a text."""
        asked = asked_of(judge, question, text)
        found = self.answers.get(asked)
        if found is None:
            self.unasked[asked] = text
            return UNKNOWN if self.spared is None else self.spared
        self.used[asked] = found
        return found

    def field(self, name: str) -> Any:
        """A field of the step by its name in the language."""
        step: Any = self.step
        if name == "text":
            return self.text
        if name == "kind":
            return self.kind
        if name == "role":
            return self.role
        if name == "time":
            return UNKNOWN if step.time is None else step.time
        return self._special(step, name)

    def _special(self, step: Any, name: str) -> Any:
        if name == "tool" and self.kind in (CALL, RESULT):
            return self.tool or UNKNOWN
        if name == "arguments" and self.kind == CALL:
            unknown = step.bad_args is not None or not self.readable
            return UNKNOWN if unknown else dict(self.args)
        if name == "quoted" and self.kind == MESSAGE:
            return "\n".join(part.text for part in step.parts)
        if name == "refuses" and self.kind == MESSAGE:
            from remit.text.refusals import refuses

            return refuses(step.text) if step.refusal is None else step.refusal
        if name == "agrees" and self.kind == MESSAGE:
            from remit.text.agreement import agrees

            return agrees(step.text)
        if name == "called" and self.kind == RESULT:
            return self._called(step.id)
        if name == "failed" and self.kind == RESULT:
            return step.error is not None
        if name == "value" and self.kind == RESULT:
            return UNKNOWN if step.value is None else step.value
        if name == "agent" and self.kind == HANDOFF:
            return step.to
        return UNKNOWN

    def _called(self, id: str) -> Any:
        """The arguments of the call that a result is of."""
        past = self.past
        return UNKNOWN if past is None else self.look(("called", (id,)), past.called, id)

    def look(self, place: tuple[str, tuple[Any, ...]], ask: Callable[..., Any], *about: Any) -> Any:
        """What the past told when it was first asked; what was not asked in time is unknown."""
        looked = self.looked
        if place not in looked:
            if self.closed:
                self.untold = True
                return UNKNOWN
            looked[place] = ask(*about)
        return looked[place]

    def begin(self) -> None:
        """Begin to tell of the decision: what was told before spends nothing of this.

        Where the decision used its budget up nothing is left, or it would now know more.
        """
        if self.left is None:
            self.left = self.budget
        self.budget = BUDGET if self.left >= 0 else self.left

    @property
    def reading(self) -> Reading:
        """What was read in the texts of the decision."""
        reading = self.read
        if reading is None:
            reading = self.read = self.known.read()
        return reading

    def forget(self) -> None:
        """Let go of what was read: hosts keep decisions, and whoever asks again reads again."""
        self.read = None

    @property
    def text(self) -> Any:
        """All that can be read in the step, pieces joined by line ends; unknown if too much."""
        if self._text is _ABSENT:
            self._text = self._read()
        return self._text

    @property
    def size(self) -> int:
        """How much the step and the host's context hold, in units of work."""
        if self._size is None:
            held = [self.text, dict(self.args), dict(self.context), dict(self.step.context)]
            self._size = size_of(held)
        return self._size

    def spend(self, units: int) -> bool:
        """Take work from the budget; false when it is used up."""
        self.budget -= units
        return self.budget >= 0

    def _read(self) -> Any:
        step: Any = self.step
        if self.kind == MESSAGE:
            return "\n".join([step.text, *_part_texts(step)]) if step.parts else step.text
        if self.kind == CALL:
            return self._argument_text(step)
        if self.kind == RESULT:
            return self._result_text(step)
        return step.text

    def _result_text(self, step: Any) -> Any:
        """The text and error; what is structured only where there is no text that says it."""
        if step.text and step.error is None:
            return step.text
        inner = [] if step.text else list(islice(texts_in(step.value), MOST_TEXTS + 1))
        if len(inner) > MOST_TEXTS or any(one is UNKNOWN for one in inner):
            return UNKNOWN
        return "\n".join(one for one in (step.text, step.error, *inner) if one)

    def _argument_text(self, step: Any) -> Any:
        if not self.readable:
            return UNKNOWN
        pieces, tool = list[str](), self.known.tools.get(self.tool)
        values = [*self.args.values()]
        if tool is not None:
            values[:0] = [name for name in self.args if name not in tool.params]
        flat = _FLAT.issuperset(map(type, values))
        texts = [one for one in values if type(one) is str] if flat else texts_in(values)
        for piece in texts:
            if type(piece) is not str:  # not plain data: nobody knows what the tool makes of it
                return UNKNOWN
            pieces.append(piece)
            if len(pieces) > MOST_TEXTS:
                return UNKNOWN
        if step.bad_args is not None:
            pieces.append(step.bad_args)
        return "\n".join(pieces)


_blank = object.__new__


def plain_view(step: Step, known: Known, context: Mapping[str, Any], past: Past) -> View:
    """As `View`, without the detour of calling the class, of a step whose fields are well-typed."""
    kind = type(step)
    if kind is Handoff:
        return View(step, known, context, past)
    view = _blank(View)
    view.step, view.known, view.context, view.past = step, known, context, past
    role = step.role
    if role != "assistant" and role != "agent":
        view.role = role
    if kind is Message:
        view.kind = MESSAGE
        if view.role not in known.roles:
            view.unnamed = True
        return view
    if kind is Call:
        view.kind, view.args = CALL, step.args  # type: ignore[union-attr] # it is a call
    else:
        view.kind = RESULT
    view.tool = tool = step.tool  # type: ignore[union-attr]
    if not tool:
        view.unnamed = True
    return view


def asked_of(judge: str, question: str, text: str) -> Asked:
    """What a judge is asked, without the text itself."""
    from hashlib import sha256

    return judge, question, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _part_texts(step: Any) -> Iterator[str]:
    """What is quoted or attached: its name and its text."""
    for part in step.parts:
        if part.name:
            yield part.name
        yield part.text


def size_of(value: Any) -> int:
    """How much work it is to look at all of a value: a unit for an item, and for 64 characters.

    More than any budget is not counted on: a list that holds itself has no end.
    """
    if type(value) is str:
        return 1 + len(value) // 64
    units, todo = 1, [value]
    while todo and units <= BUDGET:
        one = todo.pop()
        if type(one) in _NO_MORE:
            continue
        if isinstance(one, str):
            units += len(one) // 64
        elif isinstance(one, (Mapping, list, tuple)):
            units += len(one)
            if units <= BUDGET:
                todo.extend(one.values() if isinstance(one, Mapping) else one)
    return units


def texts_in(value: Any) -> Iterator[Any]:
    """Every text inside a value, names of fields too, and whatever is not plain data.

    The last one is `UNKNOWN` where there is more than any budget: what holds itself has no end.
    """
    todo, left = [value], BUDGET
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, (Mapping, list, tuple)):
            left -= 1 + len(one)
            if left < 0:
                yield UNKNOWN
                return
            todo.extend(reversed([*one.keys(), *one.values()] if isinstance(one, Mapping) else one))
        elif one is not None and not isinstance(one, (bool, int, float)):
            yield one
