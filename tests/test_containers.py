"""Files that hold documents: every kind gives the same texts under names that stay, and faults cost one record."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from corpora import outcomes, reasons, rows_of, run
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from test_cli import winnow
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from winnow.flows import counting, summaries, terminal
from winnow.flows.documents import Document, Piece
from winnow.flows.pool import Pool
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus

TEXTS = {
    "rain": "Rain is likely on Friday, and the whole valley waits for it.\n\nLeave a Reply\n",
    "дождь": "Дождь идёт в долине весь день, и вся долина его ждала.\n",
    "gemüse": 'Der Bauer sagte: "Die Ernte, die beste seit Jahren,\nkommt früh."\n',
}
CLEAN = {name: text.replace("\n\nLeave a Reply\n", "\n") for name, text in TEXTS.items()}


def json_lines() -> bytes:
    return "".join(json.dumps({"id": n, "text": t}, ensure_ascii=False) + "\n" for n, t in TEXTS.items()).encode()


def separated(delimiter: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("id", "text"), *TEXTS.items()])
    return file.getvalue().encode()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"id": list(TEXTS), "text": list(TEXTS.values())}), file, row_group_size=2)
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("folder/"), b"")
        for name, text in TEXTS.items():
            archive.writestr(name, text)
    return file.getvalue()


def tarred(mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in TEXTS.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return file.getvalue()


def warc(*, packed: bool, kind: str = "response") -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("x.warc", {"software": "a test"}))
    for name, text in TEXTS.items():
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/plain; charset=utf-8")], protocol="HTTP/1.1")
        headers = {"WARC-Date": "2025-03-04T05:06:07Z"}
        record = writer.create_warc_record(
            f"https://news.example/{name}",
            kind,
            payload=io.BytesIO(text.encode()),
            http_headers=http if kind == "response" else None,
            warc_content_type=None if kind == "response" else "text/plain",
            warc_headers_dict=headers,
        )
        writer.write_record(record)
    return file.getvalue()


BY_NAME: dict[str, Callable[[], bytes]] = {
    "a.jsonl": json_lines,
    "a.jsonl.gz": lambda: gzip.compress(json_lines()),
    "a.ndjson.zst": lambda: zstandard.compress(json_lines()),
    "a.csv": separated,
    "a.tsv.xz": lambda: lzma.compress(separated("\t")),
    "a.parquet": parquet,
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": lambda: tarred("w:gz"),
    "a.tbz": lambda: bz2.compress(tarred()),
}
BY_OFFSET: dict[str, Callable[[], bytes]] = {
    "a.warc": lambda: warc(packed=False),
    "a.warc.gz": lambda: warc(packed=True),
    "a.wet.gz": lambda: warc(packed=True, kind="conversion"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def texts_of(out: Path) -> dict[str, str]:
    return {row["source"]: row["text"] for row in rows_of(out, ["source", "text"])}


@pytest.mark.parametrize("name", BY_NAME)
def test_every_kind_gives_the_same_texts(name: str, folder: Path, out: Path, warm: Pool) -> None:
    (folder / name).write_bytes(BY_NAME[name]())
    assert run(out, folder, warm=warm).documents == 3
    assert texts_of(out) == {f"in/{name}#{member}": text for member, text in CLEAN.items()}
    assert run(out, folder, warm=warm).release is None, "the same names and texts again"


@pytest.mark.parametrize("name", BY_OFFSET)
def test_web_archives(name: str, folder: Path, out: Path, warm: Pool) -> None:
    (folder / name).write_bytes(BY_OFFSET[name]())
    assert run(out, folder, warm=warm).documents == 3
    rows = sorted(rows_of(out), key=lambda row: int(row["source"].rpartition("#")[2]))
    assert [row["text"] for row in rows] == list(CLEAN.values())
    for row, member in zip(rows, TEXTS, strict=True):
        assert row["source"] == f"in/{name}#{row['origin']['offset']}"
        assert row["origin"]["url"].startswith("https://news.example/")
        assert row["origin"]["url"].endswith(member) or not member.isascii()
        assert row["origin"]["date"] == "2025-03-04T05:06:07Z"
        assert row["origin"]["record"].startswith("<urn:uuid:")
    assert run(out, folder, warm=warm).release is None


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_packed_text_is_one_document(pack: Callable[[bytes], bytes], folder: Path, out: Path, warm: Pool) -> None:
    first, second = b"Rain is likely on Friday.\n", b"\nThe harvest began early.\n"
    (folder / "a.txt.packed").write_bytes(pack(first) + pack(second))
    run(out, folder, warm=warm)
    assert texts_of(out) == {"in/a.txt.packed": (first + second).decode()}
    done = winnow("clean", folder / "a.txt.packed")
    assert done.stdout == first + second, done.stderr


def test_the_charset_of_the_http_header_counts(folder: Path, out: Path, warm: Pool) -> None:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=windows-1251")], protocol="HTTP/1.1")
    page = "<p>Урожай</p>".encode("cp1251")
    writer.write_record(
        writer.create_warc_record("https://a.example/", "response", payload=io.BytesIO(page), http_headers=http)
    )
    (folder / "a.warc.gz").write_bytes(file.getvalue())
    run(out, folder, warm=warm)
    (row,) = rows_of(out)
    assert (row["text"], row["decoding"]["encoding"]) == ("Урожай\n", "cp1251")


def test_a_bad_record_costs_itself(folder: Path, out: Path, warm: Pool) -> None:
    lines = [
        b'{"id": "a", "text": "Rain is likely."}',
        b"{not json",
        b'{"id": "b"}',
        b"[1]",
        b"",
        b'{"id": "a", "text": "A second one."}',
        b'{"id": "c", "text": ["no", "text"]}',
        b'{"id": "d", "text": "The harvest began."}',
    ]
    (folder / "a.jsonl").write_bytes(b"\n".join(lines))
    assert run(out, folder, warm=warm).documents == 7
    told = reasons(out)
    assert [name for name, reason in told.items() if not reason] == ["in/a.jsonl#a", "in/a.jsonl#d"]
    assert told["in/a.jsonl#@39"].startswith("the line is not JSON")
    assert told["in/a.jsonl#b"] == "its column 'text' is empty or missing"
    assert told["in/a.jsonl#c"] == "its column 'text' holds no text, but list"
    assert "another row before it has the id 'a'" in told["in/a.jsonl#@66"]


def test_a_bad_line_never_takes_the_name_of_a_row(tmp_path: Path) -> None:
    first = '{"id": "47", "text": "Rain is likely on Friday."}\n'
    lines = [first, "{broken\n", json.dumps({"id": str(len(first)), "text": "Snow is likely."}) + "\n"]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(lines))
    found = list(documents_of(Piece("in/a.jsonl", str(path)), RunSettings()))
    assert [document.source for document in found] == [
        "in/a.jsonl#47",
        f"in/a.jsonl#@{len(first)}",
        f"in/a.jsonl#{len(first)}",
    ]
    assert [bool(document.problem) for document in found] == [False, True, False]


def test_columns_are_told_or_asked_for(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "a.csv").write_text("nr,prose,page\n7,Rain is likely.,https://a.example/x\n")
    run(out, folder, warm=warm)
    assert "(columns are nr, page, prose): name the one that holds it with the setting text_column" in "".join(
        reasons(out).values()
    )
    settings = RunSettings(workers=1, text_column="prose", id_column="nr", url_column="page")
    run(out, folder, settings=settings, warm=warm)
    row = next(row for row in rows_of(out) if row["outcome"] == "cleaned")
    assert (row["source"], row["text"], row["origin"]["url"]) == (
        "in/a.csv#7",
        "Rain is likely.",
        "https://a.example/x",
    )


def test_what_was_guessed_of_columns_is_said(folder: Path, out: Path, warm: Pool) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.jsonl").write_text(
            '{"_id": 7, "html": "<p>Rain.", "Body": "Rain is likely.", "link": "x"}\n'
        )
    (folder / "c.csv").write_text("text\nSnow is likely.\n")
    (folder / "d.txt").write_text("Fog is likely.\n")
    run(out, folder, warm=warm)
    several = "text: html (also there: Body), id: _id, url: link"
    assert {row["source"]: row["guessed"] for row in rows_of(out, ["source", "guessed"])} == {
        "in/a.jsonl#7": several,
        "in/b.jsonl#7": several,
        "in/c.csv#1": "text: text",
        "in/d.txt": None,
    }
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    counts = counting.counts_of(corpus.read(table, counting.COLUMNS))
    assert summaries.guesses(counts.guessed) == [(several, 2, "in/a.jsonl"), ("text: text", 1, "in/c.csv")]
    assert "| text: html (also there: Body), id: \\_id, url: link | 2 | in/a.jsonl |" in summaries.markdown(counts)
    shown = io.StringIO()
    terminal.show_guesses(Console(file=shown), counts.guessed)
    assert f"    in/a.jsonl and 1 more: {several}\n" in shown.getvalue()

    set_ones = RunSettings(workers=1, text_column="Body", id_column="_id", url_column="link")
    run(out, folder, settings=set_ones, warm=warm)
    found = {row["source"]: (row["text"], row["guessed"]) for row in rows_of(out)}
    assert found["in/a.jsonl#7"] == ("Rain is likely.", None)


def test_a_row_is_renewed_by_what_comes_with_its_text(folder: Path, out: Path, warm: Pool) -> None:
    told: dict[str, str] = {"id": "a", "text": "Rain is likely.", "url": "https://a.example/1", "date": "2025-01-02"}
    other = {**told, "id": "b", "url": "https://a.example/2"}

    def report(**changed: str) -> tuple[int, int]:
        (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ({**told, **changed}, other)))
        done = run(out, folder, warm=warm)
        return done.renewed, done.unchanged

    assert report() == (2, 0)
    assert report(url="https://a.example/3") == (1, 1)
    assert report(url="https://a.example/3", date="2025-01-03") == (1, 1)
    (row,) = (row for row in rows_of(out) if row["source"] == "in/a.jsonl#a")
    assert (row["origin"]["url"], row["origin"]["date"]) == ("https://a.example/3", "2025-01-03")
    assert (row["first_release"], row["release"]) == (1, 3)
    assert report(url="https://a.example/3", date="2025-01-03", author="someone")[0] == 0, (
        "the place alone is no change"
    )
    named = RunSettings(workers=1, text_column="text", id_column="id", url_column="url", date_column="date")
    assert run(out, folder, settings=named, warm=warm).renewed == 2, "now it is no guess"


def test_a_failure_is_renewed_by_what_comes_with_it(folder: Path, out: Path, warm: Pool) -> None:
    for url, renewed in (("x", 1), ("x", 0), ("y", 1)):
        (folder / "a.jsonl").write_text(json.dumps({"id": "a", "text": None, "url": url}))
        assert run(out, folder, warm=warm).renewed == renewed
    assert rows_of(out)[0]["origin"]["url"] == "y"


def test_a_page_is_read_again_when_its_charset_is_told_anew(folder: Path, out: Path, warm: Pool) -> None:
    for charset, encoding in (("windows-1251", "cp1251"), ("windows-1252", "cp1252")):
        file = io.BytesIO()
        writer = WARCWriter(file, gzip=True)
        http = StatusAndHeaders("200 OK", [("Content-Type", f"text/html; charset={charset}")], protocol="HTTP/1.1")
        page = io.BytesIO("<p>Урожай</p>".encode("cp1251"))
        told = {"WARC-Record-ID": "<urn:uuid:1>", "WARC-Date": "2025-03-04T05:06:07Z"}
        writer.write_record(
            writer.create_warc_record(
                "https://a.example/", "response", payload=page, http_headers=http, warc_headers_dict=told
            )
        )
        (folder / "a.warc.gz").write_bytes(file.getvalue())
        assert run(out, folder, warm=warm).renewed == 1
        assert rows_of(out)[0]["decoding"]["encoding"] == encoding


@pytest.mark.parametrize(
    "name", ["a.jsonl.gz", "a.tar.gz", "a.warc.gz", "a.tsv.xz", "a.zip", "a.parquet", "a.ndjson.zst"]
)
def test_a_cut_archive_keeps_what_it_had(name: str, folder: Path, out: Path, warm: Pool) -> None:
    whole = {**BY_NAME, **BY_OFFSET}[name]()
    (folder / name).write_bytes(whole)
    run(out, folder, warm=warm)
    before = {source for source, outcome in outcomes(out).items() if outcome == "cleaned"}
    (folder / name).write_bytes(whole[: len(whole) * 2 // 3])
    report = run(out, folder, warm=warm, allow_removals=True)
    told = outcomes(out)
    assert report.removed == 0, "what may still be in the rest is not gone"
    assert told[f"in/{name}"] == "failed"
    assert all(told[source] == "cleaned" for source in before)
    (folder / name).write_bytes(whole)
    run(out, folder, warm=warm, allow_removals=True)
    assert all(outcomes(out)[source] == "cleaned" for source in before)


def record(block: bytes, *headers: str, kind: str = "response") -> bytes:
    """A record of a web archive, written without a library that would refuse it."""
    head = ["WARC/1.0", f"WARC-Type: {kind}", *headers, f"Content-Length: {len(block)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


ADDRESS = "WARC-Target-URI: https://one.example/"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("odd", "content", "kind"),
    [
        (record(HTTP + b"<p>Rain.</p>", "Content-Type: application/http"), b"<p>Rain.</p>", "text/html"),
        (record(HTTP + b"<p>Rain.</p>"), b"<p>Rain.</p>", "text/html"),
        (record(b"<p>Rain.</p>\n\n<p>Snow.</p>", ADDRESS), b"<p>Rain.</p>\n\n<p>Snow.</p>", None),
        (record(b"\r\n<p>Rain.</p>", ADDRESS), b"\r\n<p>Rain.</p>", None),
        (record(b"", ADDRESS), b"", None),
        (record(HTTP.rstrip(), ADDRESS), b"", "text/html"),
        (record(HTTP, kind="request"), None, None),
        (record(HTTP, kind="revisit"), None, None),
        (record(b"Rain.", kind="resource"), b"Rain.", None),
    ],
)
def test_an_odd_record_does_not_end_a_web_archive(
    pack: Callable[[bytes], bytes], odd: bytes, content: bytes | None, kind: str | None, tmp_path: Path
) -> None:
    last = record(HTTP + b"<p>Hail.</p>", ADDRESS)
    (tmp_path / "a.warc").write_bytes(pack(last) + pack(odd) + pack(last))
    found = list(documents_of(Piece("in/a.warc", str(tmp_path / "a.warc")), RunSettings()))
    middle = [] if content is None else [content]
    assert [document.content for document in found] == [b"<p>Hail.</p>", *middle, b"<p>Hail.</p>"]
    assert [(document.content_type or "").partition(";")[0] for document in found[1:-1]] == [kind or ""] * len(middle)
    assert not any(document.problem for document in found)
    assert found[0].url == "https://one.example/"


def test_a_web_archive_that_is_cut_in_its_last_record_says_so(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "a.warc").write_bytes(warc(packed=False)[:-20])
    run(out, folder, warm=warm)
    told = list(reasons(out).values())
    assert told.count("") == 2
    assert [reason for reason in told if reason] == ["is cut: 16 bytes are missing"]


def test_damage_anywhere_in_a_web_archive_is_told(tmp_path: Path) -> None:
    """Behind a record's text, too, where its compression ends in another block of what is read."""
    rng = random.Random(1)  # noqa: S311
    records = []
    for number in range(160):
        text = " ".join(rng.choices("rain valley river night bridge winter".split(), k=60)).encode()
        head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://one.example/{number}\r\n"
        head += f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: {len(text)}\r\n\r\n"
        records.append(gzip.compress(head.encode() + text + b"\r\n\r\n", mtime=0))
    whole = b"".join(records)
    path = tmp_path / "a.warc.gz"
    for at in range(16_384 - 350, 16_384 + 50, 5):
        path.write_bytes(whole[:at] + bytes(2_000) + whole[at + 2_000 :])
        found = list(documents_of(Piece("in/a.warc.gz", str(path), len(whole)), RunSettings()))
        assert any(document.problem for document in found), at


