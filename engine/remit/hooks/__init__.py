"""How plugins and Remit meet: the hooks (pluggy), what they carry, and who calls them.

A plugin marks what it implements with `hookimpl`; `specs.py` says what there is to implement.
"""

from __future__ import annotations

import pluggy

hookimpl = pluggy.HookimplMarker("remit")
"""Marks a function of a plugin as the implementation of the hook of its name."""
