"""What the rules of `build*.py` share: spans, literals, and the list of findings."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.lex import Token
from remit_grammar.literals import ESCAPES, string_value, unknown_escapes
from remit_grammar.source import Source, Span

_PART = re.compile(r"`([^`\n]+)`|([^\W\d]\w*)")
_DIGITS = 12  # of a duration; more than the age of the world in seconds is a slip


@lru_cache(maxsize=4096)  # a file says few names, each of them often
def name_parts(text: str) -> tuple[str, ...]:
    """The parts of a dotted name as written, without backquotes."""
    if "`" not in text:
        return tuple(text.split("."))
    return tuple(quoted or plain for quoted, plain in _PART.findall(text))


class SpecBuilder:
    """The base of all rules. Findings gather in `found`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def at_token(self, token: Token) -> Span:
        """The piece of source a token was read from."""
        return token.span(self.source)

    def complain(self, code: str, message: str, span: Span, help: str) -> None:
        """Note a finding."""
        self.found.append(Diagnostic(code, message, Label(span), help=help))

    def string(self, token: Token) -> str:
        """The value of a STRING token."""
        raw = str(token)
        if "\\" in raw:
            start = self.at_token(token).start
            for first, last in unknown_escapes(raw):
                where = Span(self.source, start + first, start + last)
                self.complain("R0107", f"`{where.text}` is not an escape", where, ESCAPES)
        return string_value(raw)

    def person(self, who: t.Name | Token) -> str:
        """Who is asked, as a name or a text."""
        return who.text if isinstance(who, t.Name) else self.string(who)

    def optional_string(self, token: Token | None) -> str | None:
        """The value of a STRING token that may be absent."""
        return None if token is None else self.string(token)

    def regex_literal(self, token: Token) -> t.Regex:
        """The value of a REGEX token: a slash needs no escape in the value, flags are sorted."""
        body, _, flags = str(token)[1:].rpartition("/")
        plain = re.sub(r"\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], body)
        return t.Regex(plain, "".join(sorted(set(flags))), span=self.at_token(token))

    def plain_name(self, token: Token) -> t.Name:
        """A name from a NAME token."""
        return t.Name(name_parts(str(token)), span=self.at_token(token))

    def named_act_head(self, name: t.Name) -> t.Head:
        """The head of an act that stands under its name."""
        return t.Head("named", (name,), span=name.span)

    def label_text(self, token: Token) -> str:
        """The name before a colon; only a parameter of a tool may end in `?`."""
        raw = str(token)
        if raw.endswith("?"):
            help = "remove the `?`: it marks an optional parameter in the declaration of a tool"
            self.complain("R0101", f"`{raw}` cannot be optional here", self.at_token(token), help)
        return ".".join(name_parts(raw.removesuffix("?")))

    def numeral(self, token: Token) -> int | float:
        """The value of a NUMBER token; 0 with a finding where it is beyond what can be counted."""
        raw = str(token)
        try:
            value = int(raw) if raw.isdigit() else float(raw)
        except ValueError:  # Python reads at most 4,300 digits
            value = float("inf")
        if value == float("inf"):
            span = self.at_token(token)
            self.complain("R0109", "the number is too large", span, "write a smaller one")
            return 0
        return value

    def count(self, token: Token) -> int:
        """The value of a NUMBER token that counts things."""
        value = self.numeral(token)
        if isinstance(value, int):
            return value
        span = self.at_token(token)
        self.complain("R0109", f"`{token}` is not a whole number", span, "write a whole number")
        return 0

    def length(self, token: Token) -> t.Duration:
        """The value of a DURATION token."""
        match = re.fullmatch(r"([0-9]+)([a-z]+)", str(token))
        assert match is not None, "DURATION is digits and a unit"
        span = self.at_token(token)
        if len(match[1]) > _DIGITS:
            help = f"write at most {_DIGITS} digits"
            self.complain("R0109", "the duration is too long", span, help)
            return t.Duration(0, match[2], span=span)
        return t.Duration(int(match[1]), match[2], span=span)

    def moment(self, token: Token) -> t.Date:
        """The value of a DATE token."""
        span = self.at_token(token)
        try:
            datetime.fromisoformat(str(token))
        except ValueError:
            help = "write year-month-day, as in 2026-12-01"
            self.complain("R0108", f"`{token}` is not a date of the calendar", span, help)
        return t.Date(str(token), span=span)
