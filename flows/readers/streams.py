"""A file as a stream of bytes, unpacked where it is compressed: by its first bytes, not by its name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from winnow.flows.documents import is_stored

_MARKS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_LONGEST_MARK = max(map(len, _MARKS))
_PACKED = 4_096  # bytes unpacked at a time: they can hold a thousand times as much
_HEAD = 8_192  # bytes that tell what a file is

FAULTS = (EOFError, OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError)
"""What reading a compressed stream raises where it is cut or wrong."""


class Broken(Exception):
    """A container cannot be read on. Says why, and what to do."""


def compression_of(head: bytes) -> str:
    """The name of the compression that a file begins with; "" where there is none."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")


def unpacking(file: IO[bytes]) -> IO[bytes]:
    """The unpacked bytes of a file that can be sought in; all members of one that was packed in several."""
    kind = compression_of(file.read(_LONGEST_MARK))
    file.seek(0)
    if kind == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if kind == "bzip2":
        return cast(IO[bytes], bz2.BZ2File(file))
    if kind == "xz":
        return cast(IO[bytes], lzma.LZMAFile(file))
    if kind == "zstd":
        return cast(IO[bytes], io.BufferedReader(_Zstandard(file)))
    return file


class _Zstandard(io.RawIOBase):
    """The unpacked bytes of a file of Zstandard frames. The library's own reader does not tell a cut file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises EOFError where the file ends within a frame, ZstdError where it is damaged."""
        while not self._ready and self._more():
            pass
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def _more(self) -> bool:
        self._packed = self._packed or self._file.read(_PACKED)
        if not self._packed:
            if self._frame:
                raise EOFError("the file ends within a frame")
            return False
        self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        self._ready, self._packed = self._frame.decompress(self._packed), b""
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True


def packed(path: str) -> IO[bytes]:
    """A file's bytes as they are, of a local path or of an object's URL. Raises OSError."""
    if not is_stored(path):
        return Path(path).open("rb")
    from winnow.flows.readers.stores import StoredFile  # noqa: PLC0415  (its library takes a tenth of a second)

    return StoredFile(path)


@contextmanager
def one_state(path: str) -> Iterator[None]:
    """Within it an object is the same however often it is opened, and asked for once; a local file is just read.
    Raises OSError."""
    if not is_stored(path):
        yield
        return
    from winnow.flows.readers.stores import kept  # noqa: PLC0415

    with kept(path):
        yield


def state_of(file: IO[bytes]) -> tuple[int, int]:
    """Size in bytes, and when the file was written last, in nanoseconds."""
    if told := getattr(file, "state", None):  # of an object in a store
        size, written = told()
        return size, written
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked. Raises OSError."""
    with packed(path) as file:
        yield unpacking(file)


def beginning(path: str) -> bytes:
    """The first bytes of a file, unpacked; as many as can be had. Raises OSError where it cannot be opened."""
    with packed(path):  # what keeps it from being opened is not a fault of its compression
        pass
    found = b""
    try:
        with opened(path) as stream:
            while len(found) < _HEAD and (more := stream.read(_HEAD - len(found))):
                found += more
    except FAULTS:
        return found
    return found


def lines(stream: IO[bytes], longest: int, offset: int = 0) -> Iterator[tuple[int, bytes | None]]:
    """(offset, line) of each line; of one that is longer than `longest` bytes, None. `offset`: of the first.
    Raises Broken."""
    try:
        while line := stream.readline(longest + 1):
            begins, offset = offset, offset + len(line)
            if len(line) <= longest:
                yield begins, line
                continue
            while not line.endswith(b"\n") and (line := stream.readline(1 << 20)):
                offset += len(line)
            yield begins, None
    except FAULTS as error:
        raise Broken(told(error, offset)) from error


def told(error: BaseException, offset: int) -> str:
    """What broke a stream, where."""
    return f"breaks off at byte {offset:,}, or what follows is damaged ({error}): fetch it again"
