"""Objects in a store, and files at web addresses, listed and opened like the files of a folder.

Keys and endpoints come from the environment, under the names by which the corpus's own store is reached. What is asked
for costs time and, in some stores, money: a small object is one request, and of a large one as much is fetched at a
time as is read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, InvalidPathError, NotSupportedError, PermissionDeniedError
from obstore.store import HTTPStore, ObjectStore, from_url

from winnow.flows.documents import is_on_the_web
from winnow.flows.faults import told

if TYPE_CHECKING:
    from obstore import ObjectMeta

_AT_ONCE = 4_000_000  # bytes asked for at a time: a request takes as long as a megabyte does
_HEAD = 65_536  # bytes of a larger object that the first request brings: they tell its kind
_PAGE = 1_000  # objects of a listing held at a time: what S3 tells in one answer

# With the waits between them, ten tries take longer. A document has 25 seconds (the setting `deadline`).
_PATIENCE = timedelta(seconds=15)


class StoredFile(io.BufferedReader):
    """The bytes of an object, which can be sought in. Raises OSError."""

    def __init__(self, url: str) -> None:
        self._object = _KEPT.get(url) or _Object(url)
        super().__init__(_Raw(self._object), _AT_ONCE)

    def state(self) -> tuple[int, int]:
        """Size in bytes, and when it was written last, in nanoseconds."""
        return self._object.size, self._object.written

    @property
    def content_type(self) -> str | None:
        """What a web server says of a file's kind and charset; of what lies in a store nobody may have said it."""
        return self._object.content_type


@contextmanager
def kept(url: str) -> Iterator[None]:
    """Within it the object is asked for once, however often it is opened, and stays the same. Raises OSError."""
    _KEPT[url] = _Object(url)
    try:
        yield
    finally:
        _KEPT.pop(url, None)


def listed(url: str) -> Iterator[tuple[str, int]]:
    """(URL, bytes) of an object, or of all objects below a folder, as the store tells of them; none where there is
    nothing. Raises OSError."""
    store, key = _placed(url)
    size, denied = _size_of(store, key)
    if size is not None:
        yield url, size
        return
    root = url.rstrip("/").removesuffix(key).rstrip("/")
    found = False
    for path, length in _below(store, key):
        found = True
        yield f"{root}/{path}", length
    if denied and not found:
        raise denied


def size_on_the_web(url: str) -> int:
    """Bytes of the file at a web address. Raises OSError."""
    return _Object(url).size


def _below(store: ObjectStore, key: str) -> Iterator[tuple[str, int]]:
    with told_plainly():
        pages = obstore.list(store, key or None, chunk_size=_PAGE)
    while True:
        with told_plainly():
            page = next(pages, ())
        if not page:
            return
        for meta in page:
            # Tools that show a store as folders put an empty object there for each, whose name ends in a slash: it
            # is listed without, and not there by that name.
            if meta["size"] or _size_of(store, meta["path"]) != (None, None):
                yield meta["path"], meta["size"]


def _size_of(store: ObjectStore, key: str) -> tuple[int | None, OSError | None]:
    """Bytes of an object; None where there is none, or where it may not be asked for, with the reason."""
    try:
        with told_plainly():
            return (obstore.head(store, key)["size"] if key else None), None
    except FileNotFoundError:
        return None, None
    except PermissionError as error:  # what may be listed below a name need not be
        return None, error


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors of a store as OSError: FileNotFoundError, PermissionError, or another."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(told(error)) from error
    except PermissionDeniedError as error:
        raise PermissionError(told(error)) from error
    except InvalidPathError as error:
        raise OSError(f"{told(error)}: rename it, or name the folders beside it as inputs") from error
    except NotSupportedError as error:
        raise OSError(
            "the server gives this file only as a whole, and it is large: download it, or put it into a bucket"
        ) from error
    except (BaseError, OSError, ValueError) as error:
        raise OSError(told(error)) from error


def _placed(url: str) -> tuple[ObjectStore, str]:
    """The store of a URL, and the path in it."""
    with told_plainly():
        if is_on_the_web(url):
            return _site(url), ""
        scheme, _, rest = url.partition("://")
        bucket, _, key = rest.partition("/")
        return _store(f"{scheme}://{bucket}"), key.rstrip("/")


@lru_cache(maxsize=16)
def _store(root: str) -> ObjectStore:
    return from_url(root, retry_config={"max_retries": 10, "retry_timeout": _PATIENCE})


@lru_cache(maxsize=16)
def _site(url: str) -> ObjectStore:
    plain: Any = {"allow_http": True} if url.lower().startswith("http:") else {}
    retries: Any = {"max_retries": 10, "retry_timeout": _PATIENCE}
    return HTTPStore.from_url(url, client_options=plain, retry_config=retries)


class _Object:
    """An object as it was when it was asked for: one that took its place meanwhile is not read on. Raises OSError."""

    def __init__(self, url: str) -> None:
        self._store, self._key = _placed(url)
        with told_plainly():
            got = obstore.get(self._store, self._key)
            self.size, self._state = got.meta["size"], _state(got.meta)
            self.written = int(got.meta["last_modified"].timestamp() * 1e9)
            served = got.attributes.get("Content-Type") if is_on_the_web(url) else None
            self.content_type = str(served) if served else None
            small = self.size <= _AT_ONCE
            self._head = bytes(got.bytes() if small else next(iter(got.stream(min_chunk_size=_HEAD))))

    def read(self, begin: int, length: int) -> bytes:
        """At most so many bytes from there; none behind the end."""
        if begin < len(self._head):
            return self._head[begin : begin + length]
        end = min(begin + length, self.size)
        if begin >= end:
            return b""
        with told_plainly():
            got = obstore.get(self._store, self._key, options={"range": (begin, end)})
            if _state(got.meta) != self._state:
                raise OSError("it was written to while it was read: run again when it is complete")
            return bytes(got.bytes())


def _state(meta: ObjectMeta) -> tuple[object, ...]:
    return meta["size"], meta["last_modified"], meta["e_tag"]


_KEPT: dict[str, _Object] = {}


class _Raw(io.RawIOBase):
    """An object as Python's own readers want it."""

    def __init__(self, stored: _Object) -> None:
        self._object = stored
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view:
            found = self._object.read(self._at, len(view))
            view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._object.size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at
