"""Whether a message refuses, as far as its first words tell.

Hosts that know better say so (`Message.refusal`). This reads the opening of a text only: what an
agent declines, it declines at the beginning. It is a heuristic, and answers yes or no.
"""

from __future__ import annotations

from functools import lru_cache

from remit.text.model import Pattern
from remit.text.patterns import Matcher

OPENING = 300  # characters in which a refusal shows itself
_CANNOT = r"(can'?t|can ?not|could ?n[o']t|won'?t|will not|am unable to|'m unable to|am not able to"
_DO = (
    r"(to )?(help|assist|do|provide|share|give|answer|comply|continue|support|create|write|discuss"
    r"|fulfil|generate|engage|show|tell|reveal|make|send|process|carry)"
)
_PATTERNS = (
    rf"\bI('m| am)?,? ?{_CANNOT}|'m not able to|must decline|have to decline|decline) {_DO}",
    r"\b(sorry|apologi[sz]e|afraid)\b.{0,60}\b(can'?t|cannot|can not|won'?t|unable|not able)\b",
    r"\bI (must|have to|need to|will have to) (decline|refuse)\b",
    r"\bnot something I can (help|assist|do|provide)",
    r"\b(against|violates?) (my|our|the) (policy|policies|guidelines|rules)\b",
)


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    return Matcher([Pattern(one, is_regex=True, flags="is") for one in _PATTERNS])


def refuses(text: str) -> bool:
    """Whether a text opens as refusals do."""
    return _matcher().found(text[:OPENING].replace("\u2019", "'"))
