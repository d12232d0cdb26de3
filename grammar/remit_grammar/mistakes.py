"""One mistake of syntax -> the one finding that says what to do about it.

How reading goes on behind the mistake is `parse.py`'s business.
"""

from __future__ import annotations

from typing import Protocol

from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.expected import expected, meant, stray_help, stray_name
from remit_grammar.habits import habit, no_verdict
from remit_grammar.lex import Token
from remit_grammar.machine import Machine
from remit_grammar.slips import slip
from remit_grammar.source import Source, Span
from remit_grammar.table import END
from remit_grammar.terminals import NESTING, keywords, leaders, literals

_TIMES = {"second": "s", "minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}
_LONE = ("any", "all", "no", "every", "call")  # read as names when nothing follows them


class Run(Protocol):
    """What a finding needs to know of the reading that met the mistake."""

    source: Source
    tokens: list[Token]

    def replayed(self, began: int, index: int) -> Machine:
        """A machine that has read the tokens from `began` up to `index`."""

    def leads(self, index: int, began: int) -> bool:
        """Whether a token looks like the first of a statement."""

    def first_on_line(self, index: int) -> bool:
        """Whether a token is the first of its line."""


class Mistake:
    """What to say about the token at `index` of a stretch that began at `began`."""

    def __init__(self, run: Run, machine: Machine, began: int, index: int) -> None:
        self.run = run
        self.machine = machine
        self.began = began
        self.index = index
        self.accepts = machine.accepts()
        before = run.tokens[index - 1].type if index > began else ""
        self.words = expected(self.accepts, literals(), before)

    def finding(self) -> Diagnostic:
        """The one finding for this mistake."""
        place = (self.run.source, self.run.tokens, self.index, self.accepts)
        known = habit(*place) or slip(*place)
        if known is not None:
            return known
        at_end = self.index >= len(self.run.tokens)
        if not at_end and self._is_speaker():
            return self._keyword(self.index - 1)
        if not at_end and END not in self.accepts and self.run.leads(self.index, self.began):
            return self._unfinished()
        if not at_end and self._is_meant_as_name() and self._goes_on(self.machine, self.index):
            return self._keyword(self.index)
        if self._is_name_before(at_end):
            return self._keyword(self.index - 1)
        if at_end:
            return self._unfinished()
        token = self.run.tokens[self.index]
        if token.type == "OPEN_STRING":
            return _open_string(self._span(self.index))
        if token.type == "STRAY":
            return _stray(self._span(self.index))
        if self._misspelt_leader():
            return self._no_leader(self._span(self.index - 1))
        return self._keyword(self.index) if self._is_meant_as_name() else self._other()

    def _span(self, index: int) -> Span:
        return _token_span(self.run, index)

    def _misspelt_leader(self) -> bool:
        """Whether the token before is a name at the beginning of a statement."""
        at = self.index - 1
        if at < self.began or self.run.tokens[at].type != "NAME" or not self.run.first_on_line(at):
            return False
        return at == self.began or END in self.run.replayed(self.began, at).accepts()

    def _is_speaker(self) -> bool:
        """Whether a line of a scenario begins with a keyword: `author calls refund()`."""
        at = self.index - 1
        kinds = [token.type for token in self.run.tokens[self.index : self.index + 3]]
        is_line = kinds[:1] + kinds[2:] in (["CALLS", "LPAR"], ["HANDS_TO", "STRING"]) or (
            kinds[:1] == ["APPROVES"] and "SCENARIO" in self._kinds_before(at)
        )
        if at < 0 or not is_line or str(self.run.tokens[at]) not in keywords():
            return False
        return self.run.first_on_line(at)

    def _kinds_before(self, index: int) -> set[str]:
        return {token.type for token in self.run.tokens[: max(index, 0)]}

    def _is_meant_as_name(self) -> bool:
        """Whether a name is wanted here and the token is a keyword that would do as one."""
        word = str(self.run.tokens[self.index])
        if word not in keywords() or "NAME" not in self.accepts:
            return False
        return END not in self.accepts or self._goes_on(self.machine, self.index)

    def _is_name_before(self, at_end: bool) -> bool:
        """Whether the token before is a keyword and all would be well if it were a name.

        At the end of a statement most keywords rather lack what they begin.
        """
        at = self.index - 1
        if at <= self.began:
            return False
        word = str(self.run.tokens[at])
        if word not in keywords() or (word not in _LONE and self._ends(at_end)):
            return False
        before = self.run.replayed(self.began, at)
        return "NAME" in before.accepts() and self._goes_on(before, at)

    def _ends(self, at_end: bool) -> bool:
        return at_end or self.run.leads(self.index, self.began)

    def _goes_on(self, machine: Machine, at: int) -> bool:
        """Whether the token behind `at` fits when a name stands at `at`."""
        following = self.run.tokens[at + 1].type if at + 1 < len(self.run.tokens) else END
        return machine.fits("NAME", following)

    def _unfinished(self) -> Diagnostic:
        last = self._span(self.index - 1)
        here = Label(Span(self.run.source, last.end, last.end), "here")
        bracket = self._open_bracket()
        if bracket is not None and self.accepts & {"RPAR", "RSQB"}:
            opened = Label(bracket, "opened here")
            message = f"the `{bracket.text}` is never closed"
            return Diagnostic("R0102", message, here, (opened,))
        if self.words == "`loses to`":
            return no_verdict(last)
        words = self.words or "something more"
        message = f"the statement ends too early: {words} should follow `{_shown(last)}`"
        return Diagnostic("R0102", message, here, help=self._perhaps_a_name(self.index - 1))

    def _open_bracket(self) -> Span | None:
        depth = 0
        for at in range(self.index - 1, self.began - 1, -1):
            depth += NESTING.get(self.run.tokens[at].type, 0)
            if depth > 0:
                return self._span(at)
        return None

    def _perhaps_a_name(self, at: int) -> str | None:
        """A keyword may stand where a name could have stood."""
        word = str(self.run.tokens[at])
        if at <= self.began or word not in keywords():
            return None
        accepts = self.run.replayed(self.began, at).accepts()
        if "NAME" not in accepts or END in accepts:
            return None
        return f"if `{word}` is meant as a name, write it in backquotes: `` `{word}` ``"

    def _keyword(self, at: int) -> Diagnostic:
        span = self._span(at)
        word = span.text
        message = f"`{word}` is a keyword, so it cannot stand here as a name"
        plain, help = f"`{word}`", f"write it in backquotes: `` `{word}` ``"
        if word == "no" and at > 0 and str(self.run.tokens[at - 1]) in ("=", "!=", "is"):
            plain, help = "false", "did you mean `false`?"
        return Diagnostic("R0105", message, Label(span), help=help, fix=Fix(span, plain))

    def _no_leader(self, span: Span) -> Diagnostic:
        near = did_you_mean(span.text, meant(leaders(), literals()))
        help = f"did you mean `{near}`?" if near else "a statement begins with a keyword"
        message = f"`{_shown(span)}` does not begin a statement"
        fix = Fix(span, near) if near else None
        return Diagnostic("R0101", message, Label(span), help=help, fix=fix)

    def _other(self) -> Diagnostic:
        span = self._span(self.index)
        kind = self.run.tokens[self.index].type
        if kind == "LABEL" and "NAME" in self.accepts:
            message = f"no colon follows the name `{_shown(span)}` here"
            return Diagnostic("R0101", message, Label(span), help="remove the colon")
        if kind == "COMMA" and "NEXT_LABEL" in self.accepts and self._has_next():
            span = self._span(self.index + 1)
            message = f"expected a name with a colon, found `{_shown(span)}`"
            return Diagnostic("R0101", message, Label(span))
        words = [word for word in meant(self.accepts, literals()) if word != span.text]
        near = did_you_mean(span.text, words)
        fix = Fix(span, near) if near else None
        help = f"did you mean `{near}`?" if near else self._advice(span)
        continues = END in self.accepts and not self.run.first_on_line(self.index)
        if self.index > self.began and (continues or self.words is None):
            message = f"`{_shown(span)}` does not fit behind `{_shown(self._span(self.index - 1))}`"
        else:
            message = f"expected {self.words or 'a statement'}, found `{_shown(span)}`"
        return Diagnostic("R0101", message, Label(span), help=help, fix=fix)

    def _has_next(self) -> bool:
        return self.index + 1 < len(self.run.tokens)

    def _advice(self, span: Span) -> str | None:
        kind = self.run.tokens[self.index].type
        before = self._span(self.index - 1).text if self.index > self.began else ""
        if kind == "WHERE":
            return "an act with a condition stands in parentheses here: `(call refund where ...)`"
        if kind == "EQUAL" and before == "=":
            return "equality is written with one `=`"
        if span.text in ("if", "when") or kind == "LPAR":
            return "a condition follows `where` or `unless`"
        if "UNIT" in self.accepts and span.text.rstrip("s") in _TIMES:
            return f"a time is written in one word: `{before}{_TIMES[span.text.rstrip('s')]}`"
        if kind == "DEFAULT":
            return "write a verdict and `for`: `default deny for call`"
        return self._perhaps_a_name(self.index - 1)


def _open_string(span: Span) -> Diagnostic:
    if span.text.startswith('"""'):
        first = Span(span.source, span.start, span.start + 3)
        help = 'close it with `"""`'
        return Diagnostic("R0103", "this text of several lines is not closed", Label(first),
                          help=help)  # fmt: skip
    help = 'close it with `"` on the same line; `"""` begins a text of several lines'
    return Diagnostic("R0103", "this string is not closed", Label(span), help=help)


def _stray(span: Span) -> Diagnostic:
    message = f"{stray_name(span.text)} means nothing here"
    return Diagnostic("R0104", message, Label(span), help=stray_help(span.text))


def _shown(span: Span) -> str:
    """The first line of a token, not too much of it."""
    line = span.text.partition("\n")[0]
    return line if len(line) <= 40 else line[:39] + "…"


def _token_span(run: Run, index: int) -> Span:
    return run.tokens[index].span(run.source)
