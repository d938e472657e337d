"""Cleaning one batch of documents in worker processes into a staged part. It knows nothing of Prefect:
`run_batch` could be called by a `for` loop, or anywhere that reaches the files it names.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from winnow.flows import rows
from winnow.flows.documents import Document, Piece, is_stored
from winnow.flows.judging import failed
from winnow.flows.ledger import KnownDocuments
from winnow.flows.pool import Message, Pool, Worker, WorkerDied
from winnow.flows.row_groups import RowGroups, staging
from winnow.flows.settings import RunSettings

_ALONE = 100  # documents that are tried one by one after a death: those that a message may hold
_MOST_DEATHS = 5  # of workers in a row before they begin; then the document is blamed, for a batch has to end


class Stopped(Exception):
    """The run is to end before it is done."""


@dataclass(frozen=True, slots=True)
class BatchSpec:
    """Everything that a batch needs, plain enough for JSON."""

    number: int
    pieces: tuple[Piece, ...]
    known: str
    """Path of what is known of the documents; empty: nothing."""
    parts: str
    """Folder for what comes out: `<number>.parquet`, and `<number>.unchanged`, a source a line."""
    limit: int = 0
    """Documents that are done at most; 0: all."""

    @property
    def part(self) -> Path:
        """The file of its new rows; it stands there only when the batch is done."""
        return Path(self.parts) / f"{self.number:06}.parquet"

    @property
    def unchanged(self) -> Path:
        """The file that names the documents which stand as they are."""
        return self.part.with_suffix(".unchanged")

    def absolute(self) -> BatchSpec:
        """The same, its inputs named so that they can be read from any working directory."""
        pieces = (p if is_stored(p.path) else replace(p, path=os.path.abspath(p.path)) for p in self.pieces)  # noqa: PTH100
        return replace(self, pieces=tuple(pieces))

    def to_json(self) -> str:
        """As `from_json` reads it."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, told: str) -> BatchSpec:
        """The spec that `to_json` wrote."""
        values = json.loads(told)
        return cls(**{**values, "pieces": tuple(Piece(**piece) for piece in values["pieces"])})


def run_batch(spec: BatchSpec, pool: Pool, settings: RunSettings, told: Callable[[int], None]) -> int:
    """Have a batch done and return its number of documents; calls `told` with each few that are done.

    A worker that dies costs one document, which was tried once more and alone. When the pool is stopping, the
    batch ends early, with what it has. Raises OSError where the parts can't be written: no document is at fault.
    """
    temporary = spec.part.with_suffix(".partial")
    count = 0
    with (
        temporary.open("wb") as file,
        spec.unchanged.open("w", encoding="utf-8", newline="\n") as unchanged,
        _Writer(file, unchanged) as writer,
    ):
        for message in _messages(_Batch(spec, settings), pool):
            writer.write(message)
            count += message.count
            told(message.count)
    # The part comes last: where it stands, the batch is whole.
    temporary.replace(spec.part)
    return count


def _messages(batch: _Batch, pool: Pool) -> Iterator[Message]:
    while not batch.is_done and not pool.stopping.is_set():
        try:
            with pool.worker() as worker:
                for message in batch.messages(worker):
                    yield message
                    if pool.stopping.is_set():
                        raise Stopped
        except Stopped:
            return
        except WorkerDied as death:
            blame = batch.blamed(str(death))
            if blame is not None:
                yield blame


class _Writer:
    """Collects rows into row groups."""

    def __init__(self, file: Any, unchanged: TextIO) -> None:
        self._groups = RowGroups(staging(file))
        self._unchanged = unchanged

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._groups.close()

    def write(self, message: Message) -> None:
        """Take in what a worker told."""
        self._unchanged.writelines(f"{json.dumps(source)}\n" for source in message.unchanged)
        if message.rows is not None:
            self._groups.write(message.rows)


class _Batch:
    """The way through a batch: how far it is, and what to do when a worker dies."""

    def __init__(self, spec: BatchSpec, settings: RunSettings) -> None:
        self._spec, self._settings = spec, settings
        self._done = 0
        """Pieces."""
        self._skip = 0
        """Documents of the piece behind them."""
        self._alone = 0
        """Documents that are still tried one by one."""
        self._current: dict[str, Any] | None = None
        """The one that is tried now."""
        self._deaths = 0
        """Of workers in a row that did not even begin."""
        self._left = spec.limit or None
        """Documents up to the limit, if there is one."""

    @property
    def is_done(self) -> bool:
        return self._done == len(self._spec.pieces) or self._left == 0

    def _count(self, documents: int) -> None:
        if self._left is not None:
            self._left -= documents

    def messages(self, worker: Worker) -> Iterator[Message]:
        """Have the rest done. Raises WorkerDied."""
        base, self._current = self._done, None
        task = {
            "pieces": [dataclasses.astuple(piece) for piece in self._spec.pieces[base:]],
            "skip": self._skip,
            "alone": self._alone,
            "limit": self._left,
            "known": self._spec.known,
            "settings": self._settings.model_dump(mode="json"),
        }
        self._deaths += 1
        for message in worker.do(task):
            self._deaths = 0
            self._done, self._skip, self._current = base + message.piece, message.documents, message.next
            self._alone = max(0, self._alone - message.count)
            self._count(message.count)
            yield message

    def blamed(self, cause: str) -> Message | None:
        """What to record after a death: nothing after the first, then a failed row for what it happened at."""
        if not self._alone or 0 < self._deaths < _MOST_DEATHS:
            self._alone = self._alone or _ALONE
            return None
        self._alone = 0
        if self._current is not None:
            row = failed(Document(**self._current), cause, self._settings)
            self._skip += 1
        else:  # it died while it read: the rest of the piece is out of reach
            piece, skipped = self._spec.pieces[self._done], self._skip
            self._done, self._skip = self._done + 1, 0
            left = f" (after {skipped:,} documents; the rest of it is not read)" if skipped else ""
            row = failed(Document(piece.name, None), f"{cause} while it was read{left}", self._settings)
        self._count(1)
        return Message(self._done, self._skip, *self._told(row))

    def _told(self, row: dict[str, Any]) -> tuple[pa.RecordBatch | None, list[str]]:
        before = None
        if self._spec.known:
            known = KnownDocuments(Path(self._spec.known))
            before = known.of(row["source"])
            known.close()
        return (None, [row["source"]]) if before and before.says(row) else (rows.batch_of([row]), [])
