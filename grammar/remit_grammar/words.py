"""Which words the language keeps for itself, and whether a name must stand in backquotes.

The lists repeat what `remit.lark` says, because writing text must not load the parser; a test
holds the two together. Nothing here reads source text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from remit_grammar import tree as t


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Keywords that the grammar's rule `name` takes as a name.
SOFT = _words("""
    above act allow answers as ask at author beats below by chain cites context default define
    deny detector effective effects for giving goals halt implied implying judge label meaning
    never owner redact remember remit rewrite role serves set setting source spec steps strict
    to tool tools turn turns version void wait warn
""")
# Keywords that are never a name unless they stand in backquotes.
RESERVED = _words("""
    advise after all and any approves attaching before call calls clause contains delegate directive
    earlier empty every except expect extends forbid from gives handoff has heard import in
    is judged labelled matches message missing no not of on or otherwise output over
    overrides permit present previous protect quotes quoting refusal require result
    retrieving satisfies satisfy scenario since step unless where with within without
""")
# Words that begin a statement.
LEADERS = _words("""
    act author chain cites clause context default define delegate detector directive effective
    except expect extends forbid goals heard if implied import judge label never otherwise overrides
    owner permit protect remember remit require result role scenario serves set setting source spec
    tool tools version wait
""")
# Second words of phrases (`a norm`, `at most`, `if unknown`): quoted where they begin a statement.
SECOND = frozenset({"norm", "most", "unknown"})

# Names that would be read as a phrase together with the word behind them.
_PHRASES = frozenset({
    "hands to", "speaks as", "one of", "end of", "starts with", "ends with",
})  # fmt: skip

_PLAIN = re.compile(r"[^\W\d]\w*")


def is_plain(part: str) -> bool:
    """Whether a part of a name can be written without backquotes (keywords apart)."""
    return _PLAIN.fullmatch(part) is not None


def part_text(part: str) -> str:
    """One part of a name, in backquotes where it is not a plain identifier."""
    return part if is_plain(part) else f"`{part}`"


def label_text(name: str) -> str:
    """A name before a colon: keywords need no backquotes there."""
    parts = name.split(".")
    return ".".join(map(part_text, parts)) if all(parts) else f"`{name}`"


def name_text(name: t.Name, *, bare: bool = False, leads: bool = False, before: str = "") -> str:
    """A name as source text.

    `bare`: in a position that takes no keyword at all (tools of a call). `leads`: it begins a
    statement. `before`: the word that follows.
    """
    own = _written(name.parts)
    soft, second = (bare or leads) and own in SOFT, leads and own in SECOND
    if soft or second or (before and f"{own} {before}" in _PHRASES):
        own = f"`{own}`"
    return f"{name_text(name.spec)}::{own}" if name.spec else own


@lru_cache(maxsize=4096)  # a policy says few names, each of them often
def _written(parts: tuple[str, ...]) -> str:
    own = ".".join(map(part_text, parts))
    return f"`{own}`" if own in RESERVED else own


def word_or_text(word: str) -> str | None:
    """The word where it can stand as a name without backquotes; else None."""
    parts = word.split(".")
    fits = all(map(is_plain, parts)) and word not in RESERVED
    return word if fits else None
