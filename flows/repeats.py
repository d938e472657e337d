"""Lines that stand in several documents of a site: what its template is made of, and what no rule has seen of it.

Counted from the pages as they were before anything was struck, over a whole release: the answer depends neither on
the order in which documents came nor on the rules. Two passes over the table: the first counts hashes, the second
finds the lines that are worth telling. Lines are the same if their words are, in upper or lower case and with any
digits: "12 comments" is "7 Comments".

Repetition by itself strikes nothing: see `benchmarks/README.md` for what was measured.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from winnow.cleaners import Action, edits
from winnow.cleaners.line_shapes import lines_of
from winnow.cleaners.line_words import line_hashes
from winnow.cleaners.page import Page, split_lines
from winnow.cleaners.rolling_hashes import Hashes, Numbers
from winnow.flows import rows, sites

COLUMNS = (*sites.COLUMNS, "text", "findings")
_PARTS_LOG2 = 5  # keys are counted in 32 parts, of which one at a time is in memory
_CHARACTERS = 1_000_000  # of pages that are looked at together
_ONE = np.uint64(1)

Batches = Callable[[], Iterable[pa.RecordBatch]]
"""Reads the rows of a release, anew each time it is called."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line that stands in several documents of a site."""

    site: str
    line: str
    """As one of them writes it, white space at its ends apart."""
    documents: int
    """That hold it."""
    kept: int
    """Of them: whose clean text still does."""
    of: int
    """Documents of the site."""


@dataclass(frozen=True, slots=True)
class _Document:
    """A page as it was before anything was struck."""

    site: str
    text: str
    struck: Sequence[tuple[int, int]]
    """Half-open, in code points."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of some documents, each once for each document that holds it."""

    keys: Hashes
    """Of site and words; the lowest bit tells whether the clean text holds the line."""
    documents: Numbers
    starts: Numbers
    """In the documents' texts, one below the other."""
    ends: Numbers


def repeats_of(batches: Batches, least: int = 3, most: int = 1_000, *, kept: bool = False) -> list[Repeat]:
    """The lines that stand in at least `least` documents of their site, the most frequent first, at most `most`.

    Of rows with `COLUMNS`. `kept`: lines that clean texts still hold, by how many do. In memory stand a
    thirty-second of all lines, 40 bytes for each, and the answer.
    """
    sizes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="winnow-repeats-") as folder:
        paths = [Path(folder) / f"{part:02}" for part in range(1 << _PARTS_LOG2)]
        for documents in _together(_documents(batches())):
            sizes.update(document.site for document in documents)
            _append(paths, _lines_of(documents).keys)
        frequent = [_frequent(path, least, most, kept=kept) for path in paths if path.exists()]
    table = np.concatenate([np.zeros((0, 3), np.int64), *frequent])
    table = table[np.argsort(-table[:, 2 if kept else 1], kind="stable")[:most]]
    counts = {int(key): (int(documents), int(standing)) for key, documents, standing in table}
    repeats = [Repeat(site, line, *counts[key], sizes[site]) for key, site, line in _named(batches(), set(counts))]
    return sorted(repeats, key=lambda r: (-r.kept if kept else 0, -r.documents, -r.kept, r.site, r.line))


def _append(paths: Sequence[Path], keys: Hashes) -> None:
    """Put keys into the file of their part, told by their first bits."""
    parts = keys >> np.uint64(64 - _PARTS_LOG2)
    order = np.argsort(parts, kind="stable")
    cuts = np.searchsorted(parts[order], np.arange(1, len(paths), dtype=np.uint64))
    for path, own in zip(paths, np.split(keys[order], cuts), strict=True):
        with path.open("ab") as file:
            own.tofile(file)


