"""Duplicates in a corpus: texts that are the same, nearly the same, or share sentences.

Two texts are near-duplicates where the Jaccard index of their shingles is at least `likeness.THRESHOLD`; what is
connected by such pairs is a cluster. Its canonical document is the one with the longest text; of equally long ones,
the one whose source comes first. What comes out depends on the documents only, not on the order in which they came.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from winnow.cleaners.shingles import jaccard, shingles
from winnow.flows import rows
from winnow.flows.fingerprints import Fingerprints, key_of
from winnow.flows.growing import Keys
from winnow.flows.likeness import METHOD, THRESHOLD, Pairs, candidates, clusters
from winnow.flows.store import Corpus

SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("canonical", pa.string()),  # the source of the canonical document; of that itself, its own
        ("kind", pa.string()),  # canonical, exact, near; or single: no duplicate, but it shares sentences
        ("jaccard", pa.float64()),  # with the canonical document's text
        ("documents", pa.int32()),  # of the cluster
        ("shared", pa.float64()),  # share of the text's code points in sentences that stand in other clusters too
    ]
)
_PARTITIONS = 64  # of sentences, each sorted by itself: 8 MB of a million documents of 30 sentences
_TEXTS = ("outcome", "text_sha256", "text")
_SENTENCE = np.dtype([("hash", np.int64), ("text", np.int64), ("length", np.int64)])

HOLDING = ("cleaned", "duplicate")
"""Outcomes of documents whose texts count."""

Floats = npt.NDArray[np.float64]


class Rows(Protocol):
    """Rows that lie in blocks: a release's, or those of one that is being made."""

    corpus: Corpus

    @property
    def blocks(self) -> Sequence[str]:
        """Their names, always in the same order."""
        ...

    def read(self, block: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of a block's rows."""
        ...


class ReleaseRows:
    """The rows of a release."""

    def __init__(self, corpus: Corpus, table: DeltaTable) -> None:
        self.corpus, self._table = corpus, table
        self.blocks = [block.path for block in corpus.blocks(table)]

    def read(self, block: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Rows`."""
        return self.corpus.read(self._table, columns, [block])


@dataclass
class Documents:
    """The documents of a release that hold text, as columns, and their different texts."""

    sources: pa.ChunkedArray
    lengths: npt.NDArray[np.int64]
    """Code points of each document's text."""
    keys: Keys
    """The different texts, sorted."""
    texts: npt.NDArray[np.int64]
    """For each document the place of its text in `keys`."""
    blocks: npt.NDArray[np.int64]
    """For each text the number of a block that holds it."""


def find(held: Rows) -> pa.Table:
    """The duplicates among documents, by source: a row for each document in a cluster of several, and for each that
    shares sentences. Only texts that are new are read, and those that are like them.

    Memory grows with documents (`benchmarks/README.md`), not with their texts.
    """
    store = Fingerprints(held.corpus)
    documents = _read(held, store)
    compared = _Comparisons(held, store, documents)
    pairs = candidates(store.bands(documents.keys))
    near = pairs[compared.of(pairs) >= THRESHOLD]
    cluster = clusters(documents.keys.size, near)
    best = _canonical(documents, cluster)
    likeness = compared.of(np.sort(np.stack((np.arange(cluster.size), documents.texts[best]), axis=1), axis=1))
    return _table(documents, cluster, best, likeness, _shared(store, documents, cluster))


def publish(corpus: Corpus, found: pa.Table, release: int) -> None:
    """Make it the table `OUT/duplicates`, in one commit, where it does not tell of this release already."""
    if not tells_of(corpus, release):
        uri, told = corpus.beside("duplicates"), CommitProperties(custom_metadata=_told(release))
        write_deltalake(uri, found, mode="overwrite", storage_options=corpus.options, commit_properties=told)


def tells_of(corpus: Corpus, release: int) -> bool:
    """Whether `OUT/duplicates` tells of this release, by the method of today."""
    try:
        (last,) = DeltaTable(corpus.beside("duplicates"), storage_options=corpus.options).history(1)
    except TableNotFoundError:
        return False
    return _told(release).items() <= last.items()


def _told(release: int) -> dict[str, str]:
    return {"winnow.release": str(release), "winnow.method": METHOD}


def _read(held: Rows, store: Fingerprints) -> Documents:
    """What there is; texts that have none yet get a fingerprint."""
    sources, keys, lengths, blocks = [], [], [], []
    for number, block in enumerate(held.blocks):
        new = False
        for batch in held.read(block, ("source", "outcome", "text_sha256", "characters")):
            good = batch.filter(pc.is_in(batch.column("outcome"), value_set=pa.array(HOLDING)))
            here = [key_of(text) for text in good.column("text_sha256").to_pylist()]
            sources.append(good.column("source"))
            keys.append(np.array(here, np.int64))
            lengths.append(pc.struct_field(good.column("characters"), "text").to_numpy().astype(np.int64))
            blocks.append(np.full(len(here), number, np.int64))
            new = new or not store.known.issuperset(here)
        for batch in held.read(block, _TEXTS) if new else ():
            for outcome, text_sha256, text in rows.tuples(batch, _TEXTS):
                if outcome in HOLDING and key_of(text_sha256) not in store.known:
                    store.add(key_of(text_sha256), text)
    store.flush()
    different, first, texts = np.unique(_joined(keys), return_index=True, return_inverse=True)
    return Documents(pa.chunked_array(sources, pa.string()), _joined(lengths), different, texts, _joined(blocks)[first])


def _joined(parts: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *parts])


class _Comparisons:
    """Jaccard indices of pairs of texts: those that are known, and the others from their texts."""

    def __init__(self, held: Rows, store: Fingerprints, documents: Documents) -> None:
        self._held, self._store, self._documents = held, store, documents

    def of(self, pairs: Pairs) -> Floats:
        """The index of each pair of places in the documents' `keys`."""
        keys = self._documents.keys
        index = np.where(pairs[:, 0] == pairs[:, 1], 1.0, np.nan)
        wanted = pa.table({"first": keys[pairs[:, 0]], "second": keys[pairs[:, 1]], "at": np.arange(len(pairs))})
        met = wanted.join(self._store.comparisons(), ["first", "second"], join_type="inner")
        index[met.column("at").to_numpy()] = met.column("jaccard").to_numpy()
        missing = np.flatnonzero(np.isnan(index))
        if missing.size:
            index[missing] = self._compare(pairs[missing])
            first, second = keys[pairs[missing, 0]], keys[pairs[missing, 1]]
            self._store.keep({"first": first, "second": second, "jaccard": index[missing]})
        return index

    def _compare(self, pairs: Pairs) -> Floats:
        """By their shingles, which wait in a file: many pairs may need many texts."""
        with tempfile.TemporaryFile() as file:
            places: dict[int, tuple[int, int]] = {}
            for text, content in self._texts(np.unique(pairs)):
                hashes = shingles(content)
                places[text] = file.tell(), hashes.size
                file.write(hashes.tobytes())

            def read(text: int) -> npt.NDArray[np.uint64]:
                at, size = places[text]
                file.seek(at)
                return np.frombuffer(file.read(size * 8), np.uint64)

            index = np.zeros(len(pairs))
            last, held = -1, np.zeros(0, np.uint64)
            for number, (a, b) in enumerate(pairs.tolist()):
                if a != last:
                    last, held = a, read(a)
                index[number] = jaccard(held, read(b))
        return index

    def _texts(self, wanted: npt.NDArray[np.int64]) -> Iterable[tuple[int, str]]:
        """Each of these texts once, with its place."""
        documents = self._documents
        by_block: dict[int, dict[int, int]] = defaultdict(dict)
        for text in wanted.tolist():
            by_block[int(documents.blocks[text])][int(documents.keys[text])] = text
        for number, places in sorted(by_block.items()):
            for batch in self._held.read(self._held.blocks[number], _TEXTS):
                for outcome, text_sha256, content in rows.tuples(batch, _TEXTS):
                    place = places.pop(key_of(text_sha256), None) if outcome in HOLDING else None
                    if place is not None:
                        yield place, content


def _canonical(documents: Documents, cluster: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each text the number of its cluster's canonical document."""
    of_documents = cluster[documents.texts]
    rank = pc.rank(documents.sources, sort_keys="ascending").to_numpy()
    order = np.lexsort((rank, -documents.lengths, of_documents))
    first = np.unique(of_documents[order], return_index=True)
    best = np.zeros(cluster.size, np.int64)
    best[first[0]] = order[first[1]]
    chosen: npt.NDArray[np.int64] = best[cluster]
    return chosen


def _shared(store: Fingerprints, documents: Documents, cluster: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each text how many of its code points stand in sentences that other clusters hold too."""
    shared = np.zeros(cluster.size, np.int64)
    with tempfile.TemporaryDirectory() as folder:
        parts = [Path(folder) / str(number) for number in range(_PARTITIONS)]
        for texts, hashes, lengths in store.sentences(documents.keys):
            told = np.empty(texts.size, _SENTENCE)
            told["hash"], told["text"], told["length"] = hashes, texts, lengths
            part = hashes.astype(np.uint64) % np.uint64(_PARTITIONS)
            for number in np.unique(part):
                with parts[int(number)].open("ab") as file:
                    file.write(told[part == number].tobytes())
        for path in parts:
            if path.exists():
                told = np.fromfile(path, _SENTENCE)
                again = told[_in_several(told["hash"], cluster[told["text"]])]
                np.add.at(shared, again["text"], again["length"])
    return shared


def _in_several(hashes: Keys, cluster: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of the sentences stand in several clusters."""
    each = np.unique(np.stack((hashes, cluster), axis=1), axis=0)[:, 0]
    values, counts = np.unique(each, return_counts=True)
    return np.isin(hashes, values[counts > 1])


def _table(
    documents: Documents,
    cluster: npt.NDArray[np.int64],
    best: npt.NDArray[np.int64],
    likeness: Floats,
    shared: npt.NDArray[np.int64],
) -> pa.Table:
    texts = documents.texts
    sizes = np.bincount(cluster[texts], minlength=cluster.size)[cluster[texts]]
    canonical = best[texts]
    itself = canonical == np.arange(texts.size)
    same_text = texts == texts[canonical]
    kind = np.select([(sizes == 1), itself, same_text], ["single", "canonical", "exact"], "near")
    table = pa.table(
        {
            "source": documents.sources,
            "canonical": documents.sources.take(pa.array(canonical)),
            "kind": kind.astype(object),
            "jaccard": likeness[texts],
            "documents": sizes.astype(np.int32),
            "shared": shared[texts] / np.maximum(documents.lengths, 1),
        },
        SCHEMA,
    )
    return table.filter(pa.array((sizes > 1) | (shared[texts] > 0))).sort_by("source")
