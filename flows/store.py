"""Releases: a run's output appears whole under `latest/`, or not at all.

DIR/releases/000007/…    one folder a release, never changed once it is there
DIR/latest               a link to the newest, swapped in by one rename
DIR/.staging-…           a run that is not finished, or was killed
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from winnow.cleaners import WinnowError

_STALE = 24 * 3600  # seconds after which an unfinished run's folder is taken for dead


class OutputNotWritable(WinnowError):
    """The output folder cannot be made or written."""


def begin(out: Path) -> Path:
    """A fresh staging folder below `out`. Raises OutputNotWritable, naming the folder."""
    try:
        (out / "releases").mkdir(parents=True, exist_ok=True)
        _clear_stale(out)
        return Path(tempfile.mkdtemp(prefix=".staging-", dir=out))
    except OSError as error:
        raise OutputNotWritable(
            f"{out}: cannot be written: {error.strerror}. Choose another folder with --out"
        ) from error


def join_parts(staging: Path, table: str) -> None:
    """Make one table of the batches' parts, in the order of the batches."""
    with (staging / table).open("wb") as whole:
        for part in sorted((staging / "parts").glob(f"{table}.*")):
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, whole)


def publish(out: Path, staging: Path, keep: int) -> Path:
    """Make the staging folder the newest release and return its folder. Deletes all but `keep` releases."""
    shutil.rmtree(staging / "parts", ignore_errors=True)
    staging.chmod(0o755)  # mkdtemp makes it for its owner only
    releases = out / "releases"
    while True:
        number = max((int(path.name) for path in releases.iterdir() if path.name.isdecimal()), default=0) + 1
        release = releases / f"{number:06}"
        try:
            staging.rename(release)
            break
        except OSError:
            if not release.exists():  # another run did not just take the number
                raise
    _point_latest(out, release)
    for old in sorted(path for path in releases.iterdir() if path.name.isdecimal())[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return release


def discard(staging: Path) -> None:
    """Remove what an unfinished run wrote."""
    shutil.rmtree(staging, ignore_errors=True)


def _point_latest(out: Path, release: Path) -> None:
    latest = out / "latest"
    link = out / f".latest-{os.getpid()}"
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(release.relative_to(out), target_is_directory=True)
    except OSError:  # Windows without the right to make links: a copy, which is not swapped in one step
        shutil.rmtree(latest, ignore_errors=True)
        shutil.copytree(release, latest)
        return
    if latest.is_dir() and not latest.is_symlink():
        shutil.rmtree(latest)
    link.replace(latest)


def _clear_stale(out: Path) -> None:
    for folder in out.glob(".staging-*"):
        if time.time() - folder.stat().st_mtime > _STALE:
            shutil.rmtree(folder, ignore_errors=True)
