"""Which of many texts may say the same, and which do: bands of MinHash signatures, candidates, clusters.

All of it depends on the set of texts only, not on the order in which they came.
"""

from __future__ import annotations

import hashlib
import inspect
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from winnow.cleaners import characters, folding, shingles
from winnow.cleaners.shingles import Hashes


def _code() -> str:
    """8 hex digits that change with the code, and the tables, that words and shingles come from."""
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    for module in (characters, folding, shingles):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:8]


THRESHOLD = 0.7
"""Jaccard index of their shingles from which on two texts are near-duplicates."""
BANDS, _ROWS = 20, 4
"""Two texts become candidates where one band of theirs is equal: with a chance of 1 - (1 - J^4)^20, which is .996
at J = .7, .97 at .6 and .15 at .3 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4)."""
METHOD = f"{RMinHash.ALGORITHM_VERSION}-{BANDS}x{_ROWS}-{_code()}"
"""Changes with whatever makes stored fingerprints and comparisons worthless."""

_SEED = 1
_AT_ONCE = 1_000  # texts whose signatures are lists of numbers for a moment
_FEW = 24  # texts in a bucket of which each is compared with each
_NEAREST = 4  # in a larger one: each with the first and with so many next to it, by their hashes

Bands = npt.NDArray[np.uint32]
Pairs = npt.NDArray[np.int64]
"""Two columns: positions of texts, the smaller one first; sorted, each pair once."""


def bands_of(texts: Sequence[Hashes]) -> Bands:
    """A row of `BANDS` numbers for each text, given by its shingles, of which there must be some."""
    parts = [_bands_of(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
    return np.concatenate([np.zeros((0, BANDS), np.uint32), *parts])


def _bands_of(texts: Sequence[Hashes]) -> Bands:
    ends = np.cumsum([0, *(text.size for text in texts)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(texts), ends, BANDS * _ROWS, _SEED)
    values = np.array(matrix.to_rows(), np.uint64).reshape(len(texts), BANDS, _ROWS)
    mixed = np.zeros((len(texts), BANDS), np.uint64)
    for row in range(_ROWS):
        mixed = (mixed ^ values[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)  # overflow is meant
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def candidates(bands: Bands) -> Pairs:
    """The pairs of texts with an equal band. Rows stand in the order of the texts' hashes: in large buckets that
    order decides who is compared, so that a million copies of a page cost no billion comparisons."""
    found = [np.zeros((0, 2), np.int64)]
    for band in range(bands.shape[1]):
        values = bands[:, band]
        order = np.argsort(values, kind="stable")
        edges = np.flatnonzero(np.diff(values[order])) + 1
        starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [order.size]))
        several = ends - starts > 1
        found += (_pairs_in(order[a:b]) for a, b in zip(starts[several], ends[several], strict=True))
    return np.unique(np.concatenate(found), axis=0)


def clusters(count: int, pairs: Pairs) -> npt.NDArray[np.int64]:
    """For each of `count` texts the smallest position among those that pairs connect it to, itself included."""
    first = list(range(count))
    for a, b in pairs.tolist():
        low, high = sorted((_root(first, a), _root(first, b)))
        first[high] = low
    return np.array([_root(first, text) for text in range(count)], np.int64)


def _root(first: list[int], text: int) -> int:
    while first[text] != text:
        first[text] = first[first[text]]
        text = first[text]
    return text


def _pairs_in(bucket: npt.NDArray[np.int64]) -> Pairs:
    """Of a bucket in ascending order."""
    if bucket.size <= _FEW:
        a, b = np.triu_indices(bucket.size, 1)
        return np.stack((bucket[a], bucket[b]), axis=1)
    return np.concatenate(list(_some_pairs(bucket)))


def _some_pairs(bucket: npt.NDArray[np.int64]) -> Iterator[Pairs]:
    yield np.stack((np.full(bucket.size - 1, bucket[0]), bucket[1:]), axis=1)
    for step in range(1, _NEAREST + 1):
        yield np.stack((bucket[:-step], bucket[step:]), axis=1)
