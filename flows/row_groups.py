"""Row groups: how many rows are held at a time where files of rows are written and read, however long the texts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from winnow.flows import rows

# A reader holds a row group as a whole. Up to 8 KB a row the first limit is met, above it the second.
_MOST_ROWS = 2_000
_MOST_BYTES = 16_000_000  # in Arrow


def staging(file: Any) -> pq.ParquetWriter:
    """The writer of a part of a run: quick, for the rows are packed again when they are published."""
    return pq.ParquetWriter(file, rows.SCHEMA, compression="zstd", compression_level=1)


class RowGroups:
    """Gathers rows into row groups of a Parquet file, which is this one's to close."""

    def __init__(self, parquet: pq.ParquetWriter) -> None:
        self._parquet = parquet
        self._held: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take these rows."""
        self._held.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= _MOST_ROWS or self._bytes >= _MOST_BYTES:
            self._flush()

    def close(self) -> None:
        """Write the rest, and end the file."""
        self._flush()
        self._parquet.close()

    def _flush(self) -> None:
        if self._held:
            self._parquet.write_table(pa.Table.from_batches(self._held, rows.SCHEMA))
        self._held = []
        self._rows = self._bytes = 0


def read(parquet: pq.ParquetFile, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file, at most a row group at a time: all columns, or these."""
    for group in range(parquet.num_row_groups):
        yield from parquet.iter_batches(_MOST_ROWS, [group], columns, use_threads=False)
