"""Web archives: the responses of a WARC file, the texts of a WET file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParser

from winnow.flows.documents import Document, Piece
from winnow.flows.readers.streams import FAULTS, Broken, packed, told
from winnow.flows.settings import RunSettings

FIRST_WORDS = (b"WARC/1.", b"WARC/0.")
"""What a record begins with."""

_DRAINED = 65_536  # bytes at a time
_HEAD = 4_096  # bytes in which a page has its first tag
_WHOLE = "to read it whole, set batch_bytes to more than its size"
_HTTP = StatusAndHeadersParser([], verify=False)
_TEXTS = ("response", "resource", "conversion")  # record types that hold what somebody may read


class _Archive(ArchiveIterator):  # type: ignore[misc]  # the library has no types
    """Tells whether it was read to its end: a member that is damaged behind its record ends the library's reading."""

    is_whole = True

    def close(self) -> None:
        if self.reader and self.reader.decompressor:
            self.is_whole = self.reader.decompressor.eof
        super().close()


def records(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """A document for each response, resource or conversion. Requests and the like are not documents."""
    offset, strays = piece.start or 0, 0
    try:
        with packed(piece.path) as file:  # the library unpacks it, member by member
            file.seek(piece.start or 0)
            # The library reads HTTP headers by the address alone: without one it ends, and a page stored without
            # headers loses its first lines.
            archive = _Archive(file, no_record_parse=True, arc2warc=True)
            for record in archive:
                if archive.err_count > strays:
                    strays = archive.err_count
                    yield _strays(piece, offset)
                if piece.end is not None and archive.offset >= piece.end:
                    if archive.offset > piece.end:
                        raise Broken(f"no record begins at byte {piece.end:,}, where the file was cut: {_WHOLE}")
                    return
                offset = archive.offset  # get_record_offset() would read the record away
                if record.rec_type in _TEXTS:
                    yield _document(piece, record, offset, settings.largest_file)
            if archive.err_count > strays:
                yield _strays(piece, offset)
            if not archive.is_whole:
                raise EOFError("the last member is not whole")
    except (*FAULTS, ArchiveLoadFailed, ValueError) as error:
        raise Broken(told(error, offset)) from error


def _strays(piece: Piece, offset: int) -> Document:
    problem = f"bytes of no record follow the one at byte {offset:,}: its Content-Length is too short, or it is damaged"
    return Document(f"{piece.source}#{offset}+", None, problem, offset=offset)


def _document(piece: Piece, record: Any, offset: int, largest: int) -> Document:
    name = f"{piece.source}#{offset}"
    headers = record.rec_headers
    url, date, number = (headers.get_header(name) for name in ("WARC-Target-URI", "WARC-Date", "WARC-Record-ID"))
    content, problem = _content(record, largest)
    kind = (record.http_headers or headers).get_header("Content-Type")
    return Document(
        name,
        content,
        problem,
        content_type=kind,
        html=_is_html(record.rec_type, kind, content),
        url=url,
        date=date,
        record=number,
        offset=offset,
    )


def _is_html(record_type: str, kind: str | None, content: bytes | None) -> bool | None:
    """What the record tells of it: a text that was extracted is none, a page that is served as one is."""
    if record_type == "conversion":
        return False
    served = (kind or "").lower().startswith(("text/html", "application/xhtml"))
    return True if served and b"<" in (content or b"")[:_HEAD] else None


def _content(record: Any, largest: int) -> tuple[bytes | None, str]:
    """What a record holds, or what is wrong with it."""
    try:
        begun = _begun(record)
        content: bytes = begun + record.content_stream().read(largest + 1)
    except (*FAULTS, ArchiveLoadFailed, ValueError) as error:
        return None, f"its content cannot be unpacked: {error}"
    if len(content) > largest:
        return None, f"is larger than the setting largest_file = {largest:,} allows"
    while record.raw_stream.read(_DRAINED):
        pass
    if missing := getattr(record.raw_stream, "limit", 0):  # the library takes a cut record for a whole one
        return None, f"is cut: {missing:,} bytes are missing"
    return content, ""


def _begun(record: Any) -> bytes:
    """Take the HTTP headers off a response that has some; returns what was read and is none."""
    if record.rec_type != "response":
        return b""
    first: bytes = record.raw_stream.readline(_DRAINED)
    if not first.startswith(b"HTTP/"):
        return first
    record.http_headers = _HTTP.parse(record.raw_stream, first)
    return b""
