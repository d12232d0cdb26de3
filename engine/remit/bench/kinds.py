"""Rules of each kind that ask of the past, with oracles that walk it.

All speak of one conversation: a user asks, the agent looks something up, pays, and says so. What
is judged is a call of `approve`. It has a text that nobody said before, an account that nobody
named, and the amount 1, so that most rules have to consider all of the past and let it go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from remit.conversation.model import Call, Message, Result, Step

Oracle = Callable[[Sequence[Step], Call], bool]  # what took effect, and the call: must it not be?
BEGIN, PACE = 1_800_000_000.0, 10.0  # seconds: when the conversation begins, and between steps
ACCOUNTS = 97
LIMIT = 1_000_000
WORDS = (
    *("account", "address", "amount", "bank", "book", "check", "city", "customer", "date", "file"),
    *("flight", "hotel", "invoice", "item", "money", "number", "order", "price", "refund", "room"),
    *("send", "ticket", "time", "update", "week", "year", "zone", "cash", "gate", "rate", "seat"),
)
HEAD = """spec bench.past
author developer
tool pay(account: text, amount: number)
tool approve(account: text, amount: number, note: text)
tool lookup(q: text)
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """`clauses` is what stands in the spec behind the tools."""

    name: str
    clauses: str
    oracle: Oracle

    @property
    def spec(self) -> str:
        """The whole spec."""
        return f"{HEAD}{self.clauses}\n"


def sentence(number: int, words: int = 25) -> str:
    """A text that has hardly eight words in a row in common with another one."""
    state, made = number * 2654435761 % 2**32, []
    for _ in range(words):
        state = (state * 1664525 + 1013904223) % 2**32
        made.append(WORDS[(state >> 16) % len(WORDS)])
    return " ".join(made)


def happens(number: int) -> Step:
    """A step of the conversation."""
    time, phase = BEGIN + PACE * number, number % 6
    if phase == 0:
        return Message("user", sentence(number), time=time)
    if phase == 1:
        return Call("lookup", {"q": f"q{number}"}, f"l{number}", time=time)
    if phase == 2:
        text = f"{sentence(number)} p{number}@host.example"
        return Result("lookup", text, id=f"l{number - 1}", time=time)
    if phase == 3:
        args = {"account": f"a{number % ACCOUNTS}", "amount": number % 7}
        return Call("pay", args, f"p{number}", time=time)
    if phase == 4:
        return Result("pay", "done", id=f"p{number - 1}", time=time)
    return Message("assistant", f"It is paid, number {number}.", time=time)


def probe(number: int, *, at: float = BEGIN, account: str = "", amount: int = 1,
          note: str = "") -> Call:  # fmt: skip
    """The call that is judged."""
    args = {
        "account": account or f"nobody{number}@elsewhere.example",
        "amount": amount,
        "note": note or sentence(-1 - number),
    }
    return Call("approve", args, f"x{number}", time=at)


