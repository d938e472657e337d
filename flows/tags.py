"""Names for releases: a tagged release is kept when others are vacuumed. Stored beside the table's log."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from winnow.cleaners import BadSettings
from winnow.flows.store import Corpus, NoSuchRelease

_FILE = "_delta_log/_winnow_tags"  # Parquet: the one thing that every object store's adapter takes from Arrow
_NAME = re.compile(r"[^\W\d][\w.-]{0,99}")


def tags(corpus: Corpus) -> dict[str, int]:
    """Release numbers by tag."""
    files = corpus.files()
    if files.get_file_info(_FILE).type is pafs.FileType.NotFound:
        return {}
    with files.open_input_file(_FILE) as file:
        held = pq.read_table(file).to_pylist()
    return {row["tag"]: row["release"] for row in held}


def tag(corpus: Corpus, name: str, release: int) -> None:
    """Name a release; a name that is in use moves. Raises BadSettings for a bad name, NoSuchRelease."""
    if not _NAME.fullmatch(name):
        raise BadSettings(f"{name!r} is no name for a release: a letter, then letters, digits, '.', '_' and '-'")
    corpus.table(release)
    _write(corpus, {**tags(corpus), name: release})


def untag(corpus: Corpus, name: str) -> None:
    """Take a name away. Raises NoSuchRelease where it is not in use."""
    held = tags(corpus)
    if name not in held:
        raise NoSuchRelease(f"{corpus.out}: no release is tagged {name!r}")
    _write(corpus, {other: release for other, release in held.items() if other != name})


def resolved(corpus: Corpus, release: str) -> int:
    """The number of a release that is given by number, tag, or `latest`. Raises NoSuchRelease."""
    if release.isdecimal():
        return int(release)
    if release == "latest":
        newest = corpus.releases()[:1]
        if newest:
            return newest[0].number
        raise NoSuchRelease(f"{corpus.out}: nothing is published yet: `winnow run … --out {corpus.out}` does")
    held = tags(corpus)
    if release not in held:
        raise NoSuchRelease(f"{corpus.out}: there is no release {release!r}; tags are {', '.join(held) or 'none'}")
    return held[release]


def _write(corpus: Corpus, held: dict[str, int]) -> None:
    names = sorted(held)
    table = pa.table({"tag": pa.array(names, pa.string()), "release": pa.array([held[n] for n in names], pa.int32())})
    files = corpus.files()
    pq.write_table(table, f"{_FILE}.new", filesystem=files)
    files.move(f"{_FILE}.new", _FILE)
