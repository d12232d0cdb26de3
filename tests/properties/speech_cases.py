"""Cases for the laws where things are said: spec sets, conversations, and what a judge answers."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from zlib import crc32

from hypothesis import settings
from hypothesis import strategies as st
from tests.properties.meaning import Truth
from tests.properties.speech_steps import speeches
from tests.properties.spoken import Talk, talks, told
from tests.properties.steps import contexts
from tests.properties.support import compiled

import remit
from remit.judges.model import Question

ALL = settings.get_profile("laws")
law = settings(ALL, max_examples=ALL.max_examples // 4)
KNOWN = {"R0701", "R0705"}  # circles, and standing norms that leave a setting no value


class Answers:
    """A judge that answers from a table, by question and text; `asked` counts its calls."""

    immediate = True

    def __init__(self, table: tuple[Truth, ...]) -> None:
        self.table = table
        self.asked = 0

    def of(self, question: str, digest: str) -> Truth:
        """What it says of the text with a digest (SHA-256, hex)."""
        return self.table[crc32(f"{question} {digest}".encode()) % len(self.table)]

    def truth(self, question: str, text: str) -> Truth:
        """What it says of a text."""
        return self.of(question, sha256(text.encode()).hexdigest())

    def answer(self, question: Question) -> Truth:
        """As a judge of the engine."""
        self.asked += 1
        return self.truth(question.question, question.subject)


Case = tuple[Talk, dict[str, Any], list[dict[str, Any]], Answers]


@st.composite
def cases(draw: Any, *, reads: bool = True) -> Case:
    """A spec set, what the host declares, a conversation, and what the judge says."""
    talk, theme = draw(talks(reads=reads))
    table = draw(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
    return talk, draw(contexts), draw(speeches(talk, theme)), Answers(tuple(table))


def judges(judge: Any) -> dict[str, Any]:
    """The only judge that the sets ask."""
    return {"j": judge}


def policy_of(talk: Talk, chance: Any = None) -> remit.Policy | None:
    """The policy of a set; None where it is refused for what only meets by chance."""
    policy, found = compiled(talk.sources(chance))
    errors = {one.code for one in found if one.is_error}
    assert errors <= KNOWN, f"{[str(one) for one in found]}\n{told(talk)}"
    return policy


def seen_of(decision: remit.Decision) -> Any:
    """What later steps and hosts see of a decision, whoever was asked for it."""
    return (decision.verdict, decision.in_force, decision.defeated, decision.ask, decision.after,
            decision.void, [(one.name, one.words, one.lost) for one in decision.settings],
            )  # fmt: skip
