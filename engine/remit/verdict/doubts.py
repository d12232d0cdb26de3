"""What makes a condition unknown, in words: the values that are left out or of the wrong type.

Says nothing about what follows from it; that is the resolver's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call
from remit.program.values import UNKNOWN, typed
from remit.verdict.show import written
from remit.verdict.terms import atoms_of, told_truth

if TYPE_CHECKING:
    from remit.checked.model import Term
    from remit.checked.types import Type
    from remit.program.model import Program
    from remit.program.rule import Rule
    from remit.program.view import View

LONGEST = 60  # characters of a value in a note
_KINDS = {
    "text": "a text", "one_of": "a text", "number": "a number", "flag": "`true` or `false`",
    "list": "a list", "set": "a list", "record": "a record",
}  # fmt: skip


def doubts(program: Program, rule: Rule, view: View) -> Iterator[str]:
    """Why the conditions of a rule are unknown, a sentence for each value to blame."""
    for atom in atoms_of(rule, view):
        if told_truth(program, atom, view) is UNKNOWN:
            for leaf in _leaves(atom):
                why = _why(program, leaf, view)
                if why:
                    yield why


def _leaves(term: Term) -> Iterator[Term]:
    """The arguments and contexts that a term looks at, and the parts of them it takes."""
    if term.op in ("arg", "context"):
        yield term
        return
    for arg in term.args:
        yield from _leaves(arg)


def _why(program: Program, leaf: Term, view: View) -> str:
    name = str(leaf.value)
    if leaf.op == "context":
        context = program.known.contexts.get(name)
        value = UNKNOWN if context is None else view.declared(context)
        if value is UNKNOWN:
            return _undeclared(name, view)
        return _misfit(name, value, leaf.type)
    if not isinstance(view.step, Call):
        return ""
    if view.step.bad_args is not None or not view.readable:
        return "the arguments are not JSON"
    if view.args.get(name) is not None:
        return _misfit(name, view.args[name], leaf.type)
    return _left_out(name, view) if view.argument(name) is UNKNOWN else ""


def _undeclared(name: str, view: View) -> str:
    strange = [one for one in (*view.step.context, *view.context) if one not in view.known.contexts]
    lead = f"no spec declares `{strange[0]}`, and " if strange else ""
    return f"{lead}the host does not say what `{name}` is"


def _left_out(name: str, view: View) -> str:
    tool = view.known.tools.get(view.tool)
    if tool is None:
        return f"no tool `{view.tool}` is declared, so what `{name}` is cannot be told"
    strange = [one for one in view.args if one not in tool.params]
    if strange and tool.closed:
        return f"`{view.tool}` has no argument `{strange[0]}`, and `{name}` is left out"
    return f"`{name}` is none" if name in view.args else f"`{name}` is left out"


def _misfit(name: str, value: Any, kind: Type) -> str:
    """`nights` is the text "20", where a number belongs; empty where the value fits."""
    if typed(value, kind) is not UNKNOWN:
        return ""
    said = f"`{name}` is {_told(value)}"
    if kind.kind == "one_of" and isinstance(value, str):
        return f"{said}, which is none of its choices"
    return f"{said}, where {_KINDS.get(kind.kind, f'a {kind.kind}')} belongs"


def _told(value: Any) -> str:
    """A value with the word for what it is."""
    kind = {str: "the text ", int: "the number ", float: "the number "}.get(type(value), "")
    text = written(value)
    return kind + (text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
