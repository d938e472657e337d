"""A corpus in an object store: moto's S3 server on loopback."""

from __future__ import annotations

from pathlib import Path

import boto3
import polars as pl
import pytest
from corpora import ONE, outcomes, rows_of, run, text, write_texts
from object_server import put

from winnow.cleaners import WinnowError
from winnow.flows import driving, duplicates, exporting, planning, store, tags
from winnow.flows.changes import changes
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus


@pytest.fixture
def out(bucket: str) -> str:
    return f"{bucket}/news"


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


def test_a_run_in_batches_over_a_bucket_shares_no_disk(out: str, bucket: str, tmp_path: Path) -> None:
    """Inputs, plan, what its batches make and the corpus lie in the store."""
    write_texts(tmp_path / "crawl", 30)
    for path in (tmp_path / "crawl").iterdir():
        put(f"{bucket}/crawl/{path.name}", path.read_bytes())
    plan = planning.make(Corpus(out), [f"{bucket}/crawl"], ONE, batches=3)
    with driving.passing_pool(ONE) as pool:  # started with the keys
        for number in plan.missing():
            planning.do(planning.Plan(plan.place.uri), number, pool)
        run(tmp_path / "local", tmp_path / "crawl", warm=pool)
    assert planning.publish(plan)
    assert rows_of(out) == rows_of(tmp_path / "local")


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
