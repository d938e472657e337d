"""The corpus table's rows: one document with its text and its whole diff log, as Arrow.

This schema is the contract with those who read the table; `docs/corpus.md` tells it in words. A
row and a diff log's record hold the same: `row_of` and `record_of` lead there and back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pyarrow as pa

from winnow.cleaners import CleaningSettings, Metadata, diff_log, versions
from winnow.cleaners.language_engines import UNDETERMINED
from winnow.cleaners.quality import Quality
from winnow.cleaners.signals.catalog import NAMES as SIGNALS
from winnow.flows.documents import Document

VERSION = "winnow-corpus/1"

_SPAN = [("start", pa.int32()), ("end", pa.int32())]
_METADATA = {field.name: pa.string() for field in fields(Metadata)} | {"authors": pa.list_(pa.string())}
_VERSIONS = [(name, pa.string()) for name in (*versions.tools(), "ruleset", "settings")]
_FINDING = [
    *((name, pa.string()) for name in ("action", "cleaner", "rule", "reason")),
    *_SPAN,
    ("source_start", pa.int32()),
    ("source_end", pa.int32()),
    ("text", pa.string()),
]
_DECODING = [
    *((name, pa.string()) for name in ("encoding", "reason", "line_end")),
    ("undecodable", pa.list_(pa.struct([("offset", pa.int32()), ("bytes", pa.string())]))),
    ("bom", pa.bool_()),
    ("reversible", pa.bool_()),
    ("rendered", pa.bool_()),
]
_SIGNALS = pa.struct([(name, pa.float32()) for name in SIGNALS])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("language_confidence", pa.float64()),
        ("language_shares", pa.list_(pa.struct([("language", pa.string()), ("share", pa.float64())]))),
        *_METADATA.items(),
        (
            "origin",
            pa.struct([("url", pa.string()), ("date", pa.string()), ("record", pa.string()), ("offset", pa.int64())]),
        ),
        ("source_site", pa.string()),
        ("guessed", pa.string()),
        ("came_with", pa.string()),
        ("characters", pa.struct([(kind, pa.int32()) for kind in ("source", "page", "removed", "text")])),
        ("source_sha256", pa.string()),
        ("text_sha256", pa.string()),
        ("decoding", pa.struct(_DECODING)),
        ("passages", pa.list_(pa.struct([*_SPAN, ("language", pa.string())]))),
        (
            "repairs",
            pa.list_(pa.struct([*_SPAN, *((n, pa.string()) for n in ("removed", "inserted", "rule", "reason"))])),
        ),
        ("findings", pa.list_(pa.struct(_FINDING))),
        ("signals", pa.struct([("page", _SIGNALS), ("text", _SIGNALS)])),
        ("gate", pa.struct([("page", pa.list_(pa.string())), ("text", pa.list_(pa.string()))])),
        ("repeats", pa.string()),
        ("versions", pa.struct(_VERSIONS)),
        ("made_by", pa.string()),
        ("first_release", pa.int32()),
        ("release", pa.int32()),
    ],
    metadata={"winnow": VERSION},
)
"""`release`: in which release the row last changed; `first_release`: in which the document came. Both are filled in
when it is published, as is `source_site`."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is told of a document's quality."""

    quality: Quality | None = None
    """None where the settings want no signals, or there is no text."""
    failed: tuple[list[str], list[str]] | None = None
    """The signals that the gate rejects, of the page and of the clean text; None without a gate."""


_EMPTY = diff_log.digest("")
_NO_CHARACTERS = dict.fromkeys(("source", "page", "removed", "text"), 0)
_AS_THEY_ARE = ("id", "source", "outcome", "reason", "language", "language_confidence")
_IN_BOTH = ("characters", "decoding", "passages", "repairs", "findings", "versions")


