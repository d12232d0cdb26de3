"""On what a benchmark ran: machine, interpreter, versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

from remit.bench.arena.engines import ENGINES
from remit.bench.arena.probe import versions


def machine() -> Mapping[str, str]:
    """What readers need to judge the figures; it names no host and no path."""
    told = {
        "processor": _processor(),
        "cores": str(os.cpu_count() or "?"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    if hasattr(os, "getloadavg"):
        told["load at the start"] = f"{os.getloadavg()[0]:.1f}"
    peers = [name for one in ENGINES for name in one.package.split() if name != "remit"]
    return {**told, **versions([*dict.fromkeys(peers), "opentelemetry-sdk"])}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "?"
