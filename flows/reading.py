"""Reading a piece: the documents in it, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from winnow.flows.documents import Document, Piece
from winnow.flows.readers import archives, files, streams, tables, web_archives
from winnow.flows.readers.streams import Broken
from winnow.flows.settings import RunSettings

_TAR_MAGIC = slice(257, 262)

Reader = Callable[[Piece, RunSettings], Iterator[Document]]


def documents_of(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """The documents of a piece. What can't be read comes as a document with a problem; never raises for it.

    What a container holds is named `container#member`, `#id` or `#offset`; a problem of the container's own has
    its name (of a part: `container#start-end`). A file that is one document is not read where the sample leaves it
    out.
    """
    if piece.problem:
        yield Document(piece.name, None, piece.problem)
        return
    try:
        with streams.one_state(piece.path):
            reader = reader_of(piece)
            if reader is files.whole and not settings.samples(piece.source):  # nothing to read it for
                return
            yield from reader(piece, settings)
    except Broken as error:
        yield Document(piece.name, None, str(error))
    except OSError as error:
        yield Document(piece.name, None, f"cannot be read: {error.strerror or error}")
    except MemoryError:
        raise
    except Exception as error:  # damaged files find every weak spot of the libraries that read them
        yield Document(piece.name, None, f"is damaged ({type(error).__name__}: {error}): fetch it again")


def reader_of(piece: Piece) -> Reader:
    """What reads a file: told by its content; a table's kind also by its name. Raises OSError."""
    head, name = streams.beginning(piece.path), piece.source.lower()
    return next((reader for tells, reader in _KINDS if tells(head, name)), files.whole)


def _is_zip(head: bytes, _name: str) -> bool:
    """An archive of files; not an office document or an e-book, which are packed so too."""
    return head.startswith(b"PK\x03\x04") and b"mimetype" not in head[:64] and b"[Content_Types]" not in head[:64]


def _is_json_lines(head: bytes, name: str) -> bool:
    return any(ending in name for ending in (".jsonl", ".ndjson")) and head.lstrip().startswith(b"{")


_KINDS: tuple[tuple[Callable[[bytes, str], bool], Reader], ...] = (
    (_is_zip, archives.zipped),
    (lambda head, _: head.startswith(b"PAR1"), tables.parquet),
    (lambda head, _: head[_TAR_MAGIC] == b"ustar", archives.tarred),
    (lambda head, _: head.startswith(web_archives.FIRST_WORDS), web_archives.records),
    (_is_json_lines, tables.json_lines),
    (lambda _, name: any(ending in name for ending in (".csv", ".tsv")), tables.separated),
)
