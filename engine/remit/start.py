"""Where the command starts: at the command line, or before it where that would take too long."""

from __future__ import annotations

import sys


def start() -> None:
    """Run the command that is named, and leave with its exit code."""
    if sys.argv[1:2] == ["hook"]:
        from remit.host.command import hook

        code = hook(sys.argv[2:])
        if code is not None:
            sys.exit(code)
    from remit.cli.app import main

    main(prog_name="remit")
