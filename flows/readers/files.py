"""A file that is one document."""

from __future__ import annotations

from collections.abc import Iterator

from winnow.flows.documents import Document, Piece, is_on_the_web
from winnow.flows.readers.streams import FAULTS, compression_of, packed, state_of, unpacking
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
    with packed(piece.path) as file:
        before = size, _ = state_of(file)
        if size > largest:
            return Document(piece.source, None, f"has {size:,} bytes, {allowed}")
        compression = compression_of(file.read(8))
        file.seek(0)
        try:
            content = unpacking(file).read(largest + 1)
        except FAULTS as error:
            if not compression:
                raise
            return Document(piece.source, None, f"cannot be unpacked, it is cut or damaged ({error}): fetch it again")
        after = size, _ = state_of(file)
    if before != after or (not compression and len(content) != size):
        return None
    if len(content) > largest:
        return Document(piece.source, None, f"unpacks to {allowed}")
    kind = getattr(file, "content_type", None)  # of a file on the web
    return Document(piece.source, content, content_type=kind, url=piece.path if is_on_the_web(piece.path) else None)
