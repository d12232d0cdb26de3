"""What the parser says at a mistake: terminals of the grammar in the words of a policy author.

Decides nothing about how to go on; that is `parse.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

MOST_LISTED = 6  # alternatives in one message; a longer list helps nobody

SPOKEN = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "REGEX": "a pattern between slashes",
    "LABEL": "a name with a colon",
    "NEXT_LABEL": "`,`",
    "DATE": "a date",
    "DURATION": "a duration such as `10m`",
    "MODALITY": "`forbid`, `permit` or `protect`",
    "SPEAKS_AS": "`speaks as`",
    "SATISFIES": "`satisfies`",
    "A_NORM": "`a norm`",
    "SPOKEN_BY": "`spoken by`",
    "OF_STRENGTH": "`of strength`",
    "WITH_EFFECTS": "`with effects`",
    "CAME_FROM": "`came from`",
    "TEXT_TEST": "`contains`",
    "STATE": "`missing`",
    "ONE_OF": "`one of`",
    "AT_MOST": "`at most`",
    "IF_UNKNOWN": "`if unknown`",
    "A_VOID_DIRECTIVE": "`a void directive`",
    "ASKING_FOR_IT": "`asking for it`",
    "NORM_ASKS": "`a norm in force asks for it`",
    "CONFIRMED_BY": "`confirmed by`",
    "END_OF": "`end of turn` or `end of conversation`",
    "DEFAULT_FOR": "`default`",
    "HANDS_TO": "`hands to`",
    "LOSES_TO": "`loses to`",
    "PART": "`quoting`, `attaching` or `retrieving`",
    "UNIT": "`turns` or `steps`",
}
# Words that a misspelt word is compared with, where the terminal is a pattern.
MEANT = {
    "MODALITY": ("forbid", "permit", "protect"),
    "DEFAULT_FOR": ("default",),
    "TEXT_TEST": ("contains",),
    "STATE": ("missing", "present", "empty"),
    "SATISFIES": ("satisfies",),
    "PART": ("quoting", "attaching", "retrieving"),
    "UNIT": ("turns", "steps"),
}
# Whole groups of terminals that have one name; the first that fits is said.
_KINDS: tuple[tuple[set[str], str], ...] = (
    ({"STRING", "NUMBER", "HAS"}, "a condition"),
    ({"STRING", "NUMBER", "LSQB"}, "a value"),
    ({"CLAUSE", "SCENARIO"}, "a statement, such as `clause` or `scenario`"),
    ({"DENY", "HALT", "ALLOW"}, "`allow`, `warn`, `redact`, `rewrite`, `ask`, `deny` or `halt`"),
    ({"DENY", "HALT"}, "`warn`, `redact`, `rewrite`, `ask`, `deny` or `halt`"),
)
# What a name stands for behind a keyword.
_BEHIND = {
    "EXPECT": "a verdict such as `deny`",
    "ANSWERS": "`true`, `false` or `unknown`",
    "MEANING": "the name of a directive",
    "IMPLYING": "the name of a directive",
}
_ACT = {"CALL", "MESSAGE", "RESULT"}


def expected(accepts: set[str], literals: Mapping[str, str], before: str) -> str | None:
    """What could stand here, in words; None where that would be a long list.

    `before` is the terminal that was read last: behind `expect` a verdict looks like a name, and so
    does the answer of a judge behind `answers`.
    """
    behind = _BEHIND.get(before)
    if behind is not None and accepts & {"NAME"} and "$END" not in accepts:
        return behind
    if accepts >= _ACT and "$END" not in accepts and "STRING" not in accepts:
        return "an act such as `call refund`"
    for kind, words in _KINDS:
        if kind <= accepts and not ("DENY" in kind and "NAME" in accepts):
            return words
    names = sorted({SPOKEN.get(one) or f"`{literals[one]}`" for one in _fewest(accepts)})
    return one_of(names) if len(names) <= MOST_LISTED else None


def one_of(names: list[str]) -> str:
    """`a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _fewest(accepts: set[str]) -> set[str]:
    """Without the keywords that are only names in disguise, and without ends of statements."""
    if "NAME" in accepts:
        return {one for one in accepts if one in SPOKEN and one != "UNIT"}
    return accepts - {"$END"} - ({"STEP"} if "UNIT" in accepts else set())


def meant(accepts: Iterable[str], literals: Mapping[str, str]) -> list[str]:
    """The words among the terminals."""
    words = [literals[one] for one in accepts if one in literals and literals[one][0].isalpha()]
    return words + [word for one in accepts for word in MEANT.get(one, ())]


_STRAY = {
    "“”„«»'‘’": 'texts stand in straight double quotes: "..."',
    "{}": "the language has no braces: a statement ends where the next keyword begins",
    ";": "statements need no separator",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or `!=` for unlike",
    "`": "a name in backquotes ends with a backquote on the same line",
}


def stray_help(char: str) -> str:
    """What to do about a character that the language does not use."""
    return next((help for chars, help in _STRAY.items() if char in chars), "remove it")


def stray_name(char: str) -> str:
    """The character as a reader can see it."""
    if char.isprintable() and not char.isspace():
        return f"`{char}`"
    name = unicodedata.name(char, "control character").lower()
    return f"the character U+{ord(char):04X} ({name})"
