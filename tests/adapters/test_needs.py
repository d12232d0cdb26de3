"""A framework that is not there is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from remit_plugins.adapters.needs import MissingError, need


def test_what_is_missing_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there, and what lacks something itself, is another thing."""
    assert need("json.decoder", "x").__name__ == "json.decoder"
    with pytest.raises(MissingError, match=r"^`no_such_one` is not installed: pip install 'remit"):
        need("no_such_one.part", "acme")
    (tmp_path / "half_there.py").write_text("import no_such_two\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_two") as error:
        need("half_there", "acme")
    assert not isinstance(error.value, MissingError)
