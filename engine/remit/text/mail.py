"""Domains of e-mail addresses and hosts of URLs, in a form that two spellings share."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ODD_SCHEME = re.compile(r"(?i)(?:https?|wss?|ftps?|file):(?!//)")
_LONGEST = 1000  # characters of a host; names have 253 at most, and IDNA is slow


def domain(address: str) -> str | None:
    """The domain of an e-mail address (a display name is fine), in lower case; None if it is none.

    What looks like two addresses is none: a mail program might read it otherwise than we do.
    """
    from email.utils import parseaddr  # late: it loads half of the mail package

    _, bare = parseaddr(address)
    name, at, host = bare.rpartition("@")
    if not (name and at and host) or address.count("@") != 1:
        return None
    return normal_host(host)


def host(url: str) -> str | None:
    """The host of a URL, in lower case, without port and login; None if it has none."""
    text = url.strip()
    if "\\" in text or _ODD_SCHEME.match(text):  # browsers and libraries differ on what it names
        return None
    try:
        found = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return None
    return normal_host(found) if found else None


def normal_host(name: str) -> str | None:
    """A host name in lower case, ASCII (IDNA), without a final dot; None if it is malformed."""
    name = name.strip().rstrip(".").lower()
    if not name or len(name) > _LONGEST or any(one.isspace() or one < " " for one in name):
        return None
    try:
        return name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        return None
