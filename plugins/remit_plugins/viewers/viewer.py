"""A viewer of traces: how it is started, where it takes spans, and where a person looks.

It must be installed by itself, as a command; it runs on this machine's loopback address, keeps what
it is sent in a folder that goes with it, and ends when the demo does.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from remit_plugins.viewers.sending import Sending

PATIENCE = 180.0  # seconds until it must be there; 30 are usual
GRACE = 10.0  # seconds to end by itself


class ViewerError(RuntimeError):
    """The viewer did not start; the text says what it wrote last."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What is to be known of one viewer.

    In `words` (its command line), `environment` and `page`, `{port}`, `{other}` and `{folder}`
    stand for two free ports and a folder. `ready` and `traces` are paths on the first port.
    """

    name: str
    package: str
    words: tuple[str, ...]
    ready: str
    page: str
    traces: str = "/v1/traces"
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def missing(self) -> str | None:
        """How to have what is not installed; None where all is there."""
        if not all(map(_is_there, ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"))):
            return 'pip install "remit[otel-sdk]"'
        return None if _command(self.words[0]) else f"pip install {self.package}"

    @contextmanager
    def shown(self, port: int | None = None) -> Iterator[Sending]:
        """Start it, and end it afterwards. Raises `ViewerError` where it does not start."""
        with TemporaryDirectory(prefix=f"remit-{self.name}-", ignore_cleanup_errors=True) as folder:
            places = {"port": port or _free_port(), "other": _free_port(), "folder": folder}
            at = f"http://127.0.0.1:{places['port']}"
            with self._running(places, Path(folder) / "log.txt") as process:
                _wait(process, at + self.ready, Path(folder) / "log.txt")
                sending = Sending(at, at + self.page.format(**places))
                with sending.to(at + self.traces, self.headers):
                    yield sending

    @contextmanager
    def _running(
        self, places: Mapping[str, object], log: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        words = [one.format(**places) for one in self.words]
        more = {name: value.format(**places) for name, value in self.environment.items()}
        command = _command(words[0])
        assert command is not None, "asked before"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [command, *words[1:]], cwd=log.parent, env=os.environ | more, stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                yield process
            finally:
                _end(process)


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # what would hold it is not there
        return False


def _command(name: str) -> str | None:
    """The path of a command, on the path or beside this interpreter."""
    return shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Until it answers. Raises `ViewerError`."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), direct.open(address, timeout=5):
            return
        time.sleep(0.3)
    last = " ".join(log.read_text("utf-8", "replace").split())[-300:]
    raise ViewerError(last or "it wrote nothing")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started."""
    for kind in (signal.SIGTERM, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.terminate()
            else:
                os.killpg(process.pid, kind)  # a session of its own, so that is its number
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
