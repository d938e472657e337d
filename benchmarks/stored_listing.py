"""What it takes to list a folder of very many objects: the most memory, time, and the list on disk.

python benchmarks/stored_listing.py [OBJECTS]

A server on loopback answers as S3 does, with made-up names; its own time is not counted.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from clocks import OWN, measured

from winnow.flows.inventory import Inventory
from winnow.flows.sources import Globs, Listing

_PAGE = 1_000


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects = 0

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        begin = int(parse_qs(urlsplit(self.path).query).get("continuation-token", ["0"])[0])
        end = min(self.objects, begin + _PAGE)
        found = "".join(
            f"<Contents><Key>crawl/2026/11/{number // 1000:05}/page-{number:09}.html</Key><Size>9000</Size>"
            f'<LastModified>2026-11-26T00:00:00.000Z</LastModified><ETag>"{number:032x}"</ETag></Contents>'
            for number in range(begin, end)
        )
        more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < self.objects else ""
        told = f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{found}"
        answer = f"<ListBucketResult><Name>bucket</Name>{told}</ListBucketResult>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def serve(objects: int) -> None:
    """Answer for ever; tells the port."""
    _Handler.objects = objects
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def main(objects: int) -> None:
    """List them as a run does."""
    words = [sys.executable, __file__, "serve", str(objects)]
    with (
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server,  # noqa: S603
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout
        keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1"}
        endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        os.environ.update(keys, AWS_ENDPOINT_URL=endpoint, AWS_ALLOW_HTTP="true")
        path = Path(folder) / "inventory.sqlite"
        inventory = Inventory(path)
        wall, used = measured(lambda: inventory.take(Listing(["s3://bucket/crawl"], Globs())), OWN)
        most = resource.getrusage(OWN).ru_maxrss / 1024
        print(
            f"{inventory.pieces:,} objects: {wall:.0f} s, {used:.0f} processor seconds, {most:.0f} MB of memory in all,"
        )
        print(f"{path.stat().st_size / 1e6:.0f} MB on disk")
        inventory.close()
        server.kill()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
