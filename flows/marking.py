"""Duplicates in a release that is being made: found among its rows, and marked where the settings want it.

A document is marked, and no longer marked, by what else the release holds: rows that stood change for that alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from winnow.flows import rows
from winnow.flows.ledger import SeenDocuments
from winnow.flows.publishing import Staged, marked_as
from winnow.flows.row_groups import staging
from winnow.flows.store import Corpus

_TOLD = ("source", "outcome", "reason")


class UpcomingRows:
    """The rows that a release will hold: those of the one before that stand, and the staged ones."""

    def __init__(self, corpus: Corpus, table: DeltaTable | None, staged: Staged, seen: SeenDocuments) -> None:
        self.corpus, self._table, self._staged, self._seen = corpus, table, staged, seen
        self.standing = [block.path for block in corpus.blocks(table)] if table is not None else []
        self._parts = {str(part): part for part in staged.parts}

    @property
    def blocks(self) -> Sequence[str]:
        """See `duplicates.Rows`."""
        return [*self.standing, *self._parts]

    def read(self, block: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """See `duplicates.Rows`; all columns where none are named."""
        wanted = None if columns is None else list(dict.fromkeys(("source", *columns)))
        if block in self._parts:
            yield from self._staged.read(self._parts[block], wanted)
            return
        assert self._table is not None  # noqa: S101  (the block is its)
        for batch in self.corpus.read(self._table, wanted, [block]):
            sources = batch.column("source").to_pylist()
            renewed = self._seen.renewed_of(sources)
            yield batch.filter(pa.array([source not in renewed for source in sources], pa.bool_()))


def marks_of(found: pa.Table) -> dict[str, str]:
    """Why each duplicate is one, by its source."""
    told = (found.column(name).to_pylist() for name in ("source", "canonical", "kind", "jaccard"))
    return {
        source: f"says the same as {canonical}" if kind == "exact" else f"says {index:.0%} the same as {canonical}"
        for source, canonical, kind, index in zip(*told, strict=True)
        if kind in ("exact", "near")
    }


def mark(upcoming: UpcomingRows, staged: Staged, seen: SeenDocuments, marks: dict[str, str], part: Path) -> int:
    """Have these marks, and no others, in the release: rows that stood and change are staged in `part`. Returns
    their number."""
    staged.marks = marks
    changed: list[str] = []
    with staging(part) as writer:
        for block in upcoming.standing:
            told = (told for batch in upcoming.read(block, _TOLD) for told in rows.tuples(batch, _TOLD))
            here = {
                source
                for source, outcome, reason in told
                if marked_as(source, outcome, reason, marks) != (outcome, reason)
            }
            for batch in upcoming.read(block) if here else ():
                wanted = pa.array([source in here for source in batch.column("source").to_pylist()], pa.bool_())
                writer.write_table(pa.Table.from_batches([batch.filter(wanted)], rows.SCHEMA))
            changed += here
    seen.renew(changed)
    if changed:
        staged.parts.append(part)
    return len(changed)
