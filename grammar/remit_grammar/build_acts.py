"""Grammar rules -> nodes: acts and conditions. One method a rule."""

from __future__ import annotations

from typing import Any

from lark import Token, v_args
from lark.tree import Meta

from remit_grammar import tree as t
from remit_grammar.build_base import SpecTransformer


@v_args(meta=True)
class ActTransformer(SpecTransformer):
    """Rules of acts, of the past, and of conditions."""

    # ---- acts and happenings

    def pattern_act(self, meta: Meta, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], c[1], span=self.at(meta))

    def call_head(self, meta: Meta, c: list[Any]) -> t.Head:
        names, _words, effects = c
        return t.Head("call", names or (), effects or (), span=self.at(meta))

    def message_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("message", c[0] or (), labelled=c[1], span=self.at(meta))

    def result_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("result", c[0] or (), labelled=c[1], span=self.at(meta))

    def handoff_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("handoff", c[0] or (), span=self.at(meta))

    def output_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("output", span=self.at(meta))

    def refusal_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("refusal", span=self.at(meta))

    def step_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("step", span=self.at(meta))

    def named_head(self, meta: Meta, c: list[Any]) -> t.Head:
        return t.Head("named", (c[0],), span=self.at(meta))

    def labelled(self, meta: Meta, c: list[Any]) -> t.Name:
        return c[0]  # type: ignore[no-any-return]

    def happening(self, meta: Meta, c: list[Any]) -> t.Past:
        return t.Past(c[0], c[1], c[2], span=self.at(meta))

    def past(self, meta: Meta, c: list[Any]) -> t.Past:
        return t.Past(c[0], c[1], c[2], span=self.at(meta))

    def bare_act(self, meta: Meta, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], None, span=self.at(meta))

    def full_act(self, meta: Meta, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], c[1], span=self.at(meta))

    def named_act(self, meta: Meta, c: list[Any]) -> t.Pattern:
        return t.Pattern(self.named_act_head(c[0]), c[1], span=self.at(meta))

    def bare_named(self, meta: Meta, c: list[Any]) -> t.Pattern:
        return t.Pattern(self.named_act_head(c[0]), None, span=self.at(meta))

    def named_since(self, meta: Meta, c: list[Any]) -> t.Past:
        return t.Past(self.bare_named(meta, c[:1]), c[1], c[2], span=self.at(meta))

    def named_within(self, meta: Meta, c: list[Any]) -> t.Past:
        return t.Past(self.bare_named(meta, c[:1]), None, c[1], span=self.at(meta))

    def time_bound(self, meta: Meta, c: list[Any]) -> t.Bound:
        seconds = self.length(c[0]).seconds
        return t.Bound(seconds, "s", written=str(c[0]), span=self.at(meta))

    def unit(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def count_bound(self, meta: Meta, c: list[Any]) -> t.Bound:
        unit = str(c[1]).rstrip("s") + "s"
        return t.Bound(self.count(c[0]), unit, span=self.at(meta))

    def end_bound(self, meta: Meta, c: list[Any]) -> t.Bound:
        return t.Bound(0, " ".join(str(c[0]).split()), span=self.at(meta))

    # ---- conditions

    def or_(self, meta: Meta, c: list[Any]) -> t.Or:
        return t.Or(tuple(c), span=self.at(meta))

    def and_(self, meta: Meta, c: list[Any]) -> t.And:
        return t.And(tuple(c), span=self.at(meta))

    def not_(self, meta: Meta, c: list[Any]) -> t.Not:
        return t.Not(c[0], span=self.at(meta))

    def quantifier(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def quantified(self, meta: Meta, c: list[Any]) -> t.Quantified:
        quantifier, variable, collection, _word, body = c
        return t.Quantified(quantifier, variable, collection, body, span=self.at(meta))

    def compare_op(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def compare(self, meta: Meta, c: list[Any]) -> t.Compare:
        return t.Compare(c[1], c[0], c[2], span=self.at(meta))

    def in_(self, meta: Meta, c: list[Any]) -> t.Compare:
        return t.Compare("in", c[0], c[1], span=self.at(meta))

    def not_in(self, meta: Meta, c: list[Any]) -> t.Compare:
        return t.Compare("not in", c[0], c[1], span=self.at(meta))

    def is_(self, meta: Meta, c: list[Any]) -> t.Compare:
        return t.Compare("is", c[0], c[1], span=self.at(meta))

    def is_not(self, meta: Meta, c: list[Any]) -> t.Compare:
        return t.Compare("is not", c[0], c[1], span=self.at(meta))

    def text_test(self, meta: Meta, c: list[Any]) -> t.Compare:
        op = " ".join(str(c[1]).split())
        return t.Compare(op, c[0], c[2], span=self.at(meta))

    def state(self, meta: Meta, c: list[Any]) -> t.State:
        return t.State(c[0], str(c[1]), False, span=self.at(meta))

    def not_state(self, meta: Meta, c: list[Any]) -> t.State:
        return t.State(c[0], str(c[1]), True, span=self.at(meta))

    def matches(self, meta: Meta, c: list[Any]) -> t.Matches:
        return t.Matches(c[0], self.regex_literal(c[1]), span=self.at(meta))

    def has(self, meta: Meta, c: list[Any]) -> t.Has:
        return t.Has(c[0], c[1], span=self.at(meta))

    def judged(self, meta: Meta, c: list[Any]) -> t.Judged:
        return t.Judged(c[0], self.string(c[1]), c[2], span=self.at(meta))

    def quotes(self, meta: Meta, c: list[Any]) -> t.Quotes:
        return t.Quotes(c[0], c[1], span=self.at(meta))

    def came_from(self, meta: Meta, c: list[Any]) -> t.CameFrom:
        return t.CameFrom(c[0], c[-1], span=self.at(meta))

    def origin(self, meta: Meta, c: list[Any]) -> t.Head:
        return c[0]  # type: ignore[no-any-return]

    def earlier(self, meta: Meta, c: list[Any]) -> t.Earlier:
        return t.Earlier(c[0], span=self.at(meta))

    def previous(self, meta: Meta, c: list[Any]) -> t.Previous:
        return t.Previous(c[0], span=self.at(meta))

    def void_directive(self, meta: Meta, c: list[Any]) -> t.VoidDirective:
        _words, token, _came, origin, asking = c
        name = None if token is None else self.plain_name(token)
        return t.VoidDirective(name, origin, asking is not None, span=self.at(meta))

    def norm_asks(self, meta: Meta, c: list[Any]) -> t.NormAsks:
        return t.NormAsks(span=self.at(meta))

    def confirmed(self, meta: Meta, c: list[Any]) -> t.Confirmed:
        return t.Confirmed(self.person(c[1]), span=self.at(meta))

    def sign(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def negative_number(self, meta: Meta, c: list[Any]) -> t.Negative:
        number = t.Number(self.numeral(c[0]), span=self.at_token(c[0]))
        return t.Negative(number, span=self.at(meta))

    def add(self, meta: Meta, c: list[Any]) -> t.Arithmetic:
        return t.Arithmetic(c[1], c[0], c[2], span=self.at(meta))

    def mul(self, meta: Meta, c: list[Any]) -> t.Arithmetic:
        return t.Arithmetic("*", c[0], c[1], span=self.at(meta))

    def neg(self, meta: Meta, c: list[Any]) -> t.Negative:
        return t.Negative(c[0], span=self.at(meta))

    def group(self, meta: Meta, c: list[Any]) -> Any:
        return c[0]

    def value(self, meta: Meta, c: list[Any]) -> t.Ref:
        return t.Ref(c[0], span=self.at(meta))

    def of(self, meta: Meta, c: list[Any]) -> t.Of:
        return t.Of(c[0], c[1], span=self.at(meta))

    def of_past(self, meta: Meta, c: list[Any]) -> t.Of:
        return t.Of(c[0], None, c[1], span=self.at(meta))

    def of_over(self, meta: Meta, c: list[Any]) -> t.Of:
        return t.Of(c[0], c[1], c[2], span=self.at(meta))

    def apply(self, meta: Meta, c: list[Any]) -> t.Apply:
        return t.Apply(c[0], c[1] or (), span=self.at(meta))

    def arguments(self, meta: Meta, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def text(self, meta: Meta, c: list[Any]) -> t.Text:
        return t.Text(self.string(c[0]), span=self.at(meta))

    def number(self, meta: Meta, c: list[Any]) -> t.Number:
        return t.Number(self.numeral(c[0]), span=self.at(meta))

    def duration(self, meta: Meta, c: list[Any]) -> t.Duration:
        return self.length(c[0])

    def date(self, meta: Meta, c: list[Any]) -> t.Date:
        return self.moment(c[0])

    def listing(self, meta: Meta, c: list[Any]) -> t.Listing:
        return t.Listing(c[0] or (), span=self.at(meta))

    def items(self, meta: Meta, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def record(self, meta: Meta, c: list[Any]) -> t.Record:
        return t.Record(c[0], span=self.at(meta))

    def fields(self, meta: Meta, c: list[Any]) -> tuple[t.Field, ...]:
        labels = [one for one in c if isinstance(one, Token) and one.type == "LABEL"]
        values = [one for one in c if not isinstance(one, Token)]
        return tuple(
            t.Field(self.label_text(label), value, span=self.at_token(label).to(value.span))
            for label, value in zip(labels, values, strict=True)
        )
