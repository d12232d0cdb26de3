"""Grammar rules -> nodes. One method a rule, called in the order in which rules were completed.

Here: names, the header and the vocabulary. Nothing recurses, so depth of nesting cannot exhaust the
stack. What a literal cannot mean (a date that is none, an escape that does not exist) is put in
`found` and a harmless value stands in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from remit_grammar import tree as t
from remit_grammar.build_acts import ActBuilder
from remit_grammar.build_base import name_parts
from remit_grammar.build_clauses import ClauseBuilder
from remit_grammar.lex import Token
from remit_grammar.machine import TOKEN
from remit_grammar.source import Span
from remit_grammar.table import table


class Builder(ActBuilder, ClauseBuilder):
    """Makes the nodes of one source; findings gather in `found`."""

    def values(self, read: list[int], tokens: list[Token], at: int) -> list[Any]:
        """What a machine read from token `at` on, as values; some may be unfinished statements."""
        values: list[Any] = []
        starts: list[int] = []  # of the values
        rules, source = _rules(), self.source
        for one in read:
            if one == TOKEN:
                token = tokens[at]
                at += 1
                values.append(token)
                starts.append(token.start)
                continue
            size, take, spread, make = rules[one]
            if not size:  # nothing at all was read
                continue
            parts = values[-size:]
            if size > 1:
                del values[1 - size :], starts[1 - size :]
            if spread:
                parts = _taken(parts, take or (), spread)
            elif take is not None:
                parts = [None if at is None else parts[at] for at in take]
            # the last token that was read is the last of the rule
            end = tokens[at - 1].end
            values[-1] = make(self, Span(source, starts[-1], end), parts) if make else parts
        return values

    # ---- names and patterns

    def name(self, span: Span, c: list[Any]) -> t.Name:
        return t.Name(name_parts(str(c[0])), span=span)

    def ref_in(self, span: Span, c: list[Any]) -> t.Name:
        return t.Name(c[1].parts, c[0], span=span)

    def names(self, span: Span, c: list[Any]) -> tuple[t.Name, ...]:
        return tuple(c)

    def some_names(self, span: Span, c: list[Any]) -> tuple[t.Name, ...]:
        first, *rest = c
        return (self.plain_name(first), *rest)

    def pattern(self, span: Span, c: list[Any]) -> t.Text | t.Regex:
        token = c[0]
        if token.type == "REGEX":
            return self.regex_literal(token)
        return t.Text(self.string(token), span=self.at_token(token))

    # ---- header

    def remit(self, span: Span, c: list[Any]) -> t.Remit:
        return t.Remit(self.numeral(c[0]), span=span)

    def spec(self, span: Span, c: list[Any]) -> t.SpecName:
        return t.SpecName(c[0], span=span)

    def author(self, span: Span, c: list[Any]) -> t.Author:
        return t.Author(c[0], span=span)

    def version(self, span: Span, c: list[Any]) -> t.Fact:
        return t.Fact("version", self.string(c[0]), span=span)

    def owner(self, span: Span, c: list[Any]) -> t.Fact:
        return t.Fact("owner", self.string(c[0]), span=span)

    def source_(self, span: Span, c: list[Any]) -> t.Fact:
        return t.Fact("source", self.string(c[0]), span=span)

    def effective(self, span: Span, c: list[Any]) -> t.Effective:
        return t.Effective(self.moment(c[0]), span=span)

    def file(self, span: Span, c: list[Any]) -> t.File:
        if isinstance(c[0], t.Name):
            return t.File(c[0], None, span=span)
        return t.File(None, self.string(c[0]), span=span)

    def extends(self, span: Span, c: list[Any]) -> t.Extends:
        return t.Extends(tuple(c), span=span)

    def imports(self, span: Span, c: list[Any]) -> t.Import:
        return t.Import(tuple(c), span=span)

    def chain(self, span: Span, c: list[Any]) -> t.Chain:
        return t.Chain(tuple(c), span=span)

    def goals(self, span: Span, c: list[Any]) -> t.Goals:
        *goals, strict = c
        return t.Goals(tuple(goals), strict is not None, span=span)

    def role(self, span: Span, c: list[Any]) -> t.Role:
        return t.Role(c[0], c[-1], span=span)

    # ---- vocabulary

    def tools(self, span: Span, c: list[Any]) -> t.Tools:
        return t.Tools(self.string(c[0]), span=span)

    def tool(self, span: Span, c: list[Any]) -> t.Tool:
        name, params, gives, effects = c
        return t.Tool(name, params or (), gives, effects or (), span=span)

    def params(self, span: Span, c: list[Any]) -> tuple[t.Param, ...]:
        return tuple(one for one in c if isinstance(one, t.Param))

    def param(self, span: Span, c: list[Any]) -> t.Param:
        label, type_, default = c
        name = ".".join(name_parts(str(label).removesuffix("?")))
        optional = str(label).endswith("?") or default is not None
        return t.Param(name, type_, optional, default, span=span)

    def context(self, span: Span, c: list[Any]) -> t.Context:
        return t.Context(self.label_text(c[0]), c[1], c[2], span=span)

    def setting(self, span: Span, c: list[Any]) -> t.Setting:
        return t.Setting(self.label_text(c[0]), c[1], c[2], span=span)

    def every(self, span: Span, c: list[Any]) -> t.Every:
        return t.Every(c[0], span=span)

    def detector(self, span: Span, c: list[Any]) -> t.Detector:
        return t.Detector(c[0], tuple(c[1:]), span=span)

    def define(self, span: Span, c: list[Any]) -> t.Define:
        return t.Define(c[0], c[1] or (), c[2], span=span)

    def remember(self, span: Span, c: list[Any]) -> t.Remember:
        name, value, act, _words, most = c
        count = None if most is None else self.count(most)
        return t.Remember(name, value, act, count, span=span)

    def act(self, span: Span, c: list[Any]) -> t.Act:
        return t.Act(c[0], c[1], span=span)

    def label(self, span: Span, c: list[Any]) -> t.LabelOn:
        return t.LabelOn(c[0], c[1], span=span)

    def default(self, span: Span, c: list[Any]) -> t.Default:
        _word, verdict, head, level = c
        return t.Default(verdict, head, level, span=span)

    def delegate(self, span: Span, c: list[Any]) -> t.Delegate:
        return t.Delegate(c[0], c[1], c[2], span=span)

    def never_beats(self, span: Span, c: list[Any]) -> t.NeverBeats:
        title, *rest = c
        speaker, strength = (one for one in rest if isinstance(one, t.Name))
        return t.NeverBeats(self.string(title), speaker, strength, span=span)

    def never_allow(self, span: Span, c: list[Any]) -> t.NeverAllow:
        act = next(one for one in c if isinstance(one, t.Pattern))
        without = next(one for one in c if isinstance(one, t.Past))
        return t.NeverAllow(self.string(c[0]), act, without, span=span)

    def named_type(self, span: Span, c: list[Any]) -> t.NamedType:
        return t.NamedType(c[0], span=span)

    def list_type(self, span: Span, c: list[Any]) -> t.ListType:
        return t.ListType(c[0], c[1], span=span)

    def one_of_type(self, span: Span, c: list[Any]) -> t.OneOfType:
        return t.OneOfType(tuple(c[1:]), span=span)

    def choice(self, span: Span, c: list[Any]) -> str:
        return c[0].text if isinstance(c[0], t.Name) else self.string(c[0])


_Make = Callable[[Builder, Span, list[Any]], Any]


@cache
def _rules() -> list[tuple[int, tuple[int | None, ...] | None, tuple[int, ...], _Make | None]]:
    """Of each rule what its builder needs, and that; without one the parts make a list."""
    makes = {one.name: getattr(Builder, one.name) for one in table().rules if one.name}
    return [(one.size, one.take, one.spread, makes.get(one.name)) for one in table().rules]


def _taken(parts: list[Any], take: tuple[int | None, ...], spread: tuple[int, ...]) -> list[Any]:
    """The parts that count. A list that comes first is gone on with: long ones stay cheap."""
    taken: list[Any] = parts[0] if take[0] == 0 and 0 in spread else []
    for at in take:
        if at in spread:
            taken += parts[at] if taken is not parts[at] else []
        else:
            taken.append(None if at is None else parts[at])
    return taken
