"""Takes a shell command line apart into its simple commands; runs and expands nothing.

Reads what POSIX shells and bash have in common, and bash's quoting, here-documents, substitutions
and `[[ ]]`. Compound commands are flattened: the commands inside count, the control flow does not.
Time is linear in the text, because nesting is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from remit.text.shell_words import DEPTH, END, Unreadable, Word, WordReader

_SKIPPED = frozenset(
    ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "{", "}", "time"]
)
_BLANK = re.compile(r"(?:[ \t]|\\\n|\$(?:IFS\b|\{IFS\})(?:\$[1-9])?)++")
_REDIRECT = re.compile(
    r"(?:\d+|\{\w+\})?(?:<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\())|&>>|&>", re.ASCII
)
_FILE_NUMBER = re.compile(r"\d+|\{\w+\}", re.ASCII)
_TIME_OPTION = re.compile(r"[ \t]+-p(?=\s)")
_LIKE_COMMAND = re.compile(
    r"\(\(++\s*+[A-Za-z_./~'\"\\$][\w./'\"\\~${}-]*+(?:\s*+[;&|)]|\s++(?:-[A-Za-z-]|[A-Za-z_./~'\"$]))"
)
_OPERATOR = re.compile(r"&&|\|\||\|&|[;&|]")
_CASE_END = re.compile(r";;&|;;|;&")
_ESAC = re.compile(r"esac(?=[\s;&|)\0])")


@dataclass(slots=True)
class Simple:
    """A simple command. `source` is the one whose output is piped into it, where that is a simple
    command too. `input` is what it reads, where that is written out; None where it cannot be seen,
    and then `redirected` says that it is not the pipe.
    """

    words: list[Word] = field(default_factory=list)
    assigned: list[Word] = field(default_factory=list)
    redirects: list[tuple[str, Word]] = field(default_factory=list)
    source: Simple | None = None
    input: str | None = None
    redirected: bool = False


@dataclass(slots=True)
class Found:
    """The simple commands of a text, those inside others first.

    `defines`: it gives a meaning of its own to a name, so that `echo` may be no echo.
    """

    commands: list[Simple] = field(default_factory=list)
    defines: bool = False


def read(text: str, depth: int = 0) -> Found:
    """The simple commands of a command line. Raises `Unreadable`."""
    found = Found()
    _Reader(text, depth, found).whole()
    return found


class _Reader(WordReader):
    def __init__(self, text: str, depth: int, found: Found) -> None:
        super().__init__(text, depth)
        self.found = found
        self.documents: list[tuple[Simple, str, bool, bool]] = []

    def inner(self, text: str) -> Self:
        return type(self)(text, self.depth + 1, self.found)

    # ---- lists of commands

    def commands(self, in_case: bool = False) -> None:
        """Read up to a closing bracket, the end of a case, or the end; it is left unread."""
        if self.depth > DEPTH:
            raise Unreadable
        self.depth += 1
        last: Simple | None = None
        source: Simple | None = None
        piped = False
        while not self.at_close(in_case):
            if self.char == "\n":
                self.newline()
                source = source if piped else None
            elif operator := self.take(_OPERATOR):
                piped = operator in ("|", "|&")
                source, last = (last if piped else None), None
            else:
                last, source, piped = self.element(source), None, False
        self.depth -= 1

    def at_close(self, in_case: bool) -> bool:
        self.blanks()
        if self.char in (END, ")"):
            return True
        if _CASE_END.match(self.text, self.at):
            if not in_case:
                raise Unreadable
            return True
        return in_case and _ESAC.match(self.text, self.at) is not None

    def blanks(self) -> None:
        self.take(_BLANK)
        if self.char == "#":
            end = self.text.find("\n", self.at)
            self.at = end if end >= 0 else len(self.text) - 1

    def lines(self) -> None:
        self.blanks()
        while self.char == "\n":
            self.newline()
            self.blanks()

    def newline(self) -> None:
        self.at += 1
        documents, self.documents = self.documents, []
        for command, delimiter, indented, raw in documents:
            self.document(command, delimiter, indented, raw)

    def document(self, command: Simple, delimiter: str, indented: bool, raw: bool) -> None:
        """Read the lines of a here-document up to its delimiter, or to the end as shells do."""
        lines = []
        while self.at < len(self.text) - 1:
            end = self.text.find("\n", self.at)
            end = end if end >= 0 else len(self.text) - 1
            line = self.text[self.at : end]
            self.at = min(end + 1, len(self.text) - 1)
            line = line.lstrip("\t") if indented else line
            if line == delimiter:
                break
            lines.append(line + "\n")
        body = "".join(lines)
        word = Word(body) if raw else self.inner(body).spliced()
        command.input = word.text if word.literal else None

    # ---- one command

    def element(self, source: Simple | None) -> Simple | None:
        """Read a command; given back where it is a simple one."""
        if self.char == "(":
            self.bracket()
            return None
        command = Simple(source=source)
        while self.part(command):
            self.blanks()
        if command.words or command.assigned or command.redirects:
            self.found.commands.append(command)
        return command if command.words else None

    def bracket(self) -> None:
        """A subshell or `((...))`."""
        # Shells without `((...))` take it for a subshell in a subshell.
        if not _LIKE_COMMAND.match(self.text, self.at) and self.arithmetic(self.at):
            return
        self.at += 1
        self.commands()
        self.expect(")")

    def part(self, command: Simple) -> bool:
        """Read the next word or redirection of a command; false where it ends."""
        if self.redirect(command):
            return True
        if self.char in "\n;&|)" + END:
            return False
        if self.char == "(":
            return self.function(command)
        word = self.word_or_fail()
        if not command.words and word.is_assignment:
            return self.assignment(command, word)
        if word.is_bare and not (command.words or command.assigned or command.redirects):
            return self.first(command, word)
        command.words.append(word)
        return True

    def first(self, command: Simple, word: Word) -> bool:
        """The first word of a command. A keyword ends it: what follows is a command again."""
        if word.text in _SKIPPED:
            self.take(_TIME_OPTION)
        elif word.text == "case":
            self.case()
        elif word.text in ("for", "select"):
            self.loop_head()
        elif word.text == "function":
            self.blanks()
            self.word()
            return self.function(command) if self.next_is("(") else self.defined()
        elif word.text == "[[":
            self.test(command, word)
        else:
            command.words.append(word)
            return True
        return False

    def next_is(self, char: str) -> bool:
        self.blanks()
        return self.char == char

    def defined(self) -> bool:
        self.found.defines = True
        return False

    def function(self, command: Simple) -> bool:
        """`name()`: the body follows, and its commands count as if they ran."""
        if len(command.words) > 1 or command.assigned or command.redirects:
            raise Unreadable
        self.at += 1
        self.blanks()
        self.expect(")")
        command.words.clear()
        self.lines()
        return self.defined()

    def assignment(self, command: Simple, word: Word) -> bool:
        command.assigned.append(word)
        if self.char == "(" and word.text.endswith("="):
            self.at += 1
            self.lines()
            while self.char != ")":
                self.word_or_fail()
                self.lines()
            self.at += 1
            word.literal = word.known = False
        return True

    def redirect(self, command: Simple) -> bool:
        operator = self.take(_REDIRECT)
        if not operator:
            return False
        self.blanks()
        word = self.word_or_fail()
        kind = _FILE_NUMBER.sub("", operator, count=1)
        if kind in ("<<", "<<-"):
            self.documents.append((command, word.text, kind == "<<-", word.quoted))
        elif kind == "<<<":
            command.input = word.text + "\n" if word.literal else None
        else:
            command.redirects.append((operator, word))
            if not kind.startswith("<"):
                return True
            command.input = None
        command.redirected = True
        return True

    def case(self) -> None:
        self.blanks()
        self.word_or_fail()
        self.lines()
        if self.word_or_fail().text != "in":
            raise Unreadable
        while not self.esac():
            self.case_pattern()
            self.commands(in_case=True)
            self.take(_CASE_END)

    def esac(self) -> bool:
        self.lines()
        return bool(self.take(_ESAC))

    def case_pattern(self) -> None:
        if self.char == "(":
            self.at += 1
        while True:
            self.blanks()
            self.word_or_fail()
            self.blanks()
            if self.char != "|":
                break
            self.at += 1
        self.expect(")")

    def loop_head(self) -> None:
        """`for NAME in WORDS`: no command, though its words may hold some."""
        self.blanks()
        if self.char == "(" and self.arithmetic(self.at):
            return
        self.word_or_fail()
        self.blanks()
        start = self.at
        items = self.char not in "\n;" + END and self.word_or_fail().text == "in"
        if not items:
            self.at = start
        self.blanks()
        while items and self.char not in "\n;" + END:
            self.word_or_fail()
            self.blanks()

    def test(self, command: Simple, opening: Word) -> None:
        """`[[ ... ]]`, where operators are words."""
        command.words.append(opening)
        while command.words[-1].text != "]]":
            self.lines()
            if self.char in "()<>|&;":
                command.words.append(Word(self.char, quoted=True))
                self.at += 1
            else:
                command.words.append(self.word_or_fail())
