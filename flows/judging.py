"""Judging one document: the one place where an exception about a document becomes a `failed` row."""

from __future__ import annotations

from typing import Any

from winnow.cleaners import Cleaned, WinnowError, clean, diff_log, gates
from winnow.cleaners.gates import Failure
from winnow.cleaners.quality import quality_of
from winnow.flows import rows
from winnow.flows.documents import Document
from winnow.flows.rows import Judgement
from winnow.flows.second_look import left_over
from winnow.flows.settings import RunSettings

GATE = "quality: "
"""How the reason begins where the gate rejected a text; signals, values and limits follow."""


def judge(document: Document, settings: RunSettings) -> dict[str, Any]:
    """The row of a document. Never raises for the document's sake, but for memory."""
    raw = content_of(document)
    problem = document.problem
    if raw is not None:
        try:
            return _judged(document, raw, settings)
        except MemoryError:
            raise
        except WinnowError as error:
            problem = str(error)
        except Exception as error:
            problem = f"Winnow failed on it, please report this: {type(error).__name__}: {error}"
    return failed(document, problem, settings)


def failed(document: Document, problem: str, settings: RunSettings) -> dict[str, Any]:
    """The row of a document that could not be cleaned."""
    record = diff_log.record_of_failure(document.source, problem, settings, content_of(document))
    return rows.row_of(record, "", document, settings)


def content_of(document: Document) -> bytes | None:
    """The bytes of a document. Lone surrogates, which JSON can hold, become bytes that are no UTF-8, as decoding
    can tell of them."""
    content = document.content
    return content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content


def cause_of(reason: str) -> str:
    """What a reason has in common with others: of a gate's, the signals without their values."""
    if not reason.startswith(GATE):
        return reason
    return GATE + ", ".join(told.partition(" is ")[0] for told in reason.removeprefix(GATE).split("; "))


def _judged(document: Document, raw: bytes, settings: RunSettings) -> dict[str, Any]:
    cleaned = clean(raw, settings, html=document.html, declared=document.content_type)
    return concluded(cleaned, diff_log.record_of(cleaned, document.source, raw), document, settings)


def concluded(
    cleaned: Cleaned[bytes], record: diff_log.Record, document: Document, settings: RunSettings
) -> dict[str, Any]:
    """The row of a cleaned document, after a second look and the quality gate. `record`: its log."""
    if record["outcome"] == "cleaned" and (finding := left_over(cleaned)):
        # Not lost: the row holds the text, and the log what was done to it.
        record["outcome"] = "quarantined"
        record["reason"] = f"a second look still finds {finding.cleaner} {finding.rule}: please report this"
    told, failures = _quality(cleaned, settings)
    if record["outcome"] == "cleaned" and failures:
        record["outcome"] = "quarantined"
        record["reason"] = f"{GATE}{'; '.join(map(str, failures))}"
    return rows.row_of(record, cleaned.text, document, settings, told)


def _quality(cleaned: Cleaned[bytes], settings: RunSettings) -> tuple[Judgement, list[Failure]]:
    """The signals of a document as far as they are wanted, and what the gate rejects of its clean text."""
    gated = settings.gate != "none" or settings.limits
    if not (settings.signals or gated):
        return Judgement(), []
    quality = quality_of(cleaned)
    page, text = (
        list(gates.failures(signals, cleaned.language, settings.gate, settings.limits))
        for signals in (quality.page, quality.text)
    )
    failed = ([failure.signal for failure in page], [failure.signal for failure in text]) if gated else None
    return Judgement(quality if settings.signals else None, failed), text
