"""What a shell command line would run, and which paths a command names. Runs nothing.

The answer errs on the side of listing too much. Commands that other programs run in languages of
their own (`python -c`, `awk`, `ssh`) are not looked into, and symbolic links are not followed.
"""

from __future__ import annotations

import posixpath
import re
import shlex

from remit.text.shell_run import LONGEST, Runner
from remit.text.shell_words import Unreadable

_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")
_HERE = re.compile(r"\$(?:PWD\b|\{PWD\})(?=/|$)")
_OTHER_ROOT = re.compile(r"/proc/(?:self|thread-self|\d+)/(root|cwd)(?=/|$)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VALUE = re.compile(r"-{1,2}[A-Za-z][\w-]*?=?@?([~./$].*)|[\w-]+=@?(.*)|@(.*)", re.DOTALL)
_FILE = re.compile(r"[\w-][\w.-]*\.[A-Za-z]\w{0,7}")
_REDIRECT = re.compile(r"(?:\d+|\{\w+\})?(?:<>|<|>>?|>\|)|&>>?")


def commands(text: str) -> list[str] | None:
    """The simple commands that a shell would run for `text`, each once and in normal form.

    Words are unquoted and joined by single blanks (`rm -rf /tmp/x`); a word with blanks, quotes or
    backslashes is quoted again, so that `shlex.split` gives the words back. Redirections come last
    (`echo x > /etc/passwd`). Commands inside substitutions, shells and wrappers are listed too, as
    are `sudo` and `find` themselves. What cannot be seen is listed as `opaque: ...`. None where the
    text cannot be read: quotes or brackets that do not close, nesting beyond 8, more than 256 KiB.
    """
    if "\0" in text or len(text) > LONGEST or len(text.encode("utf-8", "replace")) > LONGEST:
        return None
    runner = Runner()
    try:
        runner.text(text.replace("\r\n", "\n"), 0)
    except Unreadable:
        return None
    return list(runner.listed)


def paths(command: str) -> list[str]:
    """The words of a command, as `commands` gives it, that look like paths; normalised, each once.

    A word looks like one if it has a slash, begins with `~` or `.`, has a file name's extension or
    stands behind a redirection; so does the value of an option (`--file=/x`, `if=/x`, `@/x`).
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    found: dict[str, None] = {}
    target = False
    for word in words:
        if target:
            found[normal_path(word)] = None
        target = _REDIRECT.fullmatch(word) is not None
        for part in () if target else _parts(word):
            if _looks_like_path(part):
                found[normal_path(part)] = None
    return list(found)


def _parts(word: str) -> list[str]:
    """The pieces of a word that may be a path."""
    match = _VALUE.fullmatch(word)
    value = next(filter(None, match.groups()), "") if match else word
    if _SCHEME.match(value) or ":" not in value:
        return [value]
    return value.split(":")


def _looks_like_path(word: str) -> bool:
    if _SCHEME.match(word):
        return word.startswith("file://")
    if "/" in word or word.startswith(("~", ".")) or _HOME.match(word):
        return True
    return _FILE.fullmatch(word) is not None


def normal_path(text: str) -> str:
    """The path without `.`, `..` and doubled slashes, and with `~` for `$HOME`.

    `./x` and `$PWD/x` become `x`. A `..` above the start stays. Nothing is looked up on the disk.
    """
    path = text.removeprefix("file://") if text.startswith("file:///") else text
    before = None
    while path and before != path:
        before, path = path, _at_start(_HERE, ".", _at_start(_HOME, "~", path))
        path = _without_detour(_collapsed(path))
    return path


def _at_start(variable: re.Pattern[str], meaning: str, path: str) -> str:
    """The path with a variable that it begins with replaced by what it stands for."""
    match = variable.match(path)
    return path if match is None else meaning + path[match.end() :]


def _collapsed(path: str) -> str:
    head, slash, rest = path.partition("/")
    if head.startswith("~"):
        return posixpath.join(head, _collapsed("./" + rest)) if slash and rest else head
    made = posixpath.normpath(path)
    return "/" + made.lstrip("/") if made.startswith("/") else made


def _without_detour(path: str) -> str:
    """The path meant by one through `/proc`, where `root` is `/` and `cwd` is `.`."""
    match = _OTHER_ROOT.match(path)
    if match is None:
        return path
    rest = path[match.end() :]
    return rest or "/" if match[1] == "root" else "." + rest
