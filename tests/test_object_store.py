"""A corpus in an object store: moto's S3 server on loopback."""

from __future__ import annotations

import dataclasses
import io
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import ONE, outcomes, rows_of, run, text, write_texts
from object_server import PAGE, ObjectServer, object_server
from test_containers import BY_NAME, BY_OFFSET

from winnow.cleaners import WinnowError
from winnow.flows import duplicates, exporting, planning, store, tags
from winnow.flows.changes import changes
from winnow.flows.pool import Pool
from winnow.flows.readers import stores, streams
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing
from winnow.flows.store import Corpus


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with object_server(tmp_path_factory.mktemp("store") / "log") as running:
        yield running


@pytest.fixture
def out(server: ObjectServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A place in a bucket, reached as anyone would: by the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"corpus-{uuid.uuid4().hex}"
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/news"


def test_a_corpus_in_a_bucket_is_like_one_in_a_folder(out: str, tmp_path: Path, warm: Pool) -> None:
    folder, local = tmp_path / "in", tmp_path / "local"
    write_texts(folder, 30)
    for _ in range(2):
        assert run(out, folder, warm=warm).documents == run(local, folder, warm=warm).documents == 30
        assert run(out, folder, warm=warm).release is None
        (folder / "00003.txt").write_text(text(3, version=1))
        (folder / "00004.txt").unlink(missing_ok=True)
        (folder / "00004x.txt").write_text(text(4))
    assert rows_of(out) == rows_of(local)
    corpus = Corpus(out)
    assert [release.number for release in corpus.releases()] == [2, 1]
    assert {row["source"] for batch in changes(corpus, 1) for row in batch.to_pylist()} == {
        "in/00003.txt",
        "in/00004.txt",
        "in/00004x.txt",
    }
    tags.tag(corpus, "first", 1)
    assert tags.tags(corpus) == {"first": 1}
    assert store.vacuum(corpus, [1, 2], dry_run=False) == []
    assert list(outcomes(out, release=1).values()) == ["cleaned"] * 30
    exporting.export(corpus, corpus.releases()[0], "jsonl", tmp_path / "export")
    assert (tmp_path / "export" / "corpus.jsonl").read_text("utf-8").count("\n") == 30
    assert pl.read_delta(f"{out}/corpus").height == 31


def test_a_run_that_died_is_taken_over(out: str, tmp_path: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies after its blocks are written, before the commit: the worst moment."""
    folder = tmp_path / "in"
    write_texts(folder, 30)
    with monkeypatch.context() as patched:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(Corpus, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            run(out, folder, warm=warm)
    assert Corpus(out).table() is None
    report = run(out, folder, warm=warm)
    assert (report.release, report.taken_over) == (1, 30)
    bucket, _, key = out.removeprefix("s3://").partition("/")
    listed = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=bucket, Prefix=key)
    blocks = [entry["Key"] for entry in listed["Contents"] if entry["Key"].endswith(".parquet")]
    assert len(blocks) == 1, "the dead run's block is gone"


def test_a_run_in_batches_needs_no_disk_that_machines_share(out: str, tmp_path: Path, warm: Pool) -> None:
    """But for the inputs: the plan and what its batches make lie in the bucket."""
    folder, local = tmp_path / "in", tmp_path / "local"
    write_texts(folder, 30)
    for release in (1, 2):
        plan = planning.make(Corpus(out), [str(folder)], ONE, batches=3)
        assert plan.place.uri.startswith(f"{out}/plans/")
        with pytest.raises(planning.NotDone, match="3 of 3 batches are not done"):
            planning.publish(plan)
        for number in (2, 0, 1, 1):
            planning.do(planning.Plan(plan.place.uri), number, warm)
        report = planning.publish(plan)
        assert report
        assert report.release == release
        assert planning.publish(plan) is None
        run(local, folder, warm=warm)
        assert rows_of(out) == rows_of(local)
        bucket, _, key = plan.place.uri.removeprefix("s3://").partition("/")
        listed = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=bucket, Prefix=key)
        assert [entry["Key"] for entry in listed["Contents"]] == [f"{key}/plan.json"]
        (folder / "00003.txt").write_text(text(3, version=1))
        (folder / "00004.txt").unlink(missing_ok=True)
    with pytest.raises(WinnowError, match="holds no plan"):
        planning.Plan(f"{out}/plans/none")


def put(place: str, content: bytes) -> None:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    boto3.client("s3", region_name="us-east-1").put_object(Bucket=bucket, Key=key, Body=content)


def delete(place: str) -> None:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    boto3.client("s3", region_name="us-east-1").delete_object(Bucket=bucket, Key=key)


def test_a_folder_of_a_bucket_is_read_like_a_folder(out: str, tmp_path: Path) -> None:
    """Every kind of file; the corpus lies in the same bucket, and is no input."""
    # No warm workers here: they were started without the keys.
    crawl = out.replace("/news", "/crawl")
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


def test_the_command_takes_a_bucket(out: str, tmp_path: Path) -> None:
    crawl = out.replace("/news", "/crawl")
    put(f"{crawl}/a.txt", b"Rain is likely in the valley.\n")
    words = [sys.executable, "-c", "from winnow.flows.cli import main; main()", "run", crawl, "--out", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 document" in done.stdout


def test_objects_that_change_come_and_go(out: str) -> None:
    crawl = out.replace("/news", "/crawl")
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


def test_an_object_that_is_gone_when_it_is_read_is_told_in_one_line(out: str) -> None:
    crawl = out.replace("/news", "/crawl")
    put(f"{crawl}/a.txt", text(1).encode())
    (piece,) = Listing([crawl], Globs())
    delete(f"{crawl}/a.txt")
    first, again = (list(documents_of(piece, RunSettings())) for _ in range(2))
    assert first == again
    (document,) = first
    assert document.problem.startswith("cannot be read: ")
    assert document.problem.isprintable()


def test_a_small_object_is_one_request(out: str, server: ObjectServer) -> None:
    crawl = out.replace("/news", "/crawl")
    small = (BY_NAME | BY_OFFSET) | {"a.txt": lambda: b"Rain is likely.\n", "empty.txt": lambda: b""}
    for name, make in small.items():
        put(f"{crawl}/{name}", make())
    pieces = list(Listing([crawl], Globs()))
    assert len(pieces) == len(small)
    for piece in pieces:
        server.requests()
        assert list(documents_of(piece, RunSettings()))
        assert [asked["method"] for asked in server.requests()] == ["GET"], piece.source


def test_of_a_large_object_no_more_is_fetched_than_is_read(out: str, server: ObjectServer) -> None:
    crawl = out.replace("/news", "/crawl")
    dice = random.Random(1)  # noqa: S311
    table = pa.table({"id": list(map(str, range(40))), "text": [dice.randbytes(200_000).hex() for _ in range(40)]})
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=10, compression="none", use_dictionary=False)
    put(f"{crawl}/a.parquet", file.getvalue())
    (piece,) = Listing([crawl], Globs())
    server.requests()
    last = dataclasses.replace(piece, start=3, end=None)
    assert [document.source for document in documents_of(last, RunSettings())] == [
        f"crawl/a.parquet#{number}" for number in range(30, 40)
    ]
    first, *others = server.requests()
    assert first["range"] == ""
    spans = [tuple(map(int, asked["range"].removeprefix("bytes=").split("-"))) for asked in others]
    assert sum(end - begin + 1 for begin, end in spans) < piece.size * 0.6


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(out: str) -> None:
    crawl = out.replace("/news", "/crawl")
    put(f"{crawl}/a.txt", b"a" * 9_000_000)
    (piece,) = Listing([crawl], Globs())
    with streams.packed(piece.path) as file:
        assert file.read(10) == b"a" * 10
        put(f"{crawl}/a.txt", b"b" * 9_000_000)
        with pytest.raises(OSError, match="written to while it was read"):
            file.read()


def test_folders_that_tools_make_are_no_objects(out: str) -> None:
    crawl = out.replace("/news", "/crawl")
    for name in ("", "sub/", "none/"):
        put(f"{crawl}/{name}", b"")
    put(f"{crawl}/sub/a.txt", b"Rain is likely.\n")
    put(f"{crawl}/empty.txt", b"")
    pieces = list(Listing([f"{crawl}/"], Globs()))
    assert [piece.source for piece in pieces] == ["crawl/empty.txt", "crawl/sub/a.txt"]


def test_a_listing_is_read_page_by_page(out: str, server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "_PAGE", PAGE)
    crawl = out.replace("/news", "/crawl")
    count = 4 * PAGE + 1
    for number in range(count):
        put(f"{crawl}/{number:04}", b"x")
    server.requests()
    listing = iter(Listing([crawl], Globs()))
    assert next(listing).source == "crawl/0000"
    assert sum("list-type" in asked["query"] for asked in server.requests()) <= 2
    assert sum(1 for _ in listing) == count - 1


def test_a_bucket_that_is_empty_or_gone_empties_no_corpus(out: str) -> None:
    crawl = out.replace("/news", "/crawl")
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


def test_a_store_that_cannot_be_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_texts(tmp_path / "in", 1)
    with pytest.raises(WinnowError, match="nowhere://place: cannot be reached: Unknown scheme"):
        run("nowhere://place", tmp_path / "in")


def test_duplicates_in_a_bucket_are_found_and_marked(out: str, tmp_path: Path, warm: Pool) -> None:
    write_texts(tmp_path / "in", 3)
    (tmp_path / "in" / "copy.txt").write_text(text(2))
    chosen = RunSettings(workers=1, duplicates="mark")
    run(out, tmp_path / "in", settings=chosen, warm=warm)
    assert outcomes(out)["in/copy.txt"] == "duplicate"
    corpus = Corpus(out)
    assert duplicates.tells_of(corpus, 1)
    assert run(out, tmp_path / "in", settings=chosen, warm=warm).release is None
