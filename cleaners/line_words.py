"""The words of each line as numbers: every word of a page hashed in a few array steps.

Upper and lower case are one, digits are all the same digit, and each character of a script without spaces is a word
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from winnow.cleaners.characters import Kind, codes_of, kinds_of
from winnow.cleaners.rolling_hashes import M1, M2, Hashes, Numbers, hashes_of, mixed

ROWS_LOG2 = 18
"""Hashed words and pairs fall into 2**18 rows; other sizes were not tried."""

_OPENS, _ENDS = np.uint64(0x51ED270B), np.uint64(0xB5297A4D)  # salts: a word at the start, at the end of its line
_IN_WORDS = np.zeros(len(Kind), np.uint8)
_IN_WORDS[[Kind.LETTER, Kind.CAPITAL, Kind.MARK, Kind.DIGIT]] = 1
_IN_WORDS[Kind.UNSPACED] = 2


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
    first, end = _edges(_IN_WORDS.take(kinds))
    hashes = hashes_of(letters, first, end)
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
    pairs = mixed((hashes[:-1] * M1 + hashes[1:])[beside])
    first, last = mixed(hashes[opens] * M2 + _OPENS), mixed(hashes[ends] * M2 + _ENDS)
    rows = np.concatenate((hashes, pairs, first, last)) >> np.uint64(64 - ROWS_LOG2)
    return rows.astype(np.int64), np.concatenate((lines, lines[1:][beside], lines[opens], lines[ends]))


def line_hashes(words: Words, count: int) -> tuple[Hashes, Hashes]:
    """For each of `count` lines the hash of all its words and that of the first; 0 where it has none."""
    whole, opening = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    begins = np.flatnonzero(words.opens)
    if len(begins):
        place = np.arange(len(words.lines)) - np.repeat(begins, np.diff(np.append(begins, len(words.lines))))
        placed = mixed(words.hashes + M1 * place.astype(np.uint64))
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
