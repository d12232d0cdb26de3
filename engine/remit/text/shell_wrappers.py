"""Programs that run another program named among their arguments, and where that one begins.

Data and the walk over options; what the inner program does is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from remit.text.shell_words import Word


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How a wrapper's arguments are laid out.

    `short`: letters of options with a value; `long`: names of those; `operands`: how many arguments
    stand before the inner program; `assigns`: `NAME=value` may stand there too; `shown`: the
    wrapper matters by itself, so it is listed as well.
    """

    short: str = ""
    long: tuple[str, ...] = ()
    operands: int = 0
    assigns: bool = False
    shown: bool = False


WRAPPERS: dict[str, Wrapper] = {
    "env": Wrapper("uC", ("unset", "chdir"), assigns=True),
    "sudo": Wrapper(
        "ughpCTtrRDU",
        ("user", "group", "host", "prompt", "chdir", "chroot", "role", "type", "close-from"),
        assigns=True,
        shown=True,
    ),
    "doas": Wrapper("uC", shown=True),
    "pkexec": Wrapper("", ("user",), shown=True),
    "chroot": Wrapper("", (), operands=1, shown=True),
    "command": Wrapper(),
    "builtin": Wrapper(),
    "exec": Wrapper("a"),
    "nohup": Wrapper(),
    "time": Wrapper("fo", ("format", "output")),
    "nice": Wrapper("n", ("adjustment",)),
    "ionice": Wrapper("cn", ("class", "classdata")),
    "chrt": Wrapper("TPD", (), operands=1),
    "taskset": Wrapper("", (), operands=1),
    "timeout": Wrapper("ks", ("kill-after", "signal"), operands=1),
    "gtimeout": Wrapper("ks", ("kill-after", "signal"), operands=1),
    "stdbuf": Wrapper("ioe", ("input", "output", "error")),
    "setsid": Wrapper(),
    "setarch": Wrapper("", (), operands=1),
    "unbuffer": Wrapper(),
    "strace": Wrapper("aeEoOpPsSuU", ("trace", "output", "attach", "env")),
    "ltrace": Wrapper("aeoFnpsu", ("output",)),
    "unshare": Wrapper("RSGw", ("root", "wd", "setuid", "setgid"), shown=True),
    "flock": Wrapper("wE", ("timeout", "wait", "conflict-exit-code"), operands=1),
    "xargs": Wrapper(
        "aEIdLnPs",
        ("arg-file", "delimiter", "max-lines", "max-args", "max-procs", "max-chars"),
    ),
    "gxargs": Wrapper("aEIdLnPs", ("arg-file", "delimiter", "max-args", "max-procs")),
    "busybox": Wrapper(),
    "toybox": Wrapper(),
    "caffeinate": Wrapper("tw"),
    "proxychains4": Wrapper("f"),
    "torsocks": Wrapper(),
    "rlwrap": Wrapper(),
    "winpty": Wrapper(),
    "xvfb-run": Wrapper("efnpsw"),
}
SHELLS = frozenset(
    [
        "sh",
        "bash",
        "dash",
        "zsh",
        "ksh",
        "ash",
        "mksh",
        "pdksh",
        "yash",
        "fish",
        "rbash",
        "tcsh",
        "csh",
    ]
)
_VALUED = frozenset(["-o", "+o", "-O", "+O", "--rcfile", "--init-file"])  # of a shell
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


def inside(wrapper: Wrapper, words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The assignments and the words of the inner command; no words where there is none."""
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        option = words[at].text
        at += 1
        if option == "--":
            break
        if _takes_next(wrapper, option):
            at += 1
    assigned = []
    while wrapper.assigns and at < len(words) and _ASSIGNED.match(words[at].text):
        assigned.append(words[at])
        at += 1
    return assigned, list(words[at + wrapper.operands :])


def _takes_next(wrapper: Wrapper, option: str) -> bool:
    """Whether the option's value is the next word."""
    if option.startswith("--"):
        return option[2:] in wrapper.long
    for index, letter in enumerate(option[1:], 2):
        if letter in wrapper.short:
            return index == len(option)
    return False


def short_option(words: Sequence[Word], letter: str) -> Word | None:
    """The value of the option `-LETTER`, the next word or the rest of its own."""
    for index, word in enumerate(words):
        if word.text.startswith("-") and not word.text.startswith("--") and letter in word.text:
            rest = word.text.partition(letter)[2]
            following = words[index + 1] if index + 1 < len(words) else None
            return Word(rest, word.literal, word.known) if rest else following
    return None


def glued(words: Sequence[Word]) -> Word:
    """Several words as the one command line that they make."""
    text = " ".join(word.text for word in words)
    known = all(word.known and not word.glob for word in words)
    return Word(text, literal=known, known=known)


def only_asks(name: str, words: list[Word]) -> bool:
    """`command -v NAME` tells where a program is and does not run it."""
    option = words[1].text if len(words) > 1 else ""
    return name == "command" and bool(re.fullmatch("-[pvV]*[vV]", option))


def is_input(word: Word) -> bool:
    """Whether a file name stands for the input."""
    return word.text == "-" or word.text.startswith(("/dev/stdin", "/dev/fd/", "/proc/self/fd/"))


def shell_arguments(words: list[Word]) -> tuple[bool, list[Word]]:
    """Whether a shell's options say that a text follows (`-c`), and its operands."""
    has_code, at = False, 0
    while at < len(words) and words[at].text[:1] in ("-", "+") and words[at].text != "-":
        option = words[at].text
        at += 1
        if option == "--":
            break
        short = option[:1] == "-" and option[:2] != "--"
        if short and "s" in option and "c" not in option:
            return False, []  # operands are then arguments of what it reads
        has_code = has_code or (short and "c" in option)
        if option in _VALUED or (short and option[-1] in "oO"):
            at += 1
    return has_code, words[at:]


def env_text(words: Sequence[Word]) -> Word | None:
    """The text of `env -S TEXT ARGUMENTS` with the arguments behind it."""
    for index, word in enumerate(words[1:], 1):
        match = re.match(r"--split-string(?:=|$)|-[i0v]*S", word.text)
        if match:
            rest = word.text[match.end() :]
            first = [Word(rest, word.literal, word.known)] if rest else []
            return glued([*first, *words[index + 1 :]])
        if not word.text.startswith("-"):
            return None
    return None


def long_option(words: Sequence[Word], name: str) -> Word | None:
    """The value of an option such as `--command`."""
    for index, word in enumerate(words):
        if word.text.startswith(name + "="):
            return Word(word.text[len(name) + 1 :], word.literal, word.known)
        if word.text == name and index + 1 < len(words):
            return words[index + 1]
    return None
