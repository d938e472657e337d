"""Files at web addresses as inputs: a server on loopback, which gives ranges of files or only all of them."""

from __future__ import annotations

import json
import random
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from corpora import outcomes, reasons, rows_of, run, text
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from test_cut_files import MAKERS, texts

from winnow.flows.cutting import parts_of
from winnow.flows.documents import Document, Piece
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing

FILES: dict[str, bytes] = {}
PAGE = "<html><body><p>Сегодня в долине идёт дождь, и вся долина его ждала.</p></body></html>".encode("cp1251")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("/moved/"):
            self._answer(302, b"", Location=f"/{path.removeprefix('/moved/')}")
        elif path.lstrip("/") not in FILES:
            self._answer(404, b"<html>no such file</html>")
        else:
            self._give(FILES[path.lstrip("/")], whole=query == "whole")

    def _give(self, content: bytes, *, whole: bool) -> None:
        asked = self.headers.get("Range", "").removeprefix("bytes=")
        if not asked or whole:
            self._answer(200, content)
            return
        first, last = map(int, asked.split("-"))
        self._answer(206, content[first : last + 1], **{"Content-Range": f"bytes {first}-{last}/{len(content)}"})

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        kind = "text/html; charset=windows-1251" if self.path.endswith(".html") else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:  # what is not wanted is not read
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def site() -> Iterator[str]:
    FILES.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def safe_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same by TLS, with a certificate of an authority that the environment names."""
    authority, key = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
    day, local = datetime.now(UTC), x509.SubjectAlternativeName([x509.DNSName("localhost")])
    for name, public, what in (
        ("authority", authority.public_key(), x509.BasicConstraints(ca=True, path_length=None)),
        ("site", key.public_key(), local),
    ):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
        made = x509.CertificateBuilder(issuer, subject, public, 1, day - timedelta(1), day + timedelta(1))
        signed = made.add_extension(what, critical=False).sign(authority, hashes.SHA256())
        (tmp_path / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    told = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *told))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "site.pem", tmp_path / "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_address[1]}"
        server.shutdown()


def test_by_tls(safe_site: str) -> None:
    FILES["dumps/a.jsonl"] = b'{"text": "Rain is likely."}\n'
    assert [document.source for document in read(f"{safe_site}/dumps/a.jsonl")] == ["dumps/a.jsonl#0"]


def read(url: str) -> list[Document]:
    return [document for piece in Listing([url], Globs()) for document in documents_of(piece, RunSettings())]


@pytest.mark.parametrize("name", MAKERS)
def test_a_file_on_the_web_is_read_like_a_local_one(name: str, site: str, tmp_path: Path) -> None:
    FILES[f"dumps/{name}"] = MAKERS[name](texts(40))
    (tmp_path / name).write_bytes(FILES[f"dumps/{name}"])
    local = list(documents_of(Piece(f"dumps/{name}", str(tmp_path / name)), RunSettings()))
    assert len(local) == 40
    assert read(f"{site}/dumps/{name}") == local
    assert read(f"{site}/moved/dumps/{name}") == local, "by the name in the address that was given"


def test_a_large_one_is_cut_and_fetched_in_parts(site: str, tmp_path: Path) -> None:
    dice = random.Random(3)  # noqa: S311
    rows = ({"id": str(n), "text": text(n) + dice.randbytes(3_000).hex()} for n in range(2_000))
    FILES["a.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    (piece,) = Listing([f"{site}/a.jsonl"], Globs())
    parts = parts_of(piece, RunSettings(batch_bytes=3_000_000))
    assert len(parts) == 5
    (tmp_path / "a.jsonl").write_bytes(FILES["a.jsonl"])
    local = documents_of(Piece(piece.source, str(tmp_path / "a.jsonl")), RunSettings())
    assert [document for part in parts for document in documents_of(part, RunSettings())] == list(local)
    # Of a server that gives only all of it, small files are read.
    *_, told = read(f"{site}/a.jsonl?whole")
    assert "only as a whole, and it is large: download it, or put it into a bucket" in told.problem
    FILES["small.jsonl"] = FILES["a.jsonl"][:1_000_000]
    assert len(read(f"{site}/small.jsonl?whole")) > 100


def test_a_page_is_told_with_its_address_and_the_charset_it_was_served_with(site: str, out: Path) -> None:
    FILES["news/rain.html"] = PAGE
    url = f"{site}/news/rain.html"
    assert run(out, url).documents == 1
    (row,) = rows_of(out)
    assert row["source"] == "news/rain.html"
    assert "Сегодня в долине идёт дождь" in row["text"]
    assert row["origin"]["url"] == url
    assert row["decoding"]["encoding"] == "cp1251"
    assert row["decoding"]["reason"].startswith("declared by its source")
    assert run(out, url).release is None


def test_what_cannot_be_fetched_is_told_and_is_tried_again(site: str, out: Path) -> None:
    url = f"{site}/news/rain.html"
    run(out, url)
    assert outcomes(out) == {url: "failed"}
    assert reasons(out)[url].startswith("cannot be fetched (")
    assert "check the address, or download the file" in reasons(out)[url]
    assert run(out, url).release is None
    FILES["news/rain.html"] = PAGE
    run(out, url)
    assert outcomes(out) == {url: "removed", "news/rain.html": "cleaned"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a.txt", "{host}/a.txt"),
        ("/x/y/a.txt", "y/a.txt"),
        ("/x/y/", "x/y"),
        ("/x/export?format=jsonl&of=a/b", "x/export?format=jsonl&of=a/b"),
    ],
)
def test_names(path: str, name: str, site: str) -> None:
    FILES[path.partition("?")[0].lstrip("/")] = b"Rain."
    (piece,) = Listing([f"{site}{path}"], Globs())
    assert piece.source == name.replace("{host}", site.removeprefix("http://"))
    assert not piece.problem