def _frequent(path: Path, least: int, most: int, *, kept: bool) -> Numbers:
    """Of a part's keys the most frequent: key without its lowest bit, documents, documents that keep the line."""
    told = np.fromfile(path, np.uint64)
    keys, places, documents = np.unique(told >> _ONE, return_inverse=True, return_counts=True)
    standing = np.bincount(places, told & _ONE, len(keys)).astype(np.int64)
    rank = standing if kept else documents
    wanted = np.flatnonzero((documents >= least) & (rank > 0))
    wanted = wanted[np.argsort(-rank[wanted], kind="stable")[:most]]
    return np.stack((keys[wanted].astype(np.int64), documents[wanted], standing[wanted]), 1)


def _named(batches: Iterable[pa.RecordBatch], wanted: set[int]) -> Iterator[tuple[int, str, str]]:
    """Key, site and text of the wanted lines."""
    chosen = np.array(sorted(wanted), np.uint64)
    for documents in _together(_documents(batches)):
        if not len(chosen):
            return
        lines = _lines_of(documents)
        text = "\n".join(document.text for document in documents)
        found, first = np.unique(lines.keys >> _ONE, return_index=True)
        met = np.isin(found, chosen)
        for key, i in zip(found[met].tolist(), first[met].tolist(), strict=True):
            yield key, documents[lines.documents[i]].site, text[lines.starts[i] : lines.ends[i]]
        chosen = np.setdiff1d(chosen, found[met])


def _documents(batches: Iterable[pa.RecordBatch]) -> Iterator[_Document]:
    for batch in batches:
        columns = zip(sites.sites_of(batch).to_pylist(), rows.tuples(batch, ("text", "findings")), strict=True)
        for site, (text, findings) in columns:
            strikes = [finding for finding in findings if finding["action"] == Action.STRIKE]
            page = edits.unstrike(text, ((strike["start"], strike["text"]) for strike in strikes))
            yield _Document(site, page, edits.union((strike["start"], strike["end"]) for strike in strikes))


def _together(documents: Iterable[_Document]) -> Iterator[list[_Document]]:
    """Some documents at a time: arrays are worth their while for many lines."""
    held: list[_Document] = []
    characters = 0
    for document in documents:
        held.append(document)
        characters += len(document.text)
        if characters >= _CHARACTERS:
            yield held
            held, characters = [], 0
    if held:
        yield held


def _lines_of(documents: Sequence[_Document]) -> _Lines:
    text = "\n".join(document.text for document in documents)
    begins = np.cumsum([0, *(len(document.text) + 1 for document in documents)])[:-1]
    lines = lines_of(Page(text, split_lines(text)))
    words, _ = line_hashes(lines.words, len(lines.starts))
    owners = np.searchsorted(begins, lines.starts, side="right") - 1
    keys = words ^ np.array([_site_hash(document.site) for document in documents], np.uint64)[owners]
    spans = [(a + begin, b + begin) for d, begin in zip(documents, begins, strict=True) for a, b in d.struck]
    # Lines without words are not counted; of the copies in one document the first counts, kept if any is.
    keys = (keys & ~_ONE) | _stands(lines.starts, lines.ends, np.array(spans, np.int64).reshape(-1, 2))
    order = np.lexsort((lines.starts, ~keys & _ONE, keys >> _ONE, owners))
    order = order[words[order] != 0]
    again = np.zeros(len(order), np.bool_)
    again[1:] = (owners[order][1:] == owners[order][:-1]) & (keys[order][1:] >> _ONE == keys[order][:-1] >> _ONE)
    first = order[~again]
    return _Lines(keys[first], owners[first], lines.starts[first], lines.ends[first])


def _stands(starts: Numbers, ends: Numbers, struck: Numbers) -> Hashes:
    """For each line 1 if its middle is not in a struck span, else 0."""
    if not len(struck):
        return np.ones(len(starts), np.uint64)
    middles = (starts + ends) // 2
    before = np.searchsorted(struck[:, 0], middles, side="right") - 1
    stands: Hashes = ((before < 0) | (middles >= struck[np.maximum(before, 0), 1])).astype(np.uint64)
    return stands


@lru_cache(maxsize=10_000)
def _site_hash(site: str) -> int:
    return int.from_bytes(hashlib.blake2b(site.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
