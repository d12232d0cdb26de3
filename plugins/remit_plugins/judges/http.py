"""A model behind an OpenAI-compatible endpoint, as a judge. Needs `remit[judges]`.

The key is read from the environment at each call and kept nowhere. Whatever the endpoint does, the
judge answers within its timeout; where it cannot, the answer is unknown and says why.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from remit.judges.limits import CONCURRENCY, COST, TIMEOUT
from remit.judges.model import Answer, JudgeError, Question
from remit.judges.tidy import raised, tidy, unknown
from remit_plugins.judges import prompt
from remit_plugins.judges.background import Background
from remit_plugins.judges.budget import Budget
from remit_plugins.judges.cache import Cache
from remit_plugins.judges.retry import AgainError, is_worth_it, retry_after, tries

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 1024 * 1024  # of a response
OPTIONS: Mapping[str, Any] = {"temperature": 0, "max_tokens": 500}
_CODE = re.compile(r"[a-z]+(?:_[a-z]+){1,5}")  # of an error: `model_not_found`


class HttpJudge:
    """Asks `model` at `base_url` + `/chat/completions`, from threads and from event loops.

    `key_variable` names the environment variable that holds the key. `timeout` is in seconds and
    bounds everything: waiting, retries, reading. `options` go into the request as they are.
    `min_confidence`: an answer below it, or without a confidence, is unknown. `structured=False`
    is for endpoints that know no JSON schema. Raises `ValueError` for an address it cannot use.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key_variable: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = 3,
        concurrency: int = CONCURRENCY,
        cost: int = COST,
        min_confidence: float = 0.0,
        budget: Budget | None = None,
        cache: Cache | str | os.PathLike[str] | None = None,
        options: Mapping[str, Any] = OPTIONS,
        structured: bool = True,
    ) -> None:
        self._url = _checked(base_url)
        self.model = model
        self.key_variable = key_variable
        self.timeout = timeout
        self.retries = retries
        self.concurrency = concurrency
        self.cost = cost
        self.min_confidence = min_confidence
        self.budget = budget or Budget()
        self._cache = cache if isinstance(cache, Cache | None) else Cache(cache)
        self._options = dict(options)
        self._structured = structured
        self._background = Background()
        self._open: _Open | None = None

    def __repr__(self) -> str:
        return f"HttpJudge({self._url.removesuffix('/chat/completions')!r}, {self.model!r})"

    def answer(self, question: Question, /) -> Answer:
        """The model's answer; unknown, with an error, where there is none."""
        future = self._background.submit(self._answer(question))
        try:
            return future.result(self.timeout)
        except FutureTimeout:
            future.cancel()
            return _late(self.timeout)

    async def answer_async(self, question: Question, /) -> Answer:
        """The same for event loops."""
        return await asyncio.wrap_future(self._background.submit(self._answer(question)))

    def close(self) -> None:
        """Close the connections. The judge opens new ones when it is asked again."""
        if self._open:
            self._background.submit(self._open.client.aclose()).result(5.0)
            self._open = None
        self._background.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _answer(self, question: Question) -> Answer:
        """What to say, in time: a little before the timeout, so that this is what is heard."""
        seconds = max(self.timeout - 1.0, 0.9 * self.timeout)
        until = time.monotonic() + seconds
        key = self._key_of(question)
        try:
            cached = self._cache.get(key) if self._cache else None
            async with asyncio.timeout(seconds):
                answer = cached or await self._asked(question, until)
        except TimeoutError:
            return _late(seconds)
        except Exception as error:  # noqa: BLE001 - of a stranger's error only the class is safe
            return _shown(error)
        if self._cache and not cached:
            self._cache.put(key, answer)
        return self._sure_enough(answer)

    def _sure_enough(self, answer: Answer) -> Answer:
        if answer.truth is None or (answer.confidence or 0.0) >= self.min_confidence:
            return answer
        error = f"not sure enough: the confidence is below {self.min_confidence:g}"
        return replace(answer, truth=None, error=error)

    async def _asked(self, question: Question, until: float) -> Answer:
        body = self._body(question)
        secret = self._secret()
        connected = self._connected()
        async with connected.gate:
            async for attempt in tries(1 + self.retries, until - time.monotonic()):
                with attempt:
                    answer = await self._attempt(connected.client, body, secret)
        return tidy(answer)

    async def _attempt(self, client: httpx2.AsyncClient, body: bytes, secret: str | None) -> Answer:
        import httpx2

        reserved = (len(body) // 3, self._most_output())
        self.budget.reserve(*reserved)
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if secret:
            headers["authorization"] = f"Bearer {secret}"
        try:
            async with client.stream("POST", self._url, content=body, headers=headers) as response:
                if response.status_code != 200:
                    self.budget.correct(reserved, (0, 0))
                    raise await _refused(response, secret)
                reply = prompt.decode(await _read(response))
        except httpx2.TransportError as error:
            raise AgainError(f"the connection failed: `{type(error).__name__}`") from None
        self.budget.correct(reserved, _used(reply, reserved))
        return prompt.read_reply(reply, secret)

    def _body(self, question: Question) -> bytes:
        request = {"model": self.model, "messages": prompt.messages(question), **self._options}
        if self._structured:
            request["response_format"] = prompt.SCHEMA
        return json.dumps(request).encode()

    def _most_output(self) -> int:
        given = [self._options.get(name) for name in ("max_tokens", "max_completion_tokens")]
        return next((one for one in given if type(one) is int), 1_000)

    def _secret(self) -> str | None:
        if self.key_variable is None:
            return None
        secret = os.environ.get(self.key_variable, "").strip()
        if not secret:
            raise JudgeError(f"the environment variable `{self.key_variable}` holds no key")
        if not secret.isascii() or not secret.isprintable():
            raise JudgeError(f"the environment variable `{self.key_variable}` holds no usable key")
        return secret

    def _key_of(self, question: Question) -> str:
        """What an answer depends on, as a digest; the key of the endpoint is no part of it."""
        settings = [self._url, self.model, self._options, self._structured]
        parts = [prompt.VERSION, *settings, question.key]
        text = json.dumps(parts, sort_keys=True, default=repr)
        return hashlib.sha256(text.encode()).hexdigest()

    def _connected(self) -> _Open:
        """The client and the gate of the running loop; those of another loop are of no use."""
        loop = asyncio.get_running_loop()
        if self._open is None or self._open.loop is not loop:
            self._open = _Open(loop, self._url, self.concurrency)
        return self._open


class _Open:
    """What belongs to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str, concurrency: int) -> None:
        import httpx2

        self.loop = loop
        self.gate = asyncio.Semaphore(concurrency)
        # the deadline bounds all of it; redirects are not followed, as the key would go along
        verify = url.startswith("https")  # without TLS, loading certificates is time lost
        self.client = httpx2.AsyncClient(timeout=None, follow_redirects=False, verify=verify)


def _checked(base_url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address must begin with http:// or https:// and name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("the address must hold no user, query or fragment: name a key_variable")
    return base_url.rstrip("/") + "/chat/completions"


async def _read(response: httpx2.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise JudgeError("the reply is packed, though it was asked not to be")
    read = bytearray()
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > MOST_BYTES:
            raise JudgeError(f"the reply is larger than {MOST_BYTES // 1024} KiB")
    return bytes(read)


async def _refused(response: httpx2.Response, secret: str | None) -> JudgeError:
    """The error for a status. Of the body only a known kind of word is shown: it may quote keys."""
    status = response.status_code
    if is_worth_it(status):
        return AgainError(f"the endpoint answered {status}", retry_after(response.headers))
    if 300 <= status < 400:
        return JudgeError(f"the endpoint answered {status}: redirects are not followed")
    try:
        body = prompt.decode(await _read(response))
        code = str(body["error"]["code"])
    except (JudgeError, LookupError, TypeError):
        code = ""
    known = _CODE.fullmatch(code) and len(code) <= 60 and not (secret and secret in code)
    return JudgeError(f"the endpoint answered {status}" + (f" (`{code}`)" if known else ""))


def _used(reply: Any, reserved: tuple[int, int]) -> tuple[int, int]:
    """The tokens that the reply says it took; what was reserved where it says nothing usable."""
    usage = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(usage, dict):
        return reserved
    used = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
    if any(type(one) is not int or one < 0 for one in used):
        return reserved
    return used  # type: ignore[return-value]  # whole numbers, as was just seen


def _late(seconds: float) -> Answer:
    return unknown(f"no answer within {seconds:.3g} s")


def _shown(error: Exception) -> Answer:
    return unknown(str(error)) if isinstance(error, JudgeError) else raised(error)
