"""Repeated n-grams of words, for all n at once.

An n-gram can stand twice only where the two (n-1)-grams in it stand twice: from one n to the next only
the places that repeated are looked at, and in most texts few are left by the third.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from winnow.cleaners.rolling_hashes import Hashes, Numbers
from winnow.cleaners.signals.properties import Mask

TOP = (2, 3, 4)
"""Sizes of n-grams of which the commonest counts (Gopher, table A1)."""
DUPLICATE = (5, 6, 7, 8, 9, 10)
"""Sizes of n-grams of which all that stand twice count (Gopher, table A1)."""


_NONE: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Repeats:
    """The n-grams of one size that stand more than once."""

    size: int
    """Words in an n-gram."""
    places: Numbers
    """The word where each begins, in the text's order."""
    groups: Numbers
    """The same number for the same n-gram, from 0."""
    counts: Numbers
    """How often each stands."""

    def top(self) -> tuple[int, int]:
        """Where the commonest n-gram begins first, and how often it stands; of several, the first in the text.
        (0, 1) where none is repeated."""
        if not len(self.places):
            return 0, 1
        most = int(self.counts.max())
        return int(self.places[int((self.counts == most).argmax())]), most

    def covered(self, words: int) -> Mask:
        """Which of the text's words stand in any of them."""
        edges = np.zeros(words + 1, np.int64)
        edges[self.places] += 1
        edges[self.places + self.size] -= 1
        return np.cumsum(edges)[:-1] > 0

    def read_through(self) -> list[int]:
        """Where those begin that a reader has met before, who goes on behind each that was met: as datatrove counts."""
        if not len(self.places):
            return []
        met: set[int] = set()
        found, here = [], 0
        for place, group in zip(self.places.tolist(), self.groups.tolist(), strict=True):
            if place < here:
                continue
            if group in met:
                found.append(place)
                here = place + self.size
            else:
                met.add(group)
        return found


def repeats_of(hashes: Hashes) -> Iterator[Repeats]:
    """The repeated n-grams of the words with these hashes, for n from 2 to 10."""
    groups, counts = _grouped(hashes)
    places = (counts > 1).nonzero()[0]
    groups = groups[places]
    for size in range(2, DUPLICATE[-1] + 1):
        if not len(places):
            yield Repeats(size, _NONE, _NONE, _NONE)
            continue
        beside = (places[1:] == places[:-1] + 1).nonzero()[0]
        groups, counts = _grouped(groups[beside] * (len(hashes) + 1) + groups[beside + 1])
        again = (counts > 1).nonzero()[0]
        places, groups, counts = places[beside[again]], groups[again], counts[again]
        yield Repeats(size, places, groups, counts)


def _grouped(keys: Hashes | Numbers) -> tuple[Numbers, Numbers]:
    """For each key a number that only its equals share, and how many they are."""
    if not len(keys):
        return _NONE, _NONE
    order = keys.argsort()
    ordered = keys[order]
    starts = np.empty(len(keys), np.bool_)
    starts[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    ranks = starts.cumsum() - 1
    groups = np.empty(len(keys), np.int64)
    groups[order] = ranks
    return groups, np.bincount(ranks)[groups]
