"""Finds plugins: those that are given, and those that installed packages declare."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from remit.hooks import specs

GROUP = "remit"  # the entry points of installed plugins


def manager(plugins: Iterable[object] = (), *, installed: bool = False) -> pluggy.PluginManager:
    """The plugins that hear and help, ready to be called.

    `plugins` are modules or objects with functions marked by `remit.hooks.hookimpl`; the last one
    is called first. `installed`: also those that packages declare as entry points of the group
    `remit`. Raises `pluggy.PluginValidationError` for a hook that does not exist, or does not have
    the arguments that a plugin wants.
    """
    found = pluggy.PluginManager("remit")
    found.add_hookspecs(specs)
    if installed:
        found.load_setuptools_entrypoints(GROUP)
    for one in plugins:
        found.register(one)
    found.check_pending()
    return found
