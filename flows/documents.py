"""What the engine cleans: documents, and the pieces of files that they are read from."""

from __future__ import annotations

import re
from dataclasses import dataclass

OUTCOMES = ("cleaned", "quarantined", "duplicate", "failed", "removed")
"""What can become of a document; each has exactly one."""

_SIGNS = re.compile("#|%(?=(?:25)*23)")
_WRITTEN = re.compile("%23|%25(?=(?:25)*23)")


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it was found. It holds content, or says why there is none."""

    source: str
    """Its name: root, POSIX path below it, and inside a container `#member`, `#offset` or `#id`. What stands before
    the first `#` is the file's (`file_name`)."""
    content: bytes | str | None
    """Bytes, or text where the container has decoded it; None where there is a problem."""
    problem: str = ""
    """Why it has no content and what to do, for people."""
    content_type: str | None = None
    """What came with it about its kind and charset, as an HTTP header says it."""
    html: bool | None = None
    """Whether it is HTML where the container knows; None, to find out by the content."""
    url: str | None = None
    date: str | None = None
    """When it was fetched or published, ISO 8601, as the container says."""
    record: str | None = None
    """The container's own name for it: a WARC record id."""
    offset: int | None = None
    """Where it begins in the container, in bytes (rows of a Parquet file)."""
    guessed: str | None = None
    """Which columns of a table were taken for what, as far as the settings do not say, for people."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a part of one that can be read by itself. Small, and plain enough for JSON."""

    source: str
    """The file's own name; the documents of a container are named below it."""
    path: str
    """Where it is read: a local path or an fsspec URL."""
    size: int = 0
    """Bytes to be read."""
    problem: str = ""
    """What was wrong already when it was listed."""
    kind: str = "file"
    """`file`: the whole file is one document. Other kinds name the reader of a container."""
    start: int | None = None
    """First byte (row group of a Parquet file) of a part; None of a whole file."""
    end: int | None = None
    """Behind the last byte (row group) of a part; None: it goes on to the end of the file."""

    @property
    def name(self) -> str:
        """What is wrong with it as a whole has this name: the file's, or of a part also where that is."""
        if self.start is None:
            return self.source
        return f"{self.source}#@{self.start}-{'' if self.end is None else self.end}"


def printable(name: str) -> str:
    """A name of the file system as valid Unicode: bytes that are no UTF-8 are written as \\xNN, and beside them a
    backslash as \\x5c."""
    held = name.encode("utf-8", "surrogateescape")
    if any("\ud800" <= character <= "\udfff" for character in name):
        held = held.replace(b"\\", b"\\x5c")
    return held.decode("utf-8", "backslashreplace")


def file_name(name: str) -> str:
    """The name of a file or folder as documents have it: `#`, behind which a container's documents have theirs, is
    written `%23`, and the `%` of what looks like that `%25`. No two names become one."""
    return _SIGNS.sub(lambda sign: "%23" if sign[0] == "#" else "%25", name)


def bare_name(name: str) -> str:
    """What `file_name` was given."""
    return _WRITTEN.sub(lambda sign: "#" if sign[0] == "%23" else "%", name)


def is_stored(path: str) -> bool:
    """Whether a path is the URL of an object, or of a folder of objects."""
    return "://" in path


def is_on_the_web(path: str) -> bool:
    """Whether a path is the address of one file on a web server, which cannot be listed."""
    return path.lower().startswith(("http://", "https://"))
