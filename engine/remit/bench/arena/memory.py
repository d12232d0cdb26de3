"""How much memory this process has in use."""

from __future__ import annotations

import gc
import os
from pathlib import Path

_PAGES = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process in memory; where the system does not tell, the most it ever had."""
    gc.collect()
    if _PAGES.exists():
        return int(_PAGES.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource  # not on every system
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
