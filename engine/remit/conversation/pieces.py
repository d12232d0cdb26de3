"""What a step may hold besides its speaker's own words: pieces of text, and directives as given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Part:
    """A piece of a message that is not its speaker's own word, so it carries no authority.

    `origin` is `quoted`, `attached` or `retrieved`; `name` is a file name, a URL or empty.
    """

    text: str
    origin: str = "quoted"
    name: str = ""


@dataclass(slots=True)
class Given:
    """A directive that the host says is in a text: its name, and the words it is about.

    It speaks with the authority of whoever said the text, and with none where that has none.
    `implied`: it was inferred, not said.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    implied: bool = False
