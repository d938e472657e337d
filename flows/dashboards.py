"""The Prefect server with its dashboard, started with what suits Winnow. Knows Prefect as a program only.

It listens on this machine alone unless told otherwise: Prefect's server asks nobody for a password by itself.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from winnow.cleaners import BadSettings, WinnowError

HOST, PORT = "127.0.0.1", 4200
"""Where the dashboard is unless it is told otherwise; Prefect's own choice."""
QUIET: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The newer pages call a host that counts visits.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
"""Settings that keep Prefect silent towards the network."""

_START = 120.0  # seconds that a server may take to make its database, on a busy machine
_LOOK = 0.2  # seconds between two looks
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+asyncpg)?://")


@contextmanager
def dashboard(host: str = HOST, port: int = PORT, database: str | None = None) -> Iterator[tuple[str, Path]]:
    """A running server, ended with the context; yields its address and its log. `port` 0: any that is free.

    `database` is a PostgreSQL URL; by default the server keeps an SQLite file in its home folder. Raises WinnowError
    where the server does not come up, BadSettings for another kind of database.
    """
    port = port or _free_port(host)
    address = f"http://{host}:{port}"
    if answers(address):
        raise WinnowError(f"{address}: a Prefect server is there already; choose another with --port")
    log = _home() / f"dashboard-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
    with log.open("wb") as told:
        server = subprocess.Popen(  # noqa: S603
            command, stdout=told, stderr=subprocess.STDOUT, env=environment(address, database), stdin=subprocess.DEVNULL
        )
    try:
        _wait_for(server, address, log)
        yield address, log
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def environment(address: str, database: str | None = None) -> dict[str, str]:
    """The environment of a server at an address: the user's own, with what it needs."""
    env = {**QUIET, **os.environ, "PREFECT_SERVER_UI_API_URL": f"{address}/api"}
    env.pop("PREFECT_API_URL", None)  # that of another server is nothing to this one
    if database:
        if not _POSTGRES.match(database):
            raise BadSettings("--database: give a PostgreSQL URL: postgresql://user:password@host:5432/prefect")
        env["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = _POSTGRES.sub("postgresql+asyncpg://", database, count=1)
    return env


def answers(address: str) -> bool:
    """Whether a Prefect server answers at an address, within a second."""
    try:
        with urllib.request.urlopen(f"{address}/api/health", timeout=1) as told:  # noqa: S310  (ours is http)
            return bool(told.status == 200)
    except (OSError, ValueError):
        return False


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    due = time.monotonic() + _START
    while not answers(address):
        if server.poll() is not None or time.monotonic() > due:
            last = log.read_text("utf-8", "replace").strip().rpartition("\n")[2].strip()
            raise WinnowError(f"the Prefect server did not start: {last or 'it said nothing'}; see {log}")
        time.sleep(_LOOK)


def _home() -> Path:
    return Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")


def _free_port(host: str) -> int:
    with socket.socket() as asked:
        asked.bind((host, 0))
        port: int = asked.getsockname()[1]
        return port
