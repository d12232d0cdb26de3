"""What is nearest to flip a decision: the one term, or norm, that changes the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remit.checked.model import DEFAULT, WEIGHT, Term
from remit.program.values import UNKNOWN, Truth
from remit.state.model import State
from remit.verdict.resolve import ALLOW, Applied, counts, resolve
from remit.verdict.show import written
from remit.verdict.terms import atoms_of, key, rule_truth, told_truth, value_of

if TYPE_CHECKING:
    from remit.program.model import Program
    from remit.program.rule import Rule
    from remit.program.view import View
    from remit.verdict.model import Decision

MOST = 100  # atoms tried for one decision


@dataclass(frozen=True, slots=True)
class Flip:
    """A change and the verdict it would give.

    `term` is a condition as written, `now` its truth, `other` the truth it would have to have,
    `value` what it looks at now; all empty where the change is to take the norm out.
    """

    norm: str
    verdict: str
    term: str = ""
    now: str = ""
    other: str = ""
    value: str = ""

    def __str__(self) -> str:
        if not self.term:
            name = self.norm.partition("@")[0]
            return f"without `{name}` the verdict would be {self.verdict}"
        seen = f" ({self.value})" if self.value else ""
        return f"if `{self.term}` were {self.other}{seen}, the verdict would be {self.verdict}"


def find_flip(decision: Decision) -> Flip | None:
    """The smallest change that gives another verdict; None where no single one does."""
    view = decision.view
    if view is None or decision.agreed:  # what is said of the norms is not what decided
        return None
    view.begin()
    program = decision.ground.program
    before = decision.outcome.verdict
    for tried in (_by_term(decision, program, view, before), _by_norm(decision, program, before)):
        found = [flip for flip in tried if _helps(flip, before)]
        if found:
            # An allow is told what would hold it back most, all else what would let it go on.
            sign = -1 if before == ALLOW else 1
            return min(found, key=lambda flip: sign * WEIGHT[flip.verdict])
    return None


def _helps(flip: Flip, before: str) -> bool:
    """Whether a flip is worth saying: for what is not allowed, only a milder verdict is."""
    return before == ALLOW or WEIGHT[flip.verdict] < WEIGHT[before]


def _by_term(decision: Decision, program: Program, view: View, before: str) -> Iterator[Flip]:
    spoken = view.past.spoken(view) if isinstance(view.past, State) else ()
    rules = (*program.candidates(view), *spoken)
    deciding = {one.rule.index for one in decision.outcome.decided_by}
    ordered = sorted(rules, key=lambda rule: (rule.index not in deciding, rule.index))
    asked = _atoms(program, ordered, view)
    truths = {name: found for name, (_, _, found) in asked.items()}
    for name, (rule, atom, _) in list(asked.items())[:MOST]:
        now = truths[name]
        for other in (True, False) if now is UNKNOWN else (not now,):
            verdict = _verdict(program, rules, view, {**truths, name: other})
            if verdict is not None and verdict != before:
                told = "unknown" if now is UNKNOWN else str(now).lower()
                value = _seen(program, atom, view)
                yield Flip(rule.norm.id, verdict, atom.text, told, str(other).lower(), value)


def _atoms(program: Program, rules: list[Rule], view: View) -> dict[str, tuple[Rule, Term, Truth]]:
    """Every atom once, by its canonical form, with the first rule that asks it, and its truth.

    Those about the words of a directive are left out: they differ from saying to saying. So are
    those that rest on what was not looked up.
    """
    asked: dict[str, tuple[Rule, Term, Truth]] = {}
    for rule in rules:
        for atom in atoms_of(rule, view):
            name = key(program, atom)
            if name in asked or (rule.frame is not None and _has_words(atom)):
                continue
            found = told_truth(program, atom, view)
            if found is not None:
                asked[name] = (rule, atom, found)
    return asked


def _has_words(term: Term) -> bool:
    return (term.op == "var" and ":" in str(term.value)) or any(map(_has_words, term.args))


def _verdict(
    program: Program, rules: tuple[Rule, ...], view: View, forced: dict[str, Truth]
) -> str | None:
    """The verdict with some atoms forced; None where it would rest on what was not looked up."""
    applied = []
    for rule in rules:
        view.untold = False
        found = rule_truth(program, rule, view, forced)
        if found is UNKNOWN and view.untold:
            return None
        if found is not False and counts(rule.norm, found):
            applied.append(Applied(rule, found))
    return resolve(program, applied).verdict


def _by_norm(decision: Decision, program: Program, before: str) -> Iterator[Flip]:
    """What taking out one norm would give; a default stays, since it is there for a reason."""
    for out in decision.outcome.in_force:
        if out.rule.norm.modality == DEFAULT:
            continue
        rest = [one for one in decision.applied if one.rule is not out.rule]
        verdict = resolve(program, rest).verdict
        if verdict != before:
            yield Flip(out.rule.norm.id, verdict)


def _seen(program: Program, atom: Term, view: View) -> str:
    """What the atom looks at: `amount is 350`."""
    for arg in atom.args:
        if arg.op in ("arg", "field", "context", "member") and arg.text and arg.text != "text":
            value = value_of(program, arg, view)
            if value is UNKNOWN and arg.op == "arg":  # a value of the wrong type is worth showing
                value = view.args.get(str(arg.value), UNKNOWN)
            return f"`{arg.text}` is {shown(value)}"
    return ""


def shown(value: Any) -> str:
    """A value short enough for a sentence."""
    text = "missing" if value is None else written(value)
    return text if len(text) <= 60 else text[:57] + "..."
