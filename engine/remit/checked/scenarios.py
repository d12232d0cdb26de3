"""Scenarios: whether the names they use exist and the values they give fit."""

from __future__ import annotations

from collections.abc import Sequence

from remit.checked import types as ty
from remit.checked.acts import AGENT
from remit.checked.conditions import Conditions
from remit.checked.header import Header
from remit.checked.literals import context_of
from remit.checked.model import Term
from remit.checked.names import ACTS, EVENTS, TOOLS, VALUES, label_span, listed
from remit.checked.scope import Scope
from remit.checked.settings import find_setting
from remit.checked.types import Type
from remit.text.model import Pattern
from remit.text.patterns import check_regex, group_names
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label, did_you_mean

SPEAKERS = {"agent": AGENT, AGENT: AGENT}
Happening = t.Says | t.Calls | t.Hands | t.Gives
Expectation = t.Expect | t.ExpectVoid | t.ExpectSetting | t.ExpectLoses


def check_scenario(scope: Scope, block: t.Block, header: Header) -> dict[str, str]:
    """Put every finding about one scenario block into the scope's findings.

    Gives the ids of the directives that it names, by the names as written.
    """
    head = block.head
    assert isinstance(head, t.Scenario), "a scenario is needed"
    _bindings(scope, head.bindings)
    checker = _Checker(scope, header)
    for one in block.body:
        if isinstance(one, Expectation):
            checker.expectation(one)
        elif isinstance(one, t.Answers):
            _answers(scope, one)
        elif isinstance(one, Happening):
            checker.happening(one)
    return checker.directives


def _bindings(scope: Scope, bindings: Sequence[t.Binding]) -> None:
    for binding in bindings:
        found = scope.names.find(VALUES, binding.name, scope.unit)
        if found is None or not isinstance(found.node, t.Context):
            units = [scope.unit, *scope.unit.sees]
            known = [name for unit in units for name, one in scope.names.table(VALUES, unit).items()
                     if isinstance(one.node, t.Context)]  # fmt: skip
            scope.names.unknown("context", binding.name, known)
        else:
            _plain(scope, binding.value, context_of(found.node).type)


def _plain(scope: Scope, node: t.Expr, kind: Type) -> None:
    """Check a value that a scenario gives: of the type, and there before anything happens."""
    conditions = Conditions(scope)
    term = conditions.value(node, kind)
    if term is not None and not _is_plain(term):
        message = f"`{node.span.text}` has no value before the policy runs"
        conditions.complain("R0307", node, message, "a scenario gives plain values")


def _is_plain(term: Term) -> bool:
    return term.op in ("const", "list", "record", "negative") and all(map(_is_plain, term.args))


def _answers(scope: Scope, node: t.Answers) -> None:
    """A judge that nothing asks, or a question that it is never asked, is a slip."""
    questions = scope.names.questions
    asked = questions.get(node.judge.text)
    if asked is None:
        help = "" if questions else "no condition and no directive asks a judge"
        scope.names.unknown("judge", node.judge, list(questions), help=help)
    elif node.question is not None and node.question not in asked:
        message = f"nothing asks the judge `{node.judge.text}` this question"
        near = did_you_mean(node.question, asked)
        help = f"did you mean `{near}`?" if near else f"it is asked: {listed(sorted(asked))}"
        scope.names.found.append(Diagnostic("R0301", message, Label(node.span), help=help))


