"""Packed folders: zip and tar; a member is a document. Links and devices in them are not followed."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from winnow.flows.documents import Document, Piece, printable
from winnow.flows.readers.names import Names
from winnow.flows.readers.streams import FAULTS, Broken, opened, packed
from winnow.flows.settings import RunSettings


def zipped(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """The members of a zip archive, in its order."""
    taken = Names()
    with packed(piece.path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Broken(f"cannot be read as a zip archive ({error}): fetch it again") from error
        for member in archive.infolist():
            if not member.is_dir():
                name = _name(piece, member.filename, taken, member.header_offset)
                yield _zip_member(archive, member, name, settings.largest_file)


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, largest: int) -> Document:
    offset = member.header_offset
    if member.flag_bits & 1:
        return Document(name, None, "is encrypted in the zip archive: unpack it first", offset=offset)
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        return Document(name, None, "is a symbolic link, which is not followed", offset=offset)
    try:
        with archive.open(member) as stream:
            return _bounded(name, stream, largest, offset)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        return Document(name, None, f"cannot be unpacked: {error}", offset=offset)


def tarred(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """The members of a tar archive, also a compressed one, as they come."""
    taken = Names()
    try:
        with opened(piece.path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if member.isdir():
                    continue
                name = _name(piece, member.name, taken, member.offset)
                if not member.isfile():
                    what = "link" if member.issym() or member.islnk() else "device or pipe"
                    yield Document(name, None, f"is a {what}, which is not followed", offset=member.offset)
                    continue
                content = archive.extractfile(member)
                assert content is not None  # noqa: S101  (it is a file)
                yield _bounded(name, content, settings.largest_file, member.offset)
    except (*FAULTS, tarfile.TarError) as error:
        raise Broken(f"breaks off, or what follows is damaged ({error}): fetch it again") from error


def _bounded(name: str, stream: IO[bytes], largest: int, offset: int) -> Document:
    """The content, unless it is larger than allowed; what a header says of its size is not believed."""
    content = stream.read(largest + 1)
    if len(content) > largest:
        return Document(name, None, f"is larger than the setting largest_file = {largest:,} allows", offset=offset)
    return Document(name, content, offset=offset)


def _name(piece: Piece, member: str, taken: Names, offset: int) -> str:
    """The document's name; of a second member of one name, with its offset."""
    shown = printable(member).replace("\0", "\\0")
    name = f"{piece.source}#{shown}"
    while not taken.take(name):
        name = f"{name}@{offset}"
    return name
