"""The words of each line as numbers: every word of a page hashed in a few array steps.

A prefix sum of a polynomial hash gives the hash of any stretch as a difference times an inverse power, so
that no word is ever cut out of the text. Upper and lower case are one, digits are all the same digit, and each
character of a script without spaces is a word of its own. Hashes are sums of whole numbers: the same in any
batch and on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from winnow.cleaners.characters import Kind, codes_of, kinds_of

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

ROWS_LOG2 = 18
"""Hashed words and pairs fall into 2**18 rows; other sizes were not tried."""

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE = pow(_BASE, -1, 1 << 64)
# Finalisers of SplitMix64 (Steele, Lea, Flood 2014).
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_OPENS, _ENDS = np.uint64(0x51ED270B), np.uint64(0xB5297A4D)  # salts: a word at the start, at the end of its line
_IN_WORDS = np.zeros(len(Kind), np.uint8)
_IN_WORDS[[Kind.LETTER, Kind.CAPITAL, Kind.MARK, Kind.DIGIT]] = 1
_IN_WORDS[Kind.UNSPACED] = 2
_FEWEST_POWERS = 1 << 16


@dataclass(frozen=True)
class Words:
    """The words of a page's lines, in page order."""

    hashes: Hashes
    lines: Numbers
    """The line of each."""
    opens: npt.NDArray[np.bool_]
    """Whether it is the first of its line."""


def words_of(folded: str, starts: Numbers) -> Words:
    """The words of a folded text whose lines begin at `starts` (code points)."""
    codes = codes_of(folded)
    kinds = kinds_of(codes)
    letters = np.where(kinds == Kind.DIGIT, np.uint32(ord("0")), codes).astype(np.uint64)
    power, inverse = _powers(max(_FEWEST_POWERS, 1 << int(len(codes) + 1).bit_length()))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(letters * power[: len(codes)], out=sums[1:])
    first, end = _edges(_IN_WORDS.take(kinds))
    hashes = _mixed((sums[end] - sums[first]) * inverse[first] * _M2)
    lines = np.searchsorted(starts, first, side="right") - 1
    opens = np.ones(len(lines), np.bool_)
    opens[1:] = lines[1:] != lines[:-1]
    return Words(hashes, lines, opens)


def rows_of(words: Words) -> tuple[Numbers, Numbers]:
    """Rows for words, pairs of neighbours, and the words at both ends of a line; and the line of each."""
    hashes, lines, opens = words.hashes, words.lines, words.opens
    beside = ~opens[1:]
    ends = np.ones(len(lines), np.bool_)
    ends[:-1] = opens[1:]
    pairs = _mixed((hashes[:-1] * _M1 + hashes[1:])[beside])
    first, last = _mixed(hashes[opens] * _M2 + _OPENS), _mixed(hashes[ends] * _M2 + _ENDS)
    rows = np.concatenate((hashes, pairs, first, last)) >> np.uint64(64 - ROWS_LOG2)
    return rows.astype(np.int64), np.concatenate((lines, lines[1:][beside], lines[opens], lines[ends]))


def line_hashes(words: Words, count: int) -> tuple[Hashes, Hashes]:
    """For each of `count` lines the hash of all its words and that of the first; 0 where it has none."""
    whole, opening = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    begins = np.flatnonzero(words.opens)
    if len(begins):
        place = np.arange(len(words.lines)) - np.repeat(begins, np.diff(np.append(begins, len(words.lines))))
        placed = _mixed(words.hashes + _M1 * place.astype(np.uint64))
        whole[words.lines[begins]] = np.add.reduceat(placed, begins)
        opening[words.lines[begins]] = words.hashes[begins]
    return whole, opening


def _edges(word: npt.NDArray[np.uint8]) -> tuple[Numbers, Numbers]:
    """Where words begin and end, half-open."""
    spaced, alone = word == 1, word == 2
    inside = np.zeros(len(word), np.bool_)
    inside[1:] = spaced[1:] & spaced[:-1]
    first = np.flatnonzero((spaced & ~inside) | alone)
    inside[:-1], inside[-1:] = inside[1:], False
    return first, np.flatnonzero((spaced & ~inside) | alone) + 1


def _mixed(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _M1
    return hashes ^ (hashes >> np.uint64(29))


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse, modulo 2**64."""
    both = []
    for base in (_BASE, _INVERSE):
        steps = np.full(count, base, np.uint64)
        steps[0] = 1
        both.append(np.multiply.accumulate(steps))
    return both[0], both[1]
