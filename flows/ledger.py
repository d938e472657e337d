"""What is known of each document before a run, and what the run has seen of it: two SQLite files.

A corpus can hold more sources than memory should; a run asks for them one at a time. `known.sqlite`
is complete before the first document is read and does not change after: workers read it too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

_ASKED_AT_ONCE = 500  # below SQLite's oldest limit on variables, 999


@dataclass(frozen=True, slots=True)
class Known:
    """What the newest release, or an interrupted run's staging, holds of a document."""

    source: str
    content: str | None
    """SHA-256 of its bytes; None where they could not be read."""
    made_by: str
    outcome: str
    reason: str
    place: str | None
    """The block of the table that holds its row; None: not yet published."""
    first_release: int | None
    """None: not yet published."""
    text: str | None = None
    """SHA-256 of its clean text."""
    staged: str | None = None
    """The part of an interrupted run that holds a newer row, of which content, made_by, outcome, reason and came_with
    tell."""
    came_with: str | None = None
    """Digest of what came with its bytes; None where nothing did."""

    def holds(self, content: str | None, came_with: str | None, made_by: str) -> bool:
        """Whether the row still stands for this content. What failed is tried again."""
        told = content, came_with, made_by
        return told == (self.content, self.came_with, self.made_by) and self.outcome not in ("failed", "removed")

    def says(self, row: Mapping[str, Any]) -> bool:
        """Whether a new row says the same: what fails again as it did is no change."""
        told = row["source_sha256"], row["came_with"], row["made_by"], row["outcome"], row["reason"]
        return told == (self.content, self.came_with, self.made_by, self.outcome, self.reason)


_COLUMNS = ", ".join(field.name for field in fields(Known))
_INSERT = f"INSERT INTO known VALUES ({', '.join('?' * len(fields(Known)))})"  # noqa: S608


