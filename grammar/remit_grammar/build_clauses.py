"""Grammar rules -> nodes: clauses, directives and scenarios. One method a rule."""

from __future__ import annotations

from typing import Any

from remit_grammar import tree as t
from remit_grammar.build_base import SpecBuilder
from remit_grammar.lex import Token
from remit_grammar.slips import ANSWERS, no_answer
from remit_grammar.source import Span
from remit_grammar.value import replace

_SET_OPS = {"to": "=", "below": "<", "above": ">"}


def _both(
    said: tuple[t.Given, ...] | None, implied: tuple[t.Given, ...] | None
) -> tuple[t.Given, ...]:
    return (said or ()) + (implied or ())


class ClauseBuilder(SpecBuilder):
    """Rules of statements that belong to a block, and of the heads of blocks."""

    # ---- clauses and directives

    def clause(self, span: Span, c: list[Any]) -> t.Clause:
        return t.Clause(c[0], c[1], self.optional_string(c[2]), span=span)

    def directive(self, span: Span, c: list[Any]) -> t.Directive:
        return t.Directive(c[0], c[1], self.optional_string(c[2]), span=span)

    def heard(self, span: Span, c: list[Any]) -> t.Heard:
        return t.Heard(tuple(c), span=span)

    def heard_judged(self, span: Span, c: list[Any]) -> t.HeardJudged:
        return t.HeardJudged(self.string(c[0]), c[1], span=span)

    def implied(self, span: Span, c: list[Any]) -> t.Implied:
        return t.Implied(span=span)

    def norm(self, span: Span, c: list[Any]) -> t.Norm:
        return t.Norm(str(c[0]), c[1], c[2], span=span)

    def require_before(self, span: Span, c: list[Any]) -> t.RequireBefore:
        return t.RequireBefore(c[0], c[1], c[2], span=span)

    def require_within(self, span: Span, c: list[Any]) -> t.RequireWithin:
        return t.RequireWithin(c[0], c[1], c[2], c[3], span=span)

    def set_norm(self, span: Span, c: list[Any]) -> t.SetNorm:
        return t.SetNorm(c[0], c[1], c[2], span=span)

    def set_op(self, span: Span, c: list[Any]) -> str:
        return _SET_OPS.get(str(c[0]), str(c[0]))

    def except_(self, span: Span, c: list[Any]) -> t.Except:
        label, modality, where, unless = c
        name = None if label is None else self.label_text(label)
        return t.Except(name, str(modality), where, unless, span=span)

    def overrides(self, span: Span, c: list[Any]) -> t.Overrides:
        return t.Overrides(tuple(c), span=span)

    def otherwise(self, span: Span, c: list[Any]) -> t.Otherwise:
        return t.Otherwise(c[0], self.optional_string(c[1]), span=span)

    def if_unknown(self, span: Span, c: list[Any]) -> t.IfUnknown:
        return t.IfUnknown(c[-1], span=span)

    def serves(self, span: Span, c: list[Any]) -> t.Serves:
        return t.Serves(c[0], span=span)

    def cites(self, span: Span, c: list[Any]) -> t.Cites:
        return t.Cites(self.string(c[0]), span=span)

    def remedy(self, span: Span, c: list[Any]) -> t.Remedy:
        return t.Remedy(str(c[0]), span=span)

    def ask(self, span: Span, c: list[Any]) -> t.Remedy:
        return t.Remedy("ask", who=self.person(c[1]), span=span)

    def redact(self, span: Span, c: list[Any]) -> t.Remedy:
        _word, what, replacement = c
        text = self.optional_string(replacement)
        return t.Remedy("redact", what=what, replacement=text, span=span)

    def redact_what(self, span: Span, c: list[Any]) -> t.Name | t.Text | t.Regex:
        return self.plain_name(c[0]) if isinstance(c[0], Token) else c[0]

    def rewrite(self, span: Span, c: list[Any]) -> t.Remedy:
        return t.Remedy("rewrite", target=c[1], value=c[2], span=span)

    def verdict(self, span: Span, c: list[Any]) -> str:
        return str(c[0])

    # ---- scenarios

    def scenario(self, span: Span, c: list[Any]) -> t.Scenario:
        return t.Scenario(self.string(c[0]), c[1] or (), span=span)

    def bindings(self, span: Span, c: list[Any]) -> tuple[t.Binding, ...]:
        return tuple(c)

    def binding(self, span: Span, c: list[Any]) -> t.Binding:
        return t.Binding(c[0], c[1], span=span)

    def says(self, span: Span, c: list[Any]) -> t.Says:
        speaker, text, *rest, said, implied, bound = c
        parts = tuple(
            self.extra(word, value) for word, value in zip(rest[::2], rest[1::2], strict=True)
        )
        told = (_both(said, implied), bound or ())
        name, words = self.plain_name(speaker), self.string(text)
        return t.Says(name, words, parts, *told, span=span)

    def extra(self, word: Token, value: Token) -> t.Extra:
        span = self.at_token(word).to(self.at_token(value))
        return t.Extra(str(word), self.string(value), span=span)

    def calls(self, span: Span, c: list[Any]) -> t.Calls:
        speaker, tool, fields, bound = c
        name = self.plain_name(speaker)
        return t.Calls(name, tool, fields or (), bound or (), span=span)

    def approves(self, span: Span, c: list[Any]) -> t.Approves:
        return t.Approves(self.plain_name(c[0]), span=span)

    def hands(self, span: Span, c: list[Any]) -> t.Hands:
        speaker, _words, to, text, said, implied, bound = c
        told = (_both(said, implied), bound or ())
        return t.Hands(self.plain_name(speaker), to, self.string(text), *told, span=span)

    def gives(self, span: Span, c: list[Any]) -> t.Gives:
        tool, value, said, implied, bound = c
        return t.Gives(tool, value, _both(said, implied), bound or (), span=span)

    def meaning(self, span: Span, c: list[Any]) -> tuple[t.Given, ...]:
        return tuple(c)

    def implying(self, span: Span, c: list[Any]) -> tuple[t.Given, ...]:
        return tuple(replace(one, implied=True) for one in c)

    def told(self, span: Span, c: list[Any]) -> t.Given:
        return t.Given(c[0], c[1] or (), span=span)

    def wait(self, span: Span, c: list[Any]) -> t.Wait:
        return t.Wait(self.length(c[0]), span=span)

    def answers(self, span: Span, c: list[Any]) -> t.Answers:
        judge, token, question = c
        answer = str(token)
        if answer not in ANSWERS:
            self.found.append(no_answer(self.at_token(token)))
            answer = "unknown"
        return t.Answers(judge, answer, self.optional_string(question), span=span)

    def expect(self, span: Span, c: list[Any]) -> t.Expect:
        verdict, *refs, giving = c
        by = tuple(one for one in refs if isinstance(one, t.Name))
        return t.Expect(verdict, by, giving, span=span)

    def expect_void(self, span: Span, c: list[Any]) -> t.ExpectVoid:
        return t.ExpectVoid(c[-1], span=span)

    def expect_setting(self, span: Span, c: list[Any]) -> t.ExpectSetting:
        return t.ExpectSetting(c[0], c[1], span=span)

    def expect_loses(self, span: Span, c: list[Any]) -> t.ExpectLoses:
        return t.ExpectLoses(c[0], c[-1], span=span)
