"""Which commands the simple commands of a command line come down to.

Looks through shells, wrappers such as `sudo` and `env`, `find -exec`, `xargs` and `eval`. Where it
cannot be seen what would run, it lists a marker that begins with `opaque:`. Other programs that run
commands of their own (`ssh`, `awk`, `python -c`) are listed as they stand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

from remit.text.shell_output import input_of
from remit.text.shell_read import Simple, read
from remit.text.shell_words import DEPTH, Unreadable, Word
from remit.text.shell_wrappers import (
    SHELLS,
    WRAPPERS,
    Wrapper,
    env_text,
    glued,
    inside,
    is_input,
    long_option,
    only_asks,
    shell_arguments,
    short_option,
)

LONGEST = 64 << 10  # characters of a command line; of a longer one nothing is known
WRAPPED = 32  # wrappers around each other
BRACED = 64  # words that the braces of one word make
PLACES = frozenset(
    f"{root}/{folder}"
    for root in ("", "/usr", "/usr/local", "/opt/homebrew", "/opt/local", "/snap")
    for folder in ("bin", "sbin")
)  # programs in these folders go by their last name
_UNQUOTED = re.compile(r"[^\s'\"\\]+")
_LIKE_REDIRECT = re.compile(r"(?:\d+|\{\w+\})?[<>]|&>")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_HOME_PATH = re.compile(r"\$(?:HOME|\{HOME\}|PWD|\{PWD\})/")
_STEERING = frozenset(
    ["LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "ENV", "PROMPT_COMMAND", "PS4", "IFS", "SHELLOPTS"]
)
_SUDO_SHELL = re.compile(r"-[A-Za-z]*[si]|--shell|--login")
_STEERING_PREFIX = ("DYLD_INSERT", "BASH_FUNC_")
_DECLARING = frozenset(["export", "declare", "typeset", "local", "readonly"])


class Runner:
    """Collects what would run; `listed` keeps the order and each command once."""

    def __init__(self) -> None:
        self.listed: dict[str, None] = {}

    def text(self, text: str, depth: int) -> None:
        """List what a shell would run for a text. Raises `Unreadable`."""
        if depth > DEPTH or len(text) > LONGEST:
            raise Unreadable
        found = read(text, depth)
        for command in found.commands:
            if found.defines:
                command.source = None  # a redefined `echo` prints something else
            _Run(self, command, depth).start()

    def show(self, text: str) -> None:
        """List a command or a marker."""
        self.listed[text] = None


class _Run:
    """One simple command, looked through to what it runs."""

    def __init__(self, runner: Runner, command: Simple, depth: int, wrapped: int = 0) -> None:
        if wrapped > WRAPPED:
            raise Unreadable
        self.runner = runner
        self.command = command
        self.depth = depth
        self.wrapped = wrapped

    def start(self) -> None:
        command = self.command
        self.assigned(command.assigned)
        words = [one for word in command.words for one in _braced(word)]
        if words:
            self.words(words)
        elif command.redirects or command.assigned:
            self.show(command.assigned)

    def words(self, words: list[Word]) -> None:
        for _ in range(WRAPPED):
            if not self.is_plain_program(words):
                return
            name = program_name(words[0].text)
            if special := _special(name):
                special(self, words)
                return
            inner = self.unwrapped(name, words)
            if not inner:
                self.show_both(words, name)
                return
            words = inner
        raise Unreadable

    def unwrapped(self, name: str, words: list[Word]) -> list[Word]:
        """The inner command of a wrapper; nothing where this is none, or runs nothing."""
        wrapper = WRAPPERS.get(name)
        if wrapper is None or only_asks(name, words):
            return []
        assigned, inner = inside(wrapper, words)
        self.assigned(assigned)
        if inner and wrapper.shown:
            self.show_both(words, name)
        return self.with_input(words, inner) if name in ("xargs", "gxargs") and inner else inner

    def with_input(self, words: list[Word], inner: list[Word]) -> list[Word]:
        """What `xargs` makes of the words of its input, where they can be told."""
        mark = short_option(words[: len(words) - len(inner)], "I")
        if mark:
            return [_unknown(word) if mark.text in word.text else word for word in inner]
        return inner + [Word(one, quoted=True) for one in (input_of(self.command) or "").split()]

    def is_plain_program(self, words: list[Word]) -> bool:
        word = words[0]
        if word.text in ("[", "[["):
            return True
        path = word.known and _HOME_PATH.match(word.text)
        if (word.literal or path) and not word.glob and not (word.brace and ".." in word.text):
            return True
        self.opaque(f"a variable or pattern names the program: {joined(words)}")
        return False

    # ---- listing

    def opaque(self, reason: str) -> None:
        self.runner.show(f"opaque: {reason}")

    def show(self, words: Sequence[Word]) -> None:
        self.runner.show(" ".join(filter(None, [joined(words), self.redirects()])))

    def show_both(self, words: list[Word], name: str) -> None:
        """List a command; one outside the usual folders by its path and by its last name."""
        path = words[0].text
        if "/" in path and path.rpartition("/")[0] not in PLACES:
            self.show(words)
        self.show([Word(name), *words[1:]])

    def redirects(self) -> str:
        return " ".join(_redirect(operator, word) for operator, word in self.command.redirects)

    def rest_of_redirects(self) -> None:
        if self.command.redirects:
            self.runner.show(self.redirects())

    # ---- what runs a text

    def code(self, word: Word | None, name: str) -> None:
        """A text that is run as a command line."""
        if word is None:
            return
        self.rest_of_redirects()
        if not word.known:
            self.opaque(f"{name} runs a text that is put together when it runs")
        self.runner.text(word.text, self.depth + 1)

    def shell(self, words: list[Word]) -> None:
        name = program_name(words[0].text)
        has_code, operands = shell_arguments(words[1:])
        if has_code and operands:
            self.code(operands[0], name)
        elif operands and not is_input(operands[0]):
            self.show_both(words, name)
            self.alias_of_input(operands[0], name)
        else:
            self.reads(name)

    def alias_of_input(self, word: Word, name: str) -> None:
        """A script whose text a substitution gives cannot be seen."""
        if word.text.startswith("<("):
            self.opaque(f"{name} runs what another command prints")

    def reads(self, name: str) -> None:
        self.rest_of_redirects()
        text = input_of(self.command)
        if text is None:
            self.opaque(f"{name} reads its input")
        else:
            self.runner.text(text, self.depth + 1)

    def eval(self, words: list[Word]) -> None:
        parts = words[2:] if len(words) > 1 and words[1].text == "--" else words[1:]
        if parts:
            self.code(glued(parts), "eval")

    def source(self, words: list[Word]) -> None:
        name = words[0].text
        if len(words) > 1 and is_input(words[1]):
            self.reads(name)
            return
        self.show(words)
        if len(words) > 1:
            self.alias_of_input(words[1], name)

    def find(self, words: list[Word]) -> None:
        self.show_both(words, "find")
        inner: list[Word] | None = None
        for word in words[1:]:
            if inner is None:
                inner = [] if word.text in ("-exec", "-execdir", "-ok", "-okdir") else None
            elif word.text in (";", "+"):
                self.part(inner)
                inner = None
            else:
                inner.append(word)
        self.part(inner or [])

    def part(self, words: list[Word]) -> None:
        """A command inside another's arguments, which does not read that one's input."""
        if words:
            marked = [_unknown(word) if "{}" in word.text else word for word in words]
            _Run(self.runner, Simple(marked), self.depth, self.wrapped + 1).words(marked)

    def env(self, words: list[Word]) -> None:
        """`env -S TEXT` splits the text into words; any other `env` is a plain wrapper."""
        text = env_text(words)
        inner = self.unwrapped("env", words)
        if text is not None:
            self.code(text, "env")
        elif inner:
            self.again(inner)
        else:
            self.show_both(words, "env")

    def sudo(self, words: list[Word]) -> None:
        """`sudo -s TEXT` hands the text to a shell; any other `sudo` is a plain wrapper."""
        inner = self.unwrapped("sudo", words)
        if not any(_SUDO_SHELL.fullmatch(one.text) for one in words[: len(words) - len(inner)]):
            self.again(inner) if inner else self.show_both(words, "sudo")
        elif inner:
            self.code(glued(inner), "sudo")
        else:
            self.show_both(words, "sudo")
            self.reads("sudo")

    def again(self, words: list[Word]) -> None:
        """Look into what this command comes down to."""
        _Run(self.runner, self.command, self.depth, self.wrapped + 1).words(words)

    def alias(self, words: list[Word]) -> None:
        self.show(words)
        for word in words[1:]:
            _, equals, value = word.text.partition("=")
            if equals:
                self.code(Word(value, word.literal, word.known), "alias")

    def trap(self, words: list[Word]) -> None:
        self.show(words)
        operands = [word for word in words[1:] if not word.text.startswith("-")]
        if len(operands) > 1:
            self.code(operands[0], "trap")

    def watch(self, words: list[Word]) -> None:
        _, inner = inside(_WATCH, words)
        self.show_both(words, "watch")
        if inner:
            self.code(glued(inner), "watch")

    def with_code_option(self, words: list[Word]) -> None:
        """`su`, `script` and their like: a command line stands behind `-c`."""
        name = program_name(words[0].text)
        self.show_both(words, name)
        text = long_option(words, "--command") or short_option(words, "c")
        if text:
            self.code(text, name)
        elif name != "script":
            self.reads(name)

    def flock(self, words: list[Word]) -> None:
        _, inner = inside(WRAPPERS["flock"], words)
        if len(inner) > 1 and inner[0].text in ("-c", "--command"):
            self.code(inner[1], "flock")
        elif inner:
            self.again(inner)
        else:
            self.show_both(words, "flock")

    def later(self, words: list[Word]) -> None:
        """`at` and `batch` hand their input to a shell."""
        self.show_both(words, program_name(words[0].text))
        self.reads(program_name(words[0].text))

    def declare(self, words: list[Word]) -> None:
        self.show(words)
        self.assigned([word for word in words[1:] if "=" in word.text])

    def coproc(self, words: list[Word]) -> None:
        self.opaque("coproc runs commands of its own")

    def assigned(self, words: Sequence[Word]) -> None:
        """Variables that make shells and programs run something else."""
        for word in words:
            name, _, value = word.text.partition("=")
            if name in _STEERING or name.startswith(_STEERING_PREFIX):
                self.opaque(f"{name} changes what runs")
            elif name == "PATH" and "$PATH" not in value and "${PATH}" not in value:
                self.opaque("PATH changes what runs")
            elif name in _COMMANDS:
                self.code(Word(value, word.literal, word.known), name)


_COMMANDS = frozenset(
    [
        "PAGER",
        "GIT_PAGER",
        "MANPAGER",
        "EDITOR",
        "VISUAL",
        "GIT_EDITOR",
        "GIT_SEQUENCE_EDITOR",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_EXTERNAL_DIFF",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
        "SUDO_ASKPASS",
        "BROWSER",
        "LESSOPEN",
    ]
)  # variables whose value other programs run
_WATCH = Wrapper("n", ("interval",))
_SPECIAL: dict[str, Callable[[_Run, list[Word]], None]] = {
    **dict.fromkeys(SHELLS, _Run.shell),
    **dict.fromkeys(_DECLARING, _Run.declare),
    **dict.fromkeys(("su", "runuser", "script", "sg"), _Run.with_code_option),
    **dict.fromkeys((".", "source"), _Run.source),
    **dict.fromkeys(("find", "gfind"), _Run.find),
    **dict.fromkeys(("at", "batch"), _Run.later),
    "alias": _Run.alias,
    "coproc": _Run.coproc,
    "env": _Run.env,
    "eval": _Run.eval,
    "flock": _Run.flock,
    "sudo": _Run.sudo,
    "trap": _Run.trap,
    "watch": _Run.watch,
}


def _special(name: str) -> Callable[[_Run, list[Word]], None] | None:
    return _SPECIAL.get(name)


def program_name(path: str) -> str:
    """The last part of a program's path: `rm` for `/bin/rm`."""
    return path.rpartition("/")[2] or path


