"""What judges may spend: calls, tokens, money. Counts; it does not know prices by itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from remit.judges.model import JudgeError

MILLION = 1_000_000


@dataclass(slots=True)
class Budget:
    """Limits for one judge, or for several that share it. None is no limit.

    `input_price` and `output_price` are what a million tokens cost, in the currency of `most_cost`.
    A call is counted before it is made with as many tokens as it can take, and corrected when its
    reply says how many it took. What got no reply stays counted, as it may be charged.
    """

    most_calls: int | None = None
    most_tokens: int | None = None
    most_cost: float | None = None
    input_price: float = 0.0
    output_price: float = 0.0
    calls: int = field(default=0, init=False)
    tokens: int = field(default=0, init=False)
    cost: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.most_cost is not None and not (self.input_price > 0 or self.output_price > 0):
            raise ValueError("a budget in money needs the prices of tokens")

    def reserve(self, input: int, output: int) -> None:
        """Count a call of at most so many tokens. Raises `JudgeError` where it does not fit."""
        with self._lock:
            cost = self._price(input, output)
            for what, most, would_be in (
                ("calls", self.most_calls, self.calls + 1),
                ("tokens", self.most_tokens, self.tokens + input + output),
                ("money", self.most_cost, self.cost + cost),
            ):
                if most is not None and would_be > most:
                    raise JudgeError(f"the budget of {most:g} for {what} is spent")
            self.calls += 1
            self.tokens += input + output
            self.cost += cost

    def correct(self, reserved: tuple[int, int], used: tuple[int, int]) -> None:
        """Put what a call used in place of what was reserved for it."""
        with self._lock:
            self.tokens += sum(used) - sum(reserved)
            self.cost += self._price(*used) - self._price(*reserved)

    def _price(self, input: int, output: int) -> float:
        return (input * self.input_price + output * self.output_price) / MILLION
