"""Which lines repeat on which site, counted over the documents of a release: what is known of each document's lines
from the others.

Counted from the pages as they were before anything was struck, over all documents that the release will hold: the
order in which they came tells nothing. Counts are told in few steps, and each document has a hash of what is told of
its own lines, so that a document which comes seldom changes what is known of the others.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaners import Action, edits
from winnow.cleaners.page import split_lines
from winnow.cleaners.rolling_hashes import M1, M2, Hashes, Numbers, mixed
from winnow.flows import page_lines, rows, sites
from winnow.flows.duplicates import Rows
from winnow.flows.growing import Keys
from winnow.flows.page_lines import PageLines

LEAST = 3
"""Documents of a site from which on a line repeats. Two are often two versions of one; on development texts, whose
sites are small, 2 was worth a point more on extractions (`benchmarks/README.md`)."""
STEPS = np.array([LEAST, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000])
"""Counts that are told: a judgement. Each step does again what documents hold the line."""

IDENTITY = ("source", "url", "origin.url", "outcome", "source_sha256", "made_by", "decoding.encoding",
            "decoding.rendered", "repeats")  # fmt: skip
"""Columns that tell documents and their pages apart, and what they were judged by."""
_PARTS_LOG2 = 6  # lines are counted in 64 parts, of which one at a time is in memory: 24 bytes a line
_LINE = np.dtype([("key", np.uint64), ("copy", np.uint64), ("document", np.int64)])


@dataclass(frozen=True)
class Documents:
    """The documents of a release, as columns, in the order of their blocks."""

    sources: pa.ChunkedArray
    sites: Hashes
    pages: Keys
    """Keys of their pages; 0 of those that have none."""
    told: Hashes
    """What each was judged by; 0: nothing."""
    begins: Sequence[int]
    """Where each block begins, and the end of the last."""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the documents of each block are."""
        return list(pairwise(self.begins))


@dataclass(frozen=True)
class Titles:
    """Titles that one document of a site has, and no other: a line that says the same elsewhere points to it."""

    keys: Hashes
    """Of site and title, sorted."""
    owners: Numbers
    """The document that has each."""
    sources: pa.ChunkedArray
    """Of all documents."""

    def of(self, keys: Hashes, documents: Numbers) -> tuple[Numbers, Numbers]:
        """Which of these lines of these documents are the title of another one, by their places, and of which."""
        if not len(self.keys):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found = np.flatnonzero((self.keys[at] == keys) & (self.owners[at] != documents))
        return found, self.owners[at[found]]

    def source(self, document: int) -> str:
        """The source of a document."""
        return str(self.sources[document].as_py())


@dataclass(frozen=True)
class Evidence:
    """What repeats, and what of it touches each document."""

    keys: Hashes
    """Of site and line, sorted."""
    counts: Numbers
    """The step that each has reached: at least so many documents of the site hold the line."""
    titles: Titles
    documents: Hashes
    """For each document the hash of what is told of its lines; 0 where none repeats."""

    def of(self, site: str, lines: Hashes) -> Numbers:
        """How many documents of the site at least hold these lines; 0 where a line does not repeat."""
        if not len(self.keys):
            return np.zeros(len(lines), np.int64)
        wanted = lines ^ np.uint64(site_hash(site))
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, self.counts[at], 0)

    def titles_of(self, site: str, lines: Hashes, document: int) -> dict[int, str]:
        """Which of these lines of a document, by their places, are another one's title, and the source of that."""
        found, owners = self.titles.of(lines ^ np.uint64(site_hash(site)), np.full(len(lines), document))
        return {place: self.titles.source(owner) for place, owner in zip(found.tolist(), owners.tolist(), strict=True)}


def documents_of(held: Rows) -> Documents:
    """The documents that there are."""
    names: list[int] = []
    pages: list[int] = []
    told: list[int] = []
    sources: list[pa.Array] = []
    begins = [0]
    for block in held.blocks:
        for batch in held.read(block, IDENTITY):
            sources.append(batch.column("source"))
            names += map(site_hash, sites.sites_of(batch).to_pylist())
            pages += pages_of(batch)
            told += (int(value, 16) if value else 0 for value in batch.column("repeats").to_pylist())
        begins.append(len(pages))
    columns = np.array(names, np.uint64), np.array(pages, np.int64), np.array(told, np.uint64)
    return Documents(pa.chunked_array(sources, pa.string()), *columns, begins)


def pages_of(batch: pa.RecordBatch) -> list[int]:
    """The key of the page of each row; 0 where it has none."""
    encoding, rendered = (pc.struct_field(batch.column("decoding"), name) for name in ("encoding", "rendered"))
    told = (batch.column("source_sha256"), batch.column("made_by"), encoding, rendered)
    rows_told = zip(*(column.to_pylist() for column in told), strict=True)
    return [page_lines.key_of(*row) if row[0] and row[2] else 0 for row in rows_told]


def page_text(text: str, findings: Iterable[Mapping[str, Any]]) -> str:
    """A page as it was before anything was struck, from a row's clean text and findings."""
    return edits.unstrike(text, ((f["start"], f["text"]) for f in findings if f["action"] == Action.STRIKE))


def _first_line(page: str, findings: Iterable[Mapping[str, Any]]) -> str:
    """The first line of a page that stands, whatever repeats."""
    strikes = [f for f in findings if f["action"] == Action.STRIKE and f["cleaner"] != "repeats"]
    struck = edits.union((f["start"], f["end"]) for f in strikes)
    for line in split_lines(page):
        stands = "".join(page[a:b] for a, b in edits.gaps(struck, line.start, line.end)).strip()
        if stands:
            return stands
    return ""


