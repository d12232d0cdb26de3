"""A stored policy taken apart, and put together again with the right checksum."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from remit.seal import sealed, unsealed
from remit.store.layout import FORM, MAGIC


@dataclass
class Parts:
    """The JSON of the head, of each norm, and of the rest; the packed texts."""

    digest: str
    head: Any
    norms: list[Any]
    rest: Any
    texts: list[bytes]

    @classmethod
    def of(cls, data: bytes) -> Parts:
        """The parts of what a policy is stored as."""
        digest, view = unsealed(data, MAGIC, FORM)
        content = bytes(view)
        at = 4 + int.from_bytes(content[:4], "big")
        head = json.loads(content[4:at])
        sizes = [*head["norms"], head["rest"], *(size for _, _, size in head["sources"])]
        pieces = [content[a:b] for a, b in pairwise(accumulate(sizes, initial=at))]
        count = len(head["norms"])
        records = [json.loads(one) for one in pieces[: count + 1]]
        return cls(digest, head, records[:count], records[count], pieces[count + 1 :])

    def joined(self) -> bytes:
        """The bytes; how long each piece is, is written anew where the head tells it."""
        norms, rest = [_text(one) for one in self.norms], _text(self.rest)
        head = self.head
        if isinstance(head, dict):
            head = {**head, "norms": [len(one) for one in norms], "rest": len(rest)}
        return sealed_parts(self.digest, _text(head), *norms, rest, *self.texts)


def sealed_parts(digest: str, head: bytes, *rest: bytes) -> bytes:
    """Any pieces behind a head, sealed as a stored policy."""
    content = b"".join([len(head).to_bytes(4, "big"), head, *rest])
    return sealed(MAGIC, FORM, digest, content)


def _text(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
