"""What the built-in functions of the language do (their types and costs: `remit.checked.ops`)."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from remit.program.values import UNKNOWN, is_number, is_text
from remit.text import mail, shell, shell_parts
from remit.text.finders import finder
from remit.text.numbers import parse_number
from remit.text.shell_run import LONGEST


def call(name: str, value: Any) -> Any:
    """The result of a function: absent of absence, unknown of what the function does not take."""
    if value is None or value is UNKNOWN:
        return value
    return FUNCTIONS[name](value)


def _of_text(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    def result(value: Any) -> Any:
        if not is_text(value):
            return UNKNOWN
        made = function(value)
        return UNKNOWN if made is None else made

    return result


def _of_command(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    """As `_of_text`, of no more than `commands` reads: reading words is not linear."""
    of_text = _of_text(function)
    return lambda value: of_text(value) if is_text(value) and len(value) <= LONGEST else UNKNOWN


def _of_list(function: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    return lambda value: function(value) if type(value) is list else UNKNOWN


def _of_numbers(function: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    def result(value: Any) -> Any:
        if type(value) is not list or not all(is_number(one) for one in value):
            return UNKNOWN
        return function(value)

    return result


def _length(value: Any) -> Any:
    return len(value) if type(value) in (str, list) else UNKNOWN


def _number(value: Any) -> Any:
    """Of a text that is a number; a number passes, as a host may give a word as one."""
    if is_number(value):
        return value
    made = parse_number(value) if is_text(value) else None
    return UNKNOWN if made is None else made


def _commands(value: Any) -> Any:
    """Of a command line, or of the words that a program is started with."""
    if isinstance(value, list) and all(is_text(one) for one in value):
        value = shlex.join(value)
    made = shell.commands(value) if is_text(value) else None
    return UNKNOWN if made is None else made


# those that take longer than remembering what they came to
COSTLY = frozenset({"commands", "program", "options", "operands", "writes", "paths", "path",
                    "emails", "urls", "domain", "host", "words", "lines"})  # fmt: skip
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "length": _length,
    "count": _of_list(len),
    "lower": _of_text(str.lower),
    "trimmed": _of_text(str.strip),
    "domain": _of_text(mail.domain),
    "host": _of_text(mail.host),
    "number": _number,
    "words": _of_text(str.split),
    "lines": _of_text(str.splitlines),
    "emails": _of_text(lambda text: finder("email", ()).texts(text)),
    "urls": _of_text(lambda text: finder("url", ()).texts(text)),
    "commands": _commands,
    "program": lambda value: (
        shell_parts.program(value) if is_text(value) and len(value) <= LONGEST else UNKNOWN
    ),
    "options": _of_command(shell_parts.options),
    "operands": _of_command(shell_parts.operands),
    "writes": _of_command(shell_parts.writes),
    "paths": _of_command(shell.paths),
    "path": _of_text(shell.normal_path),
    "given": _of_list(lambda items: [one for one in items if one is not None]),
    "first": _of_list(lambda items: items[0] if items else None),
    "last": _of_list(lambda items: items[-1] if items else None),
    "sum": _of_numbers(sum),
    "smallest": _of_numbers(lambda items: min(items, default=None)),
    "largest": _of_numbers(lambda items: max(items, default=None)),
}