def weigh(held: Rows, documents: Documents) -> Evidence:
    """What repeats among the documents. Lines of pages that are new are stored.

    Memory: 40 bytes a document, a sixty-fourth of the lines, and the answer.
    """
    store = PageLines(held.corpus)
    _store_new(held, documents, store)
    with tempfile.TemporaryDirectory(prefix="winnow-repeats-") as folder:
        parts = [Path(folder) / f"{number:02}" for number in range(1 << _PARTS_LOG2)]
        sums = np.zeros(documents.pages.size, np.uint64)
        titles = _titles(documents, store)
        for lines in _together(_lines_of(documents, store)):
            _append(parts, lines)
            _add_titles(lines, titles, sums)
        found = [_repeated(path, sums) for path in parts if path.exists()]
    keys = np.concatenate([np.zeros(0, np.uint64), *(keys for keys, _ in found)])
    counts = np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in found)])
    return Evidence(keys, counts, titles, sums)


def _store_new(held: Rows, documents: Documents, store: PageLines) -> None:
    for block, (begin, end) in zip(held.blocks, documents.spans, strict=True):
        here = documents.pages[begin:end]
        if store.known.issuperset(here[here != 0].tolist()):
            continue
        for batch in held.read(block, (*IDENTITY, "text", "findings", "title")):
            told = zip(pages_of(batch), rows.tuples(batch, ("text", "findings", "title")), strict=True)
            for page, (text, findings, title) in told:
                if page and page not in store.known:
                    whole = page_text(text, findings)
                    store.add(page, whole, title or _first_line(whole, findings))
    store.flush()


def _titles(documents: Documents, store: PageLines) -> Titles:
    """The titles that tell documents of a site apart."""
    pages, place = np.unique(documents.pages, return_inverse=True)
    titles = store.titles(pages)[place]
    keys, first, counts = np.unique(titles ^ documents.sites, return_index=True, return_counts=True)
    own = (counts == 1) & (titles[first] != 0)
    return Titles(keys[own], first[own], documents.sources)


def _add_titles(lines: npt.NDArray[np.void], titles: Titles, sums: Hashes) -> None:
    """Add to the sums of documents that hold another one's title."""
    found, owners = titles.of(lines["key"], lines["document"])
    named = np.array([site_hash(titles.source(owner)) for owner in owners.tolist()], np.uint64)
    np.add.at(sums, lines["document"][found], mixed(lines["key"][found] + named * M2))


def _lines_of(documents: Documents, store: PageLines) -> Iterator[npt.NDArray[np.void]]:
    """The lines of each document of a site that is large enough, each once."""
    _, site, sizes = np.unique(documents.sites, return_inverse=True, return_counts=True)
    wanted = np.flatnonzero((sizes[site] > 1) & (documents.pages != 0))
    order = wanted[np.argsort(documents.pages[wanted], kind="stable")]
    keys, first = np.unique(documents.pages[order], return_index=True)
    owners = np.split(order, first[1:])
    for place, hashes in store.of(keys):
        # Documents that hold the same lines are copies of one: together they count once.
        copy = mixed(hashes).sum(dtype=np.uint64)
        for document in owners[place].tolist():
            lines = np.empty(len(hashes), _LINE)
            lines["key"] = hashes ^ documents.sites[document]
            lines["copy"], lines["document"] = copy, document
            yield lines


def _together(lines: Iterator[npt.NDArray[np.void]], most: int = 1_000_000) -> Iterator[npt.NDArray[np.void]]:
    held: list[npt.NDArray[np.void]] = []
    count = 0
    for own in lines:
        held.append(own)
        count += len(own)
        if count >= most:
            yield np.concatenate(held)
            held, count = [], 0
    if held:
        yield np.concatenate(held)


def _append(parts: Sequence[Path], lines: npt.NDArray[np.void]) -> None:
    """Put lines into the file of their part, told by their first bits: parts are in the order of their keys."""
    part = lines["key"] >> np.uint64(64 - _PARTS_LOG2)
    order = np.argsort(part, kind="stable")
    cuts = np.searchsorted(part[order], np.arange(1, len(parts), dtype=np.uint64))
    for path, own in zip(parts, np.split(lines[order], cuts), strict=True):
        if len(own):
            with path.open("ab") as file:
                own.tofile(file)


def _repeated(path: Path, sums: Hashes) -> tuple[Hashes, Numbers]:
    """The keys of a part that repeat, sorted, and their steps; adds them to the sums of the documents that hold
    them."""
    lines = np.fromfile(path, _LINE)
    lines = lines[np.lexsort((lines["copy"], lines["key"]))]
    keys, copies = lines["key"], lines["copy"]
    fresh = np.ones(len(lines), np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    begins = np.flatnonzero(fresh)
    fresh[1:] |= copies[1:] != copies[:-1]
    counts = np.add.reduceat(fresh, begins, dtype=np.int64)
    step = np.concatenate(([0], STEPS))[np.searchsorted(STEPS, counts, side="right")]
    of_line = np.repeat(step, np.diff(np.append(begins, len(lines))))
    told = lines[of_line > 0]
    # A sum does not depend on the order in which its parts come.
    np.add.at(sums, told["document"], mixed(told["key"] + of_line[of_line > 0].astype(np.uint64) * M1))
    return keys[begins][step > 0], step[step > 0]


@lru_cache(maxsize=10_000)
def site_hash(site: str) -> int:
    """64 bits of a site's name."""
    return int.from_bytes(hashlib.blake2b(site.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
