"""What is kept of texts from run to run so that duplicates are found without reading all of them again.

OUT/likeness/<method>/fingerprints   of each clean text: bands of its signature, its sentences
OUT/likeness/<method>/comparisons    of each pair that was compared: its Jaccard index
Delta tables that only grow, by the hash of the text: what stands there is true whatever else happens, and may be
deleted at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.cleaners import shingles
from winnow.flows.growing import Growing, Keys, places
from winnow.flows.likeness import BANDS, METHOD, Bands, bands_of
from winnow.flows.store import Corpus

FINGERPRINTS, COMPARISONS = (f"likeness/{METHOD}/{name}" for name in ("fingerprints", "comparisons"))
"""Their places below OUT."""
_FINGERPRINTS = pa.schema(
    [
        ("text", pa.int64()),
        ("bands", pa.binary()),  # empty where the text has no words
        ("sentences", pa.list_(pa.int64())),
        ("lengths", pa.list_(pa.int32())),  # code points of each sentence
    ]
)
_COMPARISONS = pa.schema([("first", pa.int64()), ("second", pa.int64()), ("jaccard", pa.float64())])
# Texts, and shingles of theirs, in memory before fingerprints are written: 16 MB.
_AT_ONCE, _MOST_SHINGLES = 10_000, 2_000_000


def key_of(text_sha256: str) -> int:
    """The name of a text: the first 64 bits of its SHA-256. Among ten million texts two share one with a chance of
    3e-6."""
    return int.from_bytes(bytes.fromhex(text_sha256[:16]), "little", signed=True)


@dataclass
class Fingerprints:
    """The store of a corpus. It is made where it does not exist."""

    corpus: Corpus
    known: set[int] = field(default_factory=set)
    """Texts that have a fingerprint."""
    _waiting: dict[int, tuple[shingles.Hashes, list[shingles.Sentence]]] = field(default_factory=dict)
    _shingles: int = 0

    def __post_init__(self) -> None:
        self._fingerprints, self._comparisons = (Growing(self.corpus, name) for name in (FINGERPRINTS, COMPARISONS))
        for batch in self._fingerprints.read(["text"]):
            self.known.update(batch.column("text").to_pylist())

    def add(self, key: int, text: str) -> None:
        """Take the fingerprint of a text."""
        self.known.add(key)
        self._waiting[key] = shingles.fingerprint(text)
        self._shingles += self._waiting[key][0].size
        if len(self._waiting) >= _AT_ONCE or self._shingles >= _MOST_SHINGLES:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if not self._waiting:
            return
        worded = [key for key, (held, _) in self._waiting.items() if held.size]
        bands = dict(zip(worded, bands_of([self._waiting[key][0] for key in worded]), strict=True))
        rows = [
            {
                "text": key,
                "bands": bands[key].tobytes() if key in bands else b"",
                "sentences": [_signed(sentence.hash) for sentence in sentences],
                "lengths": [sentence.end - sentence.start for sentence in sentences],
            }
            for key, (_, sentences) in self._waiting.items()
        ]
        self._fingerprints.append(pa.Table.from_pylist(rows, _FINGERPRINTS))
        self._waiting, self._shingles = {}, 0

    def bands(self, keys: Keys) -> Bands:
        """The bands of these texts, which are sorted; a text without words gets none like another's."""
        found = np.zeros((keys.size, BANDS), np.uint32)
        found[:] = np.arange(keys.size, dtype=np.uint32)[:, None]
        for batch in self._fingerprints.read(["text", "bands"]):
            at, mine = places(batch.column("text").to_numpy(), keys)
            for place, held in zip(at[mine], batch.column("bands").filter(pa.array(mine)).to_pylist(), strict=True):
                if held:
                    found[place] = np.frombuffer(held, np.uint32)
        return found

    def sentences(self, keys: Keys) -> Iterator[tuple[npt.NDArray[np.int64], Keys, npt.NDArray[np.int64]]]:
        """Of these texts, some thousand at a time: places in `keys`, hashes and lengths of their sentences."""
        for batch in self._fingerprints.read(["text", "sentences", "lengths"]):
            at, mine = places(batch.column("text").to_numpy(), keys)
            held = batch.filter(pa.array(mine))
            counts = held.column("sentences").value_lengths().to_numpy()
            hashes, lengths = (held.column(name).flatten().to_numpy() for name in ("sentences", "lengths"))
            yield np.repeat(at[mine], counts), hashes, lengths

    def comparisons(self) -> pa.Table:
        """All pairs that were compared: `first`, `second`, `jaccard`."""
        return pa.Table.from_batches(self._comparisons.read(_COMPARISONS.names), _COMPARISONS)

    def keep(self, compared: Mapping[str, Keys | npt.NDArray[np.float64]]) -> None:
        """Keep comparisons: columns `first`, `second`, `jaccard`."""
        self._comparisons.append(pa.table(compared, _COMPARISONS))


def _signed(hashed: int) -> int:
    return hashed - (1 << 64) if hashed >= 1 << 63 else hashed