def asked(number: int) -> Call:
    """What is asked to check a kind, behind the step of that number: some near the mark."""
    said = number // 6 * 6 + 2 - 12
    accounts = (f"a{number % 13}", "zz", f"p{said}@host.example", "nobody@elsewhere.example")
    notes = ("", sentence(said), sentence(said, 9), sentence(number + 1))
    return probe(
        number, at=BEGIN + PACE * number + 1, account=accounts[number % 4],
        amount=(1, LIMIT - 40, LIMIT - 3, LIMIT)[number // 2 % 4], note=notes[number // 3 % 4],
    )  # fmt: skip


# ---- the oracles


def _pays(past: Sequence[Step]) -> list[Call]:
    return [one for one in past if isinstance(one, Call) and one.tool == "pay"]


def _is_call(step: Step, tool: str) -> bool:
    return isinstance(step, Call) and step.tool == tool


def _recent(past: Sequence[Step], call: Call, seconds: float) -> list[Call]:
    return [one for one in _pays(past) if (one.time or 0) >= (call.time or 0) - seconds]


def _amount(call: Call) -> int:
    amount: int = call.args["amount"]
    return amount


def _same(past: Sequence[Step], call: Call) -> list[Call]:
    return [one for one in _pays(past) if one.args["account"] == call.args["account"]]


def _turns(past: Sequence[Step], count: int) -> Sequence[Step]:
    begins = [at for at, one in enumerate(past) if _by_user(one)]
    return past[begins[-count] :] if len(begins) >= count else past


def _by_user(step: Step) -> bool:
    return isinstance(step, Message) and step.role == "user"


def _looked_up(past: Sequence[Step]) -> list[str]:
    return [one.text for one in past if isinstance(one, Result) and one.tool == "lookup"]


def _overdue(past: Sequence[Step], call: Call) -> bool:
    last = max((at for at, one in enumerate(past) if _says(one)), default=-1)
    owed = [at for at, one in enumerate(past) if _is_call(one, "pay") and at > last]
    return any(len(past) - at > 2 for at in owed)


def _says(step: Step) -> bool:
    return isinstance(step, Message) and step.role == "assistant"


def _quotes(past: Sequence[Step], call: Call) -> bool:
    words = str(call.args["note"]).split()
    rows = [" ".join(words[at : at + 8]) for at in range(max(1, len(words) - 7))]
    return any(row in text for text in _looked_up(past) for row in rows)


def _clause(condition: str) -> str:
    return f"clause a\n  forbid call approve where {condition}"


KINDS = (
    Kind("nothing of the past", _clause('account = "zz"'),
         lambda past, call: bool(call.args["account"] == "zz")),
    Kind("earlier", _clause("earlier (call pay where account = this.account)"),
         lambda past, call: bool(_same(past, call))),
    Kind("previous", _clause("previous call lookup"),
         lambda past, call: bool(past) and _is_call(past[-1], "lookup")),
    Kind("count, of one account within 10m",
         _clause("(count of (call pay where account = this.account) within 10m) >= 1"),
         lambda past, call: bool(_same(_recent(past, call, 600), call))),
    Kind("count, within 30 steps", _clause("(count of call pay within 30 steps) > 3"),
         lambda past, call: len(_pays(past[-30:])) > 3),
    Kind("count, within 2 turns", _clause("(count of call pay within 2 turns) > 1"),
         lambda past, call: len(_pays(_turns(past, 2))) > 1),
    Kind("sum", _clause(f"amount + sum of amount over call pay > {LIMIT}"),
         lambda past, call: _amount(call) + sum(map(_amount, _pays(past))) > LIMIT),
    Kind("sum, within 6h", _clause(f"amount + sum of amount over call pay within 6h > {LIMIT}"),
         lambda past, call: _amount(call) + sum(map(_amount, _recent(past, call, 21_600))) > LIMIT),
    Kind("largest, within 10m",
         _clause(f"amount + largest of amount over call pay within 10m > {LIMIT}"),
         lambda past, call: any(_amount(call) + _amount(one) > LIMIT
                                for one in _recent(past, call, 600))),
    Kind("distinct, within 6h",
         _clause(f"amount + distinct of account over call pay within 6h > {LIMIT}"),
         lambda past, call: _amount(call) + len({one.args["account"]
                                                 for one in _recent(past, call, 21_600)}) > LIMIT),
    Kind("since", _clause("not earlier call lookup since message from user"),
         lambda past, call: not any(_is_call(one, "lookup") for one in _turns(past, 1))),
    Kind("require before, within 3 steps",
         "clause a\n  require call lookup within 3 steps before call approve",
         lambda past, call: not any(_is_call(one, "lookup") for one in past[-3:])),
    Kind("require within 2 steps after",
         "clause a\n  require message within 2 steps after call pay", _overdue),
    Kind("remember", f"remember paid = account in call pay\n{_clause('account in paid')}",
         lambda past, call: bool(_same(past, call))),
    Kind("came from", _clause("account came from result of lookup"),
         lambda past, call: any(call.args["account"] in text.split() for text in _looked_up(past))),
    Kind("quotes", _clause("note quotes result of lookup"), _quotes),
)  # fmt: skip
