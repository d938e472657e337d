"""Where a run works: a lock that lets one run at a time at a corpus, and the staging folder of the run.

OUT/.work/lock              held by the run that is at work; the system lets go of it when the run dies
OUT/.work/<run>/            known.sqlite, seen.sqlite, inventory.sqlite, parts/
A corpus in an object store is worked at in the user's cache folder, under a name made of its URL.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from winnow.cleaners import WinnowError
from winnow.flows import faults, publishing, rows
from winnow.flows.contract import ContractBroken
from winnow.flows.ledger import Known, KnownDocuments
from winnow.flows.store import Corpus, OutputNotWritable

_TOLD = ("source", "source_sha256", "made_by", "outcome", "reason", "came_with")


class CorpusBusy(WinnowError):
    """Another run is at work on the corpus."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The staging folder of one run."""

    folder: Path
    run: str
    """Its id."""

    @property
    def parts(self) -> Path:
        """Where batches leave what they made."""
        return self.folder / "parts"

    def adopted(self) -> list[Path]:
        """Parts of interrupted runs, the oldest first."""
        return sorted(self.parts.glob("adopted-*.parquet"))


@contextmanager
def workspace(corpus: Corpus, wait: float = 0.0, run: str | None = None) -> Iterator[Workspace]:
    """A staging folder to oneself, removed at the end; left behind only by a run that was interrupted.

    Parts of runs that were killed are taken over, unless `run` names a planned run, which has what it needs; what an
    earlier try at it left is cleared. `wait`: seconds to wait for another run, -1 for ever.
    Raises CorpusBusy, OutputNotWritable.
    """
    home = home_of(corpus)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "lock")
        lock.acquire(timeout=wait)
    except Timeout:
        raise CorpusBusy(
            f"{corpus.out}: another run is at work on it ({_owner(home)}): wait for it with --wait"
        ) from None
    except OSError as error:
        raise OutputNotWritable(
            f"{corpus.out}: cannot be written: {error.strerror}. Choose another folder with --out"
        ) from error
    try:
        (home / "owner.json").write_text(json.dumps({"pid": os.getpid(), "since": f"{datetime.now(UTC):%F %T} UTC"}))
        name = run or new_run()
        space = Workspace(home / name, name)
        if run:
            shutil.rmtree(space.folder, ignore_errors=True)
            space.parts.mkdir(parents=True)
        else:
            _take_over(corpus, home, space)
        try:
            yield space
        except ContractBroken:  # to take that over would break every later run
            shutil.rmtree(space.folder, ignore_errors=True)
            raise
        except (OSError, sqlite3.Error) as error:  # the disk is full, the folder was taken away
            told = getattr(error, "strerror", None) or faults.told(error)
            raise OutputNotWritable(
                f"{corpus.out}: nothing was published: {told}. What is done is kept: run again when there is room"
            ) from error
        shutil.rmtree(space.folder, ignore_errors=True)
    finally:
        lock.release()


def new_run() -> str:
    """An id for a run: time and chance, so that later ones sort behind."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def home_of(corpus: Corpus) -> Path:
    """The folder that all runs on a corpus work in."""
    if corpus.is_local:
        return Path(corpus.out) / ".work"
    cache = Path(os.environ.get("XDG_CACHE_HOME", "")) if os.environ.get("XDG_CACHE_HOME") else Path.home() / ".cache"
    return cache / "winnow" / hashlib.sha256(corpus.out.encode()).hexdigest()[:16]


def stage_known(known: KnownDocuments, space: Workspace) -> int:
    """Make known what interrupted runs had done; returns the number of their rows."""
    count = 0
    for part in space.adopted():
        with pq.ParquetFile(part) as parquet:
            for batch in parquet.iter_batches(columns=list(_TOLD)):
                known.stage(
                    Known(source, content, made_by, outcome, reason, None, None, None, part.name, came_with)
                    for source, content, made_by, outcome, reason, came_with in rows.tuples(
                        rows.completed(batch, _TOLD), _TOLD
                    )
                )
                count += batch.num_rows
    return count


def _take_over(corpus: Corpus, home: Path, space: Workspace) -> None:
    """Move the whole parts of dead runs here, and clear what else they left."""
    space.parts.mkdir(parents=True)
    left = sorted(folder for folder in home.iterdir() if folder.is_dir() and folder != space.folder)
    published = {release.told["run"] for release in corpus.releases()} if left else set()
    number = 0
    for folder in left:
        if folder.name not in published:
            # Those it had taken over itself are older than its own.
            older, own = sorted(folder.glob("parts/adopted-*.parquet")), sorted(folder.glob("parts/[0-9]*.parquet"))
            for part in (*older, *own):
                part.replace(space.parts / f"adopted-{number:06}.parquet")
                number += 1
            for block in publishing.orphans(corpus, folder.name):
                corpus.files().delete_file(block)
        shutil.rmtree(folder, ignore_errors=True)


def _owner(home: Path) -> str:
    try:
        told = json.loads((home / "owner.json").read_text())
    except (OSError, ValueError):
        return "it does not say which"
    return f"process {told['pid']}, since {told['since']}"
