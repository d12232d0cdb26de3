"""Random syntax trees: every node type, every shape that some text has.

Spans are dummies; a tree from here has no comments and no author's blank lines.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from remit_grammar import tree as t
from remit_grammar.source import Source, Span
from remit_grammar.words import RESERVED, SECOND, SOFT

AT = Span(Source("made", ""), 0, 0)


def _make(kind: Any, *fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda *values: kind(*values, span=AT), *fields)


def _some(items: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def _maybe(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | one


# ---- words --------------------------------------------------------------------------------------

keywords = st.sampled_from(
    sorted(
        SOFT
        | RESERVED
        | SECOND
        | {"a", "if", "hands", "norm", "asking", "it", "true", "starts", "speaks", "one", "end"}
    )
)
plain = st.sampled_from(["x", "amount", "refund_2", "été", "Ω", "_", "step1"])
odd = st.sampled_from(["two words", "7up", "a-b", "x.y", "#no", '"', "é è", " "])
parts = plain | keywords | odd
texts = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\t #`{}'), max_size=12
)
names = _make(t.Name, _some(parts, 1, 2))
refs = names | _make(t.Name, _some(parts, 1, 2), names)
labels = st.lists(parts, min_size=1, max_size=2).map(".".join)
verdicts = st.sampled_from(["allow", "warn", "redact", "rewrite", "ask", "deny", "halt"])

# ---- literals -----------------------------------------------------------------------------------

text = _make(t.Text, texts)
number = _make(
    t.Number,
    st.integers(0, 10**30) | st.floats(0, allow_infinity=False, allow_nan=False).map(abs),
)
duration = _make(t.Duration, st.integers(0, 10**6), st.sampled_from(sorted(t.UNITS)))
_DATES = ["2026-12-01", "2026-12-01T10:00Z", "2024-02-29T23:59:59+01:00"]
date = _make(t.Date, st.sampled_from(_DATES))
regex = _make(
    t.Regex,
    st.sampled_from(["a", "a/b", r"\d+\s*", r"a\\", '["#]', r"(?P<w>x|y)", r"\\/"]),
    st.sampled_from(["", "i", "ims"]),
)
patterns = text | regex


# ---- acts and conditions ------------------------------------------------------------------------


def _heads(bare: bool) -> st.SearchStrategy[Any]:
    """`bare`: as conditions have them, without named acts."""
    none, some = st.just(()), _some(names, 0)
    label = _maybe(names)
    kinds = [
        _make(t.Head, st.just("call"), some, some),
        _make(t.Head, st.just("message"), some, none, label),
        _make(t.Head, st.just("result"), some, none, label),
        _make(t.Head, st.just("handoff"), some),
        _make(t.Head, st.sampled_from(["output", "refusal", "step"])),
    ]
    named = _make(t.Head, st.just("named"), st.tuples(refs))
    return st.one_of(kinds if bare else [*kinds, named])


def _bounds() -> st.SearchStrategy[Any]:
    seconds = st.builds(lambda one: one.seconds, duration)
    count = st.integers(0, 50)
    return st.one_of(
        _make(t.Bound, seconds, st.just("s")),
        _make(t.Bound, count, st.sampled_from(["turns", "steps"])),
        _make(t.Bound, st.just(0), st.sampled_from(["end of turn", "end of conversation"])),
    )


bounds = _bounds()
heads = _heads(False)
origins = _heads(True)
exprs: st.SearchStrategy[Any] = st.deferred(lambda: _expr_trees())
acts = _make(t.Pattern, heads, _maybe(exprs))
pasts = _make(t.Past, acts, _maybe(acts), _maybe(bounds))


def _behind_of(past: t.Past) -> bool:
    """A named act alone behind `of` is a value, so such a past has no text of its own."""
    return past.act.head.kind != "named" or bool(past.act.where or past.since or past.within)


fields_ = _make(t.Field, labels, exprs)
operands = st.one_of(
    text, number, duration, date, _make(t.Ref, refs),
    _make(t.Listing, _some(exprs, 0)), _make(t.Record, _some(fields_)),
)  # fmt: skip
given_values = operands | _make(t.Negative, number)
_infix = ["=", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in", "contains",
          "does not contain", "starts with", "ends with"]  # fmt: skip


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    act = _make(t.Pattern, heads, _maybe(inner))
    past = _make(t.Past, act, _maybe(act), _maybe(bounds))
    field = _make(t.Field, labels, inner)
    return st.one_of(
        _make(t.Listing, _some(inner, 0)),
        _make(t.Record, _some(field)),
        _make(t.Apply, refs, _some(inner, 0)),
        _make(t.Of, names, inner),
        _make(t.Of, names, st.none(), past.filter(_behind_of)),
        _make(t.Of, names, inner, past),
        _make(t.Not, inner),
        _make(t.And, _some(inner, 2)),
        _make(t.Or, _some(inner, 2)),
        _make(t.Compare, st.sampled_from(_infix), inner, inner),
        _make(t.Matches, inner, regex),
        _make(t.State, inner, st.sampled_from(["missing", "present", "empty"]), st.booleans()),
        _make(t.Quantified, st.sampled_from(["any", "all", "no"]), names, inner, inner),
        _make(t.Has, _maybe(inner), names),
        _make(t.Judged, _maybe(inner), texts, names),
        _make(t.Quotes, inner, origins),
        _make(t.CameFrom, inner, origins),
        _make(t.Arithmetic, st.sampled_from("+-*"), inner, inner),
        _make(t.Negative, inner),
        _make(t.Earlier, past),
        _make(t.Previous, act),
        _make(t.VoidDirective, _maybe(names), _maybe(origins), st.booleans()),
    )


_leaves = st.one_of(
    text, number, duration, date, _make(t.Ref, refs), _make(t.NormAsks), _make(t.Confirmed, texts),
)  # fmt: skip


def _expr_trees() -> st.SearchStrategy[Any]:
    return st.recursive(_leaves, _compound, max_leaves=4)


types = st.recursive(
    _make(t.NamedType, names) | _make(t.OneOfType, _some(texts.filter(bool) | labels)),
    lambda inner: _make(t.ListType, names, inner),
    max_leaves=3,
)

# ---- statements ---------------------------------------------------------------------------------

files = _make(t.File, names, st.none()) | _make(t.File, st.none(), texts)


def _param(name: str, type_: Any, mark: bool, default: Any) -> t.Param:
    return t.Param(name, type_, mark or default is not None, default, span=AT)


params = st.builds(_param, labels, types, st.booleans(), _maybe(given_values))
header = {
    t.Remit: _make(t.Remit, st.sampled_from([1, 2, 1.5])),
    t.SpecName: _make(t.SpecName, names),
    t.Author: _make(t.Author, names),
    t.Fact: _make(t.Fact, st.sampled_from(["version", "owner", "source"]), texts),
    t.Effective: _make(t.Effective, date),
    t.Chain: _make(t.Chain, _some(names, 1, 12)),
    t.Goals: _make(t.Goals, _some(names), st.booleans()),
}
vocabulary = st.one_of(
    _make(t.Extends, _some(files)),
    _make(t.Import, _some(files)),
    _make(t.Role, names, names),
    _make(t.Tools, texts),
    _make(t.Tool, names, _some(params, 0, 4), _maybe(types), _some(names, 0)),
    _make(t.Context, labels, types, _maybe(given_values)),
    _make(t.Setting, labels, types, _maybe(given_values) | _make(t.Every, names)),
    _make(t.Detector, names, _some(patterns)),
    _make(t.Define, names, _some(names, 0), exprs),
    _make(t.Remember, names, exprs, acts, _maybe(st.integers(0, 9999))),
    _make(t.Act, names, acts),
    _make(t.LabelOn, names, acts),
    _make(t.Default, verdicts, heads, _maybe(names)),
    _make(t.Delegate, names, acts, _maybe(acts)),
    _make(t.NeverBeats, texts, names, names),
    _make(t.NeverAllow, texts, acts, pasts),
)
modalities = st.sampled_from(["forbid", "permit", "protect"])
spoken_norms = st.one_of(
    _make(t.Norm, modalities, acts, _maybe(exprs)),
    _make(t.SetNorm, names, st.sampled_from(["=", "in", "<", "<=", ">", ">="]), exprs),
)
norms = st.one_of(
    spoken_norms,
    _make(t.RequireBefore, pasts, acts, _maybe(exprs)),
    _make(t.RequireWithin, acts, bounds, acts, _maybe(exprs)),
)


def _remedy(kind: str, **fields: Any) -> t.Remedy:
    return t.Remedy(kind, span=AT, **fields)


remedies = st.one_of(
    st.sampled_from(["deny", "warn", "halt"]).map(_remedy),
    st.builds(lambda who: _remedy("ask", who=who), texts | labels),
    st.builds(
        lambda what, text: _remedy("redact", what=what, replacement=text),
        _maybe(names | patterns), _maybe(texts),
    ),
    st.builds(lambda name, value: _remedy("rewrite", target=name, value=value), names, exprs),
)  # fmt: skip
otherwise = _make(t.Otherwise, remedies, _maybe(texts))
clause_rest = st.one_of(
    _make(t.Except, _maybe(labels), modalities, _maybe(exprs), _maybe(exprs)),
    _make(t.Overrides, _some(refs)),
    _make(t.Cites, texts),
)
clause_once = [otherwise, _make(t.IfUnknown, verdicts), _make(t.Serves, names)]
heard = st.one_of(
    _make(t.Heard, _some(patterns)), _make(t.HeardJudged, texts, names),
)  # fmt: skip
extras = _make(t.Extra, st.sampled_from(["quoting", "attaching", "retrieving"]), texts)
bindings = _some(_make(t.Binding, names, given_values), 0)


def _told(implied: bool) -> st.SearchStrategy[Any]:
    return _some(_make(t.Given, refs, _some(fields_, 0), st.just(implied)), 0)


told = st.builds(lambda said, implied: said + implied, _told(False), _told(True))
lines = st.one_of(
    _make(t.Says, names, texts, _some(extras, 0), told, bindings),
    _make(t.Calls, names, names, _some(fields_, 0), bindings),
    _make(t.Hands, names, names, texts, told, bindings),
    _make(t.Gives, _maybe(names), given_values, told, bindings),
    _make(t.Wait, duration),
    _make(t.Approves, names),
    _make(t.Answers, names, st.sampled_from(["true", "false", "unknown"]), _maybe(texts)),
)
expects = st.one_of(
    _make(t.Expect, verdicts, _some(refs, 0), _maybe(given_values)),
    _make(t.ExpectVoid, refs),
    _make(t.ExpectSetting, names, given_values),
    _make(t.ExpectLoses, refs, refs),
)


def _block(head: Any, body: tuple[Any, ...] = ()) -> t.Block:
    return t.Block(head, body, span=AT)


def _shuffled(*groups: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    joined = st.tuples(*groups).map(lambda found: [one for group in found for one in group])
    return joined.flatmap(st.permutations).map(tuple)


def _each_maybe(kinds: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.tuples(*map(_maybe, kinds)).map(lambda some: [one for one in some if one])


clauses = st.builds(
    _block,
    _make(t.Clause, names, _maybe(names), _maybe(texts)),
    _shuffled(st.tuples(norms), _each_maybe(clause_once), _some(clause_rest, 0)),
)
directives = st.builds(
    _block,
    _make(t.Directive, names, _maybe(names), _maybe(texts)),
    _shuffled(
        st.tuples(spoken_norms),
        _some(heard),
        _some(_make(t.Cites, texts), 0),
        _each_maybe([_make(t.Implied), *clause_once]),
    ),
)
scenarios = st.builds(
    _block,
    _make(t.Scenario, texts, bindings),
    _shuffled(st.tuples(expects), _some(lines | expects, 0, 4)),
)
blocks = clauses | directives | scenarios | vocabulary.map(_block)


def _spec(head: list[Any], rest: list[t.Block]) -> t.Spec:
    return t.Spec(AT.source, (*map(_block, head), *rest))


specs = st.builds(_spec, _each_maybe(list(header.values())), st.lists(blocks, max_size=4))
statements = specs.map(lambda spec: [s for b in spec.blocks for s in (b.head, *b.body)])
