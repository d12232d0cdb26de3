"""The syntax tree of clauses, directives and scenarios."""

from __future__ import annotations

from remit_grammar.tree_conditions import (
    Bound,
    Duration,
    Expr,
    Field,
    Name,
    Node,
    Past,
    Pattern,
    Regex,
    Text,
)
from remit_grammar.value import value

# ---- statements: clauses and directives ---------------------------------------------------------


@value
class Clause(Node):
    """`clause refunds.limit at user "doc"`: the head of a clause."""

    name: Name
    at: Name | None
    doc: str | None


@value
class Directive(Node):
    """`directive lift_profanity at user "doc"`: the head of a directive."""

    name: Name
    at: Name | None
    doc: str | None


@value
class Heard(Node):
    """`heard "you may swear", /.../`."""

    patterns: tuple[Text | Regex, ...]


@value
class HeardJudged(Node):
    """`heard judged "..." by judge`."""

    question: str
    judge: Name


@value
class Implied(Node):
    """`implied`: what is heard is inferred, not said."""


@value
class Norm(Node):
    """`forbid ACT unless ...`; `modality` is `forbid`, `permit` or `protect`."""

    modality: str
    act: Pattern
    unless: Expr | None


@value
class RequireBefore(Node):
    """`require X before ACT unless ...`."""

    needed: Past
    act: Pattern
    unless: Expr | None


@value
class RequireWithin(Node):
    """`require X within BOUND after Y unless ...`."""

    owed: Pattern
    bound: Bound
    after: Pattern
    unless: Expr | None


@value
class SetNorm(Node):
    """`set SETTING <= value`; `op` is one of `= in < <= > >=`."""

    setting: Name
    op: str
    value: Expr


@value
class Except(Node):
    """`except gold: permit where ...`."""

    name: str | None
    modality: str
    where: Expr | None
    unless: Expr | None


@value
class Overrides(Node):
    """`overrides a, b`."""

    clauses: tuple[Name, ...]


@value
class Remedy(Node):
    """What happens on a violation: `kind` with what the kind needs.

    `who` for ask; `what` and `replacement` for redact; `target` and `value` for rewrite.
    """

    kind: str
    who: str | None = None
    what: Name | Text | Regex | None = None
    replacement: str | None = None
    target: Name | None = None
    value: Expr | None = None


@value
class Otherwise(Node):
    """`otherwise deny advise "..."`."""

    remedy: Remedy
    advice: str | None


@value
class IfUnknown(Node):
    """`if unknown warn`."""

    verdict: str


@value
class Serves(Node):
    """`serves prevent_harm`."""

    goal: Name


@value
class Cites(Node):
    """`cites "handbook 4.2"`."""

    text: str


# ---- statements: scenarios ----------------------------------------------------------------------


@value
class Binding(Node):
    """`customer_tier = gold`."""

    name: Name
    value: Expr


@value
class Scenario(Node):
    """`scenario "title" with a = b`: the head of a scenario."""

    title: str
    bindings: tuple[Binding, ...]


@value
class Extra(Node):
    """A part of a message: `origin` is `quoting`, `attaching` or `retrieving`."""

    origin: str
    text: str


@value
class Given(Node):
    """A directive that the host says is in the text: `lift(amount: 3)` in `meaning` or `implying`.

    `implied`: inferred, not said. A step has those that are said before those that are implied.
    """

    name: Name
    values: tuple[Field, ...] = ()
    implied: bool = False


# In what happens, `bindings` are the context of that step.


@value
class Says(Node):
    """`user "..." quoting "..." meaning lift_profanity with tier = gold`."""

    speaker: Name
    text: str
    parts: tuple[Extra, ...]
    given: tuple[Given, ...] = ()
    bindings: tuple[Binding, ...] = ()


@value
class Calls(Node):
    """`agent calls refund(order: "A1") with handed_on = true`."""

    speaker: Name
    tool: Name
    arguments: tuple[Field, ...]
    bindings: tuple[Binding, ...] = ()


@value
class Hands(Node):
    """`agent hands to billing "..."`."""

    speaker: Name
    to: Name
    text: str
    given: tuple[Given, ...] = ()
    bindings: tuple[Binding, ...] = ()


@value
class Gives(Node):
    """`result of read_inbox "..."`."""

    tool: Name | None
    value: Expr
    given: tuple[Given, ...] = ()
    bindings: tuple[Binding, ...] = ()


@value
class Wait(Node):
    """`wait 10m`: time passes."""

    duration: Duration


@value
class Approves(Node):
    """`manager approves`: the host says that somebody who was asked says yes."""

    who: Name


@value
class Answers(Node):
    """`judge moderation answers true to "gives a dosage"`: from here on.

    `answer` is `true`, `false` or `unknown`; without `question` it is for every other question.
    """

    judge: Name
    answer: str
    question: str | None


@value
class Expect(Node):
    """`expect ask by refunds.limit giving "..."`."""

    verdict: str
    by: tuple[Name, ...]
    giving: Expr | None


@value
class ExpectVoid(Node):
    """`expect void lift_profanity`."""

    directive: Name


@value
class ExpectSetting(Node):
    """`expect setting reply_language = "fr"`: the value in force at the step before."""

    setting: Name
    value: Expr


@value
class ExpectLoses(Node):
    """`expect refunds.limit loses to refunds.limit.gold`."""

    loser: Name
    winner: Name
