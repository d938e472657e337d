"""The files people open: the clean text and the diff of each document, under safe and distinct names."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from winnow.cleaners import Cleaned, Metadata, diff_log, diffs

_LONGEST_NAME = 255  # bytes: the limit of one path component on the common file systems
_NO_METADATA = dataclasses.asdict(Metadata())
_LONGEST_ENDING = len(".txt.diff")


@dataclass(frozen=True, slots=True)
class Names:
    """Where a document is written, below `text/` and `diff/`."""

    text: str
    diff: str


def names_for(sources: Iterable[str]) -> dict[str, Names]:
    """Distinct file names for all documents of a run, in the given order.

    `.txt` is appended where it lacks. A name that is taken (also in other case, or composed
    differently, or by a folder) and one that is too long get the document's id.
    """
    sources = list(sources)
    taken = {_same(str(folder)) for source in sources for folder in PurePosixPath(source).parents}
    names = {}
    for source in sources:
        stem = _safe(source)
        text = stem if stem.lower().endswith(".txt") else f"{stem}.txt"
        if _same(text) in taken:
            stem = f"{stem.removesuffix('.txt')}.{diff_log.id_of(source)}"
            text = f"{stem}.txt"
        taken.add(_same(text))
        names[source] = Names(text, f"{stem}.diff")
    return names


def write_document(folder: Path, names: Names, cleaned: Cleaned[bytes], source: str) -> None:
    """Write `text/…` and, where the text changed, `diff/…`. Raises OSError."""
    _write(folder / "text" / names.text, cleaned.text)
    diff = diffs.unified(cleaned, source)
    if diff:
        _write(folder / "diff" / names.diff, diff)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _safe(source: str) -> str:
    """The source as a relative path that stays below its folder, no component too long."""
    parts = [part for part in source.replace("\0", "").split("/") if part not in ("", ".", "..")]
    return "/".join(_shortened(part, source) for part in parts) or diff_log.id_of(source)


def _shortened(part: str, source: str) -> str:
    raw = part.encode()
    if len(raw) <= _LONGEST_NAME - _LONGEST_ENDING:
        return part
    ending = f".{diff_log.id_of(source)}"
    return raw[: _LONGEST_NAME - _LONGEST_ENDING - len(ending)].decode("utf-8", "ignore") + ending


def _same(name: str) -> str:
    """One key for names that some file system holds to be the same."""
    return unicodedata.normalize("NFC", name).casefold()


def corpus_line(record: diff_log.Record, text: str) -> str:
    """The line of one document in `corpus.jsonl`, without its end."""
    named = ("id", "source", "outcome", "reason", "language", "language_confidence", "language_shares")
    row = {name: record[name] for name in named}
    metadata = record["metadata"] or _NO_METADATA  # every row has the same columns
    return diff_log.to_json({**row, **metadata, "characters": record["characters"], "text": text})
