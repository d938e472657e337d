"""Delta tables beside the corpus that only grow: what stands there is true whatever else happens, and the tables may
be deleted at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from winnow.flows.store import Corpus

_AT_ONCE = 10_000  # rows

Keys = npt.NDArray[np.int64]
"""Names of what the tables tell of: 64 bits of a hash each."""


@dataclass(frozen=True, slots=True)
class Growing:
    """One of them. It is made where it does not exist."""

    corpus: Corpus
    name: str
    """Below OUT."""

    def append(self, table: pa.Table) -> None:
        """Add these rows, in one commit."""
        write_deltalake(self._uri, table, mode="append", storage_options=self.corpus.options)

    def read(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows, some thousand at a time."""
        try:
            table = DeltaTable(self._uri, storage_options=self.corpus.options)
        except TableNotFoundError:
            return
        yield from _pieces(table, columns)

    def keep(self, columns: Sequence[str], wanted: Keys) -> int:
        """Keep only rows whose values in these columns are all wanted; these are sorted. Deletes the files that held
        the others, and returns their number."""
        try:
            table = DeltaTable(self._uri, storage_options=self.corpus.options)
        except TableNotFoundError:
            return 0
        gone = sum(int((~_stays(batch, columns, wanted)).sum()) for batch in self.read(columns))
        if gone:
            mode: Literal["overwrite", "append"] = "overwrite"
            # Read as it was before the first piece took its place.
            for batch in _pieces(table, [field.name for field in table.schema().fields]):
                kept = pa.Table.from_batches([batch.filter(pa.array(_stays(batch, columns, wanted)))])
                write_deltalake(self._uri, kept, mode=mode, storage_options=self.corpus.options)
                mode = "append"
            table = DeltaTable(self._uri, storage_options=self.corpus.options)
            table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
        return gone

    @property
    def _uri(self) -> str:
        return self.corpus.beside(self.name)


def _pieces(table: DeltaTable, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    yield from table.to_pyarrow_dataset().to_batches(columns=list(columns), batch_size=_AT_ONCE, batch_readahead=1)


def _stays(batch: pa.RecordBatch, columns: Sequence[str], wanted: Keys) -> npt.NDArray[np.bool_]:
    stays = np.ones(batch.num_rows, np.bool_)
    for name in columns:
        stays &= places(batch.column(name).to_numpy(), wanted)[1]
    return stays


def places(wanted: Keys, keys: Keys) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """Where each of the wanted stands in the sorted keys, and whether it does."""
    at = np.searchsorted(keys, wanted)
    at[at == keys.size] = 0
    return at, (keys[at] == wanted) if keys.size else np.zeros(wanted.size, np.bool_)