class _Checker:
    """Checks what happens in one scenario, and what is expected of it."""

    def __init__(self, scope: Scope, header: Header) -> None:
        self.scope = scope
        self.names = scope.names
        self.header = header
        self.acted = False
        self.directives: dict[str, str] = {}

    # ---- what happens

    def happening(self, one: Happening) -> None:
        """Check a step: who speaks, what is called, what is given with it."""
        self.acted = True
        _bindings(self.scope, one.bindings)
        if isinstance(one, (t.Says, t.Calls, t.Hands)):
            known = [*SPEAKERS, "tool", *self.header.roles]
            if one.speaker.text not in known:
                self.names.unknown("role", one.speaker, known)
        if isinstance(one, t.Calls):
            _call(self.scope, one)
            return
        if isinstance(one, t.Gives) and one.tool is not None:
            _tool(self.scope, one.tool)
            Conditions(self.scope).expr(one.value)
        for given in one.given:
            self.given(given)

    def given(self, given: t.Given) -> None:
        """Check a directive that stands behind `meaning` or `implying`."""
        found = self.directive(given.name)
        if found is None:
            return
        words = _words(found)
        for value in given.values:
            if value.name in words:
                self.word(value)
                continue
            name = t.Name((value.name,), span=label_span(value.span, value.name))
            help = "" if words else "its patterns have no named groups, `(?P<name>...)`"
            say = f"the directive `{given.name.text}` takes no word"
            self.names.unknown("word", name, words, help=help, say=say)

    def word(self, given: t.Field) -> None:
        """A word is a text, a number or a flag."""
        conditions = Conditions(self.scope)
        term = conditions.expr(given.value)
        if term is not None and term.op not in ("const", "negative"):
            message = f"a word is a text, a number or a flag, and `{given.value.span.text}` is none"
            conditions.mismatch(given.value, message)

    def directive(self, name: t.Name) -> t.Block | None:
        """The directive of a name, noted with its id; a finding where there is none."""
        before = len(self.names.found)
        found = self.names.find(EVENTS, name, self.scope.unit)
        if found is not None:
            self.directives[name.text] = f"{found.unit.name}::{found.name}"
            return found.block
        if len(self.names.found) == before:
            self.names.unknown("directive", name, self.names.known(EVENTS, self.scope.unit))
        return None

    # ---- what is expected

    def expectation(self, one: Expectation) -> None:
        """Check the names and values of an expectation, and that there is a step before it."""
        if not self.acted:
            message = "nothing has happened yet that could be judged"
            help = "put the step before its `expect`"
            self.names.found.append(Diagnostic("R1102", message, Label(one.span), help=help))
        if isinstance(one, t.ExpectVoid):
            self.directive(one.directive)
        elif isinstance(one, t.ExpectSetting):
            self.setting(one)
        else:
            for name in one.by if isinstance(one, t.Expect) else (one.loser, one.winner):
                self.norm(name)
        if isinstance(one, t.Expect) and one.giving is not None:
            Conditions(self.scope).expr(one.giving, ty.ANY)

    def norm(self, name: t.Name) -> None:
        """A clause, an exception or a default, or a directive for the norm that it becomes."""
        before = len(self.names.found)
        found = self.names.find(ACTS, name, self.scope.unit)
        if found is not None and not isinstance(found.node, t.Act):
            return
        spoken = self.names.find(EVENTS, name, self.scope.unit)
        if spoken is None and not name.text.startswith("default.") and (
            len(self.names.found) == before
        ):  # fmt: skip
            known = [one for space in (ACTS, EVENTS)
                     for one in self.names.known(space, self.scope.unit)]  # fmt: skip
            self.names.unknown("clause", name, known)

    def setting(self, one: t.ExpectSetting) -> None:
        """`expect setting NAME = VALUE`."""
        setting = find_setting(self.scope, one.setting)
        if setting is not None:
            _plain(self.scope, one.value, setting.type)


def _words(block: t.Block) -> list[str]:
    """The words that a directive takes from a text."""
    nodes = [node for one in block.body if isinstance(one, t.Heard) for node in one.patterns]
    regexes = [one for one in nodes if isinstance(one, t.Regex)]
    usable = [Pattern(one.pattern, is_regex=True, flags=one.flags) for one in regexes
              if check_regex(one.pattern, one.flags) is None]  # fmt: skip
    return list(dict.fromkeys(name for one in usable for name in group_names(one)))


def _tool(scope: Scope, name: t.Name) -> bool:
    scope.names.find(TOOLS, name, scope.unit)
    if scope.tools and name.text not in scope.tools:
        scope.names.unknown("tool", name, list(scope.tools), code="R0801")
        return False
    return True


def _call(scope: Scope, one: t.Calls) -> None:
    """The arguments must be the tool's own; leaving some out or typing them wrong is a test."""
    if not _tool(scope, one.tool) or one.tool.text not in scope.tools:
        return
    tool = scope.tools[one.tool.text]
    for argument in one.arguments:
        if argument.name not in tool.params:
            place = label_span(argument.span, argument.name)
            name = t.Name((argument.name,), span=place)
            scope.names.unknown("argument", name, list(tool.params),
                                code="R0802", say=f"tool `{tool.name}` has no argument",
                                )  # fmt: skip
            continue
        if isinstance(argument.value, t.Ref):
            Conditions(scope).expr(argument.value, tool.params[argument.name].type)
