"""Statements -> blocks: which statements belong to which head, and which stand where they may not.

The grammar reads statements in a row, so this is where a stray `otherwise` is found. What a block
must hold is said here too; what the words mean is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Fix, Label, did_you_mean
from remit_grammar.words import LEADERS

NORMS = (t.Norm, t.RequireBefore, t.RequireWithin, t.SetNorm)
_CLAUSE_ONLY = (t.Except, t.Overrides)
_ABOUT_A_NORM = (t.Otherwise, t.IfUnknown, t.Serves, t.Cites)
_DIRECTIVE_ONLY = (t.Heard, t.HeardJudged, t.Implied)
_EXPECTS = (t.Expect, t.ExpectVoid, t.ExpectSetting, t.ExpectLoses)
_SCENARIO_ONLY = (
    t.Says, t.Calls, t.Hands, t.Gives, t.Wait, t.Answers, t.Approves, *_EXPECTS,
)  # fmt: skip

BODIES: dict[type, tuple[type, ...]] = {
    t.Clause: NORMS + _CLAUSE_ONLY + _ABOUT_A_NORM,
    t.Directive: (t.Norm, t.SetNorm, *_DIRECTIVE_ONLY, *_ABOUT_A_NORM),
    t.Scenario: _SCENARIO_ONLY,
}
_REPEATABLE = (t.Except, t.Overrides, t.Cites, t.Heard, t.HeardJudged, *_SCENARIO_ONLY)
_ONCE = (t.Remit, t.SpecName, t.Author, t.Fact, t.Effective, t.Chain, t.Goals)
_PARTS = {part for parts in BODIES.values() for part in parts}


def outline(statements: Iterable[t.Statement]) -> tuple[tuple[t.Block, ...], list[Diagnostic]]:
    """Group statements into blocks; also every finding about what stands where."""
    blocks: list[t.Block] = []
    found: list[Diagnostic] = []
    head: t.Statement | None = None
    body: list[t.Statement] = []

    def close() -> None:
        if head is not None:
            blocks.append(t.Block(head, tuple(body), span=head.span.to((body or [head])[-1].span)))

    for one in statements:
        if type(one) in _PARTS:
            if head is not None and type(one) in BODIES.get(type(head), ()):
                body.append(one)
            else:
                found.append(_stray(one, head))
        elif isinstance(one, t.Fact) and isinstance(head, t.Scenario):
            found.append(_fact_in_scenario(one))
        else:
            close()
            head, body = one, []
    close()
    found += _repeated([block.head for block in blocks if isinstance(block.head, _ONCE)], "file")
    for block in blocks:
        found += _check_block(block)
    return tuple(blocks), found


def unnamed(spec: t.Spec) -> list[Diagnostic]:
    """A finding where a file does not say which spec it is; pieces of specs need not."""
    if any(isinstance(block.head, t.SpecName) for block in spec.blocks):
        return []
    start = Label(spec.source.span(0, 0), "at the beginning")
    help = "begin the file with `spec` and a name: `spec acme.support`"
    return [Diagnostic("R0204", "the file does not say which spec it is", start, help=help)]


def _fact_in_scenario(one: t.Fact) -> Diagnostic:
    """`owner "..."` in a scenario was meant as a line of someone called so."""
    span = one.span
    word = span.source.span(span.start, span.start + len(one.key))
    message = f"`{one.key}` is a keyword, so it cannot stand here as a name"
    help = f"write it in backquotes: `` `{one.key}` ``"
    return Diagnostic("R0105", message, Label(word), help=help, fix=Fix(word, f"`{one.key}`"))


def _stray(one: t.Statement, head: t.Statement | None) -> Diagnostic:
    word = _word(one)
    if isinstance(one, t.Says) and not isinstance(head, t.Scenario):
        return _no_leader(one.speaker)
    homes = " or ".join(f"a {_word(h)}" for h in (t.Clause, t.Directive, t.Scenario)
                        if type(one) in BODIES[h])  # fmt: skip
    if head is None or type(head) not in BODIES:
        message = f"`{word}` stands outside {homes}"
        return Diagnostic("R0201", message, Label(one.span), help=f"move it into {homes}")
    where = Label(head.span, f"this {_word(head)} is still open")
    return Diagnostic(
        "R0205", f"`{word}` does not belong in a {_word(head)}", Label(one.span), (where,),
        help=f"it belongs in {homes}",
    )  # fmt: skip


def _no_leader(speaker: t.Name) -> Diagnostic:
    """`ownr "..."` looks like a line of a scenario."""
    word = speaker.text
    near = did_you_mean(word, LEADERS)
    help = f"did you mean `{near}`?" if near else "only in a scenario someone says something"
    fix = Fix(speaker.span, near) if near else None
    message = f"`{word}` does not begin a statement"
    return Diagnostic("R0101", message, Label(speaker.span), help=help, fix=fix)


def _check_block(block: t.Block) -> list[Diagnostic]:
    if type(block.head) not in BODIES:
        return []
    once = [one for one in block.body if not isinstance(one, _REPEATABLE)]
    found = _repeated(once, _word(block.head))
    kinds = {type(one) for one in block.body}
    if isinstance(block.head, (t.Clause, t.Directive)) and kinds.isdisjoint(NORMS):
        words = "`forbid`, `permit`, `protect`, `require` or `set`"
        if isinstance(block.head, t.Directive):
            words = "`forbid`, `permit`, `protect` or `set`"
        found.append(_lacks(block, "a norm", f"say what it does: {words}"))
    if isinstance(block.head, t.Scenario) and kinds.isdisjoint(_EXPECTS):
        found.append(_lacks(block, "an `expect`", "say what should happen: `expect allow`"))
    return found


def _lacks(block: t.Block, what: str, help: str) -> Diagnostic:
    message = f"this {_word(block.head)} has no {what.partition(' ')[2]}"
    return Diagnostic("R0202", message, Label(block.head.span), help=help)


def _repeated(statements: Iterable[t.Statement], home: str) -> list[Diagnostic]:
    """Statements of a kind that may stand only once, from the second on."""
    first: dict[object, t.Statement] = {}
    found = []
    for one in statements:
        kind = _kind(one)
        if kind in first:
            word = "norm" if kind == "norm" else f"`{_word(one)}`"
            help = "a clause has one norm: write another clause" if kind == "norm" else "keep one"
            before = Label(first[kind].span, "the first one")
            message = f"a second {word} in one {home}"
            found.append(Diagnostic("R0203", message, Label(one.span), (before,), help=help))
        first.setdefault(kind, one)
    return found


def _kind(one: t.Statement) -> object:
    """What may stand only once."""
    if isinstance(one, t.Fact):
        return one.key
    return "norm" if isinstance(one, NORMS) else type(one)


_WORDS: dict[type, str] = {
    t.RequireBefore: "require", t.RequireWithin: "require", t.SetNorm: "set",
    t.HeardJudged: "heard", t.IfUnknown: "if unknown", t.ExpectVoid: "expect",
    t.ExpectSetting: "expect", t.ExpectLoses: "expect", t.Answers: "judge", t.Gives: "result",
    t.SpecName: "spec",
}  # fmt: skip


def _word(one: t.Statement | type) -> str:
    """The keyword a statement is led by."""
    if isinstance(one, t.Norm):
        return one.modality
    if isinstance(one, (t.Says, t.Calls, t.Hands)):
        return one.speaker.text
    if isinstance(one, t.Approves):
        return one.who.text
    if isinstance(one, t.Fact):
        return one.key
    kind = one if isinstance(one, type) else type(one)
    return _WORDS.get(kind, kind.__name__.lower())
