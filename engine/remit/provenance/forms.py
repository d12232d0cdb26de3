"""Other forms of what a text names: numbers, digits of telephones and accounts, IBAN, dates, hosts.

A form is a token that no text has (`n:1000`, `date:2024-05-05`), so forms are found like words.
`forms_in` lists those of an added text; `asked_*` what to look for when a value is asked for.
A number that reads in two ways (`1.250`: in English 1.25, on the continent 1250) has both forms.
Not read: numerals, dates with names of months or in another order than year, month, day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite

from remit.provenance.normal import (
    REMEMBERED,
    SHORT,
    TOKEN,
    line,
    line_of,
    normalised,
    tokens,
    whole_line,
)  # fmt: skip
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
_DIGIT = re.compile("[0-9]")
_DIGITS = re.compile(r"[0-9+(][0-9 ()./+-]*+")
_LONG_DIGITS = re.compile(rf"[0-9+(][0-9 ()./+-]{{{FEWEST_DIGITS},}}+")  # digits and a separator
_IBAN = re.compile(r"(?<![^\W_])(?=([a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]){11,40}))")
_DATE = re.compile(
    r"(?<![0-9])([0-9]{4})([-/.])([0-9]{2})\2([0-9]{2})"
    r"(?:[t ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,][0-9]+)?(z|[+-][0-9]{2}:?[0-9]{2})?)?(?![0-9])"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}://|mailto:")
_NAME = re.compile(r"[^\W_][\w.-]*\.[^\W\d_]{2,}")


# A text in which digits are 0, letters are a, and what may be a money sign is $: whether it holds
# `0,0` is known many times faster than whether a pattern that needs it matches.
_SHAPE = bytes(
    48 if 48 <= one < 58 else 97 if 97 <= one < 123 else 36 if one > 127 else one
    for one in range(256)
)
_RUNS = bytes(48 if chr(one) in "0 ()./+-" else one for one in range(256))


def forms_in(normal: str, chunks: list[str]) -> set[str]:
    """The forms of a normalised text, given also split at blanks; not what tokens already are."""
    forms: set[str] = set()
    for chunk in set(chunks):
        if not chunk.isalpha():
            forms.update(_of_chunk(chunk) if len(chunk) <= SHORT else _of_tokens(chunk))
    shape = normal.encode("utf-8", "surrogatepass").translate(_SHAPE)
    if b"0" in shape:
        forms |= _of_numbers(normal, shape)
        if b"0" * 8 in shape.translate(_RUNS):
            forms |= {f"d:{one}" for one in _digits_in(normal)}
        if b"aa00" in shape:
            forms |= {f"i:{one}" for one in _ibans_in(normal)}
        if any(one in shape for one in (b"0000-00", b"0000/00", b"0000.00")):
            for date in set(_DATE.findall(normal)):
                forms |= set(_of_date(date))
    return forms


def _of_tokens(chunk: str) -> set[str]:
    """The forms of the tokens of a chunk; those of letters or of digits alone have none."""
    found = (one[0] for one in TOKEN.finditer(chunk))
    telling = {one for one in found if len(one) > 1 and not one.isalpha()}
    return {form for token in telling for form in _of_token(token)}


@lru_cache(maxsize=REMEMBERED)
def _of_chunk(chunk: str) -> tuple[str, ...]:
    return tuple(_of_tokens(chunk))


def _of_token(token: str) -> set[str]:
    if "@" in token and len(token) > 1:
        host = token.rpartition("@")[2]
        return {f"h:{host}", f"h:{normal_host(host)}"}
    if token.isascii():
        numbers = readings(token) if token[0].isdigit() else set()
        return {f"n:{one}" for one in numbers if one != token}
    return {f"h:{normal_host(token)}"} if _NAME.fullmatch(token) else set()


def _of_numbers(normal: str, shape: bytes) -> set[str]:
    found = list[str]()
    if b"0,0" in shape:
        found += _COMMA_IN.findall(normal)
    if b"0 0" in shape or b"0'0" in shape:
        found += _SPACED_IN.findall(normal)
    forms = {f"n:{number}" for one in set(found) for number in readings(one)}
    if b"-0" in shape or b"-$" in shape:
        for one in set(_NEGATIVE.findall(normal)):
            forms |= {f"n:-{number}" for number in readings(one.rstrip(".,")) if number != "0"}
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
    for run in set(_LONG_DIGITS.findall(normal)):
        run = run.rstrip(" (./+-")
        pieces = {*run.split(" "), run, run[max(run.rfind("+"), run.rfind("(")) :]}
        for piece in pieces:
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
    for run in set(_IBAN.findall(normal)):
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


def _of_date(found: Sequence[str | None]) -> Iterator[str]:
    year, _, month, day, hour, seconds, zone = found
    try:
        datetime(int(year or 0), int(month or 0), int(day or 0), tzinfo=UTC)
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
    if len(text) > LONGEST_NUMBER:
        itself, whole = whole_line(text)
        return [("text", itself)] if itself else [], whole
    normal = normalised(text)
    looks: list[Asked] = [("text", line_of(normal.split()))]
    bare = normal.strip()
    looks += _asked_url(bare)
    if _DIGIT.search(bare):
        looks += [*_asked_price(bare), *_asked_date(bare), *_asked_digits(bare)]
        looks += _asked_iban(bare)
    first: dict[bytes, str] = {}
    for name, look in looks:
        first.setdefault(look, name)
    return [(name, look) for look, name in first.items() if look], True


def _asked_iban(bare: str) -> Iterator[Asked]:
    compact = bare.replace(" ", "").replace("-", "")
    if is_iban(compact.upper()):
        yield "iban", _one(compact)
        yield "iban", _one(f"i:{compact}")


def _one(token: str) -> bytes:
    return line([token])


def _asked_url(bare: str) -> Iterator[Asked]:
    scheme = _SCHEME.match(bare)
    rest = bare[scheme.end() if scheme else 0 :].removeprefix("www.").rstrip("/")
    if rest == bare and ("." not in rest or " " in rest):
        return  # neither an address nor a host
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
        *_, last = ["", *_of_date(found.groups())]  # a moment is not named by its day alone
        yield last.partition(":")[0], _one(last) if last else b""
