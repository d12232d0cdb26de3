"""A gate as bytes and back: its session, what it showed, and who is asked about what."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from remit.host import asked
from remit.host.gate import Gate
from remit.host.history import History
from remit.seal import Unsealed, inflated, sealed, unsealed
from remit.state.save import RestoreError

if TYPE_CHECKING:
    from remit.host.guard import Guard

MAGIC = b"REMITG\r\n"
FORM = 1
MOST = 256 << 20  # bytes of text


def pack(gate: Gate) -> bytes:
    """The bytes of a gate. Raises `ValueError` as `Session.save`."""
    data = {
        "conversation": gate.conversation, "agent": gate.agent, "roles": gate.roles,
        "child": gate.is_child,
        "history": gate.history.to_json(),
        "waiting": [asked.to_json(one) for one in gate.waiting],
        "session": b64encode(gate.session.save()).decode(),
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, sort_keys=True)
    return sealed(MAGIC, FORM, gate.guard.policy.digest, zlib.compress(text.encode(), 6))


def unpack(guard: Guard, data: bytes) -> Gate:
    """The gate that the bytes are of. Raises `RestoreError` for what cannot be used."""
    try:
        digest, packed = unsealed(data, MAGIC, FORM)
        if digest != guard.policy.digest:
            raise RestoreError("a gate of another policy")
        return _gate(guard, json.loads(inflated(packed, MOST)))
    except Unsealed as error:
        raise RestoreError(f"this is no saved gate: it is {error.why}") from None
    except RestoreError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever cannot be read is no gate
        raise RestoreError(f"this is no saved gate: {str(error)[:200]}") from None


def _gate(guard: Guard, data: Any) -> Gate:
    conversation, agent = data["conversation"], data["agent"]
    roles = dict(data["roles"])
    if not all(type(one) is str for one in (conversation, agent, *roles, *roles.values())):
        raise ValueError("a name is no text")
    tell = guard.teller(conversation, agent)
    session = guard.policy.restore(b64decode(data["session"]), guard.judges, tell)
    waiting = {one.id: one for one in map(asked.of_json, data["waiting"])}
    history = History.of_json(data["history"])
    return Gate(
        guard, session, conversation, agent, roles=roles, history=history, waiting=waiting,
        is_child=data["child"] is True,
    )  # fmt: skip
