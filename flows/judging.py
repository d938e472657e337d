"""Judging one document: the one place where an exception about a document becomes a `failed` row."""

from __future__ import annotations

from typing import Any

from winnow.cleaners import WinnowError, clean, diff_log
from winnow.flows import rows
from winnow.flows.documents import Document
from winnow.flows.second_look import left_over
from winnow.flows.settings import RunSettings


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


def _judged(document: Document, raw: bytes, settings: RunSettings) -> dict[str, Any]:
    cleaned = clean(raw, settings, html=document.html, declared=document.content_type)
    record = diff_log.record_of(cleaned, document.source, raw)
    if record["outcome"] == "cleaned" and (finding := left_over(cleaned)):
        # Not lost: the row holds the text, and the log what was done to it.
        record["outcome"] = "quarantined"
        record["reason"] = f"a second look still finds {finding.cleaner} {finding.rule}: please report this"
    return rows.row_of(record, cleaned.text, document, settings)
