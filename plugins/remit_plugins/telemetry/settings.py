"""What a host can choose about telemetry, and what of it the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
KEY = "REMIT_TELEMETRY_KEY"
_OLDER = {"TRUE": "EVENT_ONLY", "FALSE": "NO_CONTENT", "": "NO_CONTENT"}  # before it had four words
_PLACES = ("NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT")


class Settings(BaseModel):
    """What is told, and to whom. The default tells no text of a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    detail: Literal["none", "matched", "full"] = "matched"
    """Span events: none, one for each clause that matched, or also for those that did not."""
    content: Literal["NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT"] = "NO_CONTENT"
    """Where texts and arguments of steps are told, as they are after redaction."""
    digests: bool = True
    """Whether a keyed hash of each step is told, so that equal ones can be found."""
    key: bytes | None = Field(default=None, min_length=16, repr=False)
    """The key of the hashes; without one it is 32 bytes of chance, the same within a process."""
    logs: bool = True
    """Whether decisions are told as log events too, which no sampling takes away."""
    metrics: bool = True
    mark_parent: bool = True
    """Whether the span around a decision gets an event where it is no plain allow, and an error
    where a tool is blocked."""
    openinference: bool = True
    """Attributes by which Phoenix and others show a guardrail as such."""
    genai_draft: bool = False
    """The names that are proposed for guardrails; they have changed four times."""

    @classmethod
    def from_environment(cls, given: Mapping[str, str] = os.environ, **chosen: Any) -> Settings:
        """What the environment says, where nothing else is chosen.

        Raises `ValueError` for a variable that says nothing known: a typing mistake must not turn
        into texts that are sent.
        """
        word = given.get(CAPTURE, "").strip().upper()
        content = _OLDER.get(word, word)
        if content not in _PLACES:
            raise ValueError(f"{CAPTURE} is `{word[:40]}`: there are {', '.join(_PLACES)}")
        told: dict[str, Any] = {"content": content}
        if key := given.get(KEY):
            if len(key.encode()) < 16:
                raise ValueError(f"{KEY} has fewer than 16 bytes, so it can be guessed")
            told["key"] = key.encode()
        return cls(**{**told, **chosen})
