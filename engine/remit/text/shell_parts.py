"""What the words of one simple command are: its program, options, operands, and files it changes.

Takes commands as `remit.text.shell.commands` gives them. Knows the common tools that change files
and no others: a program of which nothing is known changes what its redirections name.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache

from remit.text.shell import normal_path
from remit.text.shell_run import program_name

_REDIRECT = re.compile(r"(?:\d+|\{\w+\})?(<>|<|>>?|>\||&>>?)")
_GLUED = re.compile(r"\d*>&([^\d-].*)", re.DOTALL)
_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""", re.DOTALL)
_QUOTES = frozenset("'\"\\")
_DUPLICATE = re.compile(r"\d*[<>]&[\d-]+-?")

_EVERY = frozenset(
    [
        *("rm", "rmdir", "unlink", "shred", "srm", "trash", "wipe", "truncate", "touch", "mkdir"),
        *("chmod", "chown", "chgrp", "chattr", "setfacl", "mkfifo", "mknod", "ln", "mv", "gio"),
        *("tee", "sponge", "patch", "ed", "ex", "vi", "vim", "nvim", "nano", "emacs"),
    ]
)  # change whatever they name; a link or a move is a way to write to both of its ends
_LAST = frozenset(["cp", "install", "rsync", "scp", "gcp", "ditto"])
_IN_PLACE = re.compile(r"-[A-Za-z]*i.*|--in-place(?:=.*)?")
_EDITORS = frozenset(["sed", "gsed", "perl", "ruby", "awk", "gawk"])
_OUTPUT = {
    "curl": ("-o", "--output", "--output-dir"),
    "wget": ("-O", "--output-document", "-P", "--directory-prefix"),
    "sort": ("-o", "--output"),
    "tar": ("-C", "--directory"),
    "unzip": ("-d",),
    "openssl": ("-out",),
    "gpg": ("-o", "--output"),
    "gcc": ("-o",),
    "cp": ("-t", "--target-directory"),
    "mv": ("-t", "--target-directory"),
    "ln": ("-t", "--target-directory"),
    "install": ("-t", "--target-directory"),
}  # options whose value is a file or folder that is written


@dataclass(slots=True)
class _Words:
    """The words of a command, sorted."""

    program: str = ""
    options: list[str] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    ended: bool = False  # behind `--`
    awaits: bool = False  # the next word is what the option before it writes

    def take(self, word: str) -> None:
        """Sort in the next word."""
        is_option = word.startswith("-") and len(word) > 1 and not self.ended
        awaited, self.awaits = self.awaits, False
        if not self.program:
            self.program = program_name(word)
        elif word == "--" and not self.ended:
            self.ended = True
        elif is_option and not awaited:
            self.options.append(word)
            self._output(word)
        else:
            self.operands.append(word)
            self.written += [word] if awaited else []

    def _output(self, option: str) -> None:
        """Note the output that an option names, glued to it or in the word behind it."""
        names = _OUTPUT.get(self.program, ())
        is_bundle = option[1] != "-" and f"-{option[-1]}" in names
        self.awaits = option in names or is_bundle
        for name in () if self.awaits else names:
            self.written += _glued(option, name)


def _glued(option: str, name: str) -> list[str]:
    """The value in `--output=x`, `-ox` and `-sox`, if the option is that one; else nothing."""
    if name.startswith("--"):
        return [option[len(name) + 1 :]] if option.startswith(name + "=") else []
    head, found, value = option.partition(name[1:])
    return [value] if found and value and head.startswith("-") and head[1:2] != "-" else []


def program(command: str) -> str | None:
    """The program's name without its folder; None where the command is only a redirection."""
    return _sorted(command).program or None


def options(command: str) -> list[str]:
    """The options, each once: as written, without a value behind `=`, and letter by letter.

    `-rf --depth=1` gives `-rf`, `-r`, `-f`, `--depth`. Words behind `--` are no options; a word
    that begins with `-` and is another option's value is listed all the same.
    """
    found: dict[str, None] = {}
    for word in _sorted(command).options:
        name = word.partition("=")[0]
        found[name] = None
        if not name.startswith("--"):
            found.update(dict.fromkeys(f"-{letter}" for letter in name[1:]))
    return list(found)


def operands(command: str) -> list[str]:
    """The words that are no option, program or redirection; values of options are among them."""
    return list(_sorted(command).operands)


def writes(command: str) -> list[str]:
    """The paths that a command writes to, creates, moves or deletes, normalised, each once."""
    words = _sorted(command)
    return list(dict.fromkeys(normal_path(one) for one in [*words.written, *_changed(words)]))


@lru_cache(maxsize=256)  # each clause of a policy asks for the same commands
def _sorted(command: str) -> _Words:
    found = _Words()
    rest = iter(_WORD.findall(command))
    for word in rest:
        if match := _REDIRECT.fullmatch(word):
            target = _unquoted(next(rest, ""))
            found.written += [] if match[1] == "<" else [target]
        elif match := _GLUED.fullmatch(word):
            found.written.append(_unquoted(match[1]))
        elif not _DUPLICATE.fullmatch(word):
            found.take(_unquoted(word))
    return found


def _unquoted(word: str) -> str:
    """The word without its quotes. An operator is one only where it has none."""
    return "".join(shlex.split(word)) if _QUOTES & set(word) else word


def _changed(words: _Words) -> list[str]:
    """What the program changes of what it names."""
    if words.program in _EVERY:
        return words.operands
    if words.program in _LAST:
        return words.operands[-1:]
    if words.program == "dd":
        return [one.partition("=")[2] for one in words.operands if one.startswith("of=")]
    if words.program in _EDITORS and any(_IN_PLACE.fullmatch(one) for one in words.options):
        return words.operands
    if words.program == "find" and "-delete" in words.options:
        return words.operands
    return []
