"""What a command of a pipeline prints, where it can be told from the command line alone.

Knows the few programs that are used to hide a command from readers: `echo`, `printf`, `cat`,
`base64`, `xxd` and `rev`. Everything else prints something unknown. Runs nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from remit.text.shell_words import Unreadable, Word, unescape

if TYPE_CHECKING:
    from remit.text.shell_read import Simple

LONGEST = 1 << 18  # characters of a printed text
HOPS = 8  # commands of one pipeline that are looked through
_LONG_OCTAL = re.compile(r"\\0([0-7]{1,3})")
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def input_of(command: Simple, hops: int = 0) -> str | None:
    """The text that the command reads, or None where it cannot be told."""
    if command.redirected or command.source is None:
        return command.input
    return _output(command.source, hops + 1) if hops < HOPS else None


def _output(command: Simple, hops: int) -> str | None:
    words = command.words
    if command.redirects or command.assigned or any(_expands(word) for word in words):
        return None
    program = _PRINTERS.get(words[0].text.rpartition("/")[2])
    if program is None:
        return None
    return program([word.text for word in words[1:]], lambda: input_of(command, hops))


def _expands(word: Word) -> bool:
    return not word.literal or word.glob or word.brace


Read = Callable[[], str | None]


def _echo(words: list[str], read: Read) -> str | None:
    escapes, end = False, "\n"
    while words and re.fullmatch("-[neE]+", words[0]):
        escapes = "e" in words[0] or escapes
        end = "" if "n" in words[0] else end
        words = words[1:]
    text = " ".join(words)
    if "\\" not in text:
        return text + end
    # Without -e shells disagree on whether a backslash means something.
    return _unescaped(_LONG_OCTAL.sub(r"\\\1", text) + end) if escapes else None


def _unescaped(text: str) -> str | None:
    if "\\c" in text:  # cuts the text here, and is a control character in `$'...'`
        return None
    try:
        return unescape(text)
    except Unreadable:
        return None


def _printf(words: list[str], read: Read) -> str | None:
    words = words[1:] if words[:1] == ["--"] else words
    if not words:
        return None
    form, *values = words
    wanted = [match for match in _DIRECTIVE.findall(form) if match != "%"]
    rounds = -(-len(values) // len(wanted)) if wanted else 1
    if set(wanted) - {"s", "b"} or rounds * len(form) > LONGEST or "\\" in "".join(values):
        return None
    left = iter(values)
    made = [
        _DIRECTIVE.sub(lambda match: "%" if match[1] == "%" else next(left, ""), form)
        for _ in range(max(rounds, 1))
    ]
    return _unescaped("".join(made))


def _cat(words: list[str], read: Read) -> str | None:
    return read() if words in ([], ["-"]) else None


def _base64(words: list[str], read: Read) -> str | None:
    if not words or set(words) - {"-d", "-D", "-di", "-i", "--decode", "--ignore-garbage"}:
        return None
    return _decoded(read(), base64.b64decode)


def _openssl(words: list[str], read: Read) -> str | None:
    if set(words) - {"enc", "base64", "-base64", "-d", "-A", "-a"} or "-d" not in words:
        return None
    return _decoded(read(), base64.b64decode)


def _xxd(words: list[str], read: Read) -> str | None:
    if set(words) - {"-r", "-p", "-rp", "-ps"} or not any("r" in word for word in words):
        return None
    return _decoded(read(), bytes.fromhex)


def _decoded(text: str | None, decode: Callable[[str], bytes]) -> str | None:
    if text is None:
        return None
    try:
        return decode(text).decode("utf-8")
    except (ValueError, binascii.Error):
        return None


def _rev(words: list[str], read: Read) -> str | None:
    text = None if words else read()
    return None if text is None else "\n".join(line[::-1] for line in text.split("\n"))


_PRINTERS: dict[str, Callable[[list[str], Read], str | None]] = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "base64": _base64,
    "openssl": _openssl,
    "xxd": _xxd,
    "rev": _rev,
}
