"""An object store for tests: moto's S3, in a process of its own, which writes down what it is asked for.

As a program it takes the path of a log: a line of JSON for each request, with method, path, query and range. It tells
its port, and ends with its standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = 20
"""Objects in one answer of its listings."""


@dataclass(frozen=True, slots=True)
class ObjectServer:
    """A server that runs."""

    url: str
    log: Path

    def requests(self) -> list[dict[str, str]]:
        """What it was asked for since the last time."""
        told = [json.loads(line) for line in self.log.read_text().splitlines()]
        self.log.write_text("")
        return told


@contextmanager
def object_server(log: Path) -> Iterator[ObjectServer]:
    """A server in a process of its own: Delta's file system holds the interpreter while it waits for an answer."""
    log.write_text("")
    with subprocess.Popen(
        [sys.executable, __file__, log],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE)},
    ) as process:
        assert process.stdin
        assert process.stdout
        yield ObjectServer(f"http://127.0.0.1:{int(process.stdout.readline())}", log)
        process.stdin.close()


def main() -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    app: Any = DomainDispatcherApplication(create_backend_app)

    def noted(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        names = {"method": "REQUEST_METHOD", "path": "PATH_INFO", "query": "QUERY_STRING", "range": "HTTP_RANGE"}
        with Path(sys.argv[1]).open("a") as log:
            log.write(json.dumps({name: environ.get(told, "") for name, told in names.items()}) + "\n")
        answer: Iterable[bytes] = app(environ, start)
        return answer

    server = make_server("127.0.0.1", 0, noted, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
