"""The shape of the warnings of a policy, which only `remit check` and people ask for."""

from __future__ import annotations

from remit.store.layout import NAMES, SPAN
from remit.store.shapes import TEXT, Shape, many, maybe, one_of, record
from remit_grammar.codes import CODES, Severity
from remit_grammar.diagnostic import Diagnostic, Fix, Label

_SEVERITIES = one_of(*(one.value for one in Severity))
_SEVERITY = Shape(
    lambda value, sources: value.value,
    lambda data, sources: Severity(_SEVERITIES.read(data, sources)),
)
_LABEL = record(Label, span=SPAN, text=TEXT)
FINDING = record(
    Diagnostic, code=one_of(*CODES), message=TEXT, primary=maybe(_LABEL), secondary=many(_LABEL),
    notes=NAMES, help=maybe(TEXT), fix=maybe(record(Fix, span=SPAN, text=TEXT)),
    severity=maybe(_SEVERITY),
)  # fmt: skip
