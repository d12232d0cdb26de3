"""Mistakes that come from other languages, and how the same is written here.

Each is recognised by the tokens around the place where reading failed. What is not known here is
left to `mistakes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.lex import Token, on_one_line
from remit_grammar.source import Source, Span

VERDICTS = ("allow", "warn", "redact", "rewrite", "ask", "deny", "halt")
_ACTS = ("CALL", "MESSAGE", "RESULT", "HANDOFF", "OUTPUT", "REFUSAL", "STEP")
_ANSWERS = ("returns", "returned", "gives", "answers", "replies")
_BLOCKS = ("CLAUSE", "DIRECTIVE", "SCENARIO")
_WORD = re.compile(r"\w+(\.\w+)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:_[0-9]+)+")


def habit(source: Source, tokens: Sequence[Token], index: int, accepts: set[str]) -> (
    Diagnostic | None
):  # fmt: skip
    """What to say about the token at `index`, where it is a known habit."""
    if index >= len(tokens):
        return None
    place = Place(source, tokens, index, accepts)
    found = (place.comment(), place.hyphen(), place.number(), place.verdict(), place.plural(),
             place.answer())  # fmt: skip
    return next((one for one in found if one is not None), None)


def no_verdict(span: Span) -> Diagnostic:
    """`expect denied` looks like the beginning of `expect denied loses to ...`."""
    word = span.text
    alike = next((one for one in VERDICTS if one[:3] == word[:3]), None)
    near = alike or did_you_mean(word, VERDICTS)
    words = [f"`{one}`" for one in VERDICTS]
    help = f"did you mean `{near}`?" if near else f"write {', '.join(words[:-1])} or {words[-1]}"
    fix = Fix(span, near) if near else None
    return Diagnostic("R0101", f"`{word}` is not a verdict", Label(span), help=help, fix=fix)


class Place:
    """The tokens around a mistake."""

    def __init__(
        self, source: Source, tokens: Sequence[Token], index: int, accepts: set[str]
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.index = index
        self.accepts = accepts

    def kind(self, at: int) -> str:
        """The terminal at a place; empty where there is none."""
        return self.tokens[at].type if 0 <= at < len(self.tokens) else ""

    def span(self, first: int, last: int) -> Span:
        """The source from one token to another."""
        return Span(self.source, self.tokens[first].start, self.tokens[last].end)

    def same_line(self, at: int) -> bool:
        """Whether a token stands on the line where the one before it ends."""
        return on_one_line(self.source, self.tokens[at - 1], self.tokens[at])

    def touch(self, at: int) -> bool:
        """Whether nothing stands between a token and the one before it."""
        inside = 0 < at < len(self.tokens)
        return inside and self.tokens[at - 1].end == self.tokens[at].start

    def comment(self) -> Diagnostic | None:
        """`// ...` and `/* ...`"""
        at = self.index
        if self.kind(at) != "STRAY" or self.tokens[at] != "/" or not self.touch(at + 1):
            return None
        if self.tokens[at + 1] not in ("/", "*"):
            return None
        span = self.span(at, at + 1)
        fix = Fix(span, "#") if span.text == "//" else None
        message = f"`{span.text}` means nothing here"
        help = "a comment begins with `#`"
        return Diagnostic("R0104", message, Label(span), help=help, fix=fix)

    def hyphen(self) -> Diagnostic | None:
        """`tools-open`"""
        for at in (self.index, self.index + 1):
            if self.kind(at) == "MINUS" and self.joins(at):
                first = last = at
                while self.joins(first):
                    first -= 2
                while self.joins(last):
                    last += 2
                span = self.span(first + 1, last - 1)
                help = f"write it in backquotes, `` `{span.text}` ``, or use `_` or `.`"
                return Diagnostic("R0101", f"a name has no hyphen: `{span.text}`", Label(span),
                                  help=help, fix=Fix(span, f"`{span.text}`"))  # fmt: skip
        return None

    def joins(self, at: int) -> bool:
        """Whether a hyphen stands between two words, and touches both."""
        if self.kind(at) != "MINUS" or not (self.touch(at) and self.touch(at + 1)):
            return False
        pair = (self.tokens[at - 1], self.tokens[at + 1])
        return not pair[0][:1].isdigit() and all(_WORD.fullmatch(one) for one in pair)

    def number(self) -> Diagnostic | None:
        """`1,000` and `1_000`"""
        before = self.index - 1
        if self.kind(before) != "NUMBER" or not self.touch(self.index):
            return None
        start = self.tokens[before].start
        found = _THOUSANDS.match(self.source.text, start)
        if found is None:
            return None
        span, plain = Span(self.source, start, found.end()), re.sub("[,_]", "", found.group())
        help = f"write numbers without separators: `{plain}`"
        message = f"`{span.text}` is not a number"
        return Diagnostic("R0101", message, Label(span), help=help, fix=Fix(span, plain))

    def verdict(self) -> Diagnostic | None:
        """`expect denied by x`"""
        at = self.index - 1
        if self.kind(at) != "NAME" or self.kind(at - 1) != "EXPECT" or self.kind(at + 1) != "BY":
            return None
        return no_verdict(self.span(at, at))

    def plural(self) -> Diagnostic | None:
        """`for calls`"""
        word = str(self.tokens[self.index])
        one = word.removesuffix("s")
        if one == word or one.upper() not in _ACTS or one.upper() not in self.accepts:
            return None
        if self.accepts & {"$END", "STRING"} or self.kind(self.index + 2) == "LPAR":
            return None  # a value may stand here, or it is a line: `author calls refund()`
        span = self.span(self.index, self.index)
        message = f"expected an act such as `call refund`, found `{word}`"
        help = f"did you mean `{one}`?"
        return Diagnostic("R0101", message, Label(span), help=help, fix=Fix(span, one))

    def answer(self) -> Diagnostic | None:
        """`tool "..."` and `send returns "..."` in a scenario"""
        first = self.line()
        follower = self.kind(first + 1)
        if self.kind(first) not in ("NAME", "TOOL") or not follower:
            return None
        returns = str(self.tokens[first + 1]) in _ANSWERS
        if not returns and (self.kind(first), follower) != ("TOOL", "STRING"):
            return None
        if self.index > first + 2 or "SCENARIO" not in next(self.blocks(first), ""):
            return None
        name = str(self.tokens[first])
        name = next(self.called(first), "TOOL") if name == "tool" else name
        help = f'a tool\'s answer is written `result of {name} "..."`'
        span = self.span(first, first + 1 if returns else first)
        message = f"`{span.text}` does not begin a line of a scenario"
        return Diagnostic("R0101", message, Label(span), help=help)

    def line(self) -> int:
        """The first token of the line."""
        at = self.index
        while at > 0 and self.same_line(at):
            at -= 1
        return at

    def blocks(self, at: int) -> Iterator[str]:
        """The heads of blocks before a token, the closest first."""
        return (one.type for one in reversed(self.tokens[:at]) if one.type in _BLOCKS)

    def called(self, at: int) -> Iterator[str]:
        """The tools that are called before a token, the closest first."""
        for place in range(at - 1, 0, -1):
            if self.kind(place) == "CALLS":
                yield str(self.tokens[place + 1])
