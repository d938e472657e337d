"""Reading a piece: the documents in it, one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from winnow.flows.documents import Document, Piece
from winnow.flows.settings import RunSettings

_READINGS = 3  # of a file that is written to meanwhile


def documents_of(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """The documents of a piece. What can't be read comes as a document with a problem; never raises for it."""
    yield _whole(piece, settings)


def _whole(piece: Piece, settings: RunSettings) -> Document:
    if piece.problem:
        return Document(piece.source, None, piece.problem)
    try:
        return _read(piece, settings.largest_file)
    except OSError as error:
        return Document(piece.source, None, f"cannot be read: {error.strerror}")


def _read(piece: Piece, largest: int) -> Document:
    for _ in range(_READINGS):
        with Path(piece.path).open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > largest:
                told = f"has {before.st_size:,} bytes, more than the setting largest_file = {largest:,} allows"
                return Document(piece.source, None, told)
            content = file.read(largest + 1)
            after = os.fstat(file.fileno())
        if len(content) == after.st_size and before.st_mtime_ns == after.st_mtime_ns:
            return Document(piece.source, content)
    return Document(piece.source, None, "was written to while it was read: run again when it is complete")
