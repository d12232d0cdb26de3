"""What is said of a stored policy that cannot be used."""

from __future__ import annotations

from remit_grammar.diagnostic import Diagnostic, SpecError

CODE = "R0005"
ANEW = "compile it again with `remit compile`"


class StoreError(SpecError):
    """Raised where a stored policy cannot be used: damaged, of another version, or no policy.

    Its text is one line; `diagnostics` holds the same as a finding.
    """

    def __init__(self, message: str, help: str | None = ANEW) -> None:
        super().__init__([Diagnostic(CODE, message, help=help)])

    def __str__(self) -> str:
        return self.diagnostics[0].message
