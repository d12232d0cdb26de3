"""Reads recorded answers: from a JSON or JSONL file, or from Python values. All findings at once.

An entry is `{"question": ..., "answer": true, false or null}` and may have `subject` (the text it
is about) or `subject_sha256`, `confidence`, `reason` and `error`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remit.judges.model import Answer
from remit_grammar.diagnostic import Diagnostic, Label, SpecError, did_you_mean
from remit_grammar.source import Source, Span

LINE_ENDINGS = (".jsonl", ".ndjson")  # of names of files that hold an entry a line
MOST_BYTES = 256 * 1024 * 1024  # of a file
_KEYS = ("question", "answer", "subject", "subject_sha256", "confidence", "reason", "error")
_SHA = re.compile("[0-9a-f]{64}")

Known = dict[tuple[str, str | None], Answer]  # by question and digest of the subject, None for any


@dataclass(frozen=True, slots=True)
class _Raw:
    """An undecided entry, what to call it, and where it stands if that is known."""

    value: object
    name: str
    span: Span | None = None


def digest(subject: str) -> str:
    """SHA-256 of a subject's UTF-8, in hexadecimal: what `subject_sha256` holds."""
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()


def read_values(answers: Mapping[str, Any] | Iterable[Any]) -> Known:
    """Entries from Python: a mapping of questions to answers, or entries. Raises `SpecError`."""
    return _known(_from_value(answers if isinstance(answers, Mapping) else list(answers)))


def read_file(path: str | os.PathLike[str]) -> Known:
    """The entries of a file. Raises `SpecError` with every finding."""
    source = Source(str(path), _text(Path(path)))
    if str(path).casefold().endswith(LINE_ENDINGS):
        return _known(_from_lines(source))
    value = _json(source, source.text, source.span())
    return _known([value] if isinstance(value, Diagnostic) else _from_value(value))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _fault("R0004", f"`{path}` is larger than {MOST_BYTES // 2**20} MiB")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:  # before ValueError, of which it is one
        raise _fault("R0002", f"`{path}` is not UTF-8: offset {error.start}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or "it is no path"
        raise _fault("R0001", f"cannot read `{path}`: {why}") from None


def _fault(code: str, message: str) -> SpecError:
    return SpecError([Diagnostic(code, message)])


def _from_lines(source: Source) -> Iterator[_Raw | Diagnostic]:
    start = 0
    for number, line in enumerate(source.text.split("\n"), 1):
        span = source.span(start, start + len(line.rstrip("\r")))
        start += len(line) + 1
        if line.strip():
            value = _json(source, line, span)
            yield value if isinstance(value, Diagnostic) else _Raw(value, f"line {number}", span)


def _json(source: Source, text: str, span: Span) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        at = min(span.start + error.pos, len(source.text))
        label = Label(source.span(at, at), "here")
        return Diagnostic("R1201", "this is not JSON", label)
    except (ValueError, RecursionError):  # NaN, a number too long, nesting without end
        return Diagnostic("R1201", "this JSON holds what no answer can hold", Label(span))


def _no_constant(word: str) -> None:
    raise ValueError(word)


def _from_value(value: object) -> Iterator[_Raw | Diagnostic]:
    if isinstance(value, Mapping):
        for question, answer in value.items():
            yield _Raw({"question": question, "answer": answer}, f"`{str(question)[:80]}`")
    elif isinstance(value, list):
        yield from (_Raw(one, f"entry {number}") for number, one in enumerate(value, 1))
    else:
        help = "write a list of entries, or an object that gives each question its answer"
        yield Diagnostic("R1201", "recorded answers are a list or an object", help=help)


def _known(raws: Iterable[_Raw | Diagnostic]) -> Known:
    known: Known = {}
    findings: list[Diagnostic] = []
    for raw in raws:
        if isinstance(raw, Diagnostic):
            findings.append(raw)
            continue
        key, answer, faults = _entry(raw.value)
        if key in known and known[key] != answer:
            faults.append(("gives another answer than an entry before it", None))
        known.setdefault(key, answer)
        findings += [_finding(raw, text, help) for text, help in faults]
    if findings:
        raise SpecError(findings)
    return known


def _finding(raw: _Raw, text: str, help: str | None) -> Diagnostic:
    label = Label(raw.span) if raw.span else None
    return Diagnostic("R1201", f"{raw.name} {text}", label, help=help)


_Faults = list[tuple[str, str | None]]


def _entry(value: object) -> tuple[tuple[str, str | None], Answer, _Faults]:
    """The key and answer of an entry, with its faults; where there are any, the rest is filler."""
    if not isinstance(value, Mapping):
        return ("", None), Answer(), [("is not an object", None)]
    faults = list(_strange(value)) or list(_misfits(value))  # what is missing is misspelt
    if faults:
        return (f"\0{id(value)}", None), Answer(), faults
    sha = value.get("subject_sha256")
    if sha is None and value.get("subject") is not None:
        sha = digest(value["subject"])
    sure = value.get("confidence")
    answer = Answer(
        value["answer"],
        None if sure is None else float(sure),
        value.get("reason") or "",
        value.get("error") or "",
    )
    return (value["question"], sha), answer, []


def _strange(value: Mapping[Any, Any]) -> Iterator[tuple[str, str | None]]:
    for key in value:
        if key not in _KEYS:
            close = did_you_mean(str(key), _KEYS)
            yield f"has an unknown key `{str(key)[:80]}`", close and f"did you mean `{close}`?"


def _misfits(value: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    if not isinstance(value.get("question"), str):
        yield "has no text `question`", None
    if "answer" not in value or not any(value["answer"] is one for one in (True, False, None)):
        yield "has no `answer`", "an answer is `true`, `false`, or `null` for unknown"
    for key in ("subject", "reason", "error"):
        if not isinstance(value.get(key), str | None):
            yield f"has a `{key}` that is not a text", None
    yield from _digest_misfits(value)
    sure = value.get("confidence")
    if sure is not None and (type(sure) not in (int, float) or not 0 <= sure <= 1):
        yield "has a `confidence` that is not a number from 0 to 1", None


def _digest_misfits(value: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    sha, subject = value.get("subject_sha256"), value.get("subject")
    if sha is None:
        return
    if not isinstance(sha, str) or not _SHA.fullmatch(sha):
        yield "has a `subject_sha256` that is not 64 digits of lower-case hexadecimal", None
    elif isinstance(subject, str) and digest(subject) != sha:
        yield "has a `subject_sha256` that is not that of its `subject`", None
