"""Grammar rules -> nodes. One method a rule, called bottom-up over what Lark read.

Here: names, the header and the vocabulary. Nothing recurses, so depth of nesting cannot exhaust the
stack. What a literal cannot mean (a date that is none, an escape that does not exist) is put in
`found` and a harmless value stands in.
"""

from __future__ import annotations

from typing import Any

from lark import v_args
from lark.tree import Meta

from remit_grammar import tree as t
from remit_grammar.build_acts import ActTransformer
from remit_grammar.build_base import name_parts
from remit_grammar.build_clauses import ClauseTransformer


@v_args(meta=True)
class Builder(ActTransformer, ClauseTransformer):
    """Makes the nodes of one source; findings gather in `found`."""

    # ---- names and patterns

    def name(self, meta: Meta, c: list[Any]) -> t.Name:
        return t.Name(name_parts(str(c[0])), span=self.at(meta))

    def ref(self, meta: Meta, c: list[Any]) -> t.Name:
        first, second = c
        if second is None:
            return first  # type: ignore[no-any-return]
        return t.Name(second.parts, first, span=self.at(meta))

    def names(self, meta: Meta, c: list[Any]) -> tuple[t.Name, ...]:
        return tuple(c)

    def some_names(self, meta: Meta, c: list[Any]) -> tuple[t.Name, ...]:
        first, *rest = c
        return (self.plain_name(first), *rest)

    def pattern(self, meta: Meta, c: list[Any]) -> t.Text | t.Regex:
        token = c[0]
        if token.type == "REGEX":
            return self.regex_literal(token)
        return t.Text(self.string(token), span=self.at_token(token))

    # ---- header

    def remit(self, meta: Meta, c: list[Any]) -> t.Remit:
        return t.Remit(self.numeral(c[0]), span=self.at(meta))

    def spec(self, meta: Meta, c: list[Any]) -> t.SpecName:
        return t.SpecName(c[0], span=self.at(meta))

    def author(self, meta: Meta, c: list[Any]) -> t.Author:
        return t.Author(c[0], span=self.at(meta))

    def version(self, meta: Meta, c: list[Any]) -> t.Fact:
        return t.Fact("version", self.string(c[0]), span=self.at(meta))

    def owner(self, meta: Meta, c: list[Any]) -> t.Fact:
        return t.Fact("owner", self.string(c[0]), span=self.at(meta))

    def source_(self, meta: Meta, c: list[Any]) -> t.Fact:
        return t.Fact("source", self.string(c[0]), span=self.at(meta))

    def effective(self, meta: Meta, c: list[Any]) -> t.Effective:
        return t.Effective(self.moment(c[0]), span=self.at(meta))

    def file(self, meta: Meta, c: list[Any]) -> t.File:
        if isinstance(c[0], t.Name):
            return t.File(c[0], None, span=self.at(meta))
        return t.File(None, self.string(c[0]), span=self.at(meta))

    def extends(self, meta: Meta, c: list[Any]) -> t.Extends:
        return t.Extends(tuple(c), span=self.at(meta))

    def imports(self, meta: Meta, c: list[Any]) -> t.Import:
        return t.Import(tuple(c), span=self.at(meta))

    def chain(self, meta: Meta, c: list[Any]) -> t.Chain:
        return t.Chain(tuple(c), span=self.at(meta))

    def goals(self, meta: Meta, c: list[Any]) -> t.Goals:
        *goals, strict = c
        return t.Goals(tuple(goals), strict is not None, span=self.at(meta))

    def role(self, meta: Meta, c: list[Any]) -> t.Role:
        return t.Role(c[0], c[-1], span=self.at(meta))

    # ---- vocabulary

    def tools(self, meta: Meta, c: list[Any]) -> t.Tools:
        return t.Tools(self.string(c[0]), span=self.at(meta))

    def tool(self, meta: Meta, c: list[Any]) -> t.Tool:
        name, params, gives, effects = c
        return t.Tool(name, params or (), gives, effects or (), span=self.at(meta))

    def params(self, meta: Meta, c: list[Any]) -> tuple[t.Param, ...]:
        return tuple(one for one in c if isinstance(one, t.Param))

    def param(self, meta: Meta, c: list[Any]) -> t.Param:
        label, type_, default = c
        name = ".".join(name_parts(str(label).removesuffix("?")))
        optional = str(label).endswith("?") or default is not None
        return t.Param(name, type_, optional, default, span=self.at(meta))

    def context(self, meta: Meta, c: list[Any]) -> t.Context:
        return t.Context(self.label_text(c[0]), c[1], c[2], span=self.at(meta))

    def setting(self, meta: Meta, c: list[Any]) -> t.Setting:
        return t.Setting(self.label_text(c[0]), c[1], c[2], span=self.at(meta))

    def every(self, meta: Meta, c: list[Any]) -> t.Every:
        return t.Every(c[0], span=self.at(meta))

    def detector(self, meta: Meta, c: list[Any]) -> t.Detector:
        return t.Detector(c[0], tuple(c[1:]), span=self.at(meta))

    def define(self, meta: Meta, c: list[Any]) -> t.Define:
        return t.Define(c[0], c[1] or (), c[2], span=self.at(meta))

    def remember(self, meta: Meta, c: list[Any]) -> t.Remember:
        name, value, act, _words, most = c
        count = None if most is None else self.count(most)
        return t.Remember(name, value, act, count, span=self.at(meta))

    def act(self, meta: Meta, c: list[Any]) -> t.Act:
        return t.Act(c[0], c[1], span=self.at(meta))

    def label(self, meta: Meta, c: list[Any]) -> t.LabelOn:
        return t.LabelOn(c[0], c[1], span=self.at(meta))

    def default(self, meta: Meta, c: list[Any]) -> t.Default:
        _word, verdict, head, level = c
        return t.Default(verdict, head, level, span=self.at(meta))

    def delegate(self, meta: Meta, c: list[Any]) -> t.Delegate:
        return t.Delegate(c[0], c[1], c[2], span=self.at(meta))

    def never_beats(self, meta: Meta, c: list[Any]) -> t.NeverBeats:
        title, *rest = c
        speaker, strength = (one for one in rest if isinstance(one, t.Name))
        return t.NeverBeats(self.string(title), speaker, strength, span=self.at(meta))

    def never_allow(self, meta: Meta, c: list[Any]) -> t.NeverAllow:
        act = next(one for one in c if isinstance(one, t.Pattern))
        without = next(one for one in c if isinstance(one, t.Past))
        return t.NeverAllow(self.string(c[0]), act, without, span=self.at(meta))

    def named_type(self, meta: Meta, c: list[Any]) -> t.NamedType:
        return t.NamedType(c[0], span=self.at(meta))

    def list_type(self, meta: Meta, c: list[Any]) -> t.ListType:
        return t.ListType(c[0], c[1], span=self.at(meta))

    def one_of_type(self, meta: Meta, c: list[Any]) -> t.OneOfType:
        return t.OneOfType(tuple(c[1:]), span=self.at(meta))

    def choice(self, meta: Meta, c: list[Any]) -> str:
        return c[0].text if isinstance(c[0], t.Name) else self.string(c[0])
