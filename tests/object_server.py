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
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """One server for all tests of a session."""
    with object_server(tmp_path_factory.mktemp("store") / "log") as running:
        yield running


@pytest.fixture
def bucket(object_store: ObjectServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of a new bucket, reached as anyone would: by the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in {
        "AWS_ENDPOINT_URL": object_store.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"corpus-{uuid.uuid4().hex}"
    client().create_bucket(Bucket=name)
    return f"s3://{name}"


def client() -> Any:
    """An independent client of the store."""
    import boto3  # noqa: PLC0415  (slow to import, and all tests import this module)

    return boto3.client("s3", region_name="us-east-1")


def put(place: str, content: bytes) -> None:
    """Write an object at a URL."""
    bucket, _, key = place.removeprefix("s3://").partition("/")
    client().put_object(Bucket=bucket, Key=key, Body=content)


def delete(place: str) -> None:
    """Delete the object at a URL."""
    bucket, _, key = place.removeprefix("s3://").partition("/")
    client().delete_object(Bucket=bucket, Key=key)


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
