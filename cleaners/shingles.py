"""What tells whether two texts say the same: their words, runs of five of them ("shingles"), their sentences.

Language-independent: a word is a run of letters, marks and digits; in scripts that set no spaces between words
(Thai to Khmer, kana, Han) each character counts as one. Case, punctuation and white space count for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.cleaners.characters import WORD
from winnow.cleaners.folding import fold

Hashes = npt.NDArray[np.uint64]

WIDTH = 5
"""Words of a shingle: what Broder (1997) and most of the field after him take for near-duplicates of texts."""
FEWEST_WORDS = 8
"""Of a sentence that is told when it stands elsewhere: shorter ones are formulas. A judgement, not a measurement."""

# Ends where white space follows, so that 3.5 and example.com hold together; full-width marks always end.
_END = re.compile(r"[.!?…؟۔।]{1,9}[\"'”’»)\]]{0,4}(?=\s)|[。！？][」』”]?|\n|\Z")

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it is 0: 2^64 by the golden ratio
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # odd too; the first multiplier of SplitMix64
_MOST_REMEMBERED = 500_000  # words


class Sentence(NamedTuple):
    """One without the white space around it: half-open, in code points."""

    start: int
    end: int
    hash: int
    """64 bits of its words in their order."""


class _WordHashes(dict[str, int]):
    """64 bits of each word, the same on every machine and in every run."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        hashed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        self[word] = hashed
        return hashed


_HASHES = _WordHashes()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(fold(text))


def shingles(text: str) -> Hashes:
    """Hashes of all runs of `WIDTH` words, each once, sorted; of a shorter text, of all its words as one. Empty
    where there is no word."""
    return _shingles_of(_hashes_of(words(text)))


def sentences(text: str) -> list[Sentence]:
    """The sentences of at least `FEWEST_WORDS` words, in their order; a line end ends one too."""
    return fingerprint(text)[1]


def fingerprint(text: str) -> tuple[Hashes, list[Sentence]]:
    """Shingles and sentences of a text, for the price of one."""
    folded = fold(text)
    said: list[str] = []
    spans: list[tuple[int, int]] = []
    sizes: list[int] = []
    start = 0
    for found in _END.finditer(text):
        if here := WORD.findall(folded, start, found.end()):
            said += here
            spans.append((start, found.end()))
            sizes.append(len(here))
        start = found.end()
    hashes = _hashes_of(said)
    if not said:
        return hashes, []
    firsts = np.cumsum([0, *sizes[:-1]])  # the first word of each sentence
    places = np.arange(hashes.size) - np.repeat(firsts, sizes)  # of each word in its sentence
    hashed = np.add.reduceat(hashes * np.cumprod(np.full(max(sizes), _BASE))[places], firsts)
    told = zip(spans, hashed.tolist(), sizes, strict=True)
    return _shingles_of(hashes), [_sentence(text, *span, name) for span, name, size in told if size >= FEWEST_WORDS]


def jaccard(first: Hashes, second: Hashes) -> float:
    """Shingles that both have, as a share of those that either has: 0 to 1. Both sorted and unique."""
    both = np.intersect1d(first, second, assume_unique=True).size
    either = first.size + second.size - both
    return both / either if either else 0.0


def shared_runs(first: str, second: str) -> Iterator[tuple[int, int]]:
    """Spans of the first text, in code points: the longest runs of at least `FEWEST_WORDS` words, over sentences
    and lines, that stand in the second one too."""
    spans = [found.span() for found in WORD.finditer(fold(first))]
    if len(spans) < FEWEST_WORDS or len(words(second)) < FEWEST_WORDS:
        return
    here, there = (_combined(_hashes_of(words(text)), FEWEST_WORDS) for text in (first, second))
    begin = end = -1  # of the run at hand, in words
    for at in np.flatnonzero(np.isin(here, there)).tolist():
        if at > end - FEWEST_WORDS + 1 and end >= 0:
            yield spans[begin][0], spans[end - 1][1]
            begin = at
        begin, end = (at if begin < 0 else begin), at + FEWEST_WORDS
    if end >= 0:
        yield spans[begin][0], spans[end - 1][1]


def _sentence(text: str, start: int, end: int, hashed: int) -> Sentence:
    here = text[start:end]
    return Sentence(start + len(here) - len(here.lstrip()), start + len(here.rstrip()), hashed)


def _shingles_of(hashes: Hashes) -> Hashes:
    return np.unique(_combined(hashes, min(WIDTH, hashes.size))) if hashes.size else hashes


def _hashes_of(found: list[str]) -> Hashes:
    return np.fromiter((_HASHES[word] for word in found), np.uint64, len(found))


def _combined(hashes: Hashes, width: int) -> Hashes:
    """One hash for each run of so many: a polynomial in `_BASE`, mixed. Overflow is meant."""
    count = hashes.size - width + 1
    total = np.zeros(count, np.uint64)
    for at in range(width):
        total = total * _BASE + hashes[at : at + count]
    mixed: Hashes = (total ^ (total >> np.uint64(31))) * _MIX
    return mixed
