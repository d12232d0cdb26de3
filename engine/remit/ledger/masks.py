"""What a ledger must not hold in clear: a keyed hash stands for it.

A mask names steps, and what of them is hidden: `{"call pay": ["args.iban"], "message": ["text"]}`.
The steps are `call`, `result`, `message`, `handoff` or all (`*`), with a tool, role or agent behind
where only some are meant; the names are those of a step as data, with dots where one is in another.
`context` hides what the host declares of a conversation.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping, Sequence
from typing import Any

from remit.conversation.model import KINDS, MESSAGE, Step

MASKED = "masked"  # the kind of marked value, beside those of `remit.state.plain`
ALL, CONTEXT = "*", "context"


class Masks:
    """Hides what is named in `fields`. Raises `ValueError` where that names no kind of step.

    `key` is for the hashes: equal values of one key have equal hashes, and whoever has it can tell
    whether a value is the one that was hidden. Without one, a key of chance is used and forgotten.
    `redacted`: also what the policy redacts, unless it is false.
    """

    def __init__(
        self, fields: Mapping[str, Sequence[str]] | None = None, key: bytes | None = None,
        *, redacted: bool = True,
    ) -> None:  # fmt: skip
        self._key = key or os.urandom(32)
        self.redacted = redacted
        self._fields: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {}
        for name, paths in (fields or {}).items():
            kind, _, which = name.partition(" ")
            if kind not in (*KINDS, ALL, CONTEXT) or isinstance(paths, str):
                known = ", ".join(f"`{one}`" for one in (*KINDS, ALL, CONTEXT))
                raise ValueError(f"`{name[:80]}` names no steps to mask, but one of {known} does")
            self._fields[kind, which] = tuple(tuple(path.split(".")) for path in paths)

    @property
    def hides(self) -> bool:
        """Whether any field is named."""
        return bool(self._fields)

    def of_context(self, context: dict[str, Any]) -> dict[str, Any]:
        """The context of a conversation, with what is hidden."""
        return self._hide(context, self._fields.get((CONTEXT, ""), ()))[0]

    def of_step(self, step: Step, data: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """A step as data with what is hidden, and whether anything was."""
        if not self._fields:
            return data, False
        which = str(getattr(step, "role" if step.kind == MESSAGE else _WHICH[step.kind]))
        paths = [
            path
            for key in ((ALL, ""), (step.kind, ""), (step.kind, which))
            for path in self._fields.get(key, ())
        ]
        return self._hide(data, paths)

    def hidden(self, value: Any) -> dict[str, str]:
        """What stands for a value."""
        from remit.ledger.model import encoded

        found = hmac.digest(self._key, encoded(value), "sha256").hex()
        return {"$": MASKED, "of": f"hmac-sha256:{found}"}

    def _hide(
        self, data: dict[str, Any], paths: Sequence[tuple[str, ...]]
    ) -> tuple[dict[str, Any], bool]:
        changed = False
        for path in paths:
            made = self._within(data, path)
            changed |= made is not data
            data = made
        return data, changed

    def _within(self, value: Any, path: tuple[str, ...]) -> Any:
        """The value with what the path leads to hidden; the very same one where it leads nowhere.

        Lists on the way are gone through, and a name may have dots in it.
        """
        if not path:
            return self.hidden(value)
        if isinstance(value, list):
            items = [self._within(one, path) for one in value]
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        if not isinstance(value, dict):
            return value
        for length in range(1, len(path) + 1):
            name = ".".join(path[:length])
            if name in value:
                made = self._within(value[name], path[length:])
                value = value if made is value[name] else {**value, name: made}
        return value


_WHICH = {"call": "tool", "result": "tool", "handoff": "to"}
