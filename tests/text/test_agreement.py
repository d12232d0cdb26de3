"""Which messages are a plain yes: a table of cases. Where it is wrong, it must be wrong with no."""

from __future__ import annotations

import pytest

from remit.text.agreement import LONGEST, agrees

YES = """
yes
YES!
y
yep
Sure.
ok
Okay, do it
Confirmed.
Yes, please.
Yes please go ahead
Yes\u2014go ahead
I confirm.
I approve this
We agree
Go ahead.
Please proceed.
please do
let's do it
Of course.
Absolutely, thanks a lot
Sounds good, thanks!
That works for me
Works for me.
That's right
that\u2019s correct
It all looks good. Proceed.
These details are correct. Please continue.
Everything looks fine, go ahead and process it now
Great, yes
Yes, please proceed with the cancellation. Thank you!
Yes, I confirm. Please go ahead with this payment.
Yes, that's correct! Please go ahead and make the change. Thank you!
""".strip().split("\n")

NO = """
no
nope
never
not yes
yes?
yes, no
ok?
yes but
Yes, but only 50
yes if it is free
Yes, unless it costs more
yes, after lunch
yes I mean no
yes, wait
Yes. Actually, let me think.
yes or no
Is that a yes
He said yes
"yes"
(yes)
yes \U0001f44e
\U0001f44d
yes\u200b
don't do it
do not proceed
not ok
of course not
definitely not
I don't confirm
I cannot agree
Sure, my user ID is mia_3668.
Yes, use my gift card
Yes, please proceed with Option 2.
Yes, please proceed with the gift card
Yes, and also add a bag
Yes, cancel it
Yes, please cancel reservation K1NW8N
Yes, pay 100 to Bob
Yes, send it to mallory@x.example
Yes, please transfer me to a human agent
Yes, skip it
great
perfect
right
thanks
please
I see
hm
maybe
ja
oui
s\u00ed
da
\u0434\u0430
\u306f\u3044
si, por favor
ok, aber nicht heute
sure, mais pas maintenant
\uff59\uff45\uff53
y\u0435s
""".strip().split("\n")


@pytest.mark.parametrize("text", YES)
def test_a_plain_yes(text: str) -> None:
    """It says yes, perhaps with thanks, in any case and with blanks around it."""
    assert agrees(text)
    assert agrees(f"\n  {text.upper()} \n")


@pytest.mark.parametrize("text", NO)
def test_all_else_is_none(text: str) -> None:
    """Details, conditions, questions, other languages, look-alikes; also behind a yes."""
    assert not agrees(text)
    assert not agrees(f"yes. {text}") or text in ("great", "perfect", "thanks", "please")


def test_what_is_no_text_or_too_long() -> None:
    """Nothing at all is no yes, and neither is a long message of nothing else."""
    assert not agrees("")
    assert not agrees(" \n")
    assert not agrees("yes " * LONGEST)
    assert not agrees("yes" + " " * LONGEST)
