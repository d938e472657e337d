"""A file that is one document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from winnow.flows.documents import Document, Piece
from winnow.flows.readers.streams import FAULTS, compression_of, unpacking
from winnow.flows.settings import RunSettings

_READINGS = 3  # of a file that is written to meanwhile


def whole(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """The one document of a file, unpacked where it is compressed. Raises OSError."""
    for _ in range(_READINGS):
        document = _read(piece, settings.largest_file)
        if document:
            yield document
            return
    yield Document(piece.source, None, "was written to while it was read: run again when it is complete")


def _read(piece: Piece, largest: int) -> Document | None:
    """The document; None where the file changed meanwhile."""
    allowed = f"more than the setting largest_file = {largest:,} allows"
    with Path(piece.path).open("rb") as file:
        before = os.fstat(file.fileno())
        if before.st_size > largest:
            return Document(piece.source, None, f"has {before.st_size:,} bytes, {allowed}")
        packed = compression_of(file.read(8))
        file.seek(0)
        try:
            content = unpacking(file).read(largest + 1)
        except FAULTS as error:
            if not packed:
                raise
            return Document(piece.source, None, f"cannot be unpacked, it is cut or damaged ({error}): fetch it again")
        after = os.fstat(file.fileno())
    if before.st_mtime_ns != after.st_mtime_ns or (not packed and len(content) != after.st_size):
        return None
    if len(content) > largest:
        return Document(piece.source, None, f"unpacks to {allowed}")
    return Document(piece.source, content)
