"""Making a release of what a run staged: the contract is checked, blocks are written, one commit follows.

Only blocks that hold a row which changed are written anew, without it; small blocks are joined while
that is done. Rows stream: memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake import DeltaTable

from winnow.flows import contract, row_groups, rows, sites
from winnow.flows.ledger import KnownDocuments, SeenDocuments
from winnow.flows.row_groups import RowGroups
from winnow.flows.store import Block, Corpus

_BLOCK_BYTES = 128_000_000  # of rows in Arrow: about 40 MB of Parquet, 100,000 documents of 500 code points
_SMALL = 10_000_000  # bytes of a file: a quarter of a full one
_MOST_SMALL = 8  # small blocks that may stand before they are joined


class Staged:
    """The new rows of a run, from its parts in their order, with the releases they belong to."""

    def __init__(self, parts: Sequence[Path], known: KnownDocuments, seen: SeenDocuments) -> None:
        self.parts, self._known, self._seen = list(parts), known, seen
        self.marks: Mapping[str, str] = {}
        """Reasons why documents are duplicates, by source."""

    def batches(self, release: int) -> Iterator[pa.RecordBatch]:
        """The rows, checked. Raises ContractBroken."""
        for part in self.parts:
            for batch in self.read(part):
                if batch.num_rows:
                    yield contract.checked(self._dated(self._marked(batch), release))

    def read(self, part: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a part that are to be published: all columns, or these, `source` among them."""
        with pq.ParquetFile(part) as parquet:
            for batch in row_groups.read(parquet, columns):
                yield rows.completed(self._valid(batch, part.name), columns)  # older code may have staged it

    def _valid(self, batch: pa.RecordBatch, part: str) -> pa.RecordBatch:
        """Without rows of an interrupted run that this run did again, or whose sources are gone."""
        if not part.startswith("adopted-"):
            return batch
        sources = batch.column("source").to_pylist()
        staged, renewed = self._known.of_all(sources), self._seen.adopted_of(sources)
        return batch.filter(pa.array([s in renewed and staged[s].staged == part for s in sources], pa.bool_()))

    def _marked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """With the outcome `duplicate` and its reason where a document is marked; without where it no longer is."""
        if not self.marks and not pc.any(pc.equal(batch.column("outcome"), "duplicate")).as_py():
            return batch
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        told = rows.tuples(batch, ("source", "outcome", "reason"))
        marked = [marked_as(source, outcome, reason, self.marks) for source, outcome, reason in told]
        columns["outcome"] = pa.array([outcome for outcome, _ in marked], pa.string())
        columns["reason"] = pa.array([reason for _, reason in marked], pa.string())
        return pa.RecordBatch.from_arrays(list(columns.values()), schema=batch.schema)

    def _dated(self, batch: pa.RecordBatch, release: int) -> pa.RecordBatch:
        sources = batch.column("source").to_pylist()
        known = self._known.of_all(sources)
        first = [(known[s].first_release if s in known else None) or release for s in sources]
        names = batch.schema.names
        columns = dict(zip(names, batch.columns, strict=True))
        columns["source_site"] = sites.sites_of(batch)
        columns["first_release"] = pa.array(first, pa.int32())
        columns["release"] = pa.array([release] * len(sources), pa.int32())
        return pa.RecordBatch.from_arrays([columns[name] for name in names], schema=rows.SCHEMA)


def marked_as(source: str, outcome: str, reason: str, marks: Mapping[str, str]) -> tuple[str, str]:
    """Outcome and reason of a document that held these, under these marks."""
    if outcome not in ("cleaned", "duplicate"):
        return outcome, reason
    return ("duplicate", marks[source]) if source in marks else ("cleaned", "")


def publish(
    corpus: Corpus, table: DeltaTable | None, staged: Staged, seen: SeenDocuments, told: dict[str, Any]
) -> None:
    """Publish the staged rows as release `told["release"]`; `told` stands in the commit.

    Raises ContractBroken (nothing is published), CorpusChanged, OSError.
    """
    files = corpus.files()
    replaced = _to_replace(corpus, table, set(seen.places()))
    writer = _BlockWriter(files, told["run"])
    for block in replaced:
        assert table is not None  # noqa: S101
        for batch in corpus.read(table, blocks=[block.path]):
            sources = batch.column("source").to_pylist()
            renewed = seen.renewed_of(sources)
            writer.write(batch.filter(pa.array([source not in renewed for source in sources], pa.bool_())))
    fresh = 0
    for batch in staged.batches(told["release"]):
        writer.write(batch)
        fresh += batch.num_rows
    contract.check_counts(fresh, told["renewed"] + told["removed"])
    added = writer.close()
    corpus.commit(table, added, replaced, {**told, "bytes_written": sum(block.size for block in added)})


def orphans(corpus: Corpus, run: str) -> Iterable[str]:
    """Blocks that a run wrote. Of a run that did not publish, nobody knows them."""
    selector = pafs.FileSelector("", allow_not_found=True)
    return [info.path for info in corpus.files().get_file_info(selector) if info.base_name.startswith(run)]


def _to_replace(corpus: Corpus, table: DeltaTable | None, touched: set[str]) -> list[Block]:
    """The blocks that hold a row which changed, and the small ones if there are many: they are joined."""
    if table is None:
        return []
    blocks = corpus.blocks(table)
    small = {block.path for block in blocks if block.size < _SMALL}
    joined = touched | small if len(small - touched) >= _MOST_SMALL else touched
    return [block for block in blocks if block.path in joined]


class _BlockWriter:
    """Writes rows into blocks of bounded size."""

    def __init__(self, files: pafs.FileSystem, run: str) -> None:
        self._files, self._run = files, run
        self._blocks: list[Block] = []
        self._groups: RowGroups | None = None
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take these rows."""
        if not batch.num_rows:
            return
        if self._groups is None:
            parquet = pq.ParquetWriter(
                self._name(), rows.SCHEMA, filesystem=self._files, compression="zstd", compression_level=3
            )
            self._groups = RowGroups(parquet)
        self._groups.write(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._bytes >= _BLOCK_BYTES:
            self._end_block()

    def close(self) -> list[Block]:
        """All blocks that were written."""
        self._end_block()
        return self._blocks

    def _end_block(self) -> None:
        if self._groups is None:
            return
        self._groups.close()
        size = self._files.get_file_info(self._name()).size
        self._blocks.append(Block(self._name(), size, self._rows))
        self._groups = None
        self._rows = self._bytes = 0

    def _name(self) -> str:
        return f"{self._run}-{len(self._blocks):05}.parquet"
