"""A corpus in an object store: moto's S3 server on loopback."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import polars as pl
import pytest
from corpora import ONE, outcomes, rows_of, run, text, write_texts
from test_containers import BY_NAME, BY_OFFSET

from winnow.cleaners import WinnowError
from winnow.flows import duplicates, exporting, planning, store, tags
from winnow.flows.changes import changes
from winnow.flows.pool import Pool
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing
from winnow.flows.store import Corpus


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """In a process of its own: Delta's file system holds the interpreter while it waits for an answer."""
    code = (
        "import sys; from moto.server import ThreadedMotoServer; server = ThreadedMotoServer('127.0.0.1', 0)\n"
        "server.start(); print(server.get_host_and_port()[1], flush=True); sys.stdin.read(); server.stop()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        told = ""
        while not told.strip().isdecimal():
            told = process.stdout.readline()
        yield f"http://127.0.0.1:{told.strip()}"
        process.stdin.close()


@pytest.fixture
def out(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A place in a bucket, reached as anyone would: by the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in {
        "AWS_ENDPOINT_URL": server,
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
