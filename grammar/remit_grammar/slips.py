"""Near mistakes with directives, settings and judges, and what was meant.

Like `habits.py`, but for what an author of this language nearly had right. What is not known here
is left to `mistakes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.habits import Place
from remit_grammar.lex import Token
from remit_grammar.source import Source, Span

ANSWERS = ("true", "false", "unknown")  # of a judge
MEANT = {"yes": "true", "no": "false", "maybe": "unknown"}

_IS = ("is", "to", "in", "was")
_VERBS = {"means": "meaning", "mean": "meaning", "meant": "meaning",
          "implies": "implying", "imply": "implying", "implied": "implying"}  # fmt: skip
_FOR_IT = ("asking", "asks", "asked", "that", "which", "for")
_FROM = ("from", "in", "of")
# What a happening of a scenario is told by, looking back from its end.
_BEGINNINGS = ("SCENARIO", "EXPECT", "WAIT", "JUDGE", "RESULT", "CALLS", "HANDS_TO")
_FARTHEST = 60  # tokens to look back


def slip(
    source: Source, tokens: Sequence[Token], index: int, accepts: set[str]
) -> Diagnostic | None:
    """What to say about the token at `index`, where it is a known slip."""
    place = _Slip(source, tokens, index, accepts)
    if index >= len(tokens) or index == 0:
        return None
    rules = [place.speaker, place.told_order]
    if place.same_line(index):
        rules += [place.setting, place.no_setting, place.judge, place.answer, place.question,
                  place.told, place.told_word, place.binding, place.void, place.level]  # fmt: skip
    found = (rule() for rule in rules)
    return next((one for one in found if one is not None), None)


def no_answer(span: Span) -> Diagnostic:
    """`judge x answers yes`"""
    word = span.text
    near = MEANT.get(word) or did_you_mean(word, ANSWERS)
    help = f"did you mean `{near}`?" if near else "write `true`, `false` or `unknown`"
    fix = Fix(span, near) if near else None
    return Diagnostic("R0101", f"`{word}` is not an answer", Label(span), help=help, fix=fix)


class _Slip(Place):
    """The tokens around a slip."""

    def word(self, at: int) -> str:
        """The text of a token; empty where there is none."""
        return str(self.tokens[at]) if 0 <= at < len(self.tokens) else ""

    def say(
        self, message: str, help: str | None, fix: Fix | None = None, at: int = 0
    ) -> Diagnostic:
        """A finding about the token, or one that stands `at` tokens further on."""
        place = self.index + at
        label = Label(self.span(place, place))
        return Diagnostic("R0101", message, label, help=help, fix=fix)

    def unfit(self, help: str, fix: Fix | None = None, at: int = 0) -> Diagnostic:
        """The token does not fit where it stands."""
        place = self.index + at
        message = f"`{self.word(place)}` does not fit behind `{self.word(place - 1)}`"
        return self.say(message, help, fix, at)

    def instead(self, text: str, at: int = 0) -> Fix:
        """Write this in place of the token."""
        return Fix(self.span(self.index + at, self.index + at), text)

    def before(self, at: int, text: str) -> Fix:
        """Write this before a token."""
        start = self.tokens[at].start
        return Fix(Span(self.source, start, start), text)

    def speaker(self) -> Diagnostic | None:
        """`judge "..."` as a line of someone who is called so"""
        if (self.kind(self.index - 1), self.kind(self.index)) != ("JUDGE", "STRING"):
            return None
        span = self.span(self.index - 1, self.index - 1)
        message = "`judge` is a keyword, so it cannot stand here as a name"
        help = "write it in backquotes: `` `judge` ``"
        return Diagnostic("R0105", message, Label(span), help=help, fix=Fix(span, "`judge`"))

    def setting(self) -> Diagnostic | None:
        """`expect setting x is "fr"` and `expect setting x "fr"`"""
        at = self.index
        if (self.kind(at - 3), self.kind(at - 2)) != ("EXPECT", "SETTING"):
            return None
        if "EQUAL" not in self.accepts:
            return None
        word, name = self.word(at), self.word(at - 1)
        help = f"what a setting should be is written with `=`: `expect setting {name} = ...`"
        fix = None
        if word in _IS:
            fix = self.instead("=")
        elif self.kind(at) in ("STRING", "NUMBER", "DURATION", "DATE", "LSQB", "NAME"):
            fix = self.before(at, "= ")
        return self.say(f"expected `=`, found `{word}`", help, fix)

    def no_setting(self) -> Diagnostic | None:
        """`expect x = "fr"`"""
        at = self.index
        if self.kind(at - 1) == "SETTING" and self.word(at) == "=":
            help = "name the setting: `expect setting reply_language = ...`"
            return self.say("expected a name, found `=`", help)
        if self.kind(at - 2) != "EXPECT" or self.word(at) not in ("=", "is"):
            return None
        if self.kind(at - 1) != "NAME":
            return None
        name = self.word(at - 1)
        help = f"for the value of a setting write `expect setting {name} = ...`"
        fix = self.before(at - 1, "setting ") if self.word(at) == "=" else None
        return self.say(f"expected `loses to`, found `{self.word(at)}`", help, fix)

    def judge(self) -> Diagnostic | None:
        """`judge x says true`, `judge x is true` and `judge x true`"""
        at = self.index
        if self.kind(at - 2) != "JUDGE" or "ANSWERS" not in self.accepts:
            return None
        word = self.word(at)
        if self.kind(at - 1) == "ANSWERS":
            help = "name the judge: `judge moderation answers true`"
            return self.say(f"`{word}` does not fit behind `answers`", help)
        help = f"what a judge says is written `judge {self.word(at - 1)} answers true`"
        if word in ANSWERS:
            return self.say(
                f"expected `answers`, found `{word}`", help, self.before(at, "answers ")
            )
        followed = self.word(at + 1) in ANSWERS
        fix = self.instead("answers") if followed else None
        return self.say(f"expected `answers`, found `{word}`", help, fix)

    def answer(self) -> Diagnostic | None:
        """`judge x answers no` and `judge x answers "..."`"""
        at = self.index
        if (self.kind(at - 3), self.kind(at - 1)) != ("JUDGE", "ANSWERS"):
            return None
        word = self.word(at)
        meant = MEANT.get(word)
        message = f"expected `true`, `false` or `unknown`, found `{word}`"
        if meant:
            return self.say(message, f"did you mean `{meant}`?", self.instead(meant))
        early = self.kind(at) in ("STRING", "TO")
        return self.say(
            message, 'the answer comes first: `answers true to "..."`' if early else None
        )

    def question(self) -> Diagnostic | None:
        """`judge x answers true "..."` and `judge x answers true for "..."`"""
        at = self.index
        if (self.kind(at - 4), self.kind(at - 2)) != ("JUDGE", "ANSWERS"):
            return None
        help = 'the question follows `to`: `answers true to "..."`'
        if self.kind(at) == "STRING":
            return self.unfit(help, self.before(at, "to "))
        fix = self.instead("to") if self.kind(at + 1) == "STRING" else None
        return self.unfit(help, fix)

    def told(self) -> Diagnostic | None:
        """`user "..." meaning "lift"`"""
        at = self.index
        if self.kind(at - 1) not in ("MEANING", "IMPLYING") or self.kind(at - 2) == "EXPECT":
            return None
        if self.kind(at) not in ("STRING", "NUMBER", "REGEX", "LPAR", "LSQB"):
            return None
        word = self.word(at)
        own = word.strip('"')
        fix = self.instead(own) if own != word and own.isidentifier() else None
        help = f"write the name of a directive: `{self.word(at - 1)} lift_profanity`"
        return self.say(f"expected the name of a directive, found `{word}`", help, fix)

    def told_word(self) -> Diagnostic | None:
        """`user "..." means lift` and `user "..." implied lift`"""
        at = self.index
        behind_text = self.kind(at - 2) == "STRING" and self.same_line(at - 1)
        if self.kind(at - 1) == "IMPLIED" and behind_text:
            span = self.span(at - 1, at - 1)
            return self.unfit("did you mean `implying`?", Fix(span, "implying"))
        meant = _VERBS.get(self.word(at))
        if meant is None or not {"MEANING", "IMPLYING"} & self.accepts:
            return None
        return self.unfit(f"did you mean `{meant}`?", self.instead(meant))

    def told_order(self) -> Diagnostic | None:
        """`implying a meaning b`, `meaning a meaning b`, `meaning a quoting "..."`"""
        kind, follower = self.kind(self.index), self.kind(self.index + 1)
        if kind not in ("MEANING", "IMPLYING", "PART") or kind in self.accepts:
            return None
        if "$END" not in self.accepts or (follower == "STRING") != (kind == "PART"):
            return None  # a keyword in place of a name
        if follower in ("CALLS", "HANDS_TO"):
            return None  # someone who is called so
        seen = self.seen()
        if "CALLS" in seen:
            return self.unfit("only a text means something: a message, a result or a handoff")
        if kind == "PART" and seen & {"MEANING", "IMPLYING", "WITH"}:
            word = self.word(self.index)
            return self.unfit(f"`{word}` stands right behind the text of the message")
        if kind in seen:
            word = self.word(self.index)
            return self.unfit(f"write one list with commas: `{word} a, b`")
        if seen & {"IMPLYING", "WITH"}:
            return self.unfit("the order is `meaning`, `implying`, `with`")
        return None

    def seen(self) -> set[str]:
        """The terminals of the happening before the token."""
        seen = set()
        for at in range(self.index - 1, max(-1, self.index - _FARTHEST), -1):
            seen.add(self.kind(at))
            says = self.kind(at) == "STRING" and self.kind(at - 1) == "NAME"
            if says or self.kind(at) in _BEGINNINGS:
                break
        return seen

    def binding(self) -> Diagnostic | None:
        """`with tier: gold`"""
        at = self.index
        if (self.kind(at - 1), self.kind(at), self.kind(at + 1)) != ("WITH", "LABEL", "COLON"):
            return None
        name = self.word(at)
        fix = Fix(self.span(at, at + 1), f"{name} =")
        help = f"the context of a step is written with `=`: `with {name} = ...`"
        return self.say(f"no colon follows the name `{name}` here", help, fix)

    def void(self) -> Diagnostic | None:
        """`a void directive asks for it`, `a void directive from result`"""
        at = self.index
        if self.kind(at) == "CAME_FROM" and self.kind(at - 1) == "ASKING_FOR_IT":
            return self.unfit("`came from` stands before `asking for it`")
        if self.kind(at - 1) != "A_VOID_DIRECTIVE":
            return None
        if self.kind(at) == "STRING":
            return self.unfit("write the name of a directive")
        on = 1 if self.kind(at) == "NAME" and self.word(at) not in _FOR_IT else 0
        if self.word(at + on) in _FROM:
            return self.unfit("did you mean `came from`?", self.instead("came from", on), on)
        if self.word(at + on) in _FOR_IT:
            return self.unfit("did you mean `asking for it`?", at=on)
        return None

    def level(self) -> Diagnostic | None:
        """`directive x "..." at user`"""
        at = self.index
        head = self.kind(at - 3)
        if (self.kind(at - 1), self.kind(at)) != ("STRING", "AT"):
            return None
        if head not in ("CLAUSE", "DIRECTIVE"):
            return None
        word, name = self.word(at - 3), self.word(at - 2)
        return self.unfit(f'the level stands before the text: `{word} {name} at user "..."`')
