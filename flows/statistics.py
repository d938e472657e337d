"""A corpus at a glance: how its main signals are spread before and after cleaning, in all, by language and by site.

Bounded memory: of a corpus of more than 100,000 documents the spreads are those of a sample, drawn by the
documents' ids, the same each time; documents are counted in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.flows import counting, sites
from winnow.flows.counting import Counts, values_of
from winnow.flows.store import Corpus

MAIN = (
    "gopher_word_count",
    "winnow_residue_share",
    "winnow_line_punctuation",
    "winnow_link_share",
    "winnow_foreign_line_share",
    "winnow_repairs_per_1000",
    "gopher_duplicate_line_characters",
    "gopher_duplicate_5gram_characters",
    "fineweb_short_line_share",
    "c4_kept_character_share",
    "rps_doc_frac_unique_words",
    "rps_doc_unigram_entropy",
)
"""The signals that are shown; the corpus holds all."""
_SIDES = ("page", "text")
_SHOWN = ("characters", *MAIN)
_COLUMNS = ("id", *dict.fromkeys((*sites.COLUMNS, *counting.COLUMNS)))
_MOST = 100_000  # documents whose values are held: 104 bytes each
_IDS = 1 << 16  # into so many parts their first four hex digits part them
_QUANTILES = (0.1, 0.5, 0.9)

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of a signal are spread over documents."""

    low: float
    """A tenth of the documents is below it."""
    median: float
    high: float
    """A tenth of the documents is above it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A signal before and after cleaning; None where no document has it."""

    before: Spread | None
    after: Spread | None


@dataclass(frozen=True)
class Group:
    """Some documents of the corpus: all, those in a language, those of a site."""

    name: str
    documents: int
    """That hold text, cleaned or quarantined."""
    signals: dict[str, Change]
    """`characters` of page and text, and the main signals."""


@dataclass
class Statistics:
    """A release of a corpus, in numbers."""

    release: int
    counts: Counts
    whole: Group
    sampled: int
    """Documents that the spreads are told of."""
    languages: list[Group] = field(default_factory=list)
    """The most documents first."""
    sites: list[Group] = field(default_factory=list)

    @property
    def has_signals(self) -> bool:
        """Whether any document has quality signals."""
        return any(change.after for name, change in self.whole.signals.items() if name != "characters")


def statistics_of(corpus: Corpus, release: int, most: int = 20) -> Statistics:
    """The statistics of a release, with the `most` largest languages and sites. Reads it once."""
    table = corpus.table(release)
    assert table is not None  # noqa: S101  (it has the release)
    rows = sum(block.rows for block in corpus.blocks(table))
    signals = [f"signals.{side}.{name}" for side in _SIDES for name in MAIN]
    gathered = _Gathered(min(1.0, _MOST / max(rows, 1)))
    counts = counting.counts_of(gathered.taking(corpus.read(table, [*_COLUMNS, *signals])))
    values = np.concatenate(gathered.values) if gathered.values else np.zeros((0, 2 * len(_SHOWN)), np.float32)
    whole = _group("all", gathered.languages.total(), values)
    told = Statistics(release, counts, whole, len(values))
    told.languages = list(_groups(gathered.languages.most_common(most), gathered.language_of, values))
    told.sites = list(_groups(gathered.sites.most_common(most), gathered.site_of, values))
    return told


class _Gathered:
    """What is taken from the rows on their way to be counted."""

    def __init__(self, share: float) -> None:
        self._below = round(share * _IDS)
        self.values: list[Values] = []
        self.language_of: list[str] = []
        self.site_of: list[str] = []
        self.languages: Counter[str] = Counter()
        self.sites: Counter[str] = Counter()

    def taking(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same rows."""
        for batch in batches:
            self._take(batch.filter(pc.is_in(batch.column("outcome"), pa.array(["cleaned", "quarantined"]))))
            yield batch

    def _take(self, batch: pa.RecordBatch) -> None:
        places = sites.sites_of(batch)
        self.languages.update(values_of(batch.column("language")))
        self.sites.update(values_of(places))
        drawn = pa.array([int(name[:4], 16) < self._below for name in batch.column("id").to_pylist()], pa.bool_())
        self.site_of += places.filter(drawn).to_pylist()
        batch = batch.filter(drawn)
        self.language_of += batch.column("language").to_pylist()
        self.values.append(np.column_stack([*_columns(batch)]))


def _columns(batch: pa.RecordBatch) -> Iterator[Values]:
    """The values before, then those after, in the order of what is shown; NaN where there is none."""
    for side in _SIDES:
        yield pc.struct_field(batch.column("characters"), side).to_numpy(zero_copy_only=False).astype(np.float32)
        held = pc.struct_field(batch.column("signals"), side)
        for name in MAIN:
            column = pc.struct_field(held, name).cast(pa.float32())
            yield pc.fill_null(column, float("nan")).to_numpy(zero_copy_only=False)


def _groups(named: Sequence[tuple[str, int]], of: list[str], values: Values) -> Iterator[Group]:
    numbers = {name: number for number, (name, _) in enumerate(named)}
    group = np.array([numbers.get(name, -1) for name in of], np.int64)
    for name, documents in named:
        yield _group(name, documents, values[group == numbers[name]])


def _group(name: str, documents: int, values: Values) -> Group:
    width = len(_SHOWN)
    changes = {
        shown: Change(_spread(values[:, place]), _spread(values[:, place + width]))
        for place, shown in enumerate(_SHOWN)
    }
    return Group(name, documents, changes)


def _spread(values: Values) -> Spread | None:
    held = values[~np.isnan(values)]
    return Spread(*(float(value) for value in np.quantile(held, _QUANTILES))) if len(held) else None
