"""Every diagnostic code: its severity and a title of one line.

A code lives for ever; a retired one keeps its number. `docs/errors/CODE.md` explains each at
length, and a test fails when a code has no page or no golden case.

    R00xx  reading files          R05xx  acts and conditions     R09xx  conversations
    R01xx  syntax                 R06xx  authority               R10xx  records
    R02xx  structure of a spec    R07xx  the priority graph      R11xx  scenarios
    R03xx  names and files        R08xx  tools                   R12xx  judges
    R04xx  types                                                 R13xx  ledgers
"""

from __future__ import annotations

from enum import Enum

from remit_grammar.value import value


class Severity(Enum):
    """How grave a finding is. Only an error makes the input unusable."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@value
class Code:
    """A registry entry; the key in `CODES` is the code itself."""

    severity: Severity
    title: str


def _error(title: str) -> Code:
    return Code(Severity.ERROR, title)


def _warning(title: str) -> Code:
    return Code(Severity.WARNING, title)


CODES: dict[str, Code] = {
    # reading files
    "R0001": _error("the file cannot be read"),
    "R0002": _error("the file is not UTF-8"),
    "R0003": _error("the file holds a NUL character"),
    "R0004": _error("the file is too large"),
    "R0005": _error("a stored policy that cannot be used"),
    # syntax
    "R0101": _error("something else was expected here"),
    "R0102": _error("the statement is not finished"),
    "R0103": _error("a string is not closed"),
    "R0104": _error("a character that the language does not use"),
    "R0105": _error("a keyword stands where a name is needed"),
    "R0106": _error("nested too deeply"),
    "R0107": _error("an unknown escape in a string"),
    "R0108": _error("not a date"),
    "R0109": _error("a number out of range"),
    # structure
    "R0201": _error("a statement outside the block it belongs to"),
    "R0202": _error("a block lacks a statement that it needs"),
    "R0203": _error("a statement that may stand only once stands twice"),
    "R0204": _error("the file does not say which spec it is"),
    "R0205": _error("a statement that does not fit this block"),
    # names and files
    "R0301": _error("an unknown name"),
    "R0302": _error("a name is declared twice"),
    "R0303": _error("a spec that cannot be found"),
    "R0304": _error("specs that extend each other in a circle"),
    "R0305": _error("a name that two files declare"),
    "R0306": _warning("a declaration that nothing uses"),
    "R0307": _error("a name of the wrong kind"),
    "R0308": _error("definitions that use each other in a circle"),
    # types
    "R0401": _error("types that do not fit"),
    "R0402": _error("a function or definition with the wrong number of arguments"),
    "R0403": _error("a value that the type does not have"),
    "R0404": _error("a pattern that cannot be used"),
    "R0405": _warning("a comparison whose answer never changes"),
    # acts and conditions
    "R0501": _error("a spec for a version of the language that this one does not run"),
    "R0502": _warning("a condition that is expensive"),
    "R0503": _warning("a clause that can never apply"),
    "R0504": _error("a remedy that does not fit the step"),
    "R0505": _error("a condition that costs too much"),
    "R0506": _error("what sets a setting reads something that it cannot"),
    "R0507": _error("a directive whose patterns take different words from the text"),
    "R0508": _error("a question about the past that cannot be kept at constant cost"),
    "R0509": _error("a judge is asked where none can be"),
    "R0510": _error("a confirmation that nobody can give"),
    # authority
    "R0601": _error("a strength above the author"),
    "R0602": _error("an override that needs more authority"),
    "R0603": _error("only the top level may set the chain"),
    "R0604": _error("two files set different chains"),
    "R0605": _error("a spec without an author"),
    # the priority graph
    "R0701": _error("clauses that beat each other in a circle"),
    "R0702": _warning("two clauses that only caution tells apart"),
    "R0703": _warning("a permit that lifts nothing"),
    "R0704": _error("something that must never happen can happen"),
    "R0705": _error("settings that contradict each other"),
    "R0706": _warning("a setting that is never in force"),
    # tools
    "R0801": _error("an unknown tool"),
    "R0802": _error("an unknown argument of a tool"),
    "R0803": _error("tool schemas that cannot be read"),
    # conversations
    "R0901": _error("the conversation is not valid JSON"),
    "R0902": _error("the format of the conversation is not recognised"),
    "R0903": _error("a record of the conversation is malformed"),
    "R0904": _error("a role that no level speaks for"),
    "R0905": _error("compressed data that is broken or cut"),
    "R0906": _error("a conversation that is nested too deeply"),
    "R0907": _error("a record that is too large"),
    "R0908": _warning("an id that is used twice"),
    "R0909": _warning("a result without its call"),
    # records
    "R1001": _error("the record is not a decision record"),
    "R1002": _error("the record was made by another policy"),
    "R1003": _error("the record does not follow from the policy"),
    # scenarios
    "R1101": _error("a scenario did not go as expected"),
    "R1102": _error("a scenario that cannot be run"),
    # judges
    "R1201": _error("recorded answers that cannot be used"),
    # ledgers
    "R1301": _error("a line that is no record of a ledger"),
    "R1302": _error("a record of a ledger that was changed"),
    "R1303": _error("records of a ledger that do not follow each other"),
    "R1304": _error("a ledger that does not fit its checkpoint"),
    "R1305": _warning("records that a ledger could not take"),
    "R1306": _warning("a ledger that was mended"),
    "R1307": _error("a checkpoint that cannot be used"),
    "R1308": _error("a decision that is not in the ledger"),
    "R1309": _error("a decision that comes out otherwise"),
    "R1310": _error("a decision that cannot be replayed"),
}
