"""The folders of packs that installed distributions offer (entry points of a group of ours)."""

from __future__ import annotations

ENTRY_POINTS = "remit.specs"


def pack_folders() -> list[str]:
    """The folders, in the order of the entry points."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    folders: list[str] = []
    for point in entry_points(group=ENTRY_POINTS):
        module = find_spec(point.value)
        folders += (module.submodule_search_locations or []) if module else []
    return folders
