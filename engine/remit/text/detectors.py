"""What the built-in detectors look for. Data and check digits; nothing here searches a text.

The patterns prefer a few misses to many false alarms. They know shapes, not truth: an address need
not exist, a key need not be valid.
"""

from __future__ import annotations

from collections.abc import Callable

from remit.text.model import Pattern


def _regex(*parts: str) -> Pattern:
    return Pattern("".join(parts), is_regex=True)


# no counted repetition here: {0,61} over letters of all scripts costs 4 s a megabyte, `*` some ms
_LABEL = r"[\pL\pN](?:[\pL\pN-]*[\pL\pN])?"
_HOST = rf"(?:{_LABEL}\.)+(?:xn--[A-Za-z0-9-]+|\pL\pL+)"
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HEX = r"[0-9A-Fa-f]{1,4}"


def _after_word(*parts: str) -> Pattern:
    """A piece with no letter, digit or underscore at either end."""
    return _regex(r"\b(?:", *parts, r")\b")


_IP_6 = "|".join(
    [
        rf"(?:{_HEX}:){{7}}{_HEX}",
        rf"(?:{_HEX}:){{6}}{_BYTE}(?:\.{_BYTE}){{3}}",
        rf"(?:{_HEX}:){{1,6}}(?::{_HEX}){{1,6}}",
        rf"::(?:ffff:){_BYTE}(?:\.{_BYTE}){{3}}",
    ]
)
_PRIVATE = r"(?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?"
_SECRETS = (
    _after_word(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),  # AWS access key
    _regex(  # AWS secret key, known only by the name before it
        r"(?i:aws_?secret_?(?:access_?)?key)\W{1,6}[A-Za-z0-9/+]{40}(?:[^A-Za-z0-9/+]|$)"
    ),
    _after_word(r"gh[opsur]_[A-Za-z0-9]{36,255}"),  # GitHub
    _after_word(r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _after_word(r"glpat-[A-Za-z0-9_-]{20,64}"),  # GitLab
    _regex(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),  # Slack
    _regex(r"\bxapp-[0-9]-[A-Z0-9]{8,16}-[0-9]{8,16}-[a-f0-9]{32,128}"),
    _regex(r"\bhttps://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,100}"),
    _after_word(r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}"),  # Stripe
    _after_word(r"whsec_[A-Za-z0-9+/]{24,128}"),
    _regex(r"\bAIza[A-Za-z0-9_-]{35}"),  # Google
    _regex(r"\bya29\.[A-Za-z0-9_-]{30,500}"),
    _regex(r"\bsk-ant-[a-z]{3,8}[0-9]{2}-[A-Za-z0-9_-]{60,200}"),  # Anthropic
    _regex(r"\bsk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{40,250}"),  # OpenAI
    _after_word(r"sk-[A-Za-z0-9]{48}"),
    _after_word(r"npm_[A-Za-z0-9]{36}"),  # npm
    _regex(r"\bpypi-AgE[A-Za-z0-9_-]{50,500}"),  # PyPI
    _after_word(r"hf_[A-Za-z]{34}"),  # Hugging Face
    _regex(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),  # JWT
    _regex(  # its body holds no two hyphens, so that looking for an end stops where a key begins
        rf"-----BEGIN {_PRIVATE}-----(?:(?:-?[A-Za-z0-9+/=\s:,.\\])*-----END {_PRIVATE}-----)?"
    ),
)
BUILT_IN: dict[str, tuple[Pattern, ...]] = {
    "email": (_regex(r"[\pL\pN_](?:[\pL\pN._%+'-]*[\pL\pN_%+-])?@", _HOST),),
    "url": (
        _regex(r"(?i:\b(?:https?|ftps?|wss?)://)[^\s<>\"`{}|\\^]*[^\s<>\"`{}|\\^.,;:!?'()\[\]*]"),
        _regex(r"(?i:\bwww\.)", _HOST, r"(?:[/?#][^\s<>\"]*[^\s<>\".,;:!?'()\[\]*])?"),
    ),
    "iban": (_after_word(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"),),
    "card_number": (
        _after_word(
            r"[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}"
            r"|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}"
        ),
    ),
    "phone": (
        _regex(r"(?:\+|\b00)[1-9][0-9]{0,2}(?:[ .\-/]?\(?[0-9]{1,5}\)?){2,5}\b"),
        _regex(r"(?:\(0?[0-9]{2,5}\)|\b0[0-9]{2,5})[ .\-/]?[0-9]{2,4}(?:[ .-]?[0-9]{2,4}){1,3}\b"),
        _regex(r"(?:\([2-9][0-9]{2}\) ?|\b[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}\b"),
    ),
    "ip_address": (
        _after_word(rf"{_BYTE}(?:\.{_BYTE}){{3}}"),
        _regex(rf"(?:\b(?:{_IP_6})\b|\b(?:{_HEX}:){{1,7}}:|::(?:{_HEX}:){{0,6}}{_HEX}\b)"),
    ),
    "secret": _SECRETS,
}


_VALUES = {ord(char): str(at) for at, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def _digits(text: str) -> list[int]:
    return [int(char) for char in text if "0" <= char <= "9"]


def is_card_number(text: str) -> bool:
    """Whether the digits have a card number's length and its check digit (Luhn)."""
    digits = _digits(text)
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    total = sum(doubled) + sum(digits[-1::-2])
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the text has an IBAN's length and check digits (ISO 7064, mod 97)."""
    bare = text.replace(" ", "")
    if not 15 <= len(bare) <= 34 or not bare.isascii() or not bare.isalnum():
        return False
    return int((bare[4:] + bare[:4]).upper().translate(_VALUES)) % 97 == 1


def is_phone(text: str) -> bool:
    """Whether it has as many digits as a telephone number."""
    return 8 <= len(_digits(text)) <= 15


VALIDATORS: dict[str, Callable[[str], bool]] = {
    "card_number": is_card_number,
    "iban": is_iban,
    "phone": is_phone,
}
