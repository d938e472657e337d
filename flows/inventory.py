"""The list of a run's pieces: kept in a file, so that a run over millions needs no memory for it."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from winnow.flows.documents import Piece, file_name, printable

_FIELDS = tuple(field.name for field in dataclasses.fields(Piece))
_LEAST_DOCUMENTS = 20  # a batch below that is all overhead
_FULL = 64  # batches that a run is cut into before they grow: enough for many workers, and for a bar that moves


class Inventory:
    """Pieces by source and place, no two the same."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE pieces (source TEXT, path TEXT, size INTEGER, problem TEXT, kind TEXT, start INTEGER,"
            " end INTEGER, PRIMARY KEY (source, start));"
            "CREATE UNIQUE INDEX whole ON pieces (source) WHERE start IS NULL;"
        )

    def take(self, pieces: Iterable[Piece]) -> None:
        """List these. A piece that would be named like another of another place becomes a problem of its own."""
        insert = f"INSERT INTO pieces VALUES ({','.join('?' * len(_FIELDS))})"  # noqa: S608
        for piece in pieces:
            try:
                self._db.execute(insert, _path_as_bytes(piece))
            except sqlite3.IntegrityError:
                known = self._path_of(piece.source)
                if os.path.realpath(known) != os.path.realpath(piece.path):
                    problem = f"would be named {piece.source} like {known}: give their common parent folder"
                    name = file_name(printable(piece.path))
                    told = dataclasses.replace(piece, source=name, problem=problem)
                    self._db.execute(insert.replace("INSERT", "INSERT OR IGNORE"), _path_as_bytes(told))
        self._db.commit()

    def cut(self, parts_of: Callable[[Piece], Sequence[Piece]], above: int) -> None:
        """List the parts of files of more than so many bytes in their place."""
        large = list(self._selected("WHERE size > ? AND start IS NULL", above))
        for piece in large:
            parts = parts_of(piece)
            if len(parts) > 1:
                self._db.execute("DELETE FROM pieces WHERE source = ?", (piece.source,))
                self.take(parts)

    @property
    def pieces(self) -> int:
        """How many."""
        count: int = self._db.execute("SELECT count(*) FROM pieces").fetchone()[0]
        return count

    def holds(self, source: str) -> bool:
        """Whether a piece has this name."""
        return self._db.execute("SELECT 1 FROM pieces WHERE source = ?", (source,)).fetchone() is not None

    @property
    def bytes(self) -> int:
        """Of all pieces."""
        size: int = self._db.execute("SELECT total(size) FROM pieces").fetchone()[0]
        return int(size)

    def __iter__(self) -> Iterator[Piece]:
        """The pieces, sorted by source."""
        return self._selected()

    def _selected(self, which: str = "", *values: object) -> Iterator[Piece]:
        for row in self._db.execute(f"SELECT * FROM pieces {which} ORDER BY source, start", values):  # noqa: S608
            yield Piece(row[0], os.fsdecode(row[1]), *row[2:])

    def batches(self, documents: int, size: int, most: int = 1_000) -> Iterator[list[Piece]]:
        """The pieces in order, cut so that a batch holds at most so many pieces and bytes; when that would make
        more than `most` batches, both limits grow alike. How they are cut depends on the pieces alone."""
        pieces, total = self.pieces, self.bytes
        scale = max(1.0, pieces / documents / most, 2 * total / size / most)
        most_pieces = max(_LEAST_DOCUMENTS, min(documents * scale, pieces / _FULL))
        cut: list[Piece] = []
        held = 0
        for piece in self:
            if cut and (len(cut) >= most_pieces or held + piece.size > size * scale):
                yield cut
                cut, held = [], 0
            cut.append(piece)
            held += piece.size
        if cut:
            yield cut

    def shares(self, count: int) -> Iterator[list[Piece]]:
        """The pieces in order, cut into at most so many batches that weigh alike: half by bytes, half by number."""
        pieces, total = self.pieces, max(1, self.bytes)
        cut: list[Piece] = []
        weight = at = 0
        for piece in self:
            share = weight * count // (2 * pieces * total)
            if cut and share > at:
                yield cut
                cut = []
            at = share
            cut.append(piece)
            weight += piece.size * pieces + total
        if cut:
            yield cut

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _path_of(self, source: str) -> str:
        return os.fsdecode(self._db.execute("SELECT path FROM pieces WHERE source = ?", (source,)).fetchone()[0])


def _path_as_bytes(piece: Piece) -> tuple[object, ...]:
    """A path need not be valid Unicode, which SQLite's text has to be."""
    return (piece.source, os.fsencode(piece.path), *dataclasses.astuple(piece)[2:])
