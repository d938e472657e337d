"""The lines of each page as hashes, kept from run to run, so that what repeats is counted without reading texts again.

OUT/lines/<method>    of each page: 8 bytes for each different line, and for its title
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
NAME = f"lines/{METHOD}"
"""Its place below OUT."""
_SCHEMA = pa.schema([("page", pa.int64()), ("lines", pa.binary()), ("title", pa.int64())])
_FEWEST_WORDS = 4
"""Of a title that is looked for elsewhere: shorter ones name a section, too. A judgement, not a measurement."""
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


def title_hash(title: str) -> int:
    """The hash of a line that holds this title and nothing else; 0 where it has too few words."""
    line = " ".join(title.split())
    lines = lines_of(Page(line, split_lines(line)))
    if not len(lines.starts) or len(lines.words.lines) < _FEWEST_WORDS:
        return 0
    return int(line_hashes(lines.words, 1)[0][0])


@dataclass
class PageLines:
    """The store of a corpus."""

    corpus: Corpus
    known: set[int] = field(default_factory=set)
    """Pages whose lines it holds."""
    _waiting: dict[int, tuple[Hashes, int]] = field(default_factory=dict)
    _lines: int = 0

    def __post_init__(self) -> None:
        self._table = Growing(self.corpus, NAME)
        for batch in self._table.read(["page"]):
            self.known.update(batch.column("page").to_pylist())

    def add(self, key: int, text: str, title: str) -> None:
        """Take the lines of a page."""
        self.known.add(key)
        lines = np.unique(hashed(text)[1])
        self._waiting[key] = lines, title_hash(title)
        self._lines += len(lines)
        if len(self._waiting) >= _MOST_PAGES or self._lines >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if self._waiting:
            lines = [lines.tobytes() for lines, _ in self._waiting.values()]
            titles = np.array([title for _, title in self._waiting.values()], np.uint64).view(np.int64)
            self._table.append(pa.table({"page": list(self._waiting), "lines": lines, "title": titles}, _SCHEMA))
        self._waiting, self._lines = {}, 0

    def of(self, keys: Keys) -> Iterator[tuple[int, Hashes]]:
        """Of these pages, which are sorted and different: the place of each in `keys`, and its lines, each once."""
        met = np.zeros(keys.size, np.bool_)  # a run that was killed may have left one twice
        for batch in self._table.read(["page", "lines"]):
            at, wanted = places(batch.column("page").to_numpy(), keys)
            for place, lines in zip(at[wanted], batch.column("lines").filter(pa.array(wanted)), strict=True):
                if not met[place]:
                    met[place] = True
                    yield int(place), np.frombuffer(lines.as_buffer(), np.uint64)

    def titles(self, keys: Keys) -> Hashes:
        """The title of each of these pages, which are sorted and different; 0 where it has none."""
        found = np.zeros(keys.size, np.uint64)
        for batch in self._table.read(["page", "title"]):
            at, wanted = places(batch.column("page").to_numpy(), keys)
            found[at[wanted]] = batch.column("title").to_numpy().view(np.uint64)[wanted]
        return found