def test_a_length_that_is_too_short_loses_nothing_silently(folder: Path, out: Path, warm: Pool) -> None:
    whole = warc(packed=False)
    length = next(line for line in whole.splitlines() if line.startswith(b"Content-Length: 1"))
    assert length == b"Content-Length: 18", "that of the description"
    page = b"Content-Length: 136"
    assert page in whole
    (folder / "a.warc").write_bytes(whole.replace(page, b"Content-Length: 126"))
    run(out, folder, warm=warm)
    told = reasons(out)
    assert list(told.values()).count("") == 3
    (stray,) = [reason for reason in told.values() if reason]
    assert "its Content-Length is too short" in stray


def test_a_folder_with_a_number_sign_is_no_container(tmp_path: Path, out: Path, warm: Pool) -> None:
    folder = tmp_path / "c#1"
    folder.mkdir()
    (folder / "broken.tar").write_bytes(tarred()[:1_000])
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"Rain is likely in valley {number}.")
    run(out, folder, warm=warm)
    (folder / "3.txt").unlink()
    run(out, folder, warm=warm)
    told = outcomes(out)
    assert [name for name, outcome in told.items() if outcome == "removed"] == ["c%231/3.txt"]
    assert list(told.values()).count("cleaned") == 5


def test_what_is_gone_from_a_whole_archive_is_removed(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "a.jsonl").write_bytes(json_lines())
    run(out, folder, warm=warm)
    (folder / "a.jsonl").write_bytes(b"".join(json_lines().splitlines(keepends=True)[:2]))
    assert run(out, folder, warm=warm, allow_removals=True).removed == 1


