"""Detectors as judges, without a network: profanity, personal data, secrets, language.

Needs `remit[detectors]`. Each knows fixed questions and says what kind of thing it found, never the
thing itself. They know shapes and word lists, not meaning: what they miss may still be there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from remit.judges.model import Answer, JudgeError, Question
from remit.text.finders import finder
from remit_plugins.judges.numbers import personal_numbers

MOST_CHARACTERS = 20_000  # of a text that are searched: a pattern of a library may be slow on more
LEAST_SURE = 0.6  # probability at which a language is believed
MOST_DOUBT = 0.1  # probability of a language up to which it is believed to be another


class _Detector(ABC):
    """A judge with one question."""

    timeout = 10.0
    cost = 10
    concurrency = 1
    question = ""

    def answer(self, question: Question, /) -> Answer:
        """True with the kinds that were found; unknown where only a part could be searched."""
        if _folded(question.question) != self.question:
            raise JudgeError(f"this judge only knows `{self.question}`")
        text = question.subject
        if kinds := list(dict.fromkeys(self.kinds(text[:MOST_CHARACTERS]))):
            return Answer(True, None, "found: " + ", ".join(kinds))
        if len(text) > MOST_CHARACTERS:
            raise JudgeError(f"found nothing in the first {MOST_CHARACTERS} characters, of more")
        return Answer(False, None, "found nothing")

    @abstractmethod
    def kinds(self, text: str) -> Iterable[str]:
        """The kinds of things in the text, as a reader would name them."""


class Profanity(_Detector):
    """Answers "contains profanity", from word lists and their disguises (glin-profanity).

    `languages` are English names in lower case, as that library knows them.
    """

    question = "contains profanity"

    def __init__(self, languages: Sequence[str] = ("english",)) -> None:
        self._languages = tuple(languages)

    def kinds(self, text: str) -> Iterable[str]:
        """One kind, with the number of different words."""
        found = _profanity_filter(self._languages).check_profanity(text)
        if found["contains_profanity"]:
            yield "profane words"


class PersonalData(_Detector):
    """Answers "contains personal data": e-mail, telephone, bank, card and national numbers.

    Names and addresses are not found. `regions` (`("US", "GB")`) are those whose telephone numbers
    are found without a country code.
    """

    question = "contains personal data"

    def __init__(self, regions: Sequence[str] = ()) -> None:
        self._regions = tuple(regions)

    def kinds(self, text: str) -> Iterable[str]:
        """Each kind once."""
        shapes = {"email": "e-mail address", "iban": "bank account", "card_number": "card number"}
        for name, words in shapes.items():
            if finder(name, ()).found(text):
                yield words
        if self._has_phone(text):
            yield "telephone number"
        yield from personal_numbers(text)

    def _has_phone(self, text: str) -> bool:
        from phonenumbers import PhoneNumberMatcher

        return any(True for one in (None, *self._regions) for _ in PhoneNumberMatcher(text, one))


class Secrets(_Detector):
    """Answers "contains a secret": keys and tokens of known forms (Remit's own, bc-detect-secrets).

    Passwords are not found: nothing tells them from words.
    """

    question = "contains a secret"

    def kinds(self, text: str) -> Iterable[str]:
        """The names of the forms."""
        if finder("secret", ()).found(text):
            yield "a known form of key"
        for plugin in _secret_plugins():
            if any(True for line in text.splitlines() for _ in plugin.analyze_string(line)):
                yield str(plugin.secret_type)


class Language:
    """Answers "is written in LANGUAGE", for 140 languages (py3langid).

    LANGUAGE is an ISO 639 code (`fr`) or one of the English names below. A text of a few words, or
    of two languages, is often unknown. `among` are the codes to choose from, all by default.
    """

    timeout = 10.0
    cost = 10
    concurrency = 1

    def __init__(self, among: Sequence[str] = ()) -> None:
        self._among = tuple(among)

    def answer(self, question: Question, /) -> Answer:
        """True or false where one language is likely enough, with its probability."""
        before, _, name = _folded(question.question).rpartition(" ")
        if before != "is written in":
            raise JudgeError("this judge only knows `is written in LANGUAGE`")
        ranked = dict(_identifier(self._among).rank(question.subject[:MOST_CHARACTERS]))
        code = NAMES.get(name, name)
        if code not in ranked:
            raise JudgeError(f"this judge knows no language `{name}`: try its ISO 639 code")
        best = max(ranked, key=lambda one: ranked[one])
        if ranked[best] < LEAST_SURE or MOST_DOUBT < ranked[code] < LEAST_SURE:
            return Answer(None, None, "the text is too short or too mixed to tell its language")
        return Answer(best == code, ranked[best], f"the language is `{best}`")


_NAMES = """
arabic=ar bengali=bn bulgarian=bg catalan=ca chinese=zh croatian=hr czech=cs danish=da dutch=nl
english=en estonian=et finnish=fi french=fr german=de greek=el hebrew=he hindi=hi hungarian=hu
indonesian=id irish=ga italian=it japanese=ja korean=ko latvian=lv lithuanian=lt malay=ms
maltese=mt norwegian=no persian=fa polish=pl portuguese=pt romanian=ro russian=ru serbian=sr
slovak=sk slovenian=sl spanish=es swahili=sw swedish=sv tamil=ta thai=th turkish=tr ukrainian=uk
urdu=ur vietnamese=vi
"""
NAMES = dict(one.split("=") for one in _NAMES.split())  # a language to its code


class Offline:
    """All of the above behind one name: each question goes to the detector that knows it."""

    timeout = 10.0
    cost = 10
    concurrency = 1

    def __init__(self, *detectors: _Detector, language: Language | None = None) -> None:
        chosen = detectors or (Profanity(), PersonalData(), Secrets())
        self._by_question = {one.question: one for one in chosen}
        self._language = language or Language()

    def answer(self, question: Question, /) -> Answer:
        """The detector's answer; unknown, with what is known, for any other question."""
        words = _folded(question.question)
        if words in self._by_question:
            return self._by_question[words].answer(question)
        if words.startswith("is written in "):
            return self._language.answer(question)
        known = ", ".join(f"`{one}`" for one in [*self._by_question, "is written in LANGUAGE"])
        raise JudgeError(f"this judge only knows {known}")


def _folded(question: str) -> str:
    return " ".join(question.casefold().split()).rstrip(".")


@cache
def _profanity_filter(languages: tuple[str, ...]) -> Any:
    from glin_profanity import Filter

    return Filter({"languages": list(languages), "cache_results": False})


@cache
def _identifier(among: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    made.set_languages(list(among) or None)
    return made


@cache
def _secret_plugins() -> tuple[Any, ...]:
    """The library's detectors of one form each; those that guess by entropy or by name are not."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    found = get_mapping_from_secret_type_to_class().values()
    exact = [one for one in found if issubclass(one, RegexBasedDetector)]
    return tuple(one() for one in exact if one.__name__ not in _GUESSES)


_GUESSES = frozenset({"KeywordDetector", "IPPublicDetector"})
