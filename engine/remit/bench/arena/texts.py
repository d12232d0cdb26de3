"""W3: one text against N patterns, none of which is found while time is taken."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from .measure import Checked, Local, each

_SYLLABLES = (
    *("ka", "le", "mi", "no", "pur", "ta", "ver", "son", "dri"),
    *("el", "or", "an", "tis", "re", "con", "pro", "ment", "al"),
)
_BAIT = ("transfer", "send", "key", "a@b.example", "acct", "$4500", "secret")
_PATTERNS = (
    r"\bsecret[_-]?key{0}\s*[:=]\s*[A-Za-z0-9]{{16,}}",
    r"(?:transfer|send|wire)\s+\$?\d{{3,}}\s+to\s+acct{0}\b",
    r"[a-z0-9._%+-]+@evil{0}\.example",
    r"ignore\s+(?:all|the)\s+previous{0}\s+instructions",
)
_LITERALS = ("key{0}", "acct{0}", "@evil{0}.example", "previous{0}")
_HITS = (
    " secret_key{0}= ABCDEFGHIJKLMNOPQRST ",
    " wire $4500 to acct{0} ",
    " bob@evil{0}.example ",
    " ignore all previous{0} instructions ",
)

Scan = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Texts:
    """The patterns, a literal that each of them needs, and the text that they are looked for in."""

    patterns: tuple[str, ...]
    literals: tuple[str, ...]
    text: str


def workload(patterns: int, characters: int) -> Texts:
    """W3 with so many patterns and a text of that length. The same numbers give the same."""
    return Texts(
        tuple(_PATTERNS[one % 4].format(one) for one in range(patterns)),
        tuple(_LITERALS[one % 4].format(one) for one in range(patterns)),
        prose(characters),
    )


def prose(characters: int) -> str:
    """Words that mean nothing, with some that patterns begin with."""
    dice, made, length = random.Random(5), [], 0
    words = _words(3, 4000)
    while length < characters:
        word = dice.choice(words) if dice.random() > 0.06 else dice.choice(_BAIT)
        made.append(word)
        length += len(word) + 1
    return " ".join(made)[:characters]


def _words(seed: int, count: int) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choice(_SYLLABLES) for _ in range(dice.randrange(1, 4)))
            for _ in range(count)]  # fmt: skip


def hit(number: int) -> str:
    """A piece of text in which the pattern of that number is found."""
    return _HITS[number % 4].format(number)


@lru_cache(maxsize=64)
def oracle(work: Texts, text: str) -> bool:
    """Whether any pattern is found, by `re`, one by one."""
    return any(search(text) for search in _searches(work.patterns))


@lru_cache(maxsize=1)
def _searches(patterns: tuple[str, ...]) -> list[Callable[[str], object]]:
    return [re.compile(one).search for one in patterns]


def entrant(name: str, work: Texts, scan: Scan) -> Local:
    """An engine on this workload."""
    return Local(name, each([work.text], scan), lambda: _check(work, scan))


def _check(work: Texts, scan: Scan) -> Checked:
    count = len(work.patterns)
    found = [hit(at) for at in {0, count // 2, count - 1}]
    tried = [
        work.text,
        "",
        *(work.text + one for one in found),
        *(one + work.text for one in found),
    ]
    wrong = [text[-60:] for text in tried if scan(text) != oracle(work, text)]
    return Checked(len(tried), len(wrong), wrong[0] if wrong else "")
