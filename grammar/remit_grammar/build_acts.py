"""Grammar rules -> nodes: acts and conditions. One method a rule."""

from __future__ import annotations

from typing import Any

from remit_grammar import tree as t
from remit_grammar.build_base import SpecBuilder
from remit_grammar.lex import Token
from remit_grammar.source import Span


class ActBuilder(SpecBuilder):
    """Rules of acts, of the past, and of conditions."""

    # ---- acts and happenings

    def pattern_act(self, span: Span, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], c[1], span=span)

    def call_head(self, span: Span, c: list[Any]) -> t.Head:
        names, _words, effects = c
        return t.Head("call", names or (), effects or (), span=span)

    def message_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("message", c[0] or (), labelled=c[1], span=span)

    def result_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("result", c[0] or (), labelled=c[1], span=span)

    def handoff_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("handoff", c[0] or (), span=span)

    def output_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("output", span=span)

    def refusal_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("refusal", span=span)

    def step_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("step", span=span)

    def named_head(self, span: Span, c: list[Any]) -> t.Head:
        return t.Head("named", (c[0],), span=span)

    def labelled(self, span: Span, c: list[Any]) -> t.Name:
        return c[0]  # type: ignore[no-any-return]

    def happening(self, span: Span, c: list[Any]) -> t.Past:
        return t.Past(c[0], c[1], c[2], span=span)

    def past(self, span: Span, c: list[Any]) -> t.Past:
        return t.Past(c[0], c[1], c[2], span=span)

    def bare_act(self, span: Span, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], None, span=span)

    def full_act(self, span: Span, c: list[Any]) -> t.Pattern:
        return t.Pattern(c[0], c[1], span=span)

    def named_act(self, span: Span, c: list[Any]) -> t.Pattern:
        return t.Pattern(self.named_act_head(c[0]), c[1], span=span)

    def bare_named(self, span: Span, c: list[Any]) -> t.Pattern:
        return t.Pattern(self.named_act_head(c[0]), None, span=span)

    def named_since(self, span: Span, c: list[Any]) -> t.Past:
        return t.Past(self.bare_named(span, c[:1]), c[1], c[2], span=span)

    def named_within(self, span: Span, c: list[Any]) -> t.Past:
        return t.Past(self.bare_named(span, c[:1]), None, c[1], span=span)

    def time_bound(self, span: Span, c: list[Any]) -> t.Bound:
        seconds = self.length(c[0]).seconds
        return t.Bound(seconds, "s", written=str(c[0]), span=span)

    def unit(self, span: Span, c: list[Any]) -> str:
        return str(c[0])

    def count_bound(self, span: Span, c: list[Any]) -> t.Bound:
        unit = str(c[1]).rstrip("s") + "s"
        return t.Bound(self.count(c[0]), unit, span=span)

    def end_bound(self, span: Span, c: list[Any]) -> t.Bound:
        return t.Bound(0, " ".join(str(c[0]).split()), span=span)

    # ---- conditions

    def or_(self, span: Span, c: list[Any]) -> t.Or:
        return t.Or(tuple(c), span=span)

    def and_(self, span: Span, c: list[Any]) -> t.And:
        return t.And(tuple(c), span=span)

    def not_(self, span: Span, c: list[Any]) -> t.Not:
        return t.Not(c[0], span=span)

    def quantifier(self, span: Span, c: list[Any]) -> str:
        return str(c[0])

    def quantified(self, span: Span, c: list[Any]) -> t.Quantified:
        quantifier, variable, collection, _word, body = c
        return t.Quantified(quantifier, variable, collection, body, span=span)

    def compare_op(self, span: Span, c: list[Any]) -> str:
        return str(c[0])

    def compare(self, span: Span, c: list[Any]) -> t.Compare:
        return t.Compare(c[1], c[0], c[2], span=span)

    def in_(self, span: Span, c: list[Any]) -> t.Compare:
        return t.Compare("in", c[0], c[1], span=span)

    def not_in(self, span: Span, c: list[Any]) -> t.Compare:
        return t.Compare("not in", c[0], c[1], span=span)

    def is_(self, span: Span, c: list[Any]) -> t.Compare:
        return t.Compare("is", c[0], c[1], span=span)

    def is_not(self, span: Span, c: list[Any]) -> t.Compare:
        return t.Compare("is not", c[0], c[1], span=span)

    def text_test(self, span: Span, c: list[Any]) -> t.Compare:
        op = " ".join(str(c[1]).split())
        return t.Compare(op, c[0], c[2], span=span)

    def state(self, span: Span, c: list[Any]) -> t.State:
        return t.State(c[0], str(c[1]), False, span=span)

    def not_state(self, span: Span, c: list[Any]) -> t.State:
        return t.State(c[0], str(c[1]), True, span=span)

    def matches(self, span: Span, c: list[Any]) -> t.Matches:
        return t.Matches(c[0], self.regex_literal(c[1]), span=span)

    def has(self, span: Span, c: list[Any]) -> t.Has:
        return t.Has(c[0], c[1], span=span)

    def judged(self, span: Span, c: list[Any]) -> t.Judged:
        return t.Judged(c[0], self.string(c[1]), c[2], span=span)

    def quotes(self, span: Span, c: list[Any]) -> t.Quotes:
        return t.Quotes(c[0], c[1], span=span)

    def came_from(self, span: Span, c: list[Any]) -> t.CameFrom:
        return t.CameFrom(c[0], c[-1], span=span)

    def origin(self, span: Span, c: list[Any]) -> t.Head:
        return c[0]  # type: ignore[no-any-return]

    def earlier(self, span: Span, c: list[Any]) -> t.Earlier:
        return t.Earlier(c[0], span=span)

    def previous(self, span: Span, c: list[Any]) -> t.Previous:
        return t.Previous(c[0], span=span)

    def void_directive(self, span: Span, c: list[Any]) -> t.VoidDirective:
        _words, token, _came, origin, asking = c
        name = None if token is None else self.plain_name(token)
        return t.VoidDirective(name, origin, asking is not None, span=span)

    def norm_asks(self, span: Span, c: list[Any]) -> t.NormAsks:
        return t.NormAsks(span=span)

    def confirmed(self, span: Span, c: list[Any]) -> t.Confirmed:
        return t.Confirmed(self.person(c[1]), span=span)

    def sign(self, span: Span, c: list[Any]) -> str:
        return str(c[0])

    def negative_number(self, span: Span, c: list[Any]) -> t.Negative:
        number = t.Number(self.numeral(c[0]), span=self.at_token(c[0]))
        return t.Negative(number, span=span)

    def add(self, span: Span, c: list[Any]) -> t.Arithmetic:
        return t.Arithmetic(c[1], c[0], c[2], span=span)

    def mul(self, span: Span, c: list[Any]) -> t.Arithmetic:
        return t.Arithmetic("*", c[0], c[1], span=span)

    def neg(self, span: Span, c: list[Any]) -> t.Negative:
        return t.Negative(c[0], span=span)

    def group(self, span: Span, c: list[Any]) -> Any:
        return c[0]

    def value(self, span: Span, c: list[Any]) -> t.Ref:
        return t.Ref(c[0], span=span)

    def of(self, span: Span, c: list[Any]) -> t.Of:
        return t.Of(c[0], c[1], span=span)

    def of_past(self, span: Span, c: list[Any]) -> t.Of:
        return t.Of(c[0], None, c[1], span=span)

    def of_over(self, span: Span, c: list[Any]) -> t.Of:
        return t.Of(c[0], c[1], c[2], span=span)

    def apply(self, span: Span, c: list[Any]) -> t.Apply:
        return t.Apply(c[0], c[1] or (), span=span)

    def arguments(self, span: Span, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def text(self, span: Span, c: list[Any]) -> t.Text:
        return t.Text(self.string(c[0]), span=span)

    def number(self, span: Span, c: list[Any]) -> t.Number:
        return t.Number(self.numeral(c[0]), span=span)

    def duration(self, span: Span, c: list[Any]) -> t.Duration:
        return self.length(c[0])

    def date(self, span: Span, c: list[Any]) -> t.Date:
        return self.moment(c[0])

    def listing(self, span: Span, c: list[Any]) -> t.Listing:
        return t.Listing(c[0] or (), span=span)

    def items(self, span: Span, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def record(self, span: Span, c: list[Any]) -> t.Record:
        return t.Record(c[0], span=span)

    def fields(self, span: Span, c: list[Any]) -> tuple[t.Field, ...]:
        labels = [one for one in c if isinstance(one, Token) and one.type == "LABEL"]
        values = [one for one in c if not isinstance(one, Token)]
        return tuple(
            t.Field(self.label_text(label), value, span=self.at_token(label).to(value.span))
            for label, value in zip(labels, values, strict=True)
        )
