"""The shape of what only some policies have: a past, settings, directives; and what people ask for.

Goes on where `layout.py` ends, apart from it so that a policy without them loads without them.
"""

from __future__ import annotations

from remit.checked.model import (
    Constraint,
    Debt,
    Directive,
    Happening,
    History,
    Labelling,
    Loan,
    NeverAllow,
    Setting,
    SpecFile,
)  # fmt: skip
from remit.program.outline import Wanted
from remit.store.layout import ACT, CONDITION, NAMES, NORM, PATTERNS, PLAIN, SPAN, TERM, TYPE
from remit.store.shapes import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    Shape,
    many,
    maybe,
    named,
    one_of,
    record,
    row,
    tagged,
)  # fmt: skip

HAPPENING = record(Happening, act=ACT, where=CONDITION, keys=many(TERM))
_FOLDS = one_of("earlier", "previous", "count", "distinct", "sum", "first", "last", "smallest",
                "largest", "remember")  # fmt: skip
HISTORY = record(
    History, id=TEXT, fold=_FOLDS, what=HAPPENING, of=CONDITION, since=maybe(HAPPENING),
    within=maybe(NUMBER), unit=TEXT, most=COUNT,
)  # fmt: skip
DEBT = record(Debt, id=TEXT, owed=HAPPENING, after=HAPPENING, bound=NUMBER, unit=TEXT)
CONSTRAINT = record(
    Constraint, id=TEXT, name=TEXT, spec=TEXT, author=COUNT, strength=COUNT, setting=TEXT,
    op=one_of("=", "in", "<", "<=", ">", ">="), value=TERM, goal=maybe(TEXT), doc=maybe(TEXT),
    cites=NAMES, span=maybe(SPAN), head=maybe(SPAN), marks=named(SPAN),
)  # fmt: skip
DIRECTIVE = record(
    Directive, id=TEXT, name=TEXT, spec=TEXT, norm=tagged(Norm=NORM, Constraint=CONSTRAINT),
    patterns=PATTERNS, judged=maybe(row(TEXT, TEXT)), words=NAMES, implied=FLAG, weakest=COUNT,
    doc=maybe(TEXT), span=maybe(SPAN), head=maybe(SPAN), author=COUNT,
)  # fmt: skip
LOAN = record(
    Loan, id=TEXT, spec=TEXT, author=COUNT, level=COUNT, act=ACT, where=CONDITION, only=maybe(ACT),
    only_where=CONDITION, setting=maybe(TEXT), span=maybe(SPAN),
)  # fmt: skip
SETTING = record(Setting, name=TEXT, type=TYPE, default=PLAIN, every=FLAG, spec=TEXT,
                 span=maybe(SPAN))  # fmt: skip
LABELLING = record(Labelling, name=TEXT, act=ACT, where=CONDITION)
NEVER_ALLOW = record(NeverAllow, title=TEXT, act=ACT, needed=TERM, span=maybe(SPAN))
NEVER_BEATS = row(TEXT, COUNT, COUNT, SPAN)
_SOURCE = Shape(
    lambda value, sources: sources.number(value),
    lambda data, sources: sources.at(COUNT.read(data, sources)),
)
SPEC_FILE = record(
    SpecFile, name=TEXT, author=COUNT, source=_SOURCE, version=maybe(TEXT), owner=maybe(TEXT),
    origin=maybe(TEXT), effective=maybe(TEXT),
)  # fmt: skip

WANTED = record(Wanted, how=one_of("quotes", "came from"), kind=TEXT, names=NAMES,
                label=maybe(TEXT))  # fmt: skip
HEAD = {  # what stands in the head of a stored policy besides what every policy has
    "labels": many(LABELLING), "settings": named(SETTING), "constraints": many(CONSTRAINT),
    "directives": many(DIRECTIVE), "loans": many(LOAN), "histories": many(HISTORY),
    "debts": many(DEBT), "origins": many(WANTED),
}  # fmt: skip
