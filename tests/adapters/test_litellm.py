"""The LiteLLM proxy: the contract, and what only it has."""

from __future__ import annotations

import os

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network

pytest.importorskip("fastapi")
pytest.importorskip("litellm")

from tests.adapters.contract import Contract
from tests.adapters.gateway import Client

pytestmark = pytest.mark.filterwarnings("ignore")  # the proxy's own, while it starts and answers


class TestClient(Contract):
    """All of it."""

    driver = Client()
