"""Which failures of an endpoint are worth another try, and when. Tries nothing itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from remit.judges.model import JudgeError

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
FIRST_WAIT = 0.5  # seconds at most before the second try; doubled before each further one
LONGEST_WAIT = 20.0  # seconds, unless the endpoint asks for more


class AgainError(JudgeError):
    """A failure that another try may mend. `after`: the seconds that the endpoint asks to wait."""

    def __init__(self, text: str, after: float = 0.0) -> None:
        super().__init__(text)
        self.after = after


def is_worth_it(status: int) -> bool:
    """Whether a response with this status may be another one next time."""
    return status in STATUSES or 500 < status < 600


def tries(most: int, seconds: float) -> AsyncRetrying:
    """At most so many tries, none that would begin after `seconds`, waits with full jitter."""
    from tenacity import (
        AsyncRetrying,
        retry_if_exception_type,
        stop_after_attempt,
        stop_any,
        stop_before_delay,
        wait_random_exponential,
    )

    jitter = wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, AgainError) else 0.0
        return asked + jitter(state)  # with jitter, so that not all come back at once

    return AsyncRetrying(
        retry=retry_if_exception_type(AgainError),
        stop=stop_any(stop_after_attempt(most), stop_before_delay(seconds)),
        wait=wait,
        reraise=True,
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that `Retry-After` asks to wait, given as a number or a date; else 0."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text[:1].isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(0.0, seconds) if seconds < 1e9 else 1e9


def _until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time() if date else 0.0
