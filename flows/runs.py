"""A run, step by step: what is known, what is listed, the batches, what is gone, the release.

`clean_corpus.py` has Prefect drive these steps; a `for` loop over them gives the same corpus.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from winnow.cleaners import WinnowError, versions
from winnow.flows import duplicates, marking, publishing, rows, weighing, workspace
from winnow.flows.cutting import Cutter
from winnow.flows.documents import Piece, bare_name, file_name
from winnow.flows.engine import BatchSpec
from winnow.flows.inventory import Inventory
from winnow.flows.ledger import KnownDocuments, SeenDocuments
from winnow.flows.marking import UpcomingRows
from winnow.flows.publishing import Staged
from winnow.flows.row_groups import staging
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing
from winnow.flows.store import Corpus, Release
from winnow.flows.workspace import Workspace

_FEW = 20  # documents of a folder below which no share of missing ones alarms


class TooManyRemoved(WinnowError):
    """More documents of a folder are gone than the settings allow."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. Also kept as `OUT/runs/<run>.json`."""

    run: str
    release: int | None
    """The one it published; None where nothing had changed."""
    newest: int | None
    """The newest release after the run."""
    documents: int
    """Inputs, each with one outcome."""
    renewed: int
    """Of them: new, or with another outcome or text than before."""
    unchanged: int
    removed: int
    """Documents whose source is gone since the release before."""
    taken_over: int
    """Rows that an interrupted run had left."""
    excluded: int
    """Files and folders left out by globs."""
    sample: float
    """Share of the documents that was looked at."""
    limit: int
    """Most documents that were looked at; 0: all."""
    seconds: float