def joined(words: Sequence[Word]) -> str:
    """The words with a blank between two, quoted where they could be misread."""
    return " ".join(quoted(word.text) for word in words)


def quoted(text: str) -> str:
    """The word as it is where that is clear, else in quotes; `shlex.split` gives it back."""
    plain = _UNQUOTED.fullmatch(text) and not _LIKE_REDIRECT.match(text)
    return text if plain else shlex.quote(text)


def _redirect(operator: str, word: Word) -> str:
    joint = "" if operator.endswith("&") and not operator.startswith("&") else " "
    return f"{operator}{joint}{quoted(word.text)}"


def _braced(word: Word) -> list[Word]:
    """The words that `{a,b}` stands for; the word itself, no longer known, if they are too many."""
    if not word.brace or not _BRACES.search(word.text):
        return [word]
    if not word.is_bare:
        return [_unknown(word)]
    open_, made = [word.text], []
    while open_:
        text = open_.pop()
        match = _BRACES.search(text)
        if match is None:
            made.append(text)
        elif len(open_) + len(made) + match[1].count(",") >= BRACED:
            return [_unknown(word)]
        else:
            around = text[: match.start()], text[match.end() :]
            open_ += [one.join(around) for one in reversed(match[1].split(","))]
    return [Word(text, bare=len(text), glob=word.glob) for text in made if text]


def _unknown(word: Word) -> Word:
    return Word(word.text, literal=False, known=False, quoted=word.quoted)