def test_bombs_are_bounded(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "bomb.txt.gz").write_bytes(gzip.compress(b"\0" * 5_000_000))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"a" * 5_000_000)
        archive.writestr("good.txt", "Rain is likely.")
    (folder / "bomb.zip").write_bytes(file.getvalue())
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(b'{"text": "' + b"a" * 5_000_000 + b'"}\n{"text": "Rain."}'))
    run(out, folder, settings=RunSettings(workers=1, largest_file=1_000_000), warm=warm)
    told = reasons(out)
    assert "unpacks to more than the setting largest_file = 1,000,000 allows" in told["in/bomb.txt.gz"]
    assert "larger than the setting largest_file" in told["in/bomb.zip#bomb.txt"]
    assert told["in/bomb.zip#good.txt"] == ""
    assert "longer than the setting largest_file" in told["in/bomb.jsonl.gz#@0"]
    assert list(told.values()).count("") == 2


def test_members_that_lead_out_collide_or_are_no_files(folder: Path, out: Path, warm: Pool) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in ("../../escape.txt", "/etc/passwd", "twice.txt", "twice.txt"):
            info = tarfile.TarInfo(name)
            info.size = 16
            archive.addfile(info, io.BytesIO(b"Rain is likely.\n"))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"special{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    (folder / "a.tar").write_bytes(file.getvalue())
    run(out, folder, warm=warm)
    told = outcomes(out)
    assert [name for name, outcome in told.items() if outcome == "failed"] == [
        f"in/a.tar#special{kind}" for kind in "1236"
    ]
    assert list(told.values()).count("cleaned") == 4


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the library that writes the archives
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(BY_NAME | BY_OFFSET)))
def test_nothing_makes_reading_raise(noise: bytes, name: str) -> None:
    import tempfile  # noqa: PLC0415

    whole = {**BY_NAME, **BY_OFFSET}[name]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + noise + whole[middle + len(noise) // 2 :])
        found: list[Document] = list(documents_of(Piece(f"in/{name}", str(path)), RunSettings()))
    names = [document.source for document in found]
    assert len(set(names)) == len(names), "each has a name of its own"
    assert all((document.content is None) == bool(document.problem) for document in found)
