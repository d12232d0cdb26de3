"""Whether a message agrees to what was asked, as far as its own words tell.

The whole message must be made of phrases that say yes, and of thanks. Whatever else it says may
change what was asked (another amount, a condition, a question, a plan), so it is no yes; a text in
another language is none either. It answers yes or no, and where it is wrong, wrong with no.
"""

from __future__ import annotations

from functools import lru_cache

from remit.text.model import Pattern
from remit.text.patterns import Matcher

LONGEST = 200  # characters of a message that can be a plain yes
_IT = r"(it|that|this|so)"
_FINE = r"(fine|good|great|correct|right|ok(ay)?|perfect)"
# What is agreed to may be named in general words only; a detail could be another one.
_THING = (
    r"((all( of)? )?(the|that|this|these|those|both|my) (action|booking|call|cancell?ation|change"
    r"|detail|edit|exchange|modification|order|payment|purchase|refund|request|reservation|return"
    r"|step|transaction|transfer|update|upgrade)s?|everything)"
)
_DO = r"(do|make|process|complete|submit|confirm|execute|run|finish|perform)"
_GO = rf"(go ahead|proceed|continue)( with ({_THING}|{_IT}))?( and {_DO} ({_THING}|{_IT}))?( now)?"
_YES = (
    r"(yes|yep|yeah|yup|y|sure|ok|okay|confirmed|approved|agreed|correct|absolutely|definitely"
    rf"|of course|go for it|(please )?({_GO}|{_DO} {_IT})|let's ({_GO}|{_DO} {_IT})|please do"
    rf"|(i|we) (agree|confirm|approve|accept)( ({_IT}|{_THING}))?"
    rf"|(that|this|it|all|{_THING}|all of that)( all)?('s| is| are| sounds?| looks?)( all)? {_FINE}"
    rf"|(sounds|looks) {_FINE}|(that|this) works( for me)?|works for me|fine (by|with) me)"
)
_THANKS = (
    r"(please|thanks( a lot| so much)?|thank you( so much| very much)?( for your help)?|great"
    r"|perfect|good|that would be great)"
)
_GAP = r"[ \t\r\n.,!;:-]"
_WHOLE = rf"^{_GAP}*({_THANKS}{_GAP}+)*{_YES}({_GAP}+({_YES}|{_THANKS}))*{_GAP}*$"
_DASHES = str.maketrans({"\u2019": "'", "\u2013": "-", "\u2014": "-", "\u2026": "."})


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    return Matcher([Pattern(_WHOLE, is_regex=True, flags="i")])


def agrees(text: str) -> bool:
    """Whether a text says yes, and nothing else."""
    return len(text) <= LONGEST and _matcher().found(text.translate(_DASHES))
