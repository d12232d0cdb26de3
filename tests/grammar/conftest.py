"""Lets the tests of the grammar import what they share: `tests.grammar.strategies`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
