"""Inputs in an object store: listed, read, and what goes wrong with them; moto's S3 server on loopback."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import outcomes, reasons, rows_of, run, text
from object_server import PAGE, ObjectServer, client, delete, put
from test_containers import BY_NAME, BY_OFFSET
from test_cut_files import MAKERS, SAME, texts

from winnow.flows.cutting import parts_of
from winnow.flows.documents import Piece
from winnow.flows.readers import stores, streams
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing


@pytest.fixture
def crawl(bucket: str) -> str:
    return f"{bucket}/crawl"


@pytest.fixture
def out(bucket: str) -> str:
    """In the bucket of the inputs."""
    return f"{bucket}/news"


def deny(places: str) -> None:
    """Let nobody read these."""
    bucket, _, keys = places.removeprefix("s3://").partition("/")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{keys}"}
    client().put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]}))


def test_a_folder_of_a_bucket_is_read_like_a_folder(crawl: str, out: str, tmp_path: Path) -> None:
    """Every kind of file; the corpus lies in the same bucket, and is no input."""
    # No warm workers here: they were started without the keys.
    written = {name: make() for name, make in (BY_NAME | BY_OFFSET).items()} | {"sub/a.txt": b"Rain is likely.\n"}
    (tmp_path / "crawl" / "sub").mkdir(parents=True)
    for name, content in written.items():
        put(f"{crawl}/{name}", content)
        (tmp_path / "crawl" / name).write_bytes(content)
    small = RunSettings(workers=1, batch_bytes=2_000)  # what can be cut is cut
    assert run(out, crawl, settings=small).documents == len(rows_of(out))
    run(tmp_path / "local", tmp_path / "crawl", settings=small)
    assert rows_of(out) == rows_of(tmp_path / "local")
    assert run(out, crawl, settings=small).release is None
    everything = out.removesuffix("/news")
    assert run(f"{everything}/news", everything, settings=small).documents == len(rows_of(tmp_path / "local"))


def test_the_command_takes_a_bucket(crawl: str, tmp_path: Path) -> None:
    put(f"{crawl}/a.txt", b"Rain is likely in the valley.\n")
    words = [sys.executable, "-c", "from winnow.flows.cli import main; main()", "run", crawl, "--out", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 document" in done.stdout


def test_objects_that_change_come_and_go(crawl: str, out: str) -> None:
    for number in range(4):
        put(f"{crawl}/{number}.txt", text(number).encode())
    run(out, crawl)
    put(f"{crawl}/1.txt", text(1, version=1).encode())
    put(f"{crawl}/4.txt", text(4).encode())
    delete(f"{crawl}/2.txt")
    report = run(out, crawl)
    assert (report.renewed, report.unchanged, report.removed) == (2, 2, 1)
    assert outcomes(out)["crawl/2.txt"] == "removed"
    one = run(out, f"{crawl}/1.txt")
    assert (one.documents, one.release) == (1, None)


def test_an_object_that_is_gone_when_it_is_read_is_told_in_one_line(crawl: str) -> None:
    put(f"{crawl}/a.txt", text(1).encode())
    (piece,) = Listing([crawl], Globs())
    delete(f"{crawl}/a.txt")
    first, again = (list(documents_of(piece, RunSettings())) for _ in range(2))
    assert first == again
    (document,) = first
    assert document.problem.startswith("cannot be read: ")
    assert document.problem.isprintable()


def test_a_small_object_is_one_request(crawl: str, object_store: ObjectServer) -> None:
    small = (BY_NAME | BY_OFFSET) | {"a.txt": lambda: b"Rain is likely.\n", "empty.txt": lambda: b""}
    for name, make in small.items():
        put(f"{crawl}/{name}", make())
    pieces = list(Listing([crawl], Globs()))
    assert len(pieces) == len(small)
    for piece in pieces:
        object_store.requests()
        assert list(documents_of(piece, RunSettings()))
        assert [asked["method"] for asked in object_store.requests()] == ["GET"], piece.source


def test_of_a_large_object_no_more_is_fetched_than_is_read(crawl: str, object_store: ObjectServer) -> None:
    dice = random.Random(1)  # noqa: S311
    table = pa.table({"id": list(map(str, range(40))), "text": [dice.randbytes(200_000).hex() for _ in range(40)]})
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=10, compression="none", use_dictionary=False)
    put(f"{crawl}/a.parquet", file.getvalue())
    (piece,) = Listing([crawl], Globs())
    object_store.requests()
    last = dataclasses.replace(piece, start=3, end=None)
    assert [document.source for document in documents_of(last, RunSettings())] == [
        f"crawl/a.parquet#{number}" for number in range(30, 40)
    ]
    first, *others = object_store.requests()
    assert first["range"] == ""
    spans = [tuple(map(int, asked["range"].removeprefix("bytes=").split("-"))) for asked in others]
    assert sum(end - begin + 1 for begin, end in spans) < piece.size * 0.6


@pytest.mark.parametrize("ids", [True, False])
def test_workers_share_a_large_object_of_json_lines(
    ids: bool, crawl: str, out: str, tmp_path: Path, object_store: ObjectServer
) -> None:
    """Each fetches its own part."""
    dice = random.Random(7)  # noqa: S311
    rows = ({"id": f"n{n}", "text": f"{text(n)}{dice.randbytes(3_000).hex()}\n"} for n in range(4_000))
    lines = b"".join(json.dumps(row if ids else {"text": row["text"]}).encode() + b"\n" for row in rows)
    put(f"{crawl}/a.jsonl", lines)
    (tmp_path / "crawl").mkdir()
    (tmp_path / "crawl" / "a.jsonl").write_bytes(lines)
    (piece,) = Listing([crawl], Globs())
    settings = RunSettings(batch_bytes=5_000_000)
    object_store.requests()
    parts = parts_of(piece, settings)
    assert len(parts) == 5
    asked = object_store.requests()
    most = len(lines) // 4_000_000 + 8 if ids else 8
    assert len(asked) <= most, "in few requests; without ids, only where it is cut"
    documents = []
    for part in parts:
        documents += documents_of(part, settings)
        asked = object_store.requests()
        assert len(asked) <= 5
    whole = Piece(piece.source, str(tmp_path / "crawl" / "a.jsonl"), len(lines))
    assert documents == list(documents_of(whole, settings))


def test_two_workers_on_a_bucket(crawl: str, out: str, tmp_path: Path) -> None:
    """The same rows as one worker's on local files; among them a file that both share."""
    (tmp_path / "crawl").mkdir()
    made = {"a.jsonl": MAKERS["ids.jsonl"](texts(60)), "a.warc.gz": MAKERS["a.warc.gz"](texts(60))}
    for name, content in {**made, **{f"{number}.txt": text(number).encode() for number in range(30)}}.items():
        put(f"{crawl}/{name}", content)
        (tmp_path / "crawl" / name).write_bytes(content)
    run(out, crawl, settings=RunSettings(workers=2, batch_bytes=4_000))
    run(tmp_path / "local", tmp_path / "crawl", settings=RunSettings(workers=1))
    assert rows_of(out, SAME) == rows_of(tmp_path / "local", SAME)
    assert run(out, crawl, settings=RunSettings(workers=2)).renewed == 0


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(crawl: str) -> None:
    put(f"{crawl}/a.txt", b"a" * 9_000_000)
    (piece,) = Listing([crawl], Globs())
    with streams.packed(piece.path) as file:
        assert file.read(10) == b"a" * 10
        put(f"{crawl}/a.txt", b"b" * 9_000_000)
        with pytest.raises(OSError, match="written to while it was read"):
            file.read()


