"""Remit: policy-as-code for AI agents. `load` a spec, open a `session`, `decide` each step.

>>> policy = load('''
... spec demo
... author developer
... tool refund(order: text, amount: number)
... clause refunds.limit "Refunds above 200 need a manager."
...   forbid call refund where amount > 200
...   otherwise ask "manager"
... ''')
>>> print(policy.session().decide(Call("refund", {"order": "A1", "amount": 350})))
waits for a person by `refunds.limit` (developer): Refunds above 200 need a manager.
"""

from remit.conversation.model import (
    Call,
    Conversation,
    Given,
    Handoff,
    Message,
    Part,
    Result,
    Step,
)
from remit.policy import Policy, check, load
from remit.session import Session
from remit.state.model import Void
from remit.state.save import RestoreError
from remit.verdict.model import Decision, Defeat, Doubt
from remit_grammar.diagnostic import Diagnostic, SpecError

__version__ = "0.1.0"
__all__ = [
    "Call",
    "Conversation",
    "Decision",
    "Defeat",
    "Diagnostic",
    "Doubt",
    "Given",
    "Handoff",
    "Message",
    "Part",
    "Policy",
    "RestoreError",
    "Result",
    "Session",
    "SpecError",
    "Step",
    "Void",
    "__version__",
    "check",
    "load",
]
