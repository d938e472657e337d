"""Readers with no code of ours: they see whole releases, and no stale row, also while a run publishes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from corpora import run, write_texts
from datasets import Dataset, disable_progress_bars
from deltalake import DeltaTable

from winnow.flows.pool import Pool

DOCUMENTS, RELEASES = 300, 12
# Reads until it has seen the last release; complains where what it reads is not all of one release.
READER = f"""
import sys, time
from deltalake import DeltaTable
seen, deadline = set(), time.monotonic() + 300
while {RELEASES} not in seen and time.monotonic() < deadline:
    table = DeltaTable(sys.argv[1])
    if sys.argv[2] == "pandas":
        texts = table.to_pandas(columns=["text"])["text"].tolist()
    elif sys.argv[2] == "polars":
        import polars
        texts = polars.read_delta(sys.argv[1]).get_column("text").to_list()
    elif sys.argv[2] == "duckdb":
        import duckdb
        corpus = table.to_pyarrow_dataset()
        texts = [row[0] for row in duckdb.sql("SELECT text FROM corpus").fetchall()]
    else:
        import pyarrow.parquet
        texts = [text for file in table.file_uris() for text in pyarrow.parquet.read_table(file)["text"].to_pylist()]
    days = {{int(text.split()[-1].rstrip(".")) for text in texts}}
    assert len(texts) == {DOCUMENTS} and len(days) == 1, (len(texts), days)
    seen |= days
print(len(seen))
"""  # noqa: S608


@pytest.fixture
def corpus(tmp_path: Path, warm: Pool) -> Path:
    """Two releases: in the second 5 of 40 documents are changed, and one is gone."""
    write_texts(tmp_path / "in", 40)
    run(tmp_path / "out", tmp_path / "in", warm=warm)
    write_texts(tmp_path / "in", 5, version=1)
    (tmp_path / "in" / "00039.txt").unlink()
    run(tmp_path / "out", tmp_path / "in", warm=warm)
    return tmp_path / "out" / "corpus"


def checked(sources: list[str], texts: list[str]) -> None:
    assert len(sources) == len(set(sources)) == 39
    days = {int(source[3:8]): int(text.split()[-1].rstrip(".")) for source, text in zip(sources, texts, strict=True)}
    assert days == {number: int(number < 5) for number in range(39)}


def test_pandas(corpus: Path) -> None:
    frame: pd.DataFrame = DeltaTable(str(corpus)).to_pandas()
    frame = frame[frame["outcome"] == "cleaned"]
    checked(frame["source"].tolist(), frame["text"].tolist())
    assert {finding["rule"] for findings in frame["findings"] for finding in findings} == {
        "en.reply-heading",
        "any.blank-lines",
    }


def test_polars(corpus: Path) -> None:
    frame = pl.scan_delta(str(corpus)).filter(pl.col("outcome") == "cleaned").collect()
    checked(frame.get_column("source").to_list(), frame.get_column("text").to_list())


def test_duckdb(corpus: Path) -> None:
    table = DeltaTable(str(corpus)).to_pyarrow_dataset()
    rows = duckdb.sql("SELECT source, text FROM \"table\" WHERE outcome = 'cleaned'").fetchall()
    assert table is not None
    checked([row[0] for row in rows], [row[1] for row in rows])


def test_hugging_face_datasets(corpus: Path, tmp_path: Path) -> None:
    disable_progress_bars()
    files = DeltaTable(str(corpus)).file_uris()
    rows = Dataset.from_parquet(files, cache_dir=str(tmp_path / "cache")).filter(
        lambda row: row["outcome"] == "cleaned"
    )
    checked(rows["source"][:], rows["text"][:])


def test_four_readers_during_runs_see_only_whole_releases(tmp_path: Path, warm: Pool) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    write_texts(folder, DOCUMENTS)
    run(out, folder, warm=warm)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, out / "corpus", kind],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in ("pandas", "polars", "duckdb", "files")
    ]
    for version in range(1, RELEASES + 1):
        write_texts(folder, DOCUMENTS, version)
        run(out, folder, warm=warm)
    for reader in readers:
        told, complaint = reader.communicate(timeout=300)
        assert reader.returncode == 0, complaint
        assert int(told) >= 1