def test_folders_that_tools_make_are_no_objects(crawl: str) -> None:
    for name in ("", "sub/", "none/"):
        put(f"{crawl}/{name}", b"")
    put(f"{crawl}/sub/a.txt", b"Rain is likely.\n")
    put(f"{crawl}/empty.txt", b"")
    pieces = list(Listing([f"{crawl}/"], Globs()))
    assert [piece.source for piece in pieces] == ["crawl/empty.txt", "crawl/sub/a.txt"]


def test_a_listing_is_read_page_by_page(
    crawl: str, object_store: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "_PAGE", PAGE)
    count = 4 * PAGE + 1
    for number in range(count):
        put(f"{crawl}/{number:04}", b"x")
    object_store.requests()
    listing = iter(Listing([crawl], Globs()))
    assert next(listing).source == "crawl/0000"
    assert sum("list-type" in asked["query"] for asked in object_store.requests()) <= 2
    assert sum(1 for _ in listing) == count - 1


def test_what_cannot_be_read_keeps_its_row(crawl: str, out: str) -> None:
    """An object that waits in an archive, one that nobody may read; each answer has another number."""
    bucket = out.removeprefix("s3://").partition("/")[0]
    put(f"{crawl}/good.txt", text(1).encode())
    client().put_object(Bucket=bucket, Key="crawl/archived.txt", Body=b"Rain.", StorageClass="GLACIER")
    put(f"{crawl}/denied.txt", text(2).encode())
    deny(f"{crawl}/d*")
    first = run(out, crawl)
    assert (first.documents, first.release) == (3, 1)
    told = reasons(out)
    assert told["crawl/good.txt"] == ""
    assert told["crawl/archived.txt"] == (
        "cannot be read: InvalidObjectState: The operation is not valid for the object's storage class"
    )
    assert told["crawl/denied.txt"].startswith("cannot be read: The operation lacked the necessary privileges")
    again = run(out, crawl)
    assert (again.renewed, again.release) == (0, None), "they failed as they did"
    client().delete_bucket_policy(Bucket=bucket)
    assert run(out, crawl).renewed == 1
    assert outcomes(out)["crawl/denied.txt"] == "cleaned"


