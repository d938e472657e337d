"""What changed between releases: the feed for those who build on the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winnow.flows import exports, rows
from winnow.flows.store import Corpus

SCHEMA = pa.schema([pa.field("change", pa.string()), *rows.SCHEMA])


def changes(corpus: Corpus, since: int, until: int | None = None) -> Iterator[pa.RecordBatch]:
    """The rows that changed after release `since`, as they are in release `until` (the newest), with a column
    `change`: `added`, `changed` or `removed`. `since` 0: everything is added.

    A document that came and went in between is not told. Raises NoSuchRelease.
    """
    if since > 0:
        corpus.table(since)  # there must be such a release
    table = corpus.table(until)
    if table is None:
        return
    for batch in corpus.read(table):
        gone = pc.equal(batch.column("outcome"), "removed")
        came = pc.greater(batch.column("first_release"), since)
        told = pc.and_(pc.greater(batch.column("release"), since), pc.invert(pc.and_(gone, came)))
        change = pc.if_else(gone, "removed", pc.if_else(came, "added", "changed"))
        whole = pa.RecordBatch.from_arrays([change, *batch.columns], schema=SCHEMA)
        fresh = whole.filter(told)
        if fresh.num_rows:
            yield fresh


def to_jsonl(batches: Iterator[pa.RecordBatch]) -> Iterator[str]:
    """A line for each change: what it is, and the line of `corpus.jsonl`."""
    for batch in batches:
        for row in batch.to_pylist():
            line = exports.corpus_line(rows.record_of(row), row["text"])
            yield f'{{"change":"{row["change"]}",{line[1:]}'


def to_parquet(batches: Iterator[pa.RecordBatch], file: Any) -> int:
    """Write the changes; returns their number."""
    count = 0
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_batches([batch]))
            count += batch.num_rows
    return count
