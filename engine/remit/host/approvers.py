"""Asks the approvers among the plugins, in a thread of their own, and waits no longer than is due.

A thread cannot be stopped: one that hangs goes on as a daemon, and nobody hears it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.hooks.events import Reply, Request

if TYPE_CHECKING:
    from concurrent.futures import Future

    import pluggy

NO = Reply(yes=False)


def ask(plugins: pluggy.PluginManager, request: Request, seconds: float) -> Reply:
    """What the first approver that answers says. No approver, an error or no answer is a no."""
    try:
        return _reply(_started(plugins, request).result(seconds))
    except Exception:  # noqa: BLE001 - whatever an approver raises, and no answer, is no yes
        return NO


async def ask_async(plugins: pluggy.PluginManager, request: Request, seconds: float) -> Reply:
    """As `ask`, in an event loop."""
    import asyncio

    try:
        future = asyncio.wrap_future(_started(plugins, request))
        return _reply(await asyncio.wait_for(future, seconds))
    except Exception:  # noqa: BLE001 - as above
        return NO


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
        future.set_exception(RuntimeError(type(error).__name__))


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
    return given if isinstance(given, Reply) else Reply(given is True)
