"""A row that was judged alone, judged beside others of its site: what repeats is added, changed, or taken back.

All that is needed stands in the row. Only what a repeat can change is done again; where no text changes, that is the
list of findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from winnow.cleaners import diff_log
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.page import Repeated
from winnow.flows import rows
from winnow.flows.documents import Document
from winnow.flows.judging import concluded
from winnow.flows.settings import RunSettings

_AS_READ = ("made_by", "guessed", "came_with")  # what tells how the source was read


def rejudged(
    row: Mapping[str, Any], repeated: Mapping[int, Repeated], told: str | None, settings: RunSettings
) -> dict[str, Any]:
    """The row as it is where these of its page's lines, by number, repeat on its site.

    `told` is the hash of that, for the column `repeats`; `settings` are those that the row was made by.
    """
    alone = diff_log.read_back(rows.record_of(row), row["text"])
    if alone.decoded.rendered:
        # The row does not hold the page's blocks, from which models and signals tell what it is: nothing goes.
        struck = tuple(name for name in settings.strike_noted if name != "repeats")
        settings = settings.model_copy(update={"repeats": "note", "strike_noted": struck})
    cleaned = replace(alone, settings=settings).beside(repeated)
    if cleaned.text == row["text"]:
        return {**row, "findings": diff_log.findings_of(cleaned), "repeats": told}
    page = replace(cleaned.page, hits=page_of(cleaned.page.text).hits)  # for the second look
    cleaned = replace(cleaned, page=page)
    record = diff_log.record_of(cleaned, row["source"], b"")
    record["hashes"]["source"] = row["source_sha256"]
    document = Document(row["source"], None, **row["origin"])
    kept = {name: row[name] for name in _AS_READ}
    return {**concluded(cleaned, record, document, settings), **kept, "repeats": told}
