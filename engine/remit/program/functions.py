"""What the built-in functions of the language do (their types and costs: `remit.checked.ops`).

What reads numbers, mail and command lines is loaded when a policy uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from remit.program.values import UNKNOWN, is_number, is_text


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

    def result(value: Any) -> Any:
        from remit.text.shell_run import LONGEST

        return of_text(value) if is_text(value) and len(value) <= LONGEST else UNKNOWN

    of_text = _of_text(function)
    return result


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
    from remit.text.numbers import parse_number

    made = parse_number(value) if is_text(value) else None
    return UNKNOWN if made is None else made


def _commands(value: Any) -> Any:
    """Of a command line, or of the words that a program is started with."""
    from remit.text import shell

    if isinstance(value, list) and all(is_text(one) for one in value):
        from shlex import join

        value = join(value)
    made = shell.commands(value) if is_text(value) else None
    return UNKNOWN if made is None else made


def _of_mail(name: str) -> Callable[[Any], Any]:
    def function(text: str) -> Any:
        from remit.text import mail

        return mail.domain(text) if name == "domain" else mail.host(text)

    return _of_text(function)


def _found(detector: str) -> Callable[[Any], Any]:
    def function(text: str) -> list[str]:
        from remit.text.finders import finder

        return finder(detector, ()).texts(text)

    return _of_text(function)


def _shell_part(name: str) -> Callable[[str], Any]:
    def function(text: str) -> Any:
        from remit.text import shell_parts

        return getattr(shell_parts, name)(text)

    return function


def _program(value: Any) -> Any:
    """Absent where a command runs none."""
    from remit.text.shell_parts import program
    from remit.text.shell_run import LONGEST

    return program(value) if is_text(value) and len(value) <= LONGEST else UNKNOWN


def _paths(text: str) -> Any:
    from remit.text import shell

    return shell.paths(text)


def _path(text: str) -> Any:
    from remit.text import shell

    return shell.normal_path(text)


# those that take longer than remembering what they came to
COSTLY = frozenset({"commands", "program", "options", "operands", "writes", "paths", "path",
                    "emails", "urls", "domain", "host", "words", "lines"})  # fmt: skip
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "length": _length,
    "count": _of_list(len),
    "lower": _of_text(str.lower),
    "trimmed": _of_text(str.strip),
    "domain": _of_mail("domain"),
    "host": _of_mail("host"),
    "number": _number,
    "words": _of_text(str.split),
    "lines": _of_text(str.splitlines),
    "emails": _found("email"),
    "urls": _found("url"),
    "commands": _commands,
    "program": _program,
    "options": _of_command(_shell_part("options")),
    "operands": _of_command(_shell_part("operands")),
    "writes": _of_command(_shell_part("writes")),
    "paths": _of_command(_paths),
    "path": _of_text(_path),
    "values": lambda value: list(value.values()) if type(value) is dict else UNKNOWN,
    "given": _of_list(lambda items: [one for one in items if one is not None]),
    "first": _of_list(lambda items: items[0] if items else None),
    "last": _of_list(lambda items: items[-1] if items else None),
    "sum": _of_numbers(sum),
    "smallest": _of_numbers(lambda items: min(items, default=None)),
    "largest": _of_numbers(lambda items: max(items, default=None)),
}
