"""What repeats on a site, in a release that is being made: counted over its documents, and brought into their rows.

Rows depend on which documents the release holds, never on the order in which they came or on how many runs brought
them. Rows that were made by other settings or another version wait until they are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.cleaners.page import Repeated
from winnow.cleaners.rolling_hashes import Hashes, Numbers, mixed
from winnow.flows import evidence, page_lines, rows, sites
from winnow.flows.evidence import Documents, Evidence
from winnow.flows.ledger import SeenDocuments
from winnow.flows.marking import UpcomingRows
from winnow.flows.publishing import Staged
from winnow.flows.rejudging import rejudged
from winnow.flows.row_groups import staging
from winnow.flows.settings import RunSettings

# What was noted is judged again where it is to be struck: one hash for both would not tell.
_MODES = {"note": np.uint64(0x9E3779B97F4A7C15), "strike": np.uint64(0xC2B2AE3D27D4EB4F)}


@dataclass(frozen=True)
class _Weighed:
    """What is known of the documents, beside what each was judged by."""

    found: Evidence | None
    """None: nothing is to be known."""
    documents: Documents
    wanted: Hashes
    """What each document is to be judged by; 0: nothing."""
    settings: RunSettings

    def changed(self, batches: Iterable[pa.RecordBatch], begin: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        """Of rows from the document `begin` on, some at a time: those that stand, and those that were judged again."""
        made_by = rows.made_by(self.settings)
        for batch in batches:
            end = begin + batch.num_rows
            wanted = self.wanted[begin:end]
            ours = np.array([made == made_by for made in batch.column("made_by").to_pylist()], np.bool_)
            again = ours & (wanted != self.documents.told[begin:end])
            begin = end
            numbers = np.flatnonzero(again) + end - batch.num_rows
            judged = rows.batch_of(self._judged(batch.filter(pa.array(again)), wanted[again], numbers))
            yield batch.filter(pa.array(~again)), judged

    def _judged(self, batch: pa.RecordBatch, wanted: Hashes, numbers: Numbers) -> Iterator[dict[str, Any]]:
        told = zip(sites.sites_of(batch).to_pylist(), wanted.tolist(), numbers.tolist(), strict=True)
        for row, (site, hashed, number) in zip(batch.to_pylist(), told, strict=True):
            repeated = self._repeated(row, site, number)
            yield rejudged(row, repeated, f"{hashed:016x}" if hashed else None, self.settings)

    def _repeated(self, row: dict[str, Any], site: str, document: int) -> dict[int, Repeated]:
        if self.found is None:
            return {}
        numbers, hashes = page_lines.hashed(evidence.page_text(row["text"], row["findings"]))
        titles = self.found.titles_of(site, hashes, document)
        told = enumerate(zip(numbers.tolist(), self.found.of(site, hashes).tolist(), strict=True))
        return {
            number: Repeated(site, count, titles.get(place, ""))
            for place, (number, count) in told
            if count or place in titles
        }


def weigh(upcoming: UpcomingRows, staged: Staged, seen: SeenDocuments, settings: RunSettings, part: Path) -> int:
    """Bring what repeats into the rows of the release: into staged ones where they stand, and into those that stood
    before in a new `part`. Returns how many of these changed."""
    weighed = _weighed(upcoming, settings)
    renewed: list[str] = []
    with staging(part) as writer:
        for block, (begin, end) in zip(upcoming.blocks, weighed.documents.spans, strict=True):
            if (weighed.wanted[begin:end] == weighed.documents.told[begin:end]).all():
                continue
            changed = weighed.changed(upcoming.read(block), begin)
            if block not in upcoming.standing:
                _rewrite(Path(block), changed)
                continue
            for _, judged in changed:
                writer.write_batch(judged)
                renewed += judged.column("source").to_pylist()
    seen.renew(renewed)
    if renewed:
        staged.parts.append(part)
    return len(renewed)


def _weighed(upcoming: UpcomingRows, settings: RunSettings) -> _Weighed:
    documents = evidence.documents_of(upcoming)
    if settings.repeats == "off":
        return _Weighed(None, documents, np.zeros_like(documents.told), settings)
    found = evidence.weigh(upcoming, documents)
    wanted = np.where(found.documents != 0, mixed(found.documents ^ _MODES[settings.repeats]), np.uint64(0))
    return _Weighed(found, documents, wanted, settings)


def _rewrite(part: Path, changed: Iterable[tuple[pa.RecordBatch, pa.RecordBatch]]) -> None:
    """Write a staged part anew, in one step: a run that is killed leaves the old one or the new one."""
    temporary = part.with_suffix(".partial")
    with staging(temporary) as writer:
        for batches in changed:
            whole = pa.Table.from_batches([batch.select(rows.SCHEMA.names) for batch in batches])
            writer.write_table(whole.sort_by("source").cast(rows.SCHEMA))
    temporary.replace(part)
