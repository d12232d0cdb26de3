"""The number that a text is, for `number of TEXT`: one plain decimal number, as written in English.

The decimal sign is a point; a comma separates groups of three digits and nothing else. No numerals
in words, no percent, no exponents, and no guess: what could be read in two ways is no number.
"""

from __future__ import annotations

import re

MOST_DIGITS = 300  # of a number, so that it fits every computation and takes no time to read
LONGEST = MOST_DIGITS * 2  # characters without the blanks around

SIGNS = "$€£¥₹₽₩₺₪₫₴₦₱฿₡₲₵₸₼₾"
# ISO 4217, the codes of money in use
CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF
XPF YER ZAR ZMW ZWG
"""

_BLANK = "[ \u00a0\u2009\u202f]"
_MONEY = f"(?:[{SIGNS}]|{'|'.join(CODES.split())})"
_GROUPS = "|".join(f"[1-9][0-9]{{0,2}}(?:{by}[0-9]{{3}})+" for by in (",", "_", _BLANK))
_NUMBER = re.compile(
    rf"(?P<before>{_MONEY}{_BLANK}?)?(?P<sign>[-+\u2212])?(?P<money>{_MONEY}{_BLANK}?)?"
    rf"(?P<whole>{_GROUPS}|[0-9]+)?(?P<rest>\.[0-9]+)?(?P<after>{_BLANK}?{_MONEY})?"
)
_NOT_DIGITS = re.compile("[^0-9]")


def parse_number(text: str) -> int | float | None:
    """The number that the whole text is; None where it is none or could be two.

    Taken are a sign, a decimal point, digits in groups of three (`1,000,000.50`, `1 000`, `1_000`;
    one kind of separator, and no zero in front), one currency sign or code before or after, and
    blanks around. An int where there is no decimal point. Linear in the length of the text.
    """
    bare = text.strip()
    found = _NUMBER.fullmatch(bare) if len(bare) <= LONGEST else None
    if found is None or sum(found[name] is not None for name in ("before", "money", "after")) > 1:
        return None
    whole, rest = _NOT_DIGITS.sub("", found["whole"] or ""), found["rest"] or ""
    if not whole + rest or len(whole + rest) > MOST_DIGITS:
        return None
    value = float(f"{whole}{rest}") if rest else int(whole)
    return -value if found["sign"] in ("-", "\u2212") and value else value
