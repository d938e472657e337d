"""Objects in a store, listed and opened like the files of a folder. Keys and endpoints come from the environment.

The store is reached as the corpus's own is: what can be written to can be read from.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ANSWER = re.compile("<Code>([^<]*)</Code>.*?<Message>([^<]*)</Message>", re.DOTALL)
_AT_ONCE = 4_000_000  # bytes asked for at a time: a request takes as long as a megabyte does


class StoredFile(io.BufferedReader):
    """The bytes of an object, which can be sought in. Raises OSError."""

    def __init__(self, url: str) -> None:
        self._store, self._key = _placed(url)
        with _told_plainly():
            super().__init__(_Raw(self._store.open_input_file(self._key)), _AT_ONCE)

    def state(self) -> tuple[int, int]:
        """Size in bytes, and when it was written last, in nanoseconds."""
        with _told_plainly():
            info = self._store.get_file_info(self._key)
        return info.size or 0, info.mtime_ns or 0


def listed(url: str) -> Iterator[tuple[str, int]]:
    """(URL, bytes) of an object, or of all objects below a folder; none where there is nothing. Raises OSError."""
    store, key = _placed(url)
    with _told_plainly():
        found = store.get_file_info(key) if key else None
        if found and found.type == pafs.FileType.File:
            below = [found]
        else:
            below = store.get_file_info(pafs.FileSelector(key, recursive=True, allow_not_found=True))
    root = url.rstrip("/").removesuffix(key).rstrip("/")
    for info in sorted(below, key=lambda info: info.path):
        if info.type == pafs.FileType.File:
            yield f"{root}/{info.path}", info.size


def _placed(url: str) -> tuple[pafs.FileSystem, str]:
    """The store of a URL, and the path in it."""
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    with _told_plainly():
        return _store(f"{scheme}://{bucket}"), key.rstrip("/")


@contextmanager
def _told_plainly() -> Iterator[None]:
    """An error of the store in one line, the same each time: the library tells what led to what, in colours, with the
    cause last; a store's own answer has numbers of the request in it."""
    try:
        yield
    except (DeltaError, OSError, ValueError) as error:
        if answer := _ANSWER.search(str(error)):
            raise OSError(f"{answer[1]}: {answer[2]}") from error
        lines = [line.strip(" ↳") for line in _COLOURS.sub("", str(error)).splitlines()]
        said = [line for line in lines if line]
        raise OSError(": ".join(dict.fromkeys((*said[:1], *said[-1:])))) from error


@lru_cache(maxsize=16)
def _store(root: str) -> pafs.FileSystem:
    return pafs.PyFileSystem(DeltaStorageHandler(root, {}))


class _Raw(io.RawIOBase):
    """What Arrow opens, as Python's own readers want it."""

    def __init__(self, file: pa.NativeFile) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view, _told_plainly():
            found = self._file.read(len(view))
            view[: len(found)] = found
            return len(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        place: int = self._file.tell()
        return place

    def close(self) -> None:
        self._file.close()
        super().close()
