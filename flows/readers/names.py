"""Names that were taken, of a container with more documents than memory should hold names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FRESH = 50_000  # names held in a set, of about 60 bytes each, before they are sorted away


class Names:
    """The names that a container's documents have taken: 8 bytes a name.

    A name is known by 64 bits of its hash. Of a hundred million names, two are held to be the same in one container
    of 4,000; the second is then recorded as one that was there before.
    """

    def __init__(self) -> None:
        self._fresh: set[int] = set()
        self._sorted: list[npt.NDArray[np.int64]] = []  # each at least twice as long as the next

    def take(self, name: str) -> bool:
        """Whether it was free; then it is taken."""
        key = hash(name)
        if key in self._fresh or any(_holds(level, key) for level in self._sorted):
            return False
        self._fresh.add(key)
        if len(self._fresh) >= _FRESH:
            self._sort_away()
        return True

    def _sort_away(self) -> None:
        level = np.sort(np.fromiter(self._fresh, np.int64, len(self._fresh)))
        while self._sorted and len(self._sorted[-1]) < 2 * len(level):
            level = np.sort(np.concatenate([self._sorted.pop(), level]))
        self._sorted.append(level)
        self._fresh.clear()


def _holds(level: npt.NDArray[np.int64], key: int) -> bool:
    at = int(np.searchsorted(level, np.int64(key)))
    return at < len(level) and int(level[at]) == key