class KnownDocuments:
    """The file of what is known."""

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self.path = path
        if new:
            path.unlink(missing_ok=True)
        # A worker only reads; nothing writes once workers run, so that no lock is needed.
        uri = f"{path.absolute().as_uri()}" + ("" if new else "?mode=ro&immutable=1")
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        if new:
            self._db.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                "CREATE TABLE known (source TEXT PRIMARY KEY, content, made_by, outcome, reason, place, first_release,"
                " text, staged, came_with) WITHOUT ROWID;"
            )

    def add(self, known: Iterable[Known]) -> None:
        """Take these in."""
        self._db.executemany(_INSERT, map(astuple, known))
        self._db.commit()

    def stage(self, staged: Iterable[Known]) -> None:
        """Take in newer rows of an interrupted run: they tell what stands, not where the table holds it."""
        self._db.executemany(
            f"{_INSERT} ON CONFLICT (source) DO UPDATE SET content = excluded.content, made_by = excluded.made_by,"
            " outcome = excluded.outcome, reason = excluded.reason, staged = excluded.staged,"
            " came_with = excluded.came_with",
            map(astuple, staged),
        )
        self._db.commit()

    def of(self, source: str) -> Known | None:
        """What is known of a document, if anything."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM known WHERE source = ?", (source,)).fetchone()  # noqa: S608
        return Known(*row) if row else None

    def of_all(self, sources: Sequence[str]) -> dict[str, Known]:
        """What is known of these documents, by source."""
        found: dict[str, Known] = {}
        for at in range(0, len(sources), _ASKED_AT_ONCE):
            asked = sources[at : at + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            query = f"SELECT {_COLUMNS} FROM known WHERE source IN ({marks})"  # noqa: S608
            found |= {row[0]: Known(*row) for row in self._db.execute(query, asked)}
        return found

    def within(self, sources: Iterable[str]) -> Iterator[Known]:
        """What is known of these files and of the documents in them, each once, whatever their names hold."""
        told: set[str] = set()
        query = f"SELECT {_COLUMNS} FROM known WHERE source = ? OR (source >= ? AND source < ?)"  # noqa: S608
        for source in sources:
            with closing(self._db.execute(query, (source, f"{source}#", f"{source}$"))) as rows:
                for row in rows:
                    if row[0] not in told:
                        told.add(row[0])
                        yield Known(*row)

    def have(self, outcome: str) -> bool:
        """Whether any document has this outcome."""
        return self._db.execute("SELECT 1 FROM known WHERE outcome = ? LIMIT 1", (outcome,)).fetchone() is not None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class SeenDocuments:
    """What a run has seen: which sources, and which of them have a new row."""

    def __init__(self, path: Path, known: KnownDocuments) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE seen (source TEXT PRIMARY KEY, row TEXT) WITHOUT ROWID;"
            "CREATE TABLE failed (source TEXT PRIMARY KEY) WITHOUT ROWID;"
        )
        self._db.execute("ATTACH ? AS before", (str(known.path),))

    def renew(self, sources: Iterable[str]) -> None:
        """Note documents that have a new row."""
        self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, 'new')", ((source,) for source in sources))

    def fail(self, sources: Iterable[str]) -> None:
        """Note documents whose new row says that they failed."""
        self._db.executemany("INSERT OR IGNORE INTO failed VALUES (?)", ((source,) for source in sources))

    def failed_in(self, container: str) -> bool:
        """Whether a container, or a document in it, failed in this run, anew or as before."""
        query = (
            "SELECT 1 FROM failed WHERE source = ?1 OR (source >= ?2 AND source < ?3) UNION ALL"
            " SELECT 1 FROM seen JOIN before.known USING (source) WHERE row IS NULL AND outcome = 'failed'"
            " AND (source = ?1 OR (source >= ?2 AND source < ?3)) LIMIT 1"
        )
        return self._db.execute(query, (container, f"{container}#", f"{container}$")).fetchone() is not None

    def leave(self, sources: Iterable[str]) -> None:
        """Note documents whose row stands: in the table, or in an interrupted run's part."""
        self._db.executemany(
            "INSERT OR IGNORE INTO seen SELECT ?1, iif(staged IS NULL, NULL, 'adopted') FROM before.known"
            " WHERE source = ?1",
            ((source,) for source in sources),
        )

    def renewed_of(self, sources: Sequence[str]) -> set[str]:
        """Those of the sources that have a new row, of this run or of an interrupted one."""
        return self._of(sources, "row IS NOT NULL")

    def adopted_of(self, sources: Sequence[str]) -> set[str]:
        """Those whose new row is an interrupted run's."""
        return self._of(sources, "row = 'adopted'")

    def _of(self, sources: Sequence[str], which: str) -> set[str]:
        found: set[str] = set()
        for at in range(0, len(sources), _ASKED_AT_ONCE):
            asked = sources[at : at + _ASKED_AT_ONCE]
            query = f"SELECT source FROM seen WHERE {which} AND source IN ({','.join('?' * len(asked))})"  # noqa: S608
            found.update(row[0] for row in self._db.execute(query, asked))
        return found

    def counts(self) -> tuple[int, int]:
        """How many documents were seen, and how many of them have a new row."""
        seen, renewed = self._db.execute("SELECT count(*), count(row) FROM seen").fetchone()
        return seen, renewed

    def missing(self, root: str) -> Iterator[str]:
        """Documents known below a root that this run has not seen and that are not yet `removed`."""
        query = (
            "SELECT source FROM before.known WHERE place IS NOT NULL AND outcome != 'removed'"
            " AND source >= ? AND source < ? AND source NOT IN (SELECT source FROM seen) ORDER BY source"
        )
        with closing(self._db.execute(query, _below(root))) as rows:
            yield from (row[0] for row in rows)

    def recovered(self, names: Iterable[str]) -> list[str]:
        """Those of these names that had failed before and that this run has not seen."""
        query = (
            "SELECT 1 FROM before.known WHERE place IS NOT NULL AND outcome = 'failed' AND source = ?1"
            " AND ?1 NOT IN (SELECT source FROM seen)"
        )
        return [name for name in sorted(names) if self._db.execute(query, (name,)).fetchone()]

    def standing(self, root: str) -> int:
        """How many documents were known below a root and not `removed`."""
        query = (
            "SELECT count(*) FROM before.known WHERE place IS NOT NULL AND outcome != 'removed'"
            " AND source >= ? AND source < ?"
        )
        count: int = self._db.execute(query, _below(root)).fetchone()[0]
        return count

    def places(self) -> list[str]:
        """The files that hold rows which this run renews."""
        query = (
            "SELECT DISTINCT place FROM before.known JOIN seen USING (source)"
            " WHERE row IS NOT NULL AND place IS NOT NULL ORDER BY place"
        )
        return [row[0] for row in self._db.execute(query)]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _below(root: str) -> tuple[str, str]:
    """The half-open range of sources below a root: "/" is the code point before "0"."""
    return f"{root}/", f"{root}0"
