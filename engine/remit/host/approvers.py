"""Asks the approvers among the plugins, in a thread of their own, and waits no longer than is due.

A thread cannot be stopped: one that hangs goes on as a daemon, and nobody hears it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.hooks.events import Reply, Request
from remit.verdict.model import told

if TYPE_CHECKING:
    from concurrent.futures import Future

    import pluggy


def ask(plugins: pluggy.PluginManager, request: Request, seconds: float) -> Reply:
    """What the first approver that answers says. No approver, an error or no answer is a no."""
    try:
        return _reply(_started(plugins, request).result(seconds))
    except Exception as error:  # noqa: BLE001 - whatever an approver raises is no yes
        return _unheard(error)


async def ask_async(plugins: pluggy.PluginManager, request: Request, seconds: float) -> Reply:
    """As `ask`, in an event loop."""
    import asyncio

    try:
        future = asyncio.wrap_future(_started(plugins, request))
        return _reply(await asyncio.wait_for(future, seconds))
    except Exception as error:  # noqa: BLE001 - as above
        return _unheard(error)


def _started(plugins: pluggy.PluginManager, request: Request) -> Future[Any]:
    import contextvars  # late, as below: most hosts ask nobody
    import threading
    from concurrent.futures import Future

    future: Future[Any] = Future()
    context = contextvars.copy_context()  # so that tracing sees whose request it is

    def work() -> None:
        try:
            given = context.run(_asked, plugins, request)
        except BaseException as error:  # noqa: BLE001 - the thread is ours
            _end(future, error=error)
        else:
            _end(future, given)

    threading.Thread(target=work, name="remit-approver", daemon=True).start()
    return future


def _end(future: Future[Any], given: Any = None, error: BaseException | None = None) -> None:
    if not future.set_running_or_notify_cancel():
        return  # too late
    if error is None:
        future.set_result(given)
    else:
        future.set_exception(RuntimeError(told(error)))


def _asked(plugins: pluggy.PluginManager, request: Request) -> Any:
    given = plugins.hook.remit_approve(request=request)
    if hasattr(given, "__await__"):
        import asyncio

        async def waited() -> Any:
            return await given

        return asyncio.run(waited())
    return given


def _reply(given: Any) -> Reply:
    """What an approver gave; only a plain True or a reply that says yes is one."""
    if given is None:
        return Reply(yes=False, unheard="there is no approver for it")
    return given if isinstance(given, Reply) else Reply(given is True)


def _unheard(error: Exception) -> Reply:
    """The no where an approver failed, or took too long; the log says more than the record."""
    from logging import getLogger

    if isinstance(error, TimeoutError):
        return Reply(yes=False, unheard="there was no answer in time")
    getLogger("remit.host").warning("an approver failed, so nothing is approved: %s", error)
    return Reply(yes=False, unheard="the approver failed")
