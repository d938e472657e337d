"""The diff log: what was done to a document, as data, and the way back from it.

One JSON object a document; `diff_log.schema.json` is its contract. Spans are half-open and count
code points; "page" is the repaired text, "source" the decoded one (each line end one code point).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from winnow.cleaners import edits, versions
from winnow.cleaners.cleaning import Cleaned
from winnow.cleaners.decoding import Decoded
from winnow.cleaners.edits import Repair
from winnow.cleaners.errors import BadLog
from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.language_engines import UNDETERMINED
from winnow.cleaners.metadata import Metadata
from winnow.cleaners.page import Page, split_lines
from winnow.cleaners.settings import CleaningSettings

SCHEMA = "winnow-diff-log/2"
_LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
_LINE_END_NAMES = {end: name for name, end in _LINE_ENDS.items()}
_SURROGATE = re.compile("[\ud800-\udfff]")

Record = dict[str, Any]


def id_of(source: str) -> str:
    """A document's id: the first 16 hex digits of the SHA-256 of its source name."""
    return digest(source)[:16]


def digest(content: str | bytes) -> str:
    """SHA-256 in hex; of a text, of its UTF-8."""
    return hashlib.sha256(content if isinstance(content, bytes) else _utf8(content)).hexdigest()


def to_json(record: Mapping[str, Any]) -> str:
    """One line of JSON, valid Unicode: lone surrogates are written as escapes."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", line)


def record_of(cleaned: Cleaned[bytes], source: str, raw: bytes) -> Record:
    """The log of one cleaned document. `source` is its name, `raw` its bytes.

    Its outcome is `cleaned`, or `quarantined` where no text is left.
    """
    outcome, reason = _outcome(cleaned)
    tag, confidence = cleaned.language_and_confidence
    return {
        **_identity(source, outcome, reason, cleaned.settings),
        "metadata": cleaned.metadata and dataclasses.asdict(cleaned.metadata),
        "language": tag,
        "language_confidence": confidence,
        "language_shares": cleaned.language_shares,
        "passages": [passage._asdict() for passage in cleaned.passages],
        "decoding": _decoding(cleaned.decoded),
        "hashes": {"source": digest(raw), "text": digest(cleaned.text)},
        "characters": {
            "source": len(cleaned.source),
            "page": len(cleaned.page.text),
            "removed": len(cleaned.page.text) - len(cleaned.text),
            "text": len(cleaned.text),
        },
        "repairs": [_repair(repair) for repair in cleaned.repairs],
        "findings": findings_of(cleaned),
    }


def findings_of(cleaned: Cleaned[bytes]) -> list[Record]:
    """The part of the log that tells what the cleaners found."""
    return [_finding(finding, cleaned) for finding in cleaned.findings]


def record_of_failure(source: str, reason: str, settings: CleaningSettings, raw: bytes | None = None) -> Record:
    """The log of a document that could not be read (`raw` is None) or is not text."""
    return {
        **_identity(source, "failed", reason, settings),
        "metadata": None,
        "language": UNDETERMINED,
        "language_confidence": 0.0,
        "language_shares": {},
        "passages": [],
        "decoding": None,
        "hashes": {"source": None if raw is None else digest(raw), "text": digest("")},
        "characters": dict.fromkeys(("source", "page", "removed", "text"), 0),
        "repairs": [],
        "findings": [],
    }


def read_back(record: Mapping[str, Any], text: str) -> Cleaned[bytes]:
    """The cleaned document from its log and its clean text, ready to be restored or undone.

    Raises BadLog where the two do not belong together or the log is not one.
    """
    if record.get("schema") != SCHEMA:
        raise BadLog(f"this is not a diff log of version {SCHEMA}")
    if digest(text) != record["hashes"]["text"]:
        raise BadLog(f"the text is not the one that the log of {record['source']} describes: was it edited?")
    findings = tuple(
        Finding(f["start"], f["end"], f["cleaner"], f["rule"], f["reason"], Action(f["action"]))
        for f in record["findings"]
    )
    struck = [(f["start"], f["text"]) for f in record["findings"] if f["action"] == Action.STRIKE]
    repairs = tuple(Repair(r["start"], r["removed"], r["inserted"], r["rule"], r["reason"]) for r in record["repairs"])
    page_text = edits.unstrike(text, struck)
    source = edits.revert(page_text, repairs)
    page = Page(page_text, split_lines(page_text), findings=findings)
    decoded = _decoded(record["decoding"], source)
    return Cleaned(decoded, repairs, page, CleaningSettings(), bytes, _metadata(record["metadata"]))


def _identity(source: str, outcome: str, reason: str, settings: CleaningSettings) -> Record:
    return {
        "schema": SCHEMA,
        "id": id_of(source),
        "source": source,
        "outcome": outcome,
        "reason": reason,
        "versions": {
            **versions.tools(),
            "ruleset": versions.ruleset(),
            "settings": versions.of_settings(settings),
        },
    }


def _outcome(cleaned: Cleaned[bytes]) -> tuple[str, str]:
    if cleaned.text.strip():
        return "cleaned", ""
    if cleaned.decoded.rendered and not cleaned.page.text.strip():
        return "quarantined", "the page shows no text"
    if not cleaned.source:
        return "quarantined", "the file is empty"
    if not cleaned.page.text.strip():
        return "quarantined", "the file holds nothing but white space"
    return "quarantined", "everything in it was struck"


def _decoding(decoded: Decoded) -> Record:
    return {
        "encoding": decoded.encoding,
        "reason": decoded.reason,
        "bom": decoded.bom,
        "line_end": _LINE_END_NAMES[decoded.line_end],
        "undecodable": [{"offset": offset, "bytes": lost.hex()} for offset, lost in decoded.undecodable],
        "reversible": decoded.reversible,
        "rendered": decoded.rendered,
    }


def _decoded(record: Mapping[str, Any], source: str) -> Decoded:
    undecodable = tuple((u["offset"], bytes.fromhex(u["bytes"])) for u in record["undecodable"])
    return Decoded(
        source,
        record["encoding"],
        record["reason"],
        record["bom"],
        _LINE_ENDS[record["line_end"]],  # type: ignore[arg-type]  # a literal by its key
        undecodable,
        record["reversible"],
        record["rendered"],
    )


def _metadata(record: Mapping[str, Any] | None) -> Metadata | None:
    return Metadata(**{**record, "authors": tuple(record["authors"])}) if record else None


def _repair(repair: Repair) -> Record:
    return {
        "start": repair.start,
        "end": repair.end,
        "removed": repair.removed,
        "inserted": repair.inserted,
        "rule": repair.rule,
        "reason": repair.reason,
    }


def _finding(finding: Finding, cleaned: Cleaned[bytes]) -> Record:
    source_start, source_end = cleaned.alignment.to_source(finding.start, finding.end)
    return {
        "action": finding.action.value,
        "cleaner": finding.cleaner,
        "rule": finding.rule,
        "reason": finding.reason,
        "start": finding.start,
        "end": finding.end,
        "source_start": source_start,
        "source_end": source_end,
        "text": cleaned.page.text[finding.start : finding.end],
    }


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
