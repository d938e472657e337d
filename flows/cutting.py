"""Cutting large files into parts that can be read each by itself, at places that are certain.

Several workers then share one file, and a run that was killed goes on inside it. A file is left whole where its
kind, or what it holds, allows no certain cut: then it is read by one worker, as it always was.

As a program, `python -m winnow.flows.cutting`, it cuts for a run. It takes the settings on its standard input as a line
of JSON, then a piece a line, and answers with the parts of each.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import IO

import numpy as np
import pyarrow.parquet as pq

from winnow.flows.documents import Piece
from winnow.flows.readers import tables, web_archives
from winnow.flows.readers.streams import compression_of, one_state, packed
from winnow.flows.reading import reader_of
from winnow.flows.settings import RunSettings

_MEMBER = b"\x1f\x8b\x08"  # RFC 1952, section 2.3.1: the two bytes of gzip, and deflate, the only method there is
_GZIP = 16 + zlib.MAX_WBITS  # a header and a checksum, which zlib verifies
_LONGEST_STORED = 65_535  # bytes that deflate copies as they are, at most: RFC 1951, section 3.2.4
_PACKED = 4_096  # bytes unpacked at a time: they can hold a thousand times as much
_SEARCHED = 1 << 20  # bytes at a time

Cuts = Callable[[Piece, int, RunSettings], list[int]]


class Cutter:
    """Cuts in a process of its own, which is started when it is wanted: a damaged file can be the death of what
    reads it. Such a file stays whole."""

    def __init__(self, settings: RunSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Cutter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def parts_of(self, piece: Piece) -> list[Piece]:
        """As the function of this name."""
        try:
            told = self._asked(json.dumps(dataclasses.astuple(piece)))
        except BrokenPipeError:
            told = ""
        if not told:
            self.__exit__()
            return [piece]
        return [Piece(*part) for part in json.loads(told)]

    def _asked(self, line: str) -> str:
        if self._process is None:
            words = [sys.executable, "-m", "winnow.flows.cutting"]
            self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            line = f"{json.dumps(self._settings.model_dump(mode='json'))}\n{line}"
        assert self._process.stdin  # noqa: S101
        assert self._process.stdout  # noqa: S101
        print(line, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()


def parts_of(piece: Piece, settings: RunSettings) -> list[Piece]:
    """The parts of a file that is larger than the setting `batch_bytes`, which weigh about alike; or the file itself.

    Where they are cut depends on the file and that setting alone. What cannot be read stays whole: reading it tells.
    """
    count = -(-piece.size // settings.batch_bytes)
    if piece.problem or piece.start is not None or count < 2:
        return [piece]
    try:
        with one_state(piece.path):
            cuts_of = _CUTS.get(reader_of(piece))
            cuts = cuts_of(piece, count, settings) if cuts_of else []
    except Exception:  # damaged files find every weak spot of the libraries that read them
        return [piece]
    if not cuts:
        return [piece]
    weight = piece.size // (len(cuts) + 1)
    bounds = zip([0, *cuts], [*cuts, None], strict=True)
    return [dataclasses.replace(piece, size=weight, start=start, end=end) for start, end in bounds]


def _nominal(size: int, count: int) -> list[int]:
    return [size * number // count for number in range(1, count)]


def _json_lines(piece: Piece, count: int, settings: RunSettings) -> list[int]:
    """Starts of lines. Ids, where there are any, are read before; over a network too, that is a few hundredths
    of the time that cleaning takes."""
    with packed(piece.path) as file:
        if compression_of(file.read(8)) or not _are_distinct(tables.ids_of_json_lines(piece, settings)):
            return []
        found = {0, piece.size}
        for near in _nominal(piece.size, count):
            file.seek(near - 1)  # a line that starts there exactly is found
            while (line := file.readline(_SEARCHED)) and not line.endswith(b"\n"):
                pass
            found.add(file.tell())
    return sorted(found)[1:-1]


def _parquet(piece: Piece, count: int, settings: RunSettings) -> list[int]:
    """Numbers of row groups."""
    if not _are_distinct(tables.ids_of_parquet(piece, settings)):
        return []
    with packed(piece.path) as file:
        metadata = pq.read_metadata(file)
    ends = np.cumsum([metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)])
    found = {int(np.searchsorted(ends, near, "left")) + 1 for near in _nominal(int(ends[-1]), count)}
    return sorted(found - {metadata.num_row_groups})


def _are_distinct(names: Iterable[str]) -> bool:
    """Whether no two rows have one id. Of two that have, only reading them in order tells which was the first."""
    hashes = np.asarray(array("q", map(hash, names)))
    return len(np.unique(hashes)) == len(hashes)


def _web_archive(piece: Piece, count: int, _settings: RunSettings) -> list[int]:
    """Starts of gzip members. An archive that is packed otherwise, or not at all, is left whole: a record can hold
    the first line of another."""
    with packed(piece.path) as file:
        if compression_of(file.read(8)) != "gzip":
            return []
        nominal = [*_nominal(piece.size, count), piece.size]
        found = (_next_member(file, near, end) for near, end in pairwise(nominal))
        return [at for at in found if at is not None]


def _next_member(file: IO[bytes], begin: int, end: int) -> int | None:
    """Where the first member with a record starts, in this range of bytes."""
    return next((at for at in _marks(file, begin, end) if _starts_a_record(file, at)), None)


def _marks(file: IO[bytes], begin: int, end: int) -> Iterator[int]:
    """Where bytes stand that a member begins with; in compressed data they stand by chance, too."""
    while begin < end:
        file.seek(begin)
        block = file.read(_SEARCHED + len(_MEMBER) - 1)
        at = block.find(_MEMBER)
        while at >= 0 and begin + at < end:
            yield begin + at
            at = block.find(_MEMBER, at + 1)
        begin += _SEARCHED


def _starts_a_record(file: IO[bytes], at: int) -> bool:
    """Whether members with records follow each other from here, whole by their checksums.

    A record can itself hold an archive, which deflate copies as it is where it cannot pack it further, but never
    more of it at a time than `_LONGEST_STORED`, with a header of five bytes before the next. So members that hold
    together for longer, or up to the end of the file, are the file's own.
    """
    file.seek(at)
    packed = b""
    while file.tell() - len(packed) - at <= _LONGEST_STORED:
        packed = packed or file.read(_PACKED)
        if not packed:
            return True
        member, head = zlib.decompressobj(_GZIP), b""
        while not member.eof:
            packed = packed or file.read(_PACKED)
            if not packed:
                return False
            try:
                head, packed = (head + member.decompress(packed))[:_HEAD], b""
            except zlib.error:
                return False
        if not head.startswith(web_archives.FIRST_WORDS):
            return False
        packed = member.unused_data
    return True


_HEAD = max(map(len, web_archives.FIRST_WORDS))

_CUTS: dict[object, Cuts] = {
    tables.json_lines: _json_lines,
    tables.parquet: _parquet,
    web_archives.records: _web_archive,
}


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run
    settings = RunSettings.model_validate_json(sys.stdin.readline())
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_DATA, (settings.memory, settings.memory))
    for line in sys.stdin:
        parts = parts_of(Piece(*json.loads(line)), settings)
        sys.stdout.write(f"{json.dumps([dataclasses.astuple(part) for part in parts])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
