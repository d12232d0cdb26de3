"""A whole conversation, as readers give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remit.conversation.model import Step


@dataclass(slots=True)
class Conversation:
    """Steps in order, under an id that is unique in its file.

    `labels` is what the record says of the conversation.
    `context` holds what the host declares about the whole conversation (`customer_tier = gold`).
    `cut`: its beginning is missing, so that what was not seen is unknown.
    """

    id: str
    steps: list[Step]
    labels: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    cut: bool = False
