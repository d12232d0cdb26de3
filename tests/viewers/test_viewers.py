"""`remit demo --viewer`: a real viewer is started, and the denial is found in it by its own API.

Not in CI: a viewer is close to a gigabyte. `REMIT_VIEWERS=phoenix,mlflow` runs it, where the
commands `phoenix` and `mlflow` are on the path; `REMIT_PICTURES=docs/telemetry` also takes the
pictures of the page, with a Chromium on the path and the packages that `picture.py` needs
(`REMIT_PICTURES_PYTHON` is an interpreter that has them).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

WANTED = os.environ.get("REMIT_VIEWERS", "").split(",")
PICTURES = os.environ.get("REMIT_PICTURES")
PATIENCE = 240.0  # seconds; a viewer takes spans in when it finds the time
DENIED = "apply_guardrail acme: deny"


def _skip(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(name not in WANTED, reason=f"REMIT_VIEWERS does not name {name}")


@contextmanager
def demo(name: str) -> Iterator[str]:
    """The demo, running; gives the address of the viewer. Ctrl-C must end it and the viewer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "remit", "demo", "--viewer", name, "--no-color"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    )  # fmt: skip
    assert process.stderr is not None
    told = ""
    try:
        for line in process.stderr:
            told += line
            found = re.match(r"look at (http://127\.0\.0\.1:\d+)", line)
            if found:
                yield found.group(1)
                break
        else:
            pytest.fail(told)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        process.stderr.close()
    assert code == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(found.group(1), timeout=5)


def asked(address: str, data: Any = None) -> Any:
    """What an API answers."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def until(found: Callable[[], Any]) -> Any:
    """What is found, once it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.5)
    return pytest.fail("it is not there")


@_skip("phoenix")
def test_phoenix() -> None:
    """The span has its kind, its name, its clause and its reason; the tool is an error."""
    with demo("phoenix") as at:
        spans = f"{at}/v1/projects/remit-demo/spans?"
        wanted = urlencode({"attribute": "remit.decision.outcome:deny"})
        [denied] = until(lambda: asked(spans + wanted)["data"] if _has_project(at) else None)
        assert (denied["name"], denied["span_kind"]) == (DENIED, "GUARDRAIL")
        told = denied["attributes"]
        assert told["remit.decision.clauses"] == ["acme::mail.outside"]
        assert told["remit.decision.reason"] == "Mail stays in the house."
        assert denied["events"][-1]["name"] == "remit.clause.matched"
        for outcome in ("ask", "redact"):
            wanted = urlencode({"attribute": f"remit.decision.outcome:{outcome}"})
            assert len(asked(spans + wanted)["data"]) == 1
        every = asked(spans + urlencode({"limit": 100}))["data"]
        blocked = [one["name"] for one in every if one["status_code"] == "ERROR"]
        assert blocked == ["execute_tool send_mail"]
        assert "4111 1111" not in json.dumps(every)
        if PICTURES:
            picture(f"{at}/redirects/spans/{denied['context']['span_id']}", "phoenix", "Mail stays")


def _has_project(at: str) -> bool:
    return any(one["name"] == "remit-demo" for one in asked(f"{at}/v1/projects")["data"])


@_skip("mlflow")
def test_mlflow() -> None:
    """The trace is found by the outcome, and every event is there."""
    with demo("mlflow") as at:
        place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
        query = {"locations": [place],
                 "filter": "span.attributes.remit.decision.outcome LIKE '%deny%'"}  # fmt: skip
        search = f"{at}/api/3.0/mlflow/traces/search"
        [trace] = until(lambda: asked(search, query).get("traces"))
        got = asked(f"{at}/api/3.0/mlflow/traces/get?trace_id={trace['trace_id']}")
        spans = got["trace"]["spans"]
        [denied] = [one for one in spans if one["name"] == DENIED]
        told = {one["key"]: one["value"] for one in denied["attributes"]}
        assert "Mail stays in the house." in json.dumps(told["remit.decision.reason"])
        assert [one["name"] for one in denied["events"]] == ["remit.clause.matched"]
        assert "4111 1111" not in json.dumps(got)
        if PICTURES:
            page = f"{at}/#/experiments/0/traces?selectedEvaluationId={trace['trace_id']}"
            picture(page, "mlflow", DENIED, "Mail stays")


def picture(address: str, name: str, *texts: str) -> None:
    """A picture of a page, once a text is on it; those before the last are clicked at."""
    script = Path(__file__).with_name("picture.py")
    python = os.environ.get("REMIT_PICTURES_PYTHON", sys.executable)
    out = Path(str(PICTURES)) / f"{name}.webp"
    subprocess.run([python, str(script), address, str(out), *texts], check=True, timeout=300)
    assert out.stat().st_size < 150_000
