"""Statements -> documents, without comments. The layout inside one statement is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from remit_grammar import tree as t
from remit_grammar.layout import LINE, Block, Doc, enclosed, group, row, separated
from remit_grammar.literals import block_lines, number_literal, string_literal
from remit_grammar.unparse_conditions import (
    act_doc,
    bound_doc,
    expr_doc,
    field_doc,
    happening_doc,
    head_doc,
    names_doc,
    pattern_text,
    sum_doc,
    type_doc,
    word_or_string,
)
from remit_grammar.words import label_text, name_text


def statement_doc(statement: t.Statement) -> Doc:
    """A statement; the doc string of a clause or directive is left out (see `doc_string`)."""
    return _STATEMENTS[type(statement)](statement)


def doc_string(statement: t.Statement) -> Doc | None:
    """The doc string of a clause or directive, if it has one."""
    if isinstance(statement, t.Clause | t.Directive) and statement.doc is not None:
        return text_doc(statement.doc)
    return None


def text_doc(value: str) -> Doc:
    """A text in statement position: several lines stand in a block where that reads better."""
    lines = block_lines(value)
    literal = string_literal(value)
    return literal if lines is None else Block(tuple(lines), literal)


def _value_doc(value: t.Expr | t.Every) -> Doc:
    if isinstance(value, t.Every):
        return f"every {name_text(value.what)}"
    return text_doc(value.value) if isinstance(value, t.Text) else expr_doc(value)


def _condition(word: str, condition: t.Expr | None) -> list[Doc]:
    return [] if condition is None else [LINE, f"{word} ", expr_doc(condition)]


def _with_act(start: str, act: t.Pattern, *rest: Doc) -> Doc:
    return group(start, " ", act_doc(act, closed=bool(rest)), *rest)


# ---- header -------------------------------------------------------------------------------------


def _files(word: str, files: tuple[t.File, ...]) -> Doc:
    return group(f"{word} ", *separated(map(_file, files)))


def _file(one: t.File) -> Doc:
    return name_text(one.name) if one.name else string_literal(one.path or "")


def _levels(word: str, levels: tuple[t.Name, ...], end: str = "") -> Doc:
    parts: list[Doc] = [f"{word} "]
    for number, level in enumerate(levels):
        parts += [LINE, "> "] if number else []
        parts.append(name_text(level))
    return group(*parts, end)


# ---- vocabulary ---------------------------------------------------------------------------------


def _default(sign: str, value: t.Expr | t.Every | None) -> list[Doc]:
    return [] if value is None else [f" {sign} ", _value_doc(value)]


def _param(one: t.Param) -> Doc:
    mark = "?" if one.optional and one.default is None else ""
    return row(f"{label_text(one.name)}{mark}: ", type_doc(one.type), *_default("=", one.default))


def _tool(one: t.Tool) -> Doc:
    parts: list[Doc] = [f"tool {name_text(one.name)}", enclosed("(", map(_param, one.params), ")")]
    if one.gives:
        parts += [" gives ", type_doc(one.gives)]
    if one.effects:
        parts += [" effects ", names_doc(one.effects)]
    return row(*parts)


def _declared(word: str, one: t.Context | t.Setting) -> Doc:
    head = f"{word} {label_text(one.name)}: "
    return row(head, type_doc(one.type), *_default("default", one.default))


def _detector(one: t.Detector) -> Doc:
    return group(f"detector {name_text(one.name)} = ", *separated(map(pattern_text, one.patterns)))


def _define(one: t.Define) -> Doc:
    params = f"({', '.join(map(name_text, one.params))})" if one.params else ""
    return group(f"define {name_text(one.name)}{params} =", LINE, expr_doc(one.body))


def _remember(one: t.Remember) -> Doc:
    most: list[Doc] = [] if one.at_most is None else [LINE, f"at most {one.at_most}"]
    value = sum_doc(one.value)
    return group(f"remember {name_text(one.name)} = ", value, " in ", act_doc(one.act), *most)


def _default_for(one: t.Default) -> Doc:
    level = f" at {name_text(one.at)}" if one.at else ""
    return row(f"default {one.verdict} for ", head_doc(one.head), level)


def _delegate(one: t.Delegate) -> Doc:
    acts: list[Doc] = [LINE, "for ", _delegated(one.acts)] if one.acts else []
    return group(f"delegate {name_text(one.level, before='to')} to ", act_doc(one.to), *acts)


def _delegated(acts: t.Pattern) -> Doc:
    """Behind `for`: an act called `it` would be read as the end of `asking for it`."""
    head = acts.head.names[0] if acts.head.kind == "named" else None
    if head is None or name_text(head.spec or head) != "it":
        return act_doc(acts)
    rest = name_text(head).removeprefix("it")
    return group("`it`", rest, *_condition("where", acts.where))


def _never_beats(one: t.NeverBeats) -> Doc:
    return group(
        f"never {string_literal(one.title)}", LINE,
        f"a norm spoken by {name_text(one.speaker)} beats"
        f" a norm of strength {name_text(one.strength)}",
    )  # fmt: skip


def _never_allow(one: t.NeverAllow) -> Doc:
    without = happening_doc(one.without)
    head = f"never {string_literal(one.title)}"
    allowed = (LINE, "allow ", act_doc(one.act))
    return group(head, *allowed, LINE, "without ", without, " before")


# ---- clauses and directives ---------------------------------------------------------------------


def _headed(word: str, one: t.Clause | t.Directive) -> Doc:
    return f"{word} {name_text(one.name)}" + (f" at {name_text(one.at)}" if one.at else "")


def _require_before(one: t.RequireBefore) -> Doc:
    needed = happening_doc(one.needed)
    before = (LINE, "before ", act_doc(one.act))
    return group("require ", needed, *before, *_condition("unless", one.unless))


def _require_within(one: t.RequireWithin) -> Doc:
    within = (LINE, "within ", bound_doc(one.bound), " after ", act_doc(one.after))
    unless = _condition("unless", one.unless)
    return group("require ", act_doc(one.owed, closed=True), *within, *unless)


def _except(one: t.Except) -> Doc:
    label = "" if one.name is None else f" {label_text(one.name)}:"
    parts = _condition("where", one.where) + _condition("unless", one.unless)
    return group(f"except{label} {one.modality}", *parts)


def _otherwise(one: t.Otherwise) -> Doc:
    advice: list[Doc] = [] if one.advice is None else [LINE, "advise ", text_doc(one.advice)]
    return group("otherwise ", _remedy(one.remedy), *advice)


def _remedy(one: t.Remedy) -> Doc:
    if one.kind == "ask":
        return f"ask {word_or_string(one.who or '')}"
    if one.kind == "rewrite" and one.target and one.value:
        return row(f"rewrite {name_text(one.target, before='to')} to ", sum_doc(one.value))
    text = one.kind
    if one.what is not None:
        text += " " + _redacted(one.what)
    return text if one.replacement is None else f"{text} as {string_literal(one.replacement)}"


def _redacted(what: t.Name | t.Text | t.Regex) -> str:
    if isinstance(what, t.Name):
        return name_text(what, bare=True, before="as")
    return pattern_text(what)


# ---- scenarios ----------------------------------------------------------------------------------


def _scenario(one: t.Scenario) -> Doc:
    return group(f"scenario {string_literal(one.title)}", *_bound(one.bindings))


def _bound(bindings: tuple[t.Binding, ...]) -> list[Doc]:
    return [LINE, _list("with", bindings)] if bindings else []


def _list(word: str, parts: Iterable[t.Node]) -> Doc:
    return group(f"{word} ", *separated(map(part_doc, parts)))


def _told(one: t.Says | t.Hands | t.Gives) -> list[Doc]:
    """What a text means to the host, and the context of its step."""
    docs: list[Doc] = []
    for word, implied in (("meaning", False), ("implying", True)):
        given = [each for each in one.given if each.implied is implied]
        docs += [LINE, _list(word, given)] if given else []
    return docs + _bound(one.bindings)


def _given(one: t.Given) -> Doc:
    values = enclosed("(", map(field_doc, one.values), ")") if one.values else ""
    return row(name_text(one.name, before="" if one.values else "with"), values)


def _says(one: t.Says) -> Doc:
    parts: list[Doc] = [_speaker(one.speaker), " ", text_doc(one.text)]
    for extra in one.parts:
        parts += [LINE, part_doc(extra)]
    return group(*parts, *_told(one))


def _speaker(name: t.Name) -> str:
    return name_text(name, leads=True)


def _calls(one: t.Calls) -> Doc:
    arguments = enclosed("(", map(field_doc, one.arguments), ")")
    head = row(f"{_speaker(one.speaker)} calls {name_text(one.tool)}", arguments)
    return group(head, *_bound(one.bindings))


def _hands(one: t.Hands) -> Doc:
    head = f"{_speaker(one.speaker)} hands to {name_text(one.to)} "
    return group(row(head, text_doc(one.text)), *_told(one))


def _gives(one: t.Gives) -> Doc:
    tool = f"of {name_text(one.tool)} " if one.tool else ""
    value = _value_doc(one.value)
    if isinstance(one.value, t.Ref):
        value = name_text(one.value.name, before="with" if one.bindings else "")
    return group(row(f"result {tool}", value), *_told(one))


def _answers(one: t.Answers) -> Doc:
    to = "" if one.question is None else f" to {string_literal(one.question)}"
    return f"judge {name_text(one.judge)} answers {one.answer}{to}"


def _expect(one: t.Expect) -> Doc:
    by: list[Doc] = [" by ", names_doc(one.by)] if one.by else []
    giving: list[Doc] = [] if one.giving is None else [LINE, "giving ", _value_doc(one.giving)]
    return group(f"expect {one.verdict}", *by, *giving)


_STATEMENTS: dict[type, Callable[[Any], Doc]] = {
    t.Remit: lambda s: f"remit {number_literal(s.version)}",
    t.SpecName: lambda s: f"spec {name_text(s.name)}",
    t.Author: lambda s: f"author {name_text(s.level)}",
    t.Fact: lambda s: f"{s.key} {string_literal(s.value)}",
    t.Effective: lambda s: f"effective {s.date.text}",
    t.Extends: lambda s: _files("extends", s.files),
    t.Import: lambda s: _files("import", s.files),
    t.Chain: lambda s: _levels("chain", s.levels),
    t.Goals: lambda s: _levels("goals", s.goals, " strict" if s.strict else ""),
    t.Role: lambda s: f"role {name_text(s.role)} speaks as {name_text(s.level)}",
    t.Tools: lambda s: f"tools from {string_literal(s.path)}",
    t.Tool: _tool,
    t.Context: lambda s: _declared("context", s),
    t.Setting: lambda s: _declared("setting", s),
    t.Detector: _detector,
    t.Define: _define,
    t.Remember: _remember,
    t.Act: lambda s: _with_act(f"act {name_text(s.name)} =", s.pattern),
    t.LabelOn: lambda s: _with_act(f"label {name_text(s.name)} on", s.act),
    t.Default: _default_for,
    t.Delegate: _delegate,
    t.NeverBeats: _never_beats,
    t.NeverAllow: _never_allow,
    t.Clause: lambda s: _headed("clause", s),
    t.Directive: lambda s: _headed("directive", s),
    t.Heard: lambda s: group("heard ", *separated(map(pattern_text, s.patterns))),
    t.HeardJudged: lambda s: f"heard judged {string_literal(s.question)} by {name_text(s.judge)}",
    t.Implied: lambda s: "implied",
    t.Norm: lambda s: group(f"{s.modality} ", act_doc(s.act), *_condition("unless", s.unless)),
    t.RequireBefore: _require_before,
    t.RequireWithin: _require_within,
    t.SetNorm: lambda s: row(f"set {name_text(s.setting)} {s.op} ", sum_doc(s.value)),
    t.Except: _except,
    t.Overrides: lambda s: row("overrides ", names_doc(s.clauses)),
    t.Otherwise: _otherwise,
    t.IfUnknown: lambda s: f"if unknown {s.verdict}",
    t.Serves: lambda s: f"serves {name_text(s.goal)}",
    t.Cites: lambda s: f"cites {string_literal(s.text)}",
    t.Scenario: _scenario,
    t.Says: _says,
    t.Calls: _calls,
    t.Hands: _hands,
    t.Gives: _gives,
    t.Wait: lambda s: f"wait {s.duration.amount}{s.duration.unit}",
    t.Expect: _expect,
    t.Answers: _answers,
    t.Approves: lambda s: f"{_speaker(s.who)} approves",
    t.ExpectSetting: lambda s: row(
        f"expect setting {name_text(s.setting)} = ", _value_doc(s.value)
    ),
    t.ExpectVoid: lambda s: f"expect void {name_text(s.directive)}",
    t.ExpectLoses: lambda s: f"expect {name_text(s.loser)} loses to {name_text(s.winner)}",
}

_PARTS: dict[type, Callable[[Any], Doc]] = {
    t.Param: _param,
    t.File: _file,
    t.Every: _value_doc,
    t.Remedy: _remedy,
    t.Binding: lambda s: row(f"{name_text(s.name)} = ", expr_doc(s.value)),
    t.Given: _given,
    t.Extra: lambda s: row(f"{s.origin} ", text_doc(s.text)),
}


def part_doc(part: t.Node) -> Doc:
    """A node that is neither a statement nor a condition, but a part of statements."""
    return _PARTS[type(part)](part)
