"""Sites of a corpus, what of their pages goes, in which languages they are, and whether that jumped.

A site whose template changed shows it: suddenly more is struck than ever, or less, or another language is found.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = ("source", "url", "origin", "outcome", "language", "characters", "release")
# What a site's pages must be for a jump to mean something.
_LEAST_BEFORE = 20  # documents
_LEAST_NOW = 10
_LEAST_SHARE = 0.1  # by which the removal share must move
_ERRORS = 4.0  # and by so many standard errors
_LEAST_MIX = 0.2  # by which the language mix must move, beyond what a sample of that size does by chance

_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?P<host>[^/?#:]+)"
_FOLDER = r"^(?P<folder>[^/#]*(?:/[^/#]*)?)/"


@dataclass
class Site:
    """The documents of a site that hold text, cleaned or quarantined."""

    documents: int = 0
    shares: float = 0.0
    """Sum of the documents' removal shares, each 0 to 1."""
    squares: float = 0.0
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Mean share of a page that goes."""
        return self.shares / self.documents if self.documents else 0.0

    @property
    def variance(self) -> float:
        """Of the documents' shares."""
        return max(0.0, self.squares / self.documents - self.share**2) if self.documents else 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """A jump of a site against its own history."""

    site: str
    what: str
    """`removal share` or `language mix`."""
    before: str
    now: str
    documents: int
    """New or changed ones, that tell."""


def sites_of(batch: pa.RecordBatch) -> pa.Array:
    """The site of each row: the host of its URL, else the first folder below the input, else the input."""
    urls = pc.coalesce(pc.struct_field(batch.column("origin"), "url"), batch.column("url"))
    hosts = pc.utf8_lower(pc.struct_field(pc.extract_regex(urls, _HOST), "host"))
    folders = pc.struct_field(pc.extract_regex(batch.column("source"), _FOLDER), "folder")
    return pc.coalesce(hosts, folders, batch.column("source"))


def only(site: str | None, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of a site; None: all."""
    return batch if site is None else batch.filter(pc.equal(sites_of(batch), site))


def shares_of(batch: pa.RecordBatch) -> pa.Array:
    """The share of each page that went, 0 to 1; null where there was no page."""
    page, removed = (pc.struct_field(batch.column("characters"), kind) for kind in ("page", "removed"))
    return pc.if_else(pc.greater(page, 0), pc.divide(removed.cast(pa.float64()), page.cast(pa.float64())), None)


def tally(batches: Iterable[pa.RecordBatch]) -> dict[str, Site]:
    """The sites of rows that hold at least `COLUMNS`."""
    sites: dict[str, Site] = {}
    for batch in batches:
        shares = shares_of(batch)
        told = pa.table({"site": sites_of(batch), "language": batch.column("language"), "share": shares})
        told = told.append_column("square", pc.multiply(told["share"], told["share"])).filter(pc.is_valid(shares))
        sums = told.group_by("site").aggregate([("share", "sum"), ("square", "sum"), ("share", "count")])
        for row in sums.to_pylist():
            site = sites.setdefault(row["site"], Site())
            site.documents += row["share_count"]
            site.shares += row["share_sum"]
            site.squares += row["square_sum"]
        for row in told.group_by(["site", "language"]).aggregate([("language", "count")]).to_pylist():
            sites[row["site"]].languages[row["language"]] += row["language_count"]
    return sites


def drifts(before: Mapping[str, Site], now: Mapping[str, Site]) -> Iterator[Drift]:
    """The jumps of sites, by name; of new or changed documents against what the release before held of the site."""
    for name in sorted(before.keys() & now.keys()):
        old, new = before[name], now[name]
        if old.documents < _LEAST_BEFORE or new.documents < _LEAST_NOW:
            continue
        if abs(new.share - old.share) > max(_LEAST_SHARE, _ERRORS * _error(old, new)):
            yield Drift(name, "removal share", f"{old.share:.0%}", f"{new.share:.0%}", new.documents)
        if _moved(old, new) > _LEAST_MIX + _by_chance(old, new):
            yield Drift(name, "language mix", _mix(old), _mix(new), new.documents)


def _error(old: Site, new: Site) -> float:
    """Standard error of the difference of two means (Welch)."""
    return math.sqrt(old.variance / old.documents + new.variance / new.documents)


def _moved(old: Site, new: Site) -> float:
    """Total variation distance of two language mixes: the share of documents that changed sides, 0 to 1."""
    tags = old.languages.keys() | new.languages.keys()
    return sum(abs(old.languages[t] / old.documents - new.languages[t] / new.documents) for t in tags) / 2


def _by_chance(old: Site, new: Site) -> float:
    """A bound on the mean distance of two samples of one mix: half of √(k (1/n + 1/m)), by Cauchy and Schwarz."""
    tags = old.languages.keys() | new.languages.keys()
    return math.sqrt(len(tags) * (1 / old.documents + 1 / new.documents)) / 2


def _mix(site: Site) -> str:
    return ", ".join(f"{tag} {count / site.documents:.0%}" for tag, count in site.languages.most_common(3))
