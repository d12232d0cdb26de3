"""Indexes over a few texts: text number n is of origin n. All is asked of new and of filed ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from remit.provenance import Caps, Index


@pytest.fixture(params=["new", "filed"])
def index(request: pytest.FixtureRequest) -> Callable[..., Index]:
    """Makes an index of values, each of an origin of its own."""

    def make(*values: object, caps: Caps | None = None) -> Index:
        made = Index(caps)
        for origin, value in enumerate(values):
            made.add(origin, value)
        if request.param == "filed":
            made.file()
        return made

    return make
