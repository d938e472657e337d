"""`kill -9` at any moment of a run with inputs and corpus in an object store; the same run on a Ray cluster."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import rows_of, run, text
from crash_runs import SETTINGS
from object_server import client, delete, put
from test_crashes import Runs, kill_after
from test_cut_files import MAKERS, SAME, texts

from winnow.flows.store import Corpus

ROUNDS, KILLS = 2, 8
DOCUMENTS = 80
LONGEST = 2.0  # seconds to a kill: a run and its start


@pytest.fixture
def runs(bucket: str) -> Iterator[Runs]:
    """They are started with the keys."""
    runs = Runs()
    yield runs
    runs.close()


def write(crawl: str) -> None:
    for number in range(DOCUMENTS):
        put(f"{crawl}/{number:05}.txt", text(number).encode())
    put(f"{crawl}/a.jsonl", MAKERS["a.jsonl"](texts(40)))
    put(f"{crawl}/a.warc.gz", MAKERS["a.warc.gz"](texts(40)))


def change(crawl: str, dice: random.Random, version: int) -> None:
    """Some objects change, some go, one grows."""
    for number in dice.sample(range(DOCUMENTS), 10):
        put(f"{crawl}/{number:05}.txt", text(number, version).encode())
    for number in dice.sample(range(DOCUMENTS), 3):
        delete(f"{crawl}/{number:05}.txt")
    put(f"{crawl}/a.jsonl", MAKERS["a.jsonl"](texts(40)) + MAKERS["a.jsonl"](texts(20 * version)))


def test_kills_leave_the_table_of_an_undisturbed_run(bucket: str, tmp_path: Path, runs: Runs) -> None:
    dice = random.Random(9)  # noqa: S311
    crawl, killed = f"{bucket}/crawl", f"{bucket}/killed"
    write(crawl)
    kills = 0
    for version in range(1, ROUNDS + 1):
        for _ in range(KILLS):
            words = killed, crawl
            kills += kill_after(runs, dice.uniform(0, LONGEST), *words, only_parent=dice.random() < 0.3)
            sources = [row["source"] for row in rows_of(killed, ["source"])]
            assert len(set(sources)) == len(sources), "it can be read, and holds no source twice"
        runs.start(killed, crawl)
        assert runs.ended() == 0
        run(tmp_path / "undisturbed", crawl, settings=SETTINGS)
        assert rows_of(killed) == rows_of(tmp_path / "undisturbed"), f"round {version}"
        change(crawl, dice, version)
    assert kills >= ROUNDS * KILLS / 4, "many runs were still at work"
    # No file of the table lies there that no release knows.
    corpus = Corpus(killed)
    tables = [corpus.table(release.number) for release in corpus.releases()]
    known = {block.path for table in tables if table for block in corpus.blocks(table)}
    pages = client().get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=bucket.removeprefix("s3://"), Prefix="killed/corpus/")
    keys = [entry["Key"].rpartition("/")[2] for page in listed for entry in page["Contents"]]
    assert {key for key in keys if key.endswith(".parquet")} == known


def test_on_a_ray_cluster(bucket: str, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    crawl = f"{bucket}/crawl"
    write(crawl)
    run(tmp_path / "local", crawl, settings=SETTINGS)
    on_ray = SETTINGS.model_copy(update={"engine": "ray", "workers": 2})
    assert run(f"{bucket}/ray", crawl, settings=on_ray).documents == DOCUMENTS + 80
    assert rows_of(f"{bucket}/ray", SAME) == rows_of(tmp_path / "local", SAME)
    put(f"{crawl}/00003.txt", text(3, version=1).encode())
    assert run(f"{bucket}/ray", crawl, settings=on_ray).renewed == 1
