"""Writing a release as files: texts and diffs, JSON lines, Parquet, a dataset for Hugging Face.

An export is written beside its place and swapped in by one rename: nobody sees half of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from winnow.cleaners import WinnowError, diff_log
from winnow.flows import cards, counting, exports, rows, summaries
from winnow.flows.counting import Counts
from winnow.flows.store import Corpus, OutputNotWritable, Release

Format = Literal["jsonl", "parquet", "txt", "hf"]
FORMATS: tuple[Format, ...] = ("jsonl", "parquet", "txt", "hf")
SMALL = 10_000  # documents up to which each run writes files that people open

_LARGEST_PIECE = 1_000_000_000  # bytes of a JSONL file
_PARQUET_ROWS = 100_000  # of a file
_MOST_SORTED = 50_000_000  # bytes of a table's files: Python holds their rows in some nine times as much


def export(corpus: Corpus, release: Release, form: Format, folder: Path, licence: str | None = None) -> Counts:
    """Write a release into a folder that does not exist yet, or is an export. Returns its counts.

    Raises WinnowError where the folder holds something else, OutputNotWritable.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / cards.NAME).is_file())):
        raise WinnowError(f"{folder}: holds something that is no export: name another folder with --to")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputNotWritable(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        table = corpus.table(release.number)
        assert table is not None  # noqa: S101  (it has the release)
        counts = counting.counts_of(corpus.read(table, counting.COLUMNS))
        _WRITERS[form](corpus, table, staging)
        (staging / cards.NAME).write_text(cards.card(release, counts, form, licence), "utf-8", newline="\n")
        staging.chmod(0o755)  # mkdtemp makes it for its owner only
        _swap(staging, folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return counts


def write_latest(corpus: Corpus, release: Release, keep: int, *, always: bool) -> Counts:
    """Make `OUT/latest` the files of a release, if it is small or `always`; returns the release's counts."""
    out = Path(corpus.out)
    table = corpus.table(release.number)
    assert table is not None  # noqa: S101
    counts = counting.counts_of(corpus.read(table, counting.COLUMNS))
    folder = out / "releases" / f"{release.number:06}"
    if not (always or counts.documents <= SMALL):
        (out / "latest").unlink(missing_ok=True)  # an older release is not the latest
        return counts
    if not folder.is_dir():
        folder.parent.mkdir(exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder.parent))
        try:
            _write_texts(corpus, table, staging)
            _write_jsonl(corpus, table, staging)
            (staging / "summary.md").write_text(summaries.markdown(counts), "utf-8", newline="\n")
            staging.chmod(0o755)
            staging.rename(folder)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    _point_latest(out, folder)
    for old in sorted(path for path in folder.parent.iterdir() if path.name.isdecimal())[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    for dead in folder.parent.glob(".staging-*"):  # a run that was killed while it wrote; no other runs now
        shutil.rmtree(dead, ignore_errors=True)
    return counts


def _documents(corpus: Corpus, table: DeltaTable) -> Iterator[dict[str, Any]]:
    """The rows of all documents whose source is there, by source."""
    held = (row for batch in corpus.read(table) for row in batch.to_pylist() if row["outcome"] != "removed")
    yield from sorted(held, key=lambda row: str(row["source"])) if _fits(corpus, table) else held


def _fits(corpus: Corpus, table: DeltaTable) -> bool:
    """Whether the rows may be sorted in memory; larger corpora keep the table's order."""
    blocks = corpus.blocks(table)
    return sum(block.rows for block in blocks) <= SMALL and sum(block.size for block in blocks) <= _MOST_SORTED


def _write_texts(corpus: Corpus, table: DeltaTable, folder: Path) -> None:
    sources = (
        source
        for batch in corpus.read(table, ("source", "outcome"))
        for source, outcome in rows.tuples(batch, batch.schema.names)
        if outcome != "removed"
    )
    names = exports.names_for(sorted(sources))
    for row in _documents(corpus, table):
        if row["outcome"] == "cleaned":
            cleaned = diff_log.read_back(rows.record_of(row), row["text"])
            exports.write_document(folder, names[row["source"]], cleaned, row["source"])


def _write_jsonl(corpus: Corpus, table: DeltaTable, folder: Path) -> None:
    with _Pieces(folder, "corpus") as texts, _Pieces(folder, "diff_log") as logs:
        for row in _documents(corpus, table):
            record = rows.record_of(row)
            texts.write(exports.corpus_line(record, row["text"]))
            logs.write(diff_log.to_json(record))


def _write_parquet(corpus: Corpus, table: DeltaTable, folder: Path) -> None:
    writer: pq.ParquetWriter | None = None
    held = number = 0
    for batch in corpus.read(table):
        if writer is None:
            writer = pq.ParquetWriter(folder / f"corpus-{number:05}.parquet", rows.SCHEMA, compression="zstd")
            number += 1
        kept = batch.filter(pa.compute.not_equal(batch.column("outcome"), "removed"))
        writer.write_table(pa.Table.from_batches([kept], rows.SCHEMA))
        held += kept.num_rows
        if held >= _PARQUET_ROWS:
            writer.close()
            writer, held = None, 0
    if writer:
        writer.close()


def _write_dataset(corpus: Corpus, table: DeltaTable, folder: Path) -> None:
    (folder / "data").mkdir()
    _write_parquet(corpus, table, folder / "data")


class _Pieces:
    """A JSONL file, in pieces where it grows too large: `name.jsonl`, or `name-00000.jsonl` and so on."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._number = self._size = 0
        self._file = self._path(0).open("wb")

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number:05}.jsonl"

    def write(self, line: str) -> None:
        raw = line.encode() + b"\n"
        if self._size and self._size + len(raw) > _LARGEST_PIECE:
            self._file.close()
            self._number += 1
            self._size = 0
            self._file = self._path(self._number).open("wb")
        self._size += len(raw)
        self._file.write(raw)

    def __enter__(self) -> _Pieces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._number == 0:
            self._path(0).rename(self._folder / f"{self._name}.jsonl")


_WRITERS: dict[Format, Callable[[Corpus, DeltaTable, Path], None]] = {
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
    "txt": _write_texts,
    "hf": _write_dataset,
}


def _swap(staging: Path, folder: Path) -> None:
    """Put the staging folder in the folder's place. A folder cannot be renamed onto a full one: the old one is
    moved aside first, and comes back if that fails."""
    if not folder.exists():
        staging.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(aside / "old")
    try:
        staging.rename(folder)
    except OSError:
        (aside / "old").rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _point_latest(out: Path, release: Path) -> None:
    latest = out / "latest"
    link = out / f".latest-{os.getpid()}"
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(release.relative_to(out), target_is_directory=True)
    except OSError:  # Windows without the right to make links: a copy, which is not swapped in one step
        shutil.rmtree(latest, ignore_errors=True)
        shutil.copytree(release, latest)
        return
    if latest.is_dir() and not latest.is_symlink():
        shutil.rmtree(latest)
    link.replace(latest)
