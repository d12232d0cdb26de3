"""A policy that a ledger keeps, read back."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from remit.policy import Policy
from remit.seal import inflated
from remit_grammar.diagnostic import Diagnostic, SpecError

if TYPE_CHECKING:
    from remit.ledger.story import Story

MOST = 256 << 20  # bytes of a policy


def kept_policy(story: Story) -> tuple[Policy | None, Diagnostic | None]:
    """The policy of a decision, if its ledger keeps it; or why it cannot be used. Never raises."""
    stored = story.policy.get("stored") if story.policy is not None else None
    if stored is None:
        return None, None
    digest = story.decision.record.get("policy")
    try:
        policy = Policy.from_store(inflated(b64decode(str(stored), validate=True), MOST))
    except (ValueError, SpecError) as error:
        told = str(error).splitlines()[:1] or [""]
        return None, Diagnostic("R1310", "the policy in the ledger cannot be used", notes=(*told,))
    if policy.digest != digest:
        return None, Diagnostic("R1310", "the policy in the ledger is another one")
    return policy, None
