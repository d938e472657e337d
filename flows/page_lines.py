"""The lines of each page as hashes, kept from run to run, so that what repeats is counted without reading texts again.

OUT/lines/<method>    of each page: 8 bytes for each different line
Lines are those of the page before anything was struck, and the same if their words are, in upper or lower case and
with any digits. Lines without words do not count; short ones do: where the model leans to residue, they tell as much
as long ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from winnow.cleaners.line_shapes import lines_of
from winnow.cleaners.line_words import line_hashes
from winnow.cleaners.page import Page, split_lines
from winnow.cleaners.rolling_hashes import Hashes, Numbers
from winnow.flows.growing import Growing, Keys, places
from winnow.flows.store import Corpus

METHOD = "1"
"""Changes with the hashes of lines."""
_SCHEMA = pa.schema([("page", pa.int64()), ("lines", pa.binary())])
_MOST_PAGES, _MOST_LINES = 10_000, 1_000_000  # in memory before they are written: 8 MB


def key_of(source_sha256: str, made_by: str, encoding: str, rendered: bool) -> int:
    """The name of a page: of the bytes, and of all that makes a page of them."""
    told = f"{source_sha256} {made_by} {encoding} {rendered}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "little", signed=True)


def hashed(text: str) -> tuple[Numbers, Hashes]:
    """Numbers of the lines of a page that hold words, and their hashes."""
    lines = lines_of(Page(text, split_lines(text)))
    hashes, _ = line_hashes(lines.words, len(lines.starts))
    return lines.numbers[hashes != 0], hashes[hashes != 0]


@dataclass
class PageLines:
    """The store of a corpus."""

    corpus: Corpus
    known: set[int] = field(default_factory=set)
    """Pages whose lines it holds."""
    _waiting: dict[int, Hashes] = field(default_factory=dict)
    _lines: int = 0

    def __post_init__(self) -> None:
        self._table = Growing(self.corpus, f"lines/{METHOD}")
        for batch in self._table.read(["page"]):
            self.known.update(batch.column("page").to_pylist())

    def add(self, key: int, text: str) -> None:
        """Take the lines of a page."""
        self.known.add(key)
        self._waiting[key] = np.unique(hashed(text)[1])
        self._lines += len(self._waiting[key])
        if len(self._waiting) >= _MOST_PAGES or self._lines >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if self._waiting:
            held = [lines.tobytes() for lines in self._waiting.values()]
            self._table.append(pa.table({"page": list(self._waiting), "lines": held}, _SCHEMA))
        self._waiting, self._lines = {}, 0

    def of(self, keys: Keys) -> Iterator[tuple[int, Hashes]]:
        """Of these pages, which are sorted and different: the place of each in `keys`, and its lines, each once."""
        met = np.zeros(keys.size, np.bool_)  # a run that was killed may have left one twice
        for batch in self._table.read(_SCHEMA.names):
            at, wanted = places(batch.column("page").to_numpy(), keys)
            for place, lines in zip(at[wanted], batch.column("lines").filter(pa.array(wanted)), strict=True):
                if not met[place]:
                    met[place] = True
                    yield int(place), np.frombuffer(lines.as_buffer(), np.uint64)
