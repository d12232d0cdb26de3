"""Reads the words of a shell command line and removes their quotes; expands nothing.

What a substitution holds is handed to `commands`, which the reader of commands provides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

DEPTH = 8  # substitutions, subshells and shells within each other
END = "\0"  # stands behind the text, so that looking ahead never runs over its end

# Their values cannot turn into commands where they are spliced into a command line.
_TAME = frozenset(
    [
        "HOME",
        "PWD",
        "OLDPWD",
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "UID",
        "EUID",
        "PPID",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "TMPDIR",
        "?",
        "#",
        "$",
        "!",
    ]
)
_PLAIN = re.compile(r"[^ \t\n\\'\"`$()<>|&;\0]++")
_QUOTED = re.compile(r"[^\"\\`$\0]++")
_INSIDE = re.compile(r"[^}\"'\\`$\0]++")
_IFS = re.compile(r"\$(?:IFS\b|\{IFS\})")
_NAME = re.compile(r"[A-Za-z_]\w*|\d|[@*#?$!-]", re.ASCII)
_SIMPLE_PARAMETER = re.compile(r"\$\{([A-Za-z_]\w*)\}", re.ASCII)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=", re.ASCII)
_ANSI = re.compile(r"\$'((?:[^'\\]++|\\.)*+)'", re.DOTALL)
_ANSI_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(.)|(.))",
    re.DOTALL,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_BRACKET = re.compile(r"[()]")


class Unreadable(Exception):
    """The text is no command line that this reader understands, or nests too deeply."""


@dataclass(slots=True)
class Word:
    """A word with its quotes removed.

    `literal`: nothing in it is expanded. `known`: nothing but tame variables such as `$HOME` is.
    `bare` counts the characters before the first quoted one. `glob` and `brace`: it has unquoted
    pattern characters, or braces.
    """

    text: str = ""
    literal: bool = True
    known: bool = True
    quoted: bool = False
    bare: int = 0
    glob: bool = False
    brace: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it is written without quotes and expansions, as keywords are."""
        return self.literal and not self.quoted

    @property
    def is_assignment(self) -> bool:
        """Whether it sets a variable where it stands before a program."""
        match = _ASSIGNMENT.match(self.text)
        return match is not None and match.end() <= self.bare


