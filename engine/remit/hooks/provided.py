"""What plugins provide by name: judges, and readers of conversations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pluggy

    from remit.conversation.detect import FormatReader
    from remit.judges.model import AnyJudge

T = TypeVar("T")


def judges_of(
    plugins: pluggy.PluginManager, given: Mapping[str, AnyJudge] | None = None
) -> dict[str, AnyJudge]:
    """The judges by name: those that the host gives, then those of plugins.

    Raises `ValueError` where two plugins give one name that the host does not settle.
    """
    found: dict[str, AnyJudge] = _together(plugins.hook.remit_judges, "judge", given or {})
    return {**found, **(given or {})}


def importers_of(plugins: pluggy.PluginManager) -> dict[str, FormatReader]:
    """The readers of plugins by the name of their format; built-in formats keep their names.

    Raises `ValueError` where two plugins give one name.
    """
    from remit.conversation.detect import FORMATS  # late: it loads all readers

    found: dict[str, FormatReader] = _together(plugins.hook.remit_importers, "format", FORMATS)
    return {name: reader for name, reader in found.items() if name not in FORMATS}


def _together(
    hook: Callable[[], list[Mapping[str, T]]], what: str, settled: Collection[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in hook():
        twice = sorted((found.keys() & some.keys()) - set(settled))
        if twice:
            raise ValueError(f"two plugins give the {what} `{twice[0]}`: leave one of them out")
        found.update(some)
    return found
