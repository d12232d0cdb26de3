"""Text -> tokens and comments. Every character is in a token, in a comment or blank."""

from __future__ import annotations

import re
from functools import cache

from remit_grammar import tree as t
from remit_grammar.source import Source, Span
from remit_grammar.table import table


class Token(str):
    """A piece of text that the grammar sees, and the terminal it is (`type`)."""

    __slots__ = ("end", "start", "type")
    type: str
    start: int
    end: int

    def span(self, source: Source) -> Span:
        """Where it stands."""
        return Span(source, self.start, self.end)


def on_one_line(source: Source, one: Token, next: Token) -> bool:
    """Whether a token stands on the line where the one before it ends."""
    return "\n" not in source.text[one.end : next.start]


def lex(source: Source) -> tuple[list[Token], list[t.Comment]]:
    """The tokens of a source, and its comments."""
    tokens: list[Token] = []
    comments: list[t.Comment] = []
    words, whole = table().words, source.text
    for match in _pattern().finditer(whole):
        kind, start, end = match.lastgroup, match.end(1), match.end()
        if kind is None:  # the end
            break
        text = whole[start:end]
        if kind == "NAME":
            kind = words.get(text, kind)
        elif kind == "COMMENT":
            text = text.rstrip()
            comments.append(t.Comment(text, span=Span(source, start, start + len(text))))
            continue
        token = Token(text)
        token.type, token.start, token.end = kind, start, end
        tokens.append(token)
    return tokens, comments


@cache
def _pattern() -> re.Pattern[str]:
    """Blanks, then a terminal: the first that fits, or nothing at the end of the text.

    Blanks are never given back, so that no terminal can begin with one. The first group is empty
    and stands where they end. The group of a terminal is empty too and stands behind it: so most
    terminals are passed over by their first character.
    """
    kinds = "|".join(f"(?:{pattern})(?P<{name}>)" for name, pattern in table().terminals)
    return re.compile(rf"(?:{table().ignored})*+()(?:{kinds}|\Z)")