class Pieces:
    """A word while it is read."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.word = Word()

    def add(self, text: str) -> None:
        """Add text that was not quoted."""
        self.parts.append(text)
        if not self.word.quoted:
            self.word.bare += len(text)
        self.word.glob = self.word.glob or any(char in text for char in "*?[")
        self.word.brace = self.word.brace or "{" in text

    def add_quoted(self, text: str) -> None:
        """Add text that was quoted."""
        self.word.quoted = True
        self.parts.append(text)

    def add_expansion(self, text: str, tame: bool = False) -> None:
        """Add an expansion as it is written."""
        self.parts.append(text)
        self.word.literal = False
        self.word.known = self.word.known and tame

    def finish(self) -> Word:
        """The word."""
        self.word.text = "".join(self.parts)
        return self.word


class WordReader:
    """A place in a text, and how words are read from there.

    `depth` counts what the text is inside of. Raises `Unreadable`.
    """

    def __init__(self, text: str, depth: int) -> None:
        if depth > DEPTH:
            raise Unreadable
        self.text = text + END
        self.at = 0
        self.depth = depth

    def commands(self) -> None:
        """Read commands up to a closing bracket, which is left unread."""
        raise NotImplementedError

    def inner(self, text: str) -> Self:
        """A reader of a text inside this one that notes what it finds in the same place."""
        raise NotImplementedError

    def whole(self) -> None:
        """Read commands up to the end of the text."""
        self.commands()
        self.expect(END)

    @property
    def char(self) -> str:
        """The next character."""
        return self.text[self.at]

    def take(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches here; empty if it does not."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def expect(self, char: str) -> None:
        """Step over a character that must be next."""
        if self.char != char:
            raise Unreadable
        self.at += 1

    def spliced(self) -> Word:
        """The whole text as if between double quotes."""
        pieces = Pieces()
        while self.char != END:
            if self.char == '"':
                self.at += 1
                pieces.add_quoted('"')
            else:
                self.quoted_part(pieces)
        return pieces.finish()

    # ---- words

    def word_or_fail(self) -> Word:
        """The next word, which must have at least one character in the source."""
        start = self.at
        word = self.word()
        if self.at == start:
            raise Unreadable
        return word

    def word(self) -> Word:
        """The next word; empty where none begins."""
        pieces = Pieces()
        while self.word_part(pieces):
            pass
        return pieces.finish()

    def word_part(self, pieces: Pieces) -> bool:
        """Read the next piece of a word; false where it ends."""
        if plain := self.take(_PLAIN):
            pieces.add(plain)
        elif self.char == "\\":
            self.escape(pieces)
        elif self.char == "'":
            self.single(pieces)
        elif self.char == '"':
            self.double(pieces)
        elif self.char == "`":
            self.backquote(pieces, in_quotes=False)
        elif self.char == "$":
            return self.unquoted_dollar(pieces)
        elif self.text.startswith(("<(", ">("), self.at):
            self.substitution(pieces)
        else:
            return False
        return True

    def escape(self, pieces: Pieces) -> None:
        """A backslash outside quotes."""
        self.at += 1
        if self.char == "\n":
            self.at += 1
        elif self.char == END:
            pieces.add_quoted("\\")
        else:
            pieces.add_quoted(self.char)
            self.at += 1

    def single(self, pieces: Pieces) -> None:
        """Text between single quotes."""
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unreadable
        pieces.add_quoted(self.text[self.at + 1 : end])
        self.at = end + 1

    def double(self, pieces: Pieces) -> None:
        """Text between double quotes."""
        self.at += 1
        pieces.add_quoted("")
        while self.char != '"':
            self.quoted_part(pieces)
        self.at += 1

    def quoted_part(self, pieces: Pieces) -> None:
        """The next piece inside double quotes."""
        if plain := self.take(_QUOTED):
            pieces.add_quoted(plain)
        elif self.char == "\\":
            self.quoted_escape(pieces)
        elif self.char == "`":
            self.backquote(pieces, in_quotes=True)
        elif self.char == "$":
            self.dollar(pieces, in_quotes=True)
        else:
            raise Unreadable

    def quoted_escape(self, pieces: Pieces) -> None:
        """A backslash inside double quotes."""
        following = self.text[self.at + 1]
        if following == END:
            raise Unreadable
        if following != "\n":
            pieces.add_quoted(following if following in '$`"\\' else "\\" + following)
        self.at += 2

    def backquote(self, pieces: Pieces, *, in_quotes: bool) -> None:
        """A command between backquotes, whose own escapes are removed first."""
        start = self.at
        self.at += 1
        inside: list[str] = []
        special = '$`\\"' if in_quotes else "$`\\"
        while self.char != "`":
            if self.char == END:
                raise Unreadable
            if self.char == "\\" and self.text[self.at + 1] in special:
                self.at += 1
            inside.append(self.char)
            self.at += 1
        self.at += 1
        self.inner("".join(inside)).whole()
        pieces.add_expansion(self.text[start : self.at])

    # ---- expansions

    def unquoted_dollar(self, pieces: Pieces) -> bool:
        """What a dollar begins outside quotes; false where it separates words."""
        if _IFS.match(self.text, self.at):
            return False  # it separates words, as a blank does
        if self.text.startswith("$'", self.at):
            self.ansi(pieces)
        elif self.text.startswith('$"', self.at):
            self.at += 1
            self.double(pieces)
        else:
            self.dollar(pieces, in_quotes=False)
        return True

    def ansi(self, pieces: Pieces) -> None:
        """Text between `$'` and `'`."""
        match = _ANSI.match(self.text, self.at)
        if match is None:
            raise Unreadable
        self.at = match.end()
        pieces.add_quoted(unescape(match.group(1)))

    def dollar(self, pieces: Pieces, *, in_quotes: bool) -> None:
        """A variable or substitution."""
        following = self.text[self.at + 1]
        if following == "(":
            self.substitution(pieces)
        elif following == "{":
            self.parameter(pieces, in_quotes=in_quotes)
        elif match := _NAME.match(self.text, self.at + 1):
            self.at = match.end()
            pieces.add_expansion("$" + match.group(), match.group() in _TAME)
        else:
            (pieces.add_quoted if in_quotes else pieces.add)("$")
            self.at += 1

    def substitution(self, pieces: Pieces) -> None:
        """`$(...)`, `$((...))`, `<(...)` or `>(...)`."""
        start = self.at
        if self.char != "$" or not self.arithmetic(self.at + 1):
            self.at += 2
            self.commands()
            self.expect(")")
        pieces.add_expansion(self.text[start : self.at])

    def parameter(self, pieces: Pieces, *, in_quotes: bool) -> None:
        """`${...}`, with the commands inside it."""
        start = self.at
        if match := _SIMPLE_PARAMETER.match(self.text, start):
            self.at = match.end()
            pieces.add_expansion(match.group(), match.group(1) in _TAME)
            return
        self.at += 2
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable
        while self.char != "}":
            self.parameter_part(in_quotes=in_quotes)
        self.depth -= 1
        self.at += 1
        pieces.add_expansion(self.text[start : self.at])

    def parameter_part(self, *, in_quotes: bool) -> None:
        """The next piece inside `${...}`."""
        if self.take(_INSIDE):
            return
        if self.char == "'":
            self.at += 1
            if not in_quotes:
                self.at -= 1
                self.single(Pieces())
        elif self.char == '"':
            self.double(Pieces())
        else:
            self.quoted_part(Pieces())

    def arithmetic(self, start: int) -> bool:
        """Step over `((...))` at `start`; false if it is a subshell in brackets after all."""
        if not self.text.startswith("((", start):
            return False
        end, opened = start + 2, 2
        while opened > 1:
            match = _BRACKET.search(self.text, end)
            if match is None:
                raise Unreadable
            opened += 1 if match.group() == "(" else -1
            end = match.end()
        if self.text[end] != ")":
            return False
        self.inner(self.text[start + 2 : end - 1]).spliced()
        self.at = end + 1
        return True


def unescape(text: str) -> str:
    """The text with the escapes of `$'...'` resolved. Raises `Unreadable` for a NUL."""
    made = _ANSI_ESCAPE.sub(_unescaped, text)
    if END in made:
        raise Unreadable
    return made


def _unescaped(match: re.Match[str]) -> str:
    wide, octal, small, large, control, other = match.groups()
    if octal:
        return chr(int(octal, 8) & 0xFF)
    if digits := wide or small or large:
        point = int(digits, 16)
        return chr(point) if point <= 0x10FFFF else END
    if control:
        return chr(ord(control) & 0x1F)
    return ESCAPES.get(other, other if other in "\\'\"?" else "\\" + other)