class Run:
    """The state of one run. Its steps are called in the order in which they stand."""

    def __init__(self, corpus: Corpus, space: Workspace, settings: RunSettings) -> None:
        self.corpus, self.space, self.settings = corpus, space, settings
        self.globs = Globs(settings.include, settings.exclude)
        self._began = time.monotonic()
        self._table: DeltaTable | None = None
        self._taken_over = self._removed = 0
        self._unreadable: dict[str, bool] = {}

    def prepare(self, inputs: Sequence[str]) -> Run:
        """Load what is known and list what there is. Never raises for a bad input: it becomes a document."""
        self._load()
        listing = Listing(inputs, self.globs, not_in=[self.corpus.out])
        self.inventory.take(listing)
        with Cutter(self.settings) as cutter:
            self.inventory.cut(cutter.parts_of, self.settings.batch_bytes)
        self.complete, self.named = frozenset(listing.complete), frozenset(map(file_name, listing.named))
        self.excluded = listing.excluded
        return self

    def resume(
        self, pieces: Iterable[Piece], complete: Iterable[str], named: Iterable[str], excluded: int, seconds: float
    ) -> Run:
        """Load what is known, and take what was listed so many seconds ago."""
        self._load()
        self.inventory.take(pieces)
        self.complete, self.named, self.excluded = frozenset(complete), frozenset(named), excluded
        self._began -= seconds
        return self

    def _load(self) -> None:
        folder = self.space.folder
        self._table = self.corpus.table()
        known = KnownDocuments(folder / "known.sqlite", new=True)
        if self._table is not None:
            known.add(self.corpus.known(self._table))
        self._taken_over = workspace.stage_known(known, self.space)
        known.close()
        self.known = KnownDocuments(folder / "known.sqlite")
        self.seen = SeenDocuments(folder / "seen.sqlite", self.known)
        self.inventory = Inventory(folder / "inventory.sqlite")

    @property
    def is_first(self) -> bool:
        """Whether nothing is known: no release, nothing staged."""
        return self._table is None and not self._taken_over

    def batches(self, count: int | None = None) -> Iterator[BatchSpec]:
        """The batches, as they are wanted: cut as the settings say, or at most so many that weigh alike; with a limit,
        each only when the one before it is taken in."""
        known = "" if self.is_first else str(self.known.path)
        if count is None:
            cut = self.inventory.batches(self.settings.batch_documents, self.settings.batch_bytes)
        else:
            cut = self.inventory.shares(count)
        limit = self.settings.limit
        for number, pieces in enumerate(cut):
            left = limit and limit - self.seen.counts()[0]
            if limit and not left:
                return
            yield BatchSpec(number, tuple(pieces), known, str(self.space.parts), left)

    def take_in(self, spec: BatchSpec) -> None:
        """Note what a batch that is done has seen."""
        with pq.ParquetFile(spec.part) as part:
            for batch in part.iter_batches(columns=["source", "outcome"]):
                sources = batch.column("source")
                self.seen.renew(sources.to_pylist())
                self.seen.fail(sources.filter(pc.equal(batch.column("outcome"), "failed")).to_pylist())
        with spec.unchanged.open(encoding="utf-8") as lines:
            self.seen.leave(json.loads(line) for line in lines)

    def release(self, *, allow_removals: bool = False) -> RunReport:
        """Publish what changed, if anything did. Raises TooManyRemoved, ContractBroken, CorpusChanged, OSError:
        then nothing is published."""
        gone = self._gone(allow_removals)
        parts = [*self.space.adopted(), *sorted(self.space.parts.glob("[0-9]*.parquet"))]
        staged = Staged([*parts, *([gone] if gone else [])], self.known, self.seen)
        given, _ = self.seen.counts()
        newest = self.corpus.releases(self._table)[:1] if self._table is not None else []
        self._weigh(staged, newest[0] if newest else None)
        found = self._mark(staged, newest[0] if newest else None)
        seen, renewed = self.seen.counts()
        number = newest[0].number + 1 if newest else 1
        changed = bool(renewed)
        report = RunReport(
            run=self.space.run,
            release=number if changed else None,
            newest=number if changed else newest[0].number if newest else None,
            documents=given - self._removed,
            renewed=renewed - self._removed,
            unchanged=seen - renewed,
            removed=self._removed,
            taken_over=self._taken_over,
            excluded=self.excluded,
            sample=self.settings.sample,
            limit=self.settings.limit,
            seconds=round(time.monotonic() - self._began, 1),
        )
        if changed:
            told = dataclasses.asdict(report) | {"ruleset": versions.ruleset(), "made_by": rows.made_by(self.settings)}
            told |= {"duplicates": self.settings.duplicates, "repeats": self.settings.repeats}
            publishing.publish(self.corpus, self._table, staged, self.seen, told)
        if found is not None and report.newest is not None:
            duplicates.publish(self.corpus, found, report.newest)
        self._keep(report)
        return report

    def close(self) -> None:
        """Let go of the files."""
        for held in ("known", "seen", "inventory"):
            if hasattr(self, held):
                getattr(self, held).close()

    def _weigh(self, staged: Staged, newest: Release | None) -> None:
        """Bring what repeats on a site into the rows of the release to come, as the settings want it; or take back what
        another run, or one that was killed, had brought."""
        wanted, before = self.settings.repeats, newest.told.get("repeats", "off") if newest else "off"
        nothing_came = wanted == before and not self.seen.counts()[1]
        if nothing_came or (wanted == before == "off" and not self._taken_over):
            return
        upcoming = UpcomingRows(self.corpus, self._table, staged, self.seen)
        weighing.weigh(upcoming, staged, self.seen, self.settings, self.space.parts / "weighed.parquet")

    def _mark(self, staged: Staged, newest: Release | None) -> pa.Table | None:
        """Find the duplicates of the release to come, and mark them, as the settings want it; None where nothing is
        to be found, or was found already."""
        wanted = self.settings.duplicates
        stands = newest is not None and not self.seen.counts()[1] and newest.told.get("duplicates", "off") == wanted
        if newest is not None and stands and (wanted == "off" or duplicates.tells_of(self.corpus, newest.number)):
            return None
        upcoming = UpcomingRows(self.corpus, self._table, staged, self.seen)
        found = duplicates.find(upcoming) if wanted != "off" else None
        marks = marking.marks_of(found) if found is not None and wanted == "mark" else {}
        if marks or self.known.have("duplicate"):
            marking.mark(upcoming, staged, self.seen, marks, self.space.parts / "marked.parquet")
        return found

    def _gone(self, allowed: bool) -> Path | None:
        """A part with the rows of what is gone, of folders that were listed to the end. A run that takes only a part
        of the documents cannot tell."""
        if self.settings.takes_part:
            return None
        part = self.space.parts / "removed.parquet"
        gone = [(self._missing(folder, allowed), "its source is gone") for folder in sorted(self.complete)]
        gone.append((self.seen.recovered(self.named), "the input can be listed again"))
        with staging(part) as writer:
            for missing, reason in gone:
                if missing:
                    batch = rows.batch_of(rows.row_of_removed(source, reason) for source in missing)
                    writer.write_table(pa.Table.from_batches([batch]))
                    self.seen.renew(missing)
                    self._removed += len(missing)
        return part if self._removed else None

    def _missing(self, folder: str, allowed: bool) -> list[str]:
        """The documents of a folder that are gone. Raises TooManyRemoved."""
        missing = [source for source in self.seen.missing(folder) if not self._may_stand(source)]
        standing = self.seen.standing(folder)
        if not allowed and standing >= _FEW and len(missing) > self.settings.most_removed * standing:
            raise TooManyRemoved(
                f"{folder}: {len(missing):,} of {standing:,} documents are gone, more than the setting"
                f" most_removed = {self.settings.most_removed:g} allows: nothing was published. Is the disk"
                " mounted? If they are meant to go, run again with --allow-removals"
            )
        return missing

    def _may_stand(self, source: str) -> bool:
        """Whether it may be there still: it was left out, or in a container of which a part could not be read."""
        containers = [source[:at] for at, character in enumerate(source) if character == "#"]
        read = [container for container in containers if self.inventory.holds(container)]
        if read:
            return any(map(self._is_unreadable, read))
        return any(self.globs.left_out(bare_name(name)) for name in (source, *containers))

    def _is_unreadable(self, container: str) -> bool:
        if container not in self._unreadable:
            self._unreadable[container] = self.seen.failed_in(container)
        return self._unreadable[container]

    def _keep(self, report: RunReport) -> None:
        """The manifest. Of a corpus in an object store it stands in the commit only."""
        if self.corpus.is_local:
            folder = Path(self.corpus.out) / "runs"
            folder.mkdir(exist_ok=True)
            told = json.dumps(dataclasses.asdict(report), indent=1) + "\n"
            (folder / f"{report.run}.json").write_text(told, "utf-8")


def newest(corpus: Corpus) -> Release | None:
    """The newest release of a corpus, if there is one."""
    return next(iter(corpus.releases()), None)
