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

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remit.conversation.model import Call, Handoff, Message, Result, Step
    from remit.conversation.pieces import Given, Part
    from remit.conversation.whole import Conversation
    from remit.policy import Policy, check, load
    from remit.session import Session
    from remit.state.approve import ApprovalError
    from remit.state.save import RestoreError
    from remit.state.sayings import Void
    from remit.store.errors import StoreError
    from remit.verdict.model import Decision, Defeat, Doubt
    from remit_grammar.diagnostic import Diagnostic, SpecError

__version__ = "0.1.0"
__all__ = [
    "ApprovalError",
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
    "StoreError",
    "Void",
    "__version__",
    "check",
    "load",
]

_HOMES = {
    "remit.conversation.model": ("Call", "Handoff", "Message", "Result", "Step"),
    "remit.conversation.pieces": ("Given", "Part"),
    "remit.conversation.whole": ("Conversation",),
    "remit.policy": ("Policy", "check", "load"),
    "remit.session": ("Session",),
    "remit.state.approve": ("ApprovalError",),
    "remit.state.save": ("RestoreError",),
    "remit.state.sayings": ("Void",),
    "remit.store.errors": ("StoreError",),
    "remit.verdict.model": ("Decision", "Defeat", "Doubt"),
    "remit_grammar.diagnostic": ("Diagnostic", "SpecError"),
}  # fmt: skip


def __getattr__(name: str) -> object:
    """A public name, from the module that it is in: loaded when it is first used."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'remit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
