"""A compiled policy -> bytes. Equal policies of equal files give equal bytes.

The content: the length of the head (4 bytes); the head, which is all that loading needs; a record
of each norm, read when a step needs it; the rest, which only people ask for; the texts, packed. All
but the texts is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from remit.checked.norm import LANGUAGE
from remit.seal import sealed
from remit.store import layout, more
from remit.store.layout import FORM, MAGIC
from remit.store.patterns import LOOK
from remit.store.shapes import many, named
from remit.store.sources import Sources, packed

if TYPE_CHECKING:
    from remit.checked.model import Checked
    from remit.program.outline import Outline
    from remit_grammar.diagnostic import Diagnostic


def store(
    name: str, digest: str, outline: Outline, checked: Checked, findings: Iterable[Diagnostic]
) -> bytes:
    """The bytes. Raises `ValueError` for what cannot be kept: conditions nested without end."""
    sources = Sources([one.source for one in checked.files])
    try:
        head = {"name": name, "language": LANGUAGE, "strict_goals": checked.strict_goals}
        head |= {"goals": list(checked.goals)} | _head(outline, sources)
        norms = [_text(_norm(outline, number, sources)) for number in range(len(outline.norms))]
        rest = _text(_rest(checked, findings, sources))
    except RecursionError:
        raise ValueError("the conditions of the policy are nested too deep to be stored") from None
    texts = [packed(one) for one in sources.all]
    head["norms"] = [len(one) for one in norms]
    head["rest"] = len(rest)
    head["sources"] = [[one.name, one.has_lines, len(text)]
                       for one, text in zip(sources.all, texts, strict=True)]  # fmt: skip
    first = _text(head)
    parts = [len(first).to_bytes(4, "big"), first, *norms, rest, *texts]
    return sealed(MAGIC, FORM, digest, b"".join(parts))


def _head(outline: Outline, sources: Sources) -> dict[str, Any]:
    known = outline.known
    return {
        "chain": outline.chain, "goals_rank": outline.goals_rank, "roles": dict(outline.roles),
        "names": sorted(outline.names - set(known.tools)), "reads": sorted(outline.reads),
        "index": outline.by_kind,
        "tools": named(layout.TOOL).write(known.tools, sources),
        "contexts": named(layout.CONTEXT).write(known.contexts, sources),
        "looks": many(LOOK).write(outline.looks, sources),
        **{name: shape.write(getattr(outline, name), sources) for name, shape in more.HEAD.items()},
    }  # fmt: skip


def _norm(outline: Outline, number: int, sources: Sources) -> list[Any]:
    """A norm, and the numbers of the norms that beat it by their reasons."""
    return [layout.NORM.write(outline.norms[number], sources), _by_reason(outline.beaten[number])]


def _by_reason(beaten: Mapping[int, str]) -> dict[str, list[int]]:
    reasons = sorted(set(beaten.values()))
    return {one: sorted(winner for winner, why in beaten.items() if why == one) for one in reasons}


def _rest(
    checked: Checked, findings: Iterable[Diagnostic], sources: Sources
) -> dict[str, Any]:  # fmt: skip
    from remit.store.findings import FINDING

    return {
        "files": many(more.SPEC_FILE).write(checked.files, sources),
        "detectors": named(layout.PATTERNS).write(checked.detectors, sources),
        "never_beats": many(more.NEVER_BEATS).write(checked.never_beats, sources),
        "never_allow": many(more.NEVER_ALLOW).write(checked.never_allow, sources),
        "findings": many(FINDING).write(findings, sources),
    }


def _text(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii")
