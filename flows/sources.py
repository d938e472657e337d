"""What to read: files, folders and globs become named pieces, each with a path or a problem."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from winnow.flows.credentials import refuse_credentials
from winnow.flows.documents import Piece, file_name, is_on_the_web, is_stored, printable
from winnow.flows.readers.stores import listed, size_on_the_web


@dataclass(frozen=True, slots=True)
class Globs:
    """Which of the files below a folder are read. A glob with a / is held against the path below the folder, one
    without against names; * matches a / too."""

    include: Sequence[str] = ()
    """Of files; empty: all."""
    exclude: Sequence[str] = ()
    """Of files and folders."""

    def leave_out(self, path: str, *, folder: bool = False) -> bool:
        """Whether a path below the input folder is not read; those above it are taken to be."""
        if any(_matches(path, glob) for glob in self.exclude):
            return True
        return not folder and bool(self.include) and not any(_matches(path, glob) for glob in self.include)

    def left_out(self, source: str) -> bool:
        """Whether a file of this name was not read, on account of itself or of a folder above it."""
        path = source.partition("/")[2]
        above = (path[:at] for at, character in enumerate(path) if character == "/")
        return any(self.leave_out(folder, folder=True) for folder in above) or self.leave_out(path)


def _matches(path: str, pattern: str) -> bool:
    return fnmatchcase(path if "/" in pattern else path.rpartition("/")[2], pattern)


class Listing:
    """Everything the inputs name, found while it is iterated over. `not_in` are folders never read (the output).

    Never raises for a bad input: it becomes a piece with a problem. Only where a URL holds a key, BadSettings.
    """

    def __init__(self, inputs: Sequence[str], globs: Globs, not_in: Iterable[str | Path] = ()) -> None:
        refuse_credentials(inputs)
        self._inputs = inputs
        self._globs = globs
        self._never = {place if is_stored(place) else str(Path(place).resolve()) for place in map(str, not_in)}
        self.excluded = 0
        """Files and folders that the globs leave out."""
        self.folders: set[str] = set()
        """Names of the folders given as inputs."""
        self.unlisted: set[str] = set()
        """Those of them of which a part could not be listed."""
        self.named: set[str] = set()
        """What the inputs as a whole are named by where they are not there, or cannot be listed: a row of such a name
        that says so is out of date where this listing has no such piece."""

    @property
    def complete(self) -> set[str]:
        """Folders listed to the last file: what is not there is gone, also what an older version named with a #."""
        folders = self.folders - self.unlisted
        return folders | set(map(file_name, folders))

    def __iter__(self) -> Iterator[Piece]:
        for given in self._inputs:
            for piece in self._listed(given):
                yield replace(piece, source=file_name(piece.source))

    def _listed(self, given: str) -> Iterator[Piece]:
        if given.startswith("file://"):
            given = url2pathname(urlsplit(given).path)
        if is_on_the_web(given):
            self.named.add(given)
            yield _fetched(given)
            return
        if is_stored(given):
            self.named.add(given.rstrip("/"))
            yield from self._stored(given.rstrip("/"))
            return
        path = Path(given)
        folder = Path(os.path.abspath(path)).parent.resolve()  # noqa: PTH100  (keeps the last link)
        alone = f"{folder.name}/{path.name}"
        self.named |= {printable(given), printable(alone)}
        if path.is_dir():
            root = path.resolve()
            name = printable(root.name)
            self.folders.add(name)
            self.named.add(name)
            yield from self._walk(root, root.name, name)
        elif glob.has_magic(given) and not os.path.lexists(path):
            yield from self._globbed(given)
        else:  # a file, or nothing; a link that the user names is followed
            yield _inspected(alone, str(path), follow=True)

    def _stored(self, url: str) -> Iterator[Piece]:
        """An object, or all objects below a folder of a store."""
        above, _, name = url.rpartition("/")
        found = None
        try:
            for found, size in listed(url):
                if found == url:
                    yield Piece(f"{above.rpartition('/')[2]}/{name}", url, size)
                    return
                self.folders.add(name)
                path = found.removeprefix(f"{url}/")
                if any(found.startswith(f"{never.rstrip('/')}/") for never in self._never):
                    continue
                if self._globs.left_out(f"{name}/{path}"):
                    self.excluded += 1
                    continue
                yield Piece(f"{name}/{path}", found, size)
        except OSError as error:
            self.unlisted.add(name)
            yield Piece(url, url, problem=f"cannot be listed ({error}): check the name, the keys and the endpoint")
        else:
            if found is None:  # an empty folder and one that is not there are the same to a store
                self.unlisted.add(name)  # another input may have its name
                told = "nothing is there, or it may not be listed: check the name and the keys"
                if glob.has_magic(name):
                    told = f"nothing is there, and URLs are no patterns: name the folder, and --include {name!r}"
                yield Piece(url, url, problem=told)

    def _globbed(self, pattern: str) -> Iterator[Piece]:
        fixed = []
        for part in Path(pattern).parts[:-1]:
            if glob.has_magic(part):
                break
            fixed.append(part)
        root = Path(*fixed).resolve()
        found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  (takes absolute patterns)
        if not found:
            yield Piece(printable(pattern), pattern, problem="nothing matches this pattern")
        for match in found:
            below = Path(os.path.abspath(match)).relative_to(os.path.abspath(Path(*fixed)))  # noqa: PTH100
            name = f"{root.name}/{below.as_posix()}"
            if Path(match).is_dir():
                yield from self._walk(Path(match), name, "")
            else:
                yield _inspected(name, match, follow=True)

    def _walk(self, folder: Path, name: str, root: str) -> Iterator[Piece]:
        """All files below a folder. Links are not followed: they can lead anywhere, and in circles."""
        pending = [(str(folder), name)]
        while pending:
            path, prefix = pending.pop()
            try:
                with os.scandir(path) as entries:
                    for entry in entries:
                        below = f"{prefix}/{entry.name}"
                        if self._leaves_out(entry, below):
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            pending.append((entry.path, below))
                        else:
                            yield _inspected(below, entry.path, follow=False)
            except OSError as error:
                self.unlisted.add(root)
                yield Piece(printable(prefix), path, problem=f"the folder cannot be listed: {error.strerror}")

    def _leaves_out(self, entry: os.DirEntry[str], source: str) -> bool:
        folder = entry.is_dir(follow_symlinks=False)
        if folder and os.path.realpath(entry.path) in self._never:  # what earlier runs wrote is no input
            return True
        out = self._globs.leave_out(printable(source).partition("/")[2], folder=folder)
        self.excluded += out
        return out


def _fetched(url: str) -> Piece:
    """The file at a web address, named by the last part of its path with what is above."""
    place, mark, query = url.partition("?")
    above, _, name = place.rstrip("/").rpartition("/")
    piece = Piece(f"{above.rpartition('/')[2]}/{name}{mark}{query}", url)
    try:
        return replace(piece, size=size_on_the_web(url))
    except OSError as error:
        return Piece(
            url, url, problem=f"cannot be fetched ({error}): check the address, or download the file and name that"
        )


def _inspected(source: str, path: str, *, follow: bool) -> Piece:
    piece = Piece(printable(source), path)
    try:
        status = Path(path).stat(follow_symlinks=follow)
    except OSError as error:
        return replace(piece, problem=f"cannot be read: {error.strerror}")
    if stat.S_ISLNK(status.st_mode):
        return replace(piece, problem="is a symbolic link, which is not followed: name it as an input to read it")
    if not stat.S_ISREG(status.st_mode):
        return replace(piece, problem="is not a regular file (a pipe, a socket or a device)")
    return replace(piece, size=status.st_size)
