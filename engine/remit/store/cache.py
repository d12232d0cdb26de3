"""Stored policies in the user's cache folder: specs are compiled once, not at each start.

A policy is kept under the names that it was loaded by, with all that its compilation saw of the
file system, and is used only as long as a compilation would see the same. Whatever is wrong with an
entry, or with the folder, the specs are compiled as if there were none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from remit.seal import Unsealed, sealed, unsealed
from remit.store.layout import FORM

SWITCH = "REMIT_CACHE"  # names another folder, or says `off`
MAGIC = b"REMITC\r\n"


def folder(environ: Mapping[str, str] = os.environ) -> str | None:
    """The folder of the cache; None where there is to be none.

    As the platform has it: a library that knows them all takes longer to load than a policy.
    """
    said = environ.get(SWITCH, "")
    if said:
        return None if said.lower() in ("off", "0", "no", "false") else said
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = environ.get("XDG_CACHE_HOME", "") or os.path.join(home, ".cache")
    return os.path.join(base, "remit") if os.path.isabs(base) else None


class Entry:
    """The place of one set of specs in the cache."""

    def __init__(self, specs: Sequence[str], search: Sequence[str], place: str) -> None:
        asked = json.dumps([os.getcwd(), list(specs), list(search)])
        self.key = sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        self.place = place
        self.path = os.path.join(place, f"{self.key[:40]}.remit")

    def read(self) -> bytes | None:
        """What the policy is stored as, if a compilation would see what it saw then."""
        try:
            if not _is_private(self.place):
                return None
            with open(self.path, "rb") as file:
                key, content = unsealed(file.read(), MAGIC, FORM)
            size = int.from_bytes(content[:4], "big")
            told = json.loads(bytes(content[4 : 4 + size]))
            fresh = key == self.key and told["made_by"] == made_by() and _is_as_seen(told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, Unsealed, RecursionError):
            return None
        return bytes(content[4 + size :]) if fresh else None

    def write(self, data: bytes, seen: Mapping[str, Any]) -> None:
        """Keep a stored policy with what its compilation saw; where that fails nothing is kept."""
        from pathlib import Path

        from remit.files import put

        told = json.dumps({"made_by": made_by(), **seen}).encode()
        content = b"".join([len(told).to_bytes(4, "big"), told, data])
        try:
            os.makedirs(self.place, mode=0o700, exist_ok=True)
            if _is_private(self.place):
                put(Path(self.path), sealed(MAGIC, FORM, self.key, content), mode=0o600)
        except (OSError, ValueError):
            return


def made_by() -> str:
    """What compiles here: the version, and when the last of its files was changed."""
    import remit_grammar
    from remit import __file__ as engine
    from remit import __version__

    newest = max(map(_newest, (engine, str(remit_grammar.__file__))))
    return f"{__version__} {newest} {sys.version_info[:2]}"


def _newest(module: str) -> int:
    """When the last file of a package was changed, in nanoseconds since 1970."""
    newest, folders = 0, [os.path.dirname(module)]
    while folders:
        with os.scandir(folders.pop()) as found:
            for one in found:
                if one.name.endswith((".py", ".lark")):
                    newest = max(newest, one.stat().st_mtime_ns)
                elif one.is_dir(follow_symlinks=False) and one.name != "__pycache__":
                    folders.append(one.path)
    return newest


def _is_private(place: str) -> bool:
    """Whether nobody else can write there; who could might put in a policy of theirs."""
    if sys.platform == "win32":
        return True
    told = os.stat(place)
    return told.st_uid == os.getuid() and not told.st_mode & 0o022


def _is_as_seen(told: Mapping[str, Any]) -> bool:
    """Whether a compilation would see what was seen."""
    if any(os.path.isfile(path) is not there for path, there in told["there"].items()):
        return False
    if any(_digest(path) != digest for path, digest in told["files"].items()):
        return False
    if told["packs"] is None:
        return True
    from remit.checked.packs import pack_folders

    return bool(told["packs"] == pack_folders())


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return sha256(file.read()).hexdigest()
