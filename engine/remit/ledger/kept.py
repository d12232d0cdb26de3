"""A policy that a ledger keeps, read back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from remit.policy import Policy
from remit.seal import inflated
from remit_grammar.diagnostic import Diagnostic, SpecError

MOST = 256 << 20  # bytes of a policy
Kept = tuple[Policy | None, Diagnostic | None]


def kept_policy(kept: Mapping[str, Any] | None, digest: object) -> Kept:
    """The policy of a digest, if its record in a ledger keeps it; or why it cannot be used."""
    stored = kept.get("stored") if kept is not None else None
    if stored is None:
        return None, None
    try:
        policy = Policy.from_store(inflated(b64decode(str(stored), validate=True), MOST))
    except (ValueError, SpecError) as error:
        told = str(error).splitlines()[:1] or [""]
        return None, Diagnostic("R1310", "the policy in the ledger cannot be used", notes=(*told,))
    if policy.digest != digest:
        return None, Diagnostic("R1310", "the policy in the ledger is another one")
    return policy, None
