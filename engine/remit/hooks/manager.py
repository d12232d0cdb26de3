"""Finds plugins: those that are given, and those that installed packages declare."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from remit.hooks import specs

GROUP = "remit"  # the entry points of installed plugins


def manager(plugins: Iterable[object] = (), *, installed: bool = False) -> pluggy.PluginManager:
    """The plugins that hear and help, ready to be called.

    `plugins` are modules or objects with functions marked by `remit.hooks.hookimpl`; the last one
    is called first, and those that are installed before them. `installed`: also those that packages
    declare as entry points of the group `remit`, but for those whose name a given one has as its
    `__name__`. Raises `pluggy.PluginValidationError` for a hook that does not exist, or does not
    have the arguments that a plugin wants; `ValueError` for two plugins of one name.
    """
    found = pluggy.PluginManager("remit")
    found.add_hookspecs(specs)
    for one in plugins:
        found.register(one)
    if installed:
        found.load_setuptools_entrypoints(GROUP)
    found.check_pending()
    return found
