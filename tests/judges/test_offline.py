"""The offline detectors: what they find, what they leave, and that they give nothing away."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

LIBRARIES = ("phonenumbers", "stdnum", "py3langid", "glin_profanity", "detect_secrets")
if not all(find_spec(one) for one in LIBRARIES):
    pytest.skip("needs remit[detectors]", allow_module_level=True)

from remit.judges.ask import ask
from remit.judges.model import Answer, Question
from remit_plugins.judges.offline import (
    MOST_CHARACTERS,
    NAMES,
    Language,
    Offline,
    PersonalData,
    Profanity,
    Secrets,
    _identifier,
)

GITHUB = "ghp_" + "a1B2" * 9


def _asked(judge: object, question: str, subject: str) -> Answer:
    return ask({"j": judge}, [Question("j", question, subject)])[0]  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("question", "text", "secret", "kind"),
    [
        ("contains profanity", "What a f*cking mess", "f*cking", "profane words"),
        ("contains profanity", "sh1t happens", "sh1t", "profane words"),
        ("contains personal data", "to bob@example.com", "bob@example.com", "e-mail address"),
        ("contains personal data", "at +44 20 7946 0958", "7946", "telephone number"),
        ("contains personal data", "DE89 3704 0044 0532 0130 00", "3704", "bank account"),
        ("contains personal data", "4111 1111 1111 1111", "4111", "card number"),
        ("contains personal data", "it is 536-90-4399.", "4399", "US social security number"),
        ("contains personal data", "CF RCCMNL83S18D969H", "RCCMNL", "Italian tax code"),
        ("contains personal data", "2 95 10 99 126 111 93", "126", "French social security number"),
        ("contains personal data", "cpf 390.533.447-05", "390", "Brazilian tax number"),
        ("contains personal data", "born 880320-0016", "0016", "Swedish personal number"),
        ("contains a secret", f"use {GITHUB} for it", GITHUB, "a known form of key, GitHub Token"),
        ("contains a secret", "https://bob:pa55@host/", "pa55", "Basic Auth Credentials"),
    ],
)
def test_found(question: str, text: str, secret: str, kind: str) -> None:
    """The reason names the kind, never what was found."""
    answer = _asked(Offline(), question, f"Well, {text}")
    assert (answer.truth, answer.reason, answer.error) == (True, f"found: {kind}", "")
    assert secret not in answer.reason


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("contains profanity", "The Scunthorpe assassin passed me a cocktail in class."),
        ("contains personal data", "Order 20261123 of 350.00 EUR left at 12:30, box 123456789."),
        ("contains personal data", "it is 536-90-43999 or 000-00-0000"),
        ("contains personal data", ""),
        ("contains a secret", "The secret of a good key is its length: 3b1f2c, say."),
    ],
)
def test_not_found(question: str, text: str) -> None:
    assert _asked(Offline(), question, text) == Answer(False, None, "found nothing")


@pytest.mark.parametrize(
    ("question", "text", "truth"),
    [
        ("is written in English", "Can I have a refund for my order?", True),
        ("Is written in  french.", "Can I have a refund for my order?", False),
        ("is written in fr", "Je voudrais un remboursement, s'il vous plaît.", True),
        ("is written in Japanese", "今日はいい天気ですね", True),
        ("is written in English", "今日はいい天気ですね", False),
        ("is written in English", "ok", None),
        ("is written in English", "", None),
        ("is written in English", "12:30", None),
    ],
)
def test_language(question: str, text: str, truth: bool | None) -> None:
    answer = _asked(Offline(), question, text)
    assert (answer.truth, answer.error) == (truth, "")
    assert (answer.confidence is None) == (truth is None)


def test_names_of_languages_are_known() -> None:
    assert not set(NAMES.values()) - set(_identifier(()).labels)
    assert _asked(Language(among=("en", "fr")), "is written in fr", "Bonjour Madame").truth is True


@pytest.mark.parametrize(
    ("judge", "question", "known"),
    [
        (Profanity(), "is rude", "contains profanity"),
        (PersonalData(), "contains profanity", "contains personal data"),
        (Secrets(), "contains secrets", "contains a secret"),
        (Language(), "is English", "is written in LANGUAGE"),
        (Offline(), "is rude", "is written in LANGUAGE"),
    ],
)
def test_other_questions_are_unknown(judge: object, question: str, known: str) -> None:
    answer = _asked(judge, question, "Hello.")
    assert answer.truth is None
    assert f"`{known}`" in answer.error


def test_an_unknown_language() -> None:
    assert "no language `klingon`" in _asked(Language(), "is written in Klingon", "nuqneH").error
    assert _asked(Language(among=("xx",)), "is written in fr", "Bonjour").truth is None


def test_regions_of_telephone_numbers() -> None:
    text = "(415) 555-2671"
    assert _asked(PersonalData(), "contains personal data", text).truth is False
    assert _asked(PersonalData(("US",)), "contains personal data", text).truth is True


def test_a_long_text_is_not_said_to_hold_nothing() -> None:
    """Only a part is searched: what it holds counts, what it does not hold says nothing."""
    padding = "a " * MOST_CHARACTERS
    assert _asked(Secrets(), "contains a secret", GITHUB + padding).truth is True
    answer = _asked(Secrets(), "contains a secret", padding + GITHUB)
    assert answer.truth is None
    assert answer.error
