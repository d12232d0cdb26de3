"""The neutral trace to steps: `{id, source, messages, tools_ref, labels}`.

Messages are those of a chat, but a call is flat (`{id, name, arguments, requestor?}`) and a result
may carry `error`, as text or as a flag. `requestor` names who made a call: a `user` with tools of
their own makes calls, too (the chat reader knows it). `source` and `tools_ref` are kept among
the labels.
"""

from __future__ import annotations

from typing import Any

from remit.conversation.findings import Findings
from remit.conversation.from_chat import read_chat
from remit.conversation.whole import Conversation

_KEPT = ("source", "tools_ref")


def read_trace(data: dict[str, Any], found: Findings) -> Conversation:
    """The conversation of a trace record; findings go to `found`."""
    made = read_chat(data, found)
    made.labels = {**{key: data[key] for key in _KEPT if key in data}, **made.labels}
    return made