@cache
def made_by(settings: CleaningSettings) -> str:
    """16 hex digits that change with whatever can change a row: rules, code, settings, libraries."""
    libraries = versions.tools() | versions.asked_for(settings)
    what = [VERSION, SCHEMA.names, versions.ruleset(), versions.of_settings(settings), libraries]
    told = json.dumps(what, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def came_with(document: Document) -> str | None:
    """16 hex digits that change with what came with a document and says how to read it, or is told in its row; None
    where nothing did. Not with its place: that moves whenever something before it grows."""
    told = document.url, document.date, document.record, document.content_type, document.html, document.guessed
    if told == (None,) * len(told):
        return None
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def row_of(
    record: Mapping[str, Any], text: str, document: Document, settings: CleaningSettings, told: Judgement | None = None
) -> dict[str, Any]:
    """The row of one document that was just judged, but for what is filled in when it is published."""
    told = told or Judgement()
    metadata = record["metadata"] or {}
    return {
        **{name: record[name] for name in (*_AS_THEY_ARE, *_IN_BOTH)},
        **{name: metadata.get(name) for name in _METADATA},
        "language_shares": [{"language": tag, "share": share} for tag, share in record["language_shares"].items()],
        "text": text,
        "origin": {"url": document.url, "date": document.date, "record": document.record, "offset": document.offset},
        "guessed": document.guessed,
        "came_with": came_with(document),
        "source_sha256": record["hashes"]["source"],
        "text_sha256": record["hashes"]["text"],
        "signals": told.quality and {"page": told.quality.page, "text": told.quality.text},
        "gate": None if told.failed is None else {"page": told.failed[0], "text": told.failed[1]},
        "repeats": None,  # what other documents hold is found when a release is made
        "made_by": made_by(settings),
    }


def row_of_removed(source: str, reason: str) -> dict[str, Any]:
    """The row of a document whose source is gone: its text is too."""
    return {
        **dict.fromkeys(SCHEMA.names),
        "id": diff_log.id_of(source),
        "source": source,
        "outcome": "removed",
        "reason": reason,
        "text": "",
        "language": UNDETERMINED,
        "language_confidence": 0.0,
        "characters": _NO_CHARACTERS,
        "text_sha256": _EMPTY,
        **{name: [] for name in ("language_shares", "passages", "repairs", "findings")},
        "made_by": "",
    }


def record_of(row: Mapping[str, Any]) -> diff_log.Record:
    """The diff log's record of a row."""
    metadata = {name: row[name] for name in _METADATA}
    return {
        "schema": diff_log.SCHEMA,
        **{name: row[name] for name in (*_AS_THEY_ARE, *_IN_BOTH)},
        # Only a page says something of itself; its authors are then a list, if an empty one.
        "metadata": metadata if row["authors"] is not None else None,
        "language_shares": {entry["language"]: entry["share"] for entry in row["language_shares"]},
        "hashes": {"source": row["source_sha256"], "text": row["text_sha256"]},
    }


def batch_of(rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """The rows as one record batch. Lone surrogates, which Arrow cannot hold, become U+FFFD."""
    held = list(rows)
    try:
        return pa.RecordBatch.from_pylist(held, SCHEMA)
    except UnicodeEncodeError:
        return pa.RecordBatch.from_pylist([_valid(row) for row in held], SCHEMA)


def completed(batch: pa.RecordBatch, columns: Sequence[str] | None) -> pa.RecordBatch:
    """Rows of any version of the schema with all columns, or with these; what they lack is null."""
    wanted = SCHEMA.names if columns is None else dict.fromkeys(name.partition(".")[0] for name in columns)
    held = set(batch.schema.names)
    if held.issuperset(wanted):
        return batch
    nulls = {name: pa.nulls(batch.num_rows, SCHEMA.field(name).type) for name in wanted if name not in held}
    return pa.RecordBatch.from_pydict({name: nulls[name] if name in nulls else batch.column(name) for name in wanted})


def tuples(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The values of some columns, row by row."""
    yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def _valid(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {name: _valid(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_valid(held) for held in value]
    return value
