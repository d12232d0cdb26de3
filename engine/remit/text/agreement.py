"""Whether a message agrees to what was asked, as far as its own words tell.

Reads short answers only: a yes that comes with conditions, questions or a change of plan is none.
It is a heuristic, and answers yes or no.
"""

from __future__ import annotations

from functools import lru_cache

from remit.text.model import Pattern
from remit.text.patterns import Matcher

LONGEST = 200  # characters of a message that can be a plain yes
_YES = (
    r"yes|yep|yeah|yup|sure|ok(ay)?|confirmed?|approved?|agreed|correct|right|absolutely|definitely"
    r"|of course|go ahead|go for it|do (it|that|so)|please (do|proceed|go ahead|continue)|proceed"
    r"|sounds (good|great|fine)|that('s| is) (fine|good|great|right|correct|ok(ay)?|perfect)"
    r"|that works|works for me|i (agree|confirm|approve|accept)|fine by me|perfect|great|y"
)
_OPENING = rf"^\W*(yes,? )?({_YES})\b"
_BUT = (
    r"\b(but|except|unless|instead|first|wait|hold on|not|don'?t|do not|no|never|cancel|stop"
    r"|only if|if|actually|rather|however)\b|\?"
)


@lru_cache(maxsize=2)
def _matcher(pattern: str) -> Matcher:
    return Matcher([Pattern(pattern, is_regex=True, flags="is")])


def agrees(text: str) -> bool:
    """Whether a text says yes, and nothing that takes it back."""
    plain = text.strip().replace("\u2019", "'")
    if not plain or len(plain) > LONGEST:
        return False
    return _matcher(_OPENING).found(plain) and not _matcher(_BUT).found(plain)
