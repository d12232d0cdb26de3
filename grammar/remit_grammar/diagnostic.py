"""What is wrong, where, and what to do: one type for broken specs, bad input and verdicts.

A `Diagnostic` is a value; `render` turns it into text for a terminal and `to_json` into data.
Neither decides anything. Codes and their severities live in `codes.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from remit_grammar.codes import CODES, Severity
from remit_grammar.source import Source, Span
from remit_grammar.value import value

TAB = "    "  # a tab in a source line is shown as four blanks, so that underlines line up
WIDEST = 160  # a longer source line is cut around the label, in characters


@value
class Label:
    """A piece of source with a remark; a diagnostic has one primary label and any secondary."""

    span: Span
    text: str = ""


@value
class Fix:
    """A replacement that is sure to be what the author meant. An empty span inserts."""

    span: Span
    text: str


@value
class Diagnostic:
    """One finding.

    `code` is a key of `CODES` (`R0203`), or a verdict with its clause for explanations of
    decisions (`deny[refunds.limit]`), where `severity` is given. `message` is one short sentence
    in lower case without a full stop. `notes` and `help` are printed below the source.
    """

    code: str
    message: str
    primary: Label | None = None
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    severity: Severity | None = None

    @property
    def level(self) -> Severity:
        """How grave it is: what was given, or else what the code's registry entry says."""
        return self.severity or CODES[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether the input cannot be used as it is."""
        return self.level is Severity.ERROR

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data: positions from 1, the fix as offsets into the source."""
        data: dict[str, Any] = {
            "code": self.code,
            "severity": self.level.value,
            "message": self.message,
        }
        if self.primary:
            data["primary"] = _label_json(self.primary)
        if self.secondary:
            data["secondary"] = [_label_json(label) for label in self.secondary]
        if self.notes:
            data["notes"] = list(self.notes)
        if self.help:
            data["help"] = self.help
        if self.fix:
            span = self.fix.span
            data["fix"] = {"start": span.start, "end": span.end, "text": self.fix.text}
        return data


class SpecError(Exception):
    """Raised where a caller asked for a usable thing and the input has errors.

    `diagnostics` holds every finding; `str()` is their plain rendering.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        return render_all(self.diagnostics)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known name that is closest to `word`, if one is close enough to be worth saying."""
    by_folded = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[close[0]] if close else None


_COLOURS = {
    Severity.ERROR: "31;1",
    Severity.WARNING: "33;1",
    Severity.NOTE: "36;1",
    "dim": "34",
    "bold": "1",
    "help": "32",
}


def render_all(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """All findings, a blank line between two."""
    return "\n".join(render(one, colour=colour) for one in diagnostics)


def render(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """The finding as text for a terminal; ends with a line end.

    Control characters of hostile source text never reach the terminal: they are shown as `·`.
    """
    return _Renderer(diagnostic, colour).text()


class _Renderer:
    def __init__(self, diagnostic: Diagnostic, colour: bool) -> None:
        self.it = diagnostic
        self.colour = colour
        lines = [label.span.line for label in self._labels()]
        self.gutter = max((len(str(line)) for line in lines), default=1)

    def _labels(self) -> list[Label]:
        first = [self.it.primary] if self.it.primary else []
        return first + list(self.it.secondary)

    def paint(self, text: str, style: Severity | str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self.colour and text else text

    def bar(self, mark: str = "|", number: int | None = None) -> str:
        head = " " if number is None else str(number)
        return self.paint(f"{head:>{self.gutter}} {mark}", "dim")

    def text(self) -> str:
        level = self.it.level
        code = self.it.code
        head = f"{level.value}[{code}]" if code in CODES else code
        out = [f"{self.paint(head, level)}: {self.paint(visible(self.it.message), 'bold')}"]
        previous: Source | None = None
        for label in self._labels():
            out += self.snippet(label, level, previous)
            previous = label.span.source
        for note in self.it.notes:
            out += self.remark("note", note)
        if self.it.help:
            out += self.remark("help", self.it.help)
        if self.it.fix:
            out += self.show_fix(self.it.fix)
        return "\n".join(out) + "\n"

    def snippet(self, label: Label, level: Severity, previous: Source | None) -> list[str]:
        primary = label is self.it.primary
        span = label.span
        number = span.line
        arrow = "-->" if primary else ":::"
        out = []
        if primary or span.source is not previous:
            out.append(f"{' ' * self.gutter} {self.paint(arrow, 'dim')} {span.place}")
            out.append(self.bar())
        elif previous is not None:
            out.append(self.bar(":"))
        line, offset = span.source.line(number), span.source.line_start(number)
        start, end = span.start - offset, min(span.end - offset, len(line))
        shown, before, width = _window(line, start, max(end, start))
        style: Severity | str = level if primary else "dim"
        mark = self.paint(("^" if primary else "-") * max(width, 1), style)
        remark = " " + self.paint(visible(label.text), style) if label.text else ""
        out.append(f"{self.bar(number=number if span.source.has_lines else None)} {shown}")
        out.append(f"{self.bar()} {' ' * before}{mark}{remark}")
        return out

    def remark(self, word: str, text: str) -> list[str]:
        first, *rest = text.split("\n")
        head = f"{' ' * self.gutter} {self.paint('=', 'dim')} "
        style = "help" if word == "help" else "bold"
        out = [f"{head}{self.paint(word, style)}: {visible(first)}"]
        indent = " " * (self.gutter + 3)
        return out + [f"{indent}{visible(line)}" for line in rest]

    def show_fix(self, fix: Fix) -> list[str]:
        number = fix.span.line
        line, offset = fix.span.source.line(number), fix.span.source.line_start(number)
        start, end = fix.span.start - offset, min(fix.span.end - offset, len(line))
        changed = line[:start] + fix.text + line[end:]
        out = []
        for part in changed.split("\n"):
            shown, _, _ = _window(part, min(start, len(part)), min(start, len(part)))
            plus = self.paint(f"{'+':>{self.gutter}}", "help")
            out.append(f"{plus} {self.paint('|', 'dim')} {self.paint(shown, 'help')}")
        return out


def visible(text: str) -> str:
    """The text with tabs widened and every character that could drive a terminal replaced."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char == "\t":
        return TAB
    category = unicodedata.category(char)
    return "·" if category in ("Cc", "Cf", "Cs", "Zl", "Zp") else char


def columns(text: str) -> int:
    """How many terminal columns a visible text takes (wide characters take two)."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    narrow = sum(unicodedata.combining(char) != 0 for char in text)
    return len(text) + wide - narrow


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around a label, with the label's column and width in it."""
    left = max(0, start - WIDEST // 3) if len(line) > WIDEST else 0
    right = min(len(line), left + WIDEST)
    end = min(end, right)
    head = ("…" if left else "") + visible(line[left:start])
    body = visible(line[start:end])
    tail = visible(line[end:right]) + ("…" if right < len(line) else "")
    return head + body + tail, columns(head), columns(body)


def _label_json(label: Label) -> dict[str, Any]:
    span = label.span
    line, column = span.source.position(span.start)
    last, last_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": last,
        "end_column": last_column,
        "text": label.text,
    }
