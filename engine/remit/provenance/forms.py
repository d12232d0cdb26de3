"""Other forms of what a text names: numbers, digits of telephones and accounts, IBAN, dates, hosts.

A form is a token that no text has (`n:1000`, `date:2024-05-05`), so forms are found like words.
`forms_in` lists those of an added text; `asked_*` what to look for when a value is asked for.
A number that reads in two ways (`1.250`: in English 1.25, on the continent 1250) has both forms.
Not read: numerals, dates with names of months or in another order than year, month, day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite

from remit.provenance.normal import line, normalised, tokens, whole_line
from remit.text.detectors import is_iban
from remit.text.mail import normal_host
from remit.text.numbers import CODES, SIGNS

FEWEST_DIGITS, MOST_DIGITS = 7, 34  # of a telephone, card or account number
LONGEST_NUMBER = 1000  # characters of a number that is read as one

Asked = tuple[str, bytes]  # the name of the normal form, and the line to look for

_MONEY = rf"(?:[{re.escape(SIGNS)}]|(?:{'|'.join(CODES.lower().split())})(?![a-z]))"
_PRICE = re.compile(rf"(?P<minus>-)? ?(?:{_MONEY} ?)?(?P<number>[0-9][0-9., ']*)(?: ?{_MONEY})?")
_ENGLISH = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_PLAIN = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_COMMA = re.compile(r"([0-9]+),([0-9]+)")
_POINTS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_SPACED = re.compile(r"([0-9]{1,3}(?:[ '][0-9]{3})+)(?:[.,]([0-9]+))?")
_UNIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)[a-z]{1,4}")

_NEGATIVE = re.compile(r"(?<![\w)\]])-(?:[$€£¥] ?)?([0-9][0-9.,]*)")
_COMMA_IN = re.compile(r"(?<![0-9.,])[0-9]+,[0-9]{1,2}(?![0-9]|[.,][0-9])")
_SPACED_IN = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:[ '][0-9]{3}){1,8}+(?:[.,][0-9]++)?+(?![0-9])")
_DIGITS = re.compile(r"[0-9+(][0-9 ()./+-]*+")
_IBAN = re.compile(r"(?<![^\W_])(?=([a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]){11,40}))")
_DATE = re.compile(
    r"(?<![0-9])([0-9]{4})([-/.])([0-9]{2})\2([0-9]{2})"
    r"(?:[t ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,][0-9]+)?(z|[+-][0-9]{2}:?[0-9]{2})?)?(?![0-9])"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}://|mailto:")
_NAME = re.compile(r"[^\W_][\w.-]*\.[^\W\d_]{2,}")


def forms_in(normal: str, found: list[str]) -> set[str]:
    """The forms of a normalised text with these tokens, but for what the tokens already are."""
    forms: set[str] = set()
    for token in set(found):
        if not token.isalpha():
            forms |= _of_token(token)
    if any(char in normal for char in "0123456789"):
        forms |= _of_numbers(normal)
        forms |= {f"d:{one}" for one in _digits_in(normal)}
        forms |= {f"i:{one}" for one in _ibans_in(normal)}
        for date in _DATE.finditer(normal):
            forms |= set(_of_date(date))
    return forms


def _of_token(token: str) -> set[str]:
    if "@" in token and len(token) > 1:
        host = token.rpartition("@")[2]
        return {f"h:{host}", f"h:{normal_host(host)}"}
    if token.isascii():
        numbers = readings(token) if token[0].isdigit() else set()
        return {f"n:{one}" for one in numbers if one != token}
    return {f"h:{normal_host(token)}"} if _NAME.fullmatch(token) else set()


def _of_numbers(normal: str) -> set[str]:
    forms = {f"n:{one}" for found in _COMMA_IN.findall(normal) for one in readings(found)}
    forms |= {f"n:{one}" for found in _SPACED_IN.findall(normal) for one in readings(found)}
    for found in _NEGATIVE.findall(normal):
        forms |= {f"n:-{one}" for one in readings(found.rstrip(".,")) if one != "0"}
    return forms


# ---- numbers


def readings(text: str) -> set[str]:
    """The numbers that a text without a sign may be, each as a plain decimal; mostly one or none.

    A whole number with zeros in front is none: it is a name made of digits.
    """
    if len(text) > LONGEST_NUMBER:
        return set()
    found = set()
    for pattern in (_ENGLISH, _PLAIN, _COMMA, _POINTS, _SPACED, _UNIT):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        if pattern is _UNIT:
            return readings(match[1])
        whole, rest = re.sub("[^0-9]", "", match[1]), match[2] or ""
        if not rest and len(whole) > 1 and whole[0] == "0":
            continue
        found.add(_decimal(whole, rest))
    return found


def _decimal(whole: str, rest: str) -> str:
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def plain_number(value: float) -> str | None:
    """A number as a plain decimal; None where it has too many digits, or is not a number at all."""
    if (type(value) is int and value.bit_length() > 3 * LONGEST_NUMBER) or not isfinite(value):
        return None
    text = str(value) if type(value) is int else format(Decimal(repr(value)), "f")
    whole, _, rest = text.removeprefix("-").partition(".")
    plain = _decimal(whole, rest)
    return f"-{plain}" if text[0] == "-" and plain != "0" else plain


# ---- digits, IBAN, dates


def _digits_in(normal: str) -> Iterator[str]:
    for run in _DIGITS.findall(normal):
        run = run.rstrip(" (./+-")
        pieces = {*run.split(" "), run, run[max(run.rfind("+"), run.rfind("(")) :]}
        for piece in sorted(pieces):
            if not piece.isdigit() and (digits := _digits(piece)):
                yield digits


def _digits(text: str) -> str | None:
    """The digits of a telephone, card or account number, without `+` or `00` before the country."""
    if len(text) > 2 * MOST_DIGITS or ("." in text and _PLAIN.fullmatch(text)):
        return None
    digits = re.sub("[^0-9]", "", text)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    return digits[2:] if digits.startswith("00") and len(digits) > FEWEST_DIGITS + 2 else digits


def _ibans_in(normal: str) -> Iterator[str]:
    """The IBANs in a text, in small letters; where one ends, its check digits tell."""
    for run in _IBAN.findall(normal):
        head = int(f"{int(run[0], 36)}{int(run[1], 36)}{run[2:4]}")
        compact, rest = run[:4], 0
        for at, char in enumerate(run[4:], 5):
            if char in " -":
                continue
            compact += char
            rest = (rest * (10 if char.isdigit() else 100) + int(char, 36)) % 97
            fits = (rest * 10**6 + head) % 97 == 1 and not run[at : at + 1].isalnum()
            if fits and is_iban(compact.upper()):
                yield compact


def _of_date(found: re.Match[str]) -> Iterator[str]:
    year, _, month, day, hour, seconds, zone = found.groups()
    try:
        datetime(int(year), int(month), int(day), tzinfo=UTC)
        yield f"date:{year}-{month}-{day}"
        if hour:
            time = f"{year}-{month}-{day}T{hour}{seconds or ':00'}{(zone or '').upper()}"
            moment = datetime.fromisoformat(time)
            moment = moment.astimezone(UTC) if zone else moment
            yield f"time:{moment.isoformat().lower()}"
    except (ValueError, OverflowError):
        return


# ---- asking


def asked_number(plain: str) -> list[Asked]:
    """What to look for when a number is asked for."""
    looks: list[Asked] = [("number", _one(f"n:{plain}"))]
    if plain[0] != "-":
        looks.append(("number", _one(plain)))
        if FEWEST_DIGITS <= len(plain) <= MOST_DIGITS and plain.isdigit():
            looks.append(("digits", _one(f"d:{plain}")))
    return looks


def asked_text(text: str) -> tuple[list[Asked], bool]:
    """What to look for when a text is asked for: itself first, then its other forms.

    And whether that is all of it: false where the text had to be cut by force.
    """
    itself, whole = whole_line(text)
    looks: list[Asked] = [("text", itself)]
    if len(text) <= LONGEST_NUMBER:
        bare = normalised(text).strip()
        looks += [*_asked_url(bare), *_asked_price(bare), *_asked_date(bare), *_asked_digits(bare)]
        compact = re.sub("[ -]", "", bare)
        if is_iban(compact.upper()):
            looks += [("iban", _one(compact)), ("iban", _one(f"i:{compact}"))]
    first: dict[bytes, str] = {}
    for name, look in looks:
        first.setdefault(look, name)
    return [(name, look) for look, name in first.items() if look], whole


def _one(token: str) -> bytes:
    return line([token])


def _asked_url(bare: str) -> Iterator[Asked]:
    scheme = _SCHEME.match(bare)
    rest = bare[scheme.end() if scheme else 0 :].removeprefix("www.").rstrip("/")
    parts = tokens(rest)
    if rest != bare and (scheme or "." in (parts or [""])[0]):
        yield "email" if scheme and scheme[0] == "mailto:" else "url", line(parts)
    if len(parts) == 1 and _NAME.fullmatch(parts[0]):
        yield "host", _one(f"h:{parts[0]}")
        if not rest.isascii() and (host := normal_host(rest)):
            yield "host", _one(f"h:{host}")
            yield "host", _one(host)


def _asked_price(bare: str) -> Iterator[Asked]:
    found = _PRICE.fullmatch(bare)
    if found is None:
        return
    for plain in sorted(readings(found["number"].strip())):
        if not found["minus"] or plain == "0":
            yield from asked_number(plain)
        else:
            yield from asked_number(f"-{plain}")


def _asked_digits(bare: str) -> Iterator[Asked]:
    if _DIGITS.fullmatch(bare) and (digits := _digits(bare)):
        for one in (f"d:{digits}", digits, f"00{digits}"):
            yield "digits", _one(one)


def _asked_date(bare: str) -> Iterator[Asked]:
    found = _DATE.fullmatch(bare)
    if found:
        *_, last = ["", *_of_date(found)]  # a moment is not named by its day alone
        yield last.partition(":")[0], _one(last) if last else b""
