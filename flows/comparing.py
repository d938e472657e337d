"""What a run did to a corpus: its new rows, the release before, and where sites jumped between the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from winnow.flows import sites
from winnow.flows.counting import values_of
from winnow.flows.judging import cause_of
from winnow.flows.sites import Drift
from winnow.flows.store import Corpus, Release

_COLUMNS = (*sites.COLUMNS, "reason")
_WORST = 10  # documents that are told
_LONG = 500  # code points of a page below which a large share is no news
_CAUSES = 20  # of failures


@dataclass
class Totals:
    """A release, or the new rows of one, in numbers."""

    outcomes: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    """Cleaned documents by language."""
    page: int = 0
    """Code points."""
    removed: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Count these rows."""
        self.outcomes.update(values_of(batch.column("outcome")))
        self.languages.update(values_of(batch.column("language").filter(pc.equal(batch.column("outcome"), "cleaned"))))
        characters = batch.column("characters")
        self.page += pc.sum(pc.struct_field(characters, "page")).as_py() or 0
        self.removed += pc.sum(pc.struct_field(characters, "removed")).as_py() or 0

    @property
    def documents(self) -> int:
        """All but the removed ones."""
        return self.outcomes.total() - self.outcomes["removed"]

    @property
    def share(self) -> float:
        """Share of the pages' text that went, 0 to 1."""
        return self.removed / self.page if self.page else 0.0


@dataclass
class Comparison:
    """A release beside the one before."""

    release: Release
    before: Release | None
    whole: Totals
    """All rows of the release."""
    fresh: Totals
    """The rows that it brought."""
    old: Totals
    """All rows of the release before."""
    drifts: list[Drift]
    worst: list[tuple[str, float, int]]
    """(source, share that went, code points of the page) of new rows, the largest share first."""
    causes: Counter[tuple[str, str]]
    """New rows that are not cleaned, by outcome and reason."""

    @property
    def same_rules(self) -> bool:
        """Whether both releases were made by the same rules, code and settings: else their numbers tell of those."""
        return self.before is None or self.before.told.get("made_by") == self.release.told.get("made_by")


def compared(corpus: Corpus, number: int) -> Comparison:
    """Compare a release with the one before. Reads both, a few columns of them."""
    releases = {release.number: release for release in corpus.releases()}
    release, before = releases[number], releases.get(number - 1)
    whole, old = Totals(), Totals()
    history = sites.tally(_counted(_rows(corpus, before), old)) if before else {}
    new = _New(number)
    now = sites.tally(new.taken(_counted(_rows(corpus, release), whole)))
    told = Comparison(release, before, whole, new.totals, old, [], new.worst, new.causes)
    told.drifts = list(sites.drifts(history, now)) if told.same_rules else []
    return told


class _New:
    """The new rows among all, counted on their way."""

    def __init__(self, release: int) -> None:
        self._release = release
        self.totals = Totals()
        self.worst: list[tuple[str, float, int]] = []
        self.causes: Counter[tuple[str, str]] = Counter()

    def taken(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The new rows."""
        for batch in batches:
            new = batch.filter(pc.equal(batch.column("release"), self._release))
            if new.num_rows:
                self.totals.add(new)
                self._judge(new)
                yield new

    def _judge(self, batch: pa.RecordBatch) -> None:
        columns = (batch.column("source"), sites.shares_of(batch), pc.struct_field(batch.column("characters"), "page"))
        cleaned = pc.and_(pc.equal(batch.column("outcome"), "cleaned"), pc.greater_equal(columns[2], _LONG))
        found = zip(*(column.filter(cleaned).to_pylist() for column in columns), strict=True)
        self.worst = sorted((*self.worst, *found), key=lambda told: (-told[1], told[0]))[:_WORST]
        bad = batch.filter(pc.is_in(batch.column("outcome"), pa.array(["failed", "quarantined"])))
        causes = map(cause_of, bad.column("reason").to_pylist())
        self.causes.update(zip(bad.column("outcome").to_pylist(), causes, strict=True))
        if len(self.causes) > 1_000:  # reasons that name their document: no list of them helps
            self.causes = Counter(dict(self.causes.most_common(_CAUSES)))


def _rows(corpus: Corpus, release: Release) -> Iterator[pa.RecordBatch]:
    table = corpus.table(release.number)
    assert table is not None  # noqa: S101  (it has the release)
    yield from corpus.read(table, _COLUMNS)


def _counted(batches: Iterable[pa.RecordBatch], totals: Totals) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        totals.add(batch)
        yield batch
