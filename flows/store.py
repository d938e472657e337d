"""The corpus: a Delta table of one row a document, changed by one commit a release.

The rows of a release lie in Parquet files ("blocks") that never change. A release adds blocks for
new rows, and replaces those blocks that hold rows which changed; the commit names both, so that a
reader sees all of it or nothing. Blocks are written and named by `publishing.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from winnow.cleaners import WinnowError
from winnow.flows import faults, row_groups, rows
from winnow.flows.credentials import refuse_credentials
from winnow.flows.documents import is_stored
from winnow.flows.ledger import Known

_KNOWN = ("source", "source_sha256", "made_by", "outcome", "reason", "first_release", "text_sha256", "came_with")
# Releases are told by the log, which must not forget them: `winnow vacuum` decides what goes.
_KEPT_FOR_EVER = {"delta.logRetentionDuration": "interval 36500 days", "delta.enableExpiredLogCleanup": "false"}


class NoSuchRelease(WinnowError):
    """The corpus has no release of this number or tag."""


class CorpusChanged(WinnowError):
    """Another run published meanwhile."""


class OutputNotWritable(WinnowError):
    """The output cannot be made or written."""


@dataclass(frozen=True, slots=True)
class Block:
    """A data file of the table."""

    path: str
    """Below the table's folder."""
    size: int
    """Bytes."""
    rows: int


@dataclass(frozen=True, slots=True)
class Release:
    """One published state of the corpus."""

    number: int
    version: int
    """Of the Delta table."""
    published: datetime
    told: Mapping[str, Any]
    """What the commit says of itself: run id, counts, versions."""


