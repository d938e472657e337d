"""What to read: files, folders and globs become a list of named documents, each with a path or a problem."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One document to clean. A problem found while listing (missing, a link) comes with it."""

    source: str
    """Name of the root and POSIX path below it: the same however the path was spelled."""
    path: str
    size: int = 0
    """Bytes."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything the inputs name."""

    files: tuple[SourceFile, ...]
    """Sorted by source; no two have the same."""
    excluded: int
    """Files and folders that the settings leave out."""


class _Excluder:
    """Counts what it leaves out."""

    def __init__(self, patterns: Sequence[str], folders: Iterable[Path]) -> None:
        self._patterns = patterns
        self._folders = {str(folder.resolve()) for folder in folders}
        self.count = 0

    def leaves_out(self, entry: os.DirEntry[str]) -> bool:
        if os.path.realpath(entry.path) in self._folders:  # what earlier runs wrote is no input
            return True
        out = any(fnmatchcase(entry.name, pattern) for pattern in self._patterns)
        self.count += out
        return out


def list_sources(inputs: Sequence[str], exclude: Sequence[str] = (), not_in: Iterable[Path] = ()) -> Listing:
    """All documents that the inputs name. `not_in` are folders never read (the output folder).

    Never raises for a bad input: it becomes a document with a problem.
    """
    excluder = _Excluder(exclude, not_in)
    by_source: dict[str, SourceFile] = {}
    for given in inputs:
        for file in _listed(given, excluder):
            known = by_source.get(file.source)
            if known is None:
                by_source[file.source] = file
            elif os.path.realpath(known.path) != os.path.realpath(file.path):
                problem = f"would be named {file.source} like {known.path}: give their common parent folder"
                by_source[file.path] = replace(file, source=_printable(file.path), problem=problem)
    return Listing(tuple(sorted(by_source.values(), key=lambda file: file.source)), excluder.count)


def batches(files: Sequence[SourceFile], documents: int, size: int, most: int = 1_000) -> list[list[SourceFile]]:
    """The files in order, cut so that a batch holds at most so many documents and bytes; when that
    would make more than `most` batches, both limits grow alike."""
    total = sum(file.size for file in files)
    scale = max(1.0, len(files) / documents / most, 2 * total / size / most)
    cut: list[list[SourceFile]] = []
    held = 0
    for file in files:
        if not cut or len(cut[-1]) >= documents * scale or held + file.size > size * scale:
            cut.append([])
            held = 0
        cut[-1].append(file)
        held += file.size
    return cut


def _listed(given: str, excluder: _Excluder) -> Iterator[SourceFile]:
    path = Path(given)
    if path.is_dir():
        root = path.resolve()
        yield from _walk(root, root.name, excluder)
    elif glob.has_magic(given) and not os.path.lexists(path):
        yield from _globbed(given, excluder)
    else:  # a file, or nothing; a link that the user names is followed
        folder = Path(os.path.abspath(path)).parent.resolve()  # noqa: PTH100  (keeps the last link)
        yield _inspected(f"{folder.name}/{path.name}", str(path), follow=True)


def _globbed(pattern: str, excluder: _Excluder) -> Iterator[SourceFile]:
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    root = Path(*fixed).resolve()
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  (takes absolute patterns)
    if not found:
        yield SourceFile(_printable(pattern), pattern, problem="nothing matches this pattern")
    for match in found:
        below = Path(os.path.abspath(match)).relative_to(os.path.abspath(Path(*fixed)))  # noqa: PTH100
        name = f"{root.name}/{below.as_posix()}"
        if Path(match).is_dir():
            yield from _walk(Path(match), name, excluder)
        else:
            yield _inspected(name, match, follow=True)


def _walk(folder: Path, name: str, excluder: _Excluder) -> Iterator[SourceFile]:
    """All files below a folder. Links are not followed: they can lead anywhere, and in circles."""
    pending = [(str(folder), name)]
    while pending:
        path, prefix = pending.pop()
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            yield SourceFile(_printable(prefix), path, problem=f"the folder cannot be listed: {error.strerror}")
            continue
        for entry in entries:
            if excluder.leaves_out(entry):
                continue
            below = f"{prefix}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append((entry.path, below))
            else:
                yield _inspected(below, entry.path, follow=False)


def _inspected(source: str, path: str, *, follow: bool) -> SourceFile:
    file = SourceFile(_printable(source), path)
    try:
        status = Path(path).stat(follow_symlinks=follow)
    except OSError as error:
        return replace(file, problem=f"cannot be read: {error.strerror}")
    if stat.S_ISLNK(status.st_mode):
        return replace(file, problem="is a symbolic link, which is not followed: name it as an input to read it")
    if not stat.S_ISREG(status.st_mode):
        return replace(file, problem="is not a regular file (a pipe, a socket or a device)")
    return replace(file, size=status.st_size)


def _printable(name: str) -> str:
    """The name as valid Unicode: bytes that are no UTF-8 are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
