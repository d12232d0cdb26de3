"""Who applies and what follows, asking judges last and only where an answer can still matter.

A generator: it yields what judges must answer and is sent the answers, so that the same code
decides whether its host waits for judges or lets others run meanwhile.

To know whether answers matter, the outcome is looked at in two extremes: what holds back applies
and what opens does not, and the other way round. Where both come to the same, no answer changes it;
that is so because what holds back more never opens anything, unless one norm overrides another of
its own side, and then every open question is asked.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, MutableMapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from remit.checked.norm import HOLDS_BACK, WEIGHT
from remit.program.together import told
from remit.program.values import UNKNOWN, Truth
from remit.program.view import BUDGET, Asked, View
from remit.verdict.resolve import Applied, Outcome, counts, remedy_kind, resolve
from remit_grammar.value import field, thing

if TYPE_CHECKING:
    from remit.judges.model import Answer
    from remit.program.model import Program
    from remit.program.rule import Rule
    from remit.state.model import State

MOST_QUESTIONS = 200  # asked for one decision; what is left beyond stays unknown
Questions = Mapping[Asked, str]
Answers = Mapping[Asked, "Answer"]


@thing
class Hearing:
    """What judges were asked for one decision, what they said, and whom nobody needed to ask.

    `answers` are all that are known, `asked` those that this decision asked for, `told` what a
    judge said word for word, `used` those that a condition looked at.
    """

    answers: MutableMapping[Asked, Truth]
    asked: dict[Asked, Truth] = field(default_factory=dict)
    told: dict[Asked, Answer] = field(default_factory=dict)
    used: dict[Asked, Truth] = field(default_factory=dict)
    spared: dict[Asked, None] = field(default_factory=dict)

    def ask(self, questions: Questions) -> Generator[Questions, Answers, None]:
        """Have the questions answered; what has no answer is unknown."""
        new = {asked: text for asked, text in questions.items() if asked not in self.answers}
        room = max(0, MOST_QUESTIONS - len(self.asked))
        first = dict(list(new.items())[:room])
        answers = (yield first) if first else {}
        for asked in new:
            told = answers.get(asked)
            truth = UNKNOWN if told is None or told.truth is None else told.truth
            self.answers[asked] = truth
            if asked in first:
                self.asked[asked] = self.used[asked] = truth
            if told is not None:
                self.told[asked] = told
        self.used.update({asked: self.answers[asked] for asked in questions})


def outcome(
    program: Program, state: State, view: View, hearing: Hearing, errors: list[tuple[str, str]],
    below: int | None = None,
) -> Generator[Questions, Answers, Outcome]:  # fmt: skip
    """What the rules that apply to a step come to, judges asked where they matter.

    Of a step as changed, what matters is what norms above the rank `below` still find wrong.
    """
    while True:
        view.answers, view.used = hearing.answers, hearing.used
        view.unasked.clear()
        view.spared = None
        errors.clear()
        sure, open_rules = judge(program, state, view, errors)
        if not open_rules:
            return resolve(program, sure)
        questions = _worth_asking(program, sure, open_rules, below)
        if not questions:
            return _without(program, state, view, hearing, errors)
        yield from hearing.ask(questions)


def _without(
    program: Program, state: State, view: View, hearing: Hearing, errors: list[tuple[str, str]]
) -> Outcome:
    """The outcome where no answer matters: what was not asked counts as false."""
    errors.clear()
    view.unasked.clear()
    view.spared = False
    sure, _ = judge(program, state, view, errors)
    hearing.spared.update(dict.fromkeys(view.unasked))
    return resolve(program, sure)


def judge(
    program: Program, state: State, view: View, errors: list[tuple[str, str]]
) -> tuple[list[Applied], list[tuple[Rule, Questions]]]:
    """The rules that apply, and those for which a judge would have to be asked."""
    bucket = program.bucket(view).narrowed(view)
    hits, view.hits = view.hits, None
    if hits is None:
        hits = bucket.together.hits(view)
    view.budget = BUDGET
    hold, doubts = told(hits, len(bucket.plain))
    sure = [Applied(rule, True) for rule in bucket.at(hold)]
    rest = bucket.with_care(doubts)
    open_rules: list[tuple[Rule, Questions]] = []
    unasked = view.unasked
    for rule in chain(rest, state.spoken(view)):
        view.unasked = {}  # its own, for another rule may have asked the same
        truth = ask_rule(rule, view, errors)
        first = dict(list(view.unasked.items())[:1])
        unasked |= view.unasked
        if truth is False:
            continue
        if truth is UNKNOWN and view.spared is None and first:
            open_rules.append((rule, first))
        elif counts(rule.norm, truth):
            sure.append(Applied(rule, truth))
    view.unasked = unasked
    return sorted(sure, key=_number), open_rules


def _number(one: Applied) -> tuple[bool, int]:
    """Standing rules by their numbers, then what was said, as it was."""
    return one.rule.norm.said is not None, one.rule.index


def ask_rule(rule: Rule, view: View, errors: list[tuple[str, str]]) -> Truth:
    """Whether a rule applies; where its condition fails it is unknown."""
    from remit.verdict.model import told as as_told

    try:
        return rule.applies(view)
    except Exception as error:  # noqa: BLE001 - whatever a condition raises makes it unknown
        errors.append((rule.norm.id, as_told(error)))
        return UNKNOWN


def _worth_asking(
    program: Program, sure: Sequence[Applied], open_rules: Sequence[tuple[Rule, Questions]],
    below: int | None,
) -> Questions:  # fmt: skip
    """One question for each rule that can still change what follows."""
    rules = [rule for rule, _ in open_rules]
    mild = _extreme(sure, rules, holding=False)
    grave = _extreme(sure, rules, holding=True)
    risky = _overrides_its_side(sure, rules)
    if _key(program, mild, below) == _key(program, grave, below) and not risky:
        return {}
    chosen = [
        questions for rule, questions in open_rules
        if risky or any(_matters(program, one, rule, below) for one in (mild, grave))
    ]  # fmt: skip
    every = [questions for _, questions in open_rules]
    return {asked: text for one in chosen or every for asked, text in one.items()}


def _extreme(sure: Sequence[Applied], rules: Sequence[Rule], *, holding: bool) -> list[Applied]:
    more = [_gravest(rule) for rule in rules
            if (rule.norm.modality in HOLDS_BACK) == holding]  # fmt: skip
    return sorted([*sure, *more], key=lambda one: one.rule.index)


def _gravest(rule: Rule) -> Applied:
    """A rule as it applies where it asks for most: `if unknown halt` is worse than its remedy."""
    norm = rule.norm
    worse = norm.modality in HOLDS_BACK and counts(norm, UNKNOWN) and (
        WEIGHT[remedy_kind(norm, UNKNOWN)] > WEIGHT[remedy_kind(norm, True)]
    )  # fmt: skip
    return Applied(rule, UNKNOWN if worse else True)


def _matters(program: Program, applied: list[Applied], rule: Rule, below: int | None) -> bool:
    """Whether one rule more, or less, would change what follows."""
    rest = [one for one in applied if one.rule is not rule]
    other = rest if len(rest) < len(applied) else sorted(
        [*applied, _gravest(rule)], key=lambda one: one.rule.index
    )  # fmt: skip
    return _key(program, applied, below) != _key(program, other, below)


def _key(
    program: Program, applied: Sequence[Applied], below: int | None
) -> tuple[str, frozenset[str]]:
    """What a host sees of an outcome: the verdict, and who is asked and what is changed."""
    made = resolve(program, applied)
    kinds = {one.rule.norm.id: remedy_kind(one.rule.norm, one.truth) for one in made.violated
             if below is None or one.rule.norm.strength < below}  # fmt: skip
    if below is None:
        verdict = made.verdict
    else:
        left = [kind for kind in kinds.values() if WEIGHT[kind] >= WEIGHT["redact"]]
        verdict = "deny" if set(left) - {"ask"} else "ask" if left else "allow"
    if verdict not in ("ask", "redact", "rewrite"):
        return verdict, frozenset()
    return verdict, frozenset(name for name, kind in kinds.items()
                              if kind in ("ask", "redact", "rewrite"))  # fmt: skip


def _overrides_its_side(sure: Sequence[Applied], rules: Sequence[Rule]) -> bool:
    """Whether a norm that holds back overrides another that does, or one that opens another."""
    norms = [rule.norm for rule in (*rules, *(one.rule for one in sure))]
    holds = {norm.id: norm.modality in HOLDS_BACK for norm in norms}
    return any(holds.get(name) == holds[norm.id] for norm in norms for name in norm.overrides)