class Corpus:
    """The table at a place: a local folder or an object store's URL, with the options that reach it.

    Raises BadSettings where the URL holds a key.
    """

    def __init__(self, out: str, options: Mapping[str, str] | None = None) -> None:
        refuse_credentials([out])
        self.out = out
        self.is_local = not is_stored(out)
        self.uri = self.beside("corpus")
        self.options = dict(options or {})
        """What reaches the object store."""

    def beside(self, name: str) -> str:
        """The place of another table of this corpus: a path or URL below OUT."""
        return str(Path(self.out).absolute() / name) if self.is_local else f"{self.out.rstrip('/')}/{name}"

    def table(self, release: int | None = None) -> DeltaTable | None:
        """The Delta table at a release, by default the newest; None where nothing was published yet.

        Raises NoSuchRelease.
        """
        try:
            table = DeltaTable(self.uri, storage_options=self.options)
        except TableNotFoundError:
            table = None
        except (DeltaError, OSError) as error:
            raise WinnowError(f"{self.out}: the corpus cannot be read: {faults.told(error)}") from error
        if release is not None:
            version = self.release(release, table).version
            assert table is not None  # noqa: S101  (it has the release)
            table.load_as_version(version)
        return table

    def release(self, number: int, table: DeltaTable | None = None) -> Release:
        """A release. Raises NoSuchRelease."""
        for release in self.releases(table):
            if release.number == number:
                return release
        raise NoSuchRelease(f"{self.out}: there is no release {number}: `winnow history` lists them")

    def releases(self, table: DeltaTable | None = None) -> list[Release]:
        """All releases, the newest first."""
        table = table or self.table()
        if table is None:
            return []
        found = []
        for entry in table.history():
            if "winnow" in entry:
                told = json.loads(entry["winnow"])
                when = datetime.fromtimestamp(entry["timestamp"] / 1000, UTC)
                found.append(Release(told["release"], entry["version"], when, told))
        return sorted(found, key=lambda release: -release.number)

    def files(self) -> pafs.FileSystem:
        """The table's folder as a file system; made where it does not exist."""
        if self.is_local:
            try:
                Path(self.uri).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputNotWritable(
                    f"{self.out}: cannot be written: {error.strerror}. Choose another folder with --out"
                ) from error
            return pafs.SubTreeFileSystem(self.uri, pafs.LocalFileSystem())
        try:
            return pafs.PyFileSystem(DeltaStorageHandler(self.uri, self.options))
        except (DeltaError, OSError) as error:
            raise OutputNotWritable(f"{self.out}: cannot be reached: {faults.told(error)}") from error

    def blocks(self, table: DeltaTable) -> list[Block]:
        """The data files of the table, by path."""
        actions = pa.table(table.get_add_actions(flatten=True))
        held = zip(*(actions[name].to_pylist() for name in ("path", "size_bytes", "num_records")), strict=True)
        return sorted((Block(*values) for values in held), key=lambda block: block.path)

    def read(
        self, table: DeltaTable, columns: Sequence[str] | None = None, blocks: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of the table, some thousand at a time: all columns and blocks, or these. `a.b` is a column in a.

        A column that is younger than its block is null there.
        """
        files = self.files()
        for path in blocks if blocks is not None else [block.path for block in self.blocks(table)]:
            try:
                opened = files.open_input_file(path)
            except FileNotFoundError as error:
                raise NoSuchRelease(
                    f"{self.out}: the files of this release are gone: `winnow vacuum` deleted them"
                ) from error
            with opened as file, pq.ParquetFile(file) as parquet:
                for batch in row_groups.read(parquet, columns):
                    yield rows.completed(batch, columns)

    def known(self, table: DeltaTable) -> Iterator[Known]:
        """What the table holds of each document."""
        for block in self.blocks(table):
            for batch in self.read(table, _KNOWN, [block.path]):
                for source, content, made_by, outcome, reason, first, text, came_with in rows.tuples(batch, _KNOWN):
                    yield Known(source, content, made_by, outcome, reason, block.path, first, text, came_with=came_with)

    def commit(
        self, table: DeltaTable | None, added: Sequence[Block], replaced: Sequence[Block], told: Mapping[str, Any]
    ) -> None:
        """Make a release: the one moment at which readers see it. Raises CorpusChanged where another came first."""
        now = int(time.time() * 1000)
        schema = Schema.from_arrow(rows.SCHEMA)
        properties = CommitProperties(custom_metadata={"winnow": json.dumps(told)}, max_commit_retries=0)
        adds = [
            AddAction(block.path, block.size, {}, now, True, json.dumps({"numRecords": block.rows})) for block in added
        ]
        try:
            if table is None:
                create_table_with_add_actions(
                    self.uri,
                    schema,
                    adds,
                    name="corpus",
                    description=rows.VERSION,
                    configuration=_KEPT_FOR_EVER,
                    storage_options=self.options,
                    commit_properties=properties,
                )
                return
            held = {field.name for field in table.schema().fields}
            if younger := [field for field in schema.fields if field.name not in held]:
                table.alter.add_columns(younger)  # a version, but no release: it says nothing of winnow
            removes = [RemoveAction(block.path, True, now, block.size, {}) for block in replaced]
            table.create_write_transaction([*adds, *removes], "append", schema, commit_properties=properties)
        except CommitFailedError as error:
            raise CorpusChanged(
                f"{self.out}: another run published meanwhile; run again: {faults.told(error)}"
            ) from error


def vacuum(corpus: Corpus, keep: Sequence[int], *, dry_run: bool) -> list[str]:
    """Delete the data files that none of the releases `keep` needs; returns their paths.

    The newest release is always kept. Raises NoSuchRelease.
    """
    table = corpus.table()
    if table is None:
        return []
    versions = {release.number: release.version for release in corpus.releases(table)}
    missing = [number for number in keep if number not in versions]
    if missing:
        raise NoSuchRelease(f"{corpus.out}: there is no release {missing[0]}: `winnow history` lists them")
    return table.vacuum(
        retention_hours=0,
        dry_run=dry_run,
        enforce_retention_duration=False,
        full=True,
        keep_versions=[versions[number] for number in keep],
    )
