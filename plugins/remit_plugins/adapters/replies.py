"""What people answer where a framework lets them change the call that they are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from remit.conversation.model import Call
from remit.hooks.events import Event


def edited(event: Event, reply: Any) -> Event:
    """The event about the call as whoever was asked wants it: with the `args` of the reply."""
    args = reply.get("args") if isinstance(reply, Mapping) else None
    call = event.steps[-1]
    if not isinstance(args, Mapping) or not isinstance(call, Call):
        return event
    return replace(event, steps=(replace(call, args=dict(args)),))
