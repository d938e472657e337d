"""Hashes of stretches of a text, none of which is cut out of it.

A prefix sum of a polynomial hash gives the hash of any stretch as a difference times an inverse power. Hashes are
sums of whole numbers: the same in any batch and on any machine.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE = pow(_BASE, -1, 1 << 64)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""Multipliers of SplitMix64's finaliser (Steele, Lea, Flood 2014)."""
_FEWEST_POWERS = 1 << 16


def hashes_of(values: Hashes, first: Numbers, end: Numbers) -> Hashes:
    """A hash for each stretch [first, end) of values, one value a code point."""
    power, inverse = _powers(max(_FEWEST_POWERS, 1 << int(len(values) + 1).bit_length()))
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values * power[: len(values)], out=sums[1:])
    return mixed((sums[end] - sums[first]) * inverse[first] * M2)


def mixed(hashes: Hashes) -> Hashes:
    """The same hashes, so that each bit hangs on all bits."""
    hashes = (hashes ^ (hashes >> np.uint64(31))) * M1
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
