"""Loads a framework when it is needed, and says which extra has it where it is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class MissingError(ImportError):
    """A framework is not installed; the text is one line, and names the extra."""


def need(module: str, extra: str) -> Any:
    """The module. Raises `MissingError` where its package is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise  # the package is there, and lacks something itself
        told = f"`{package}` is not installed: pip install 'remit[{extra}]'"
        raise MissingError(told, name=package) from None