def test_an_empty_object_that_may_not_be_read_is_told(crawl: str) -> None:
    """It is not taken for a folder that a tool made."""
    put(f"{crawl}/denied.txt", b"")
    deny(f"{crawl}/d*")
    (piece,) = Listing([crawl], Globs())
    assert piece.source == "crawl/denied.txt"
    (document,) = documents_of(piece, RunSettings())
    assert document.problem.startswith("cannot be read")


@pytest.mark.parametrize("key", ["a//b", "a/../b", "."])
def test_a_name_that_no_object_can_have_is_told(key: str, bucket: str) -> None:
    (piece,) = Listing([f"{bucket}/{key}"], Globs())
    assert piece.problem


def test_an_object_that_cannot_be_named_is_told_and_empties_nothing(crawl: str, out: str) -> None:
    put(f"{crawl}/b.txt", text(1).encode())
    run(out, crawl)
    delete(f"{crawl}/b.txt")
    put(f"{crawl}/a//b.txt", text(2).encode())
    assert run(out, crawl).removed == 0
    assert "empty path segment: rename it, or name the folders beside it" in reasons(out)[crawl]


def test_a_pattern_in_a_url_is_told(crawl: str) -> None:
    put(f"{crawl}/a.txt", text(1).encode())
    (piece,) = Listing([f"{crawl}/*.txt"], Globs())
    assert piece.problem == "nothing is there, and URLs are no patterns: name the folder, and --include '*.txt'"
    put(f"{crawl}/*.txt", text(1).encode())
    (piece,) = Listing([f"{crawl}/*.txt"], Globs())
    assert not piece.problem, "a name may hold a star"


def test_a_bucket_that_is_empty_or_gone_empties_no_corpus(crawl: str, out: str) -> None:
    put(f"{crawl}/1.txt", text(1).encode())
    run(out, crawl)
    delete(f"{crawl}/1.txt")
    for gone, told in ((crawl, "nothing is there"), ("s3://no-such-bucket/crawl", "NoSuchBucket: ")):
        assert run(out, gone).removed == 0
        assert outcomes(out)["crawl/1.txt"] == "cleaned"
        assert outcomes(out)[gone] == "failed"
        (reason,) = (row["reason"] for row in rows_of(out, ["source", "reason"]) if row["source"] == gone)
        assert told in reason
        assert "testing" not in reason
        assert run(out, gone).release is None, "it failed as it did"
    # Once there is something, nothing tells of a time when there was not.
    put(f"{crawl}/1.txt", text(1).encode())
    assert run(out, f"{crawl}/").removed == 1
    assert outcomes(out)[crawl] == "removed"
    assert run(out, crawl).release is None
