"""The contract of a release: what is checked of every new row before anyone can read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaners import WinnowError, diff_log
from winnow.flows import rows
from winnow.flows.documents import OUTCOMES

_SAMPLED = "0"  # the last hex digit of an id: a sixteenth of the documents is restored


class ContractBroken(WinnowError):
    """A new row contradicts itself: nothing is published."""


def checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch. Raises ContractBroken, naming a document and what is wrong with it."""
    for wrong, what in _wrongs(batch):
        index = pc.index(wrong, True).as_py()
        if index >= 0:
            _broken(batch.column("source")[index].as_py(), what)
    for source, text, told in rows.tuples(batch, ("source", "text", "text_sha256")):
        if diff_log.digest(text) != told:
            _broken(source, "its text is not the one that its hash tells")
    ids = batch.column("id")
    for index in range(batch.num_rows):
        if ids[index].as_py().endswith(_SAMPLED):
            _check_restoring(batch.slice(index, 1).to_pylist()[0])
    return batch


def check_counts(rows: int, documents: int) -> None:
    """Raises ContractBroken unless there is one new row for each new, changed or removed document."""
    if rows != documents:
        raise ContractBroken(
            f"{rows:,} new rows were made for {documents:,} documents. Nothing was published; please report this"
        )


def _wrongs(batch: pa.RecordBatch) -> Iterator[tuple[Any, str]]:
    """A mask and what it means, for each rule."""
    outcome = batch.column("outcome")
    counts = {kind: pc.struct_field(batch.column("characters"), kind) for kind in ("page", "removed", "text")}
    yield pc.invert(pc.is_in(outcome, value_set=pa.array(OUTCOMES))), "its outcome is not one that is known"
    yield pc.is_null(batch.column("source")), "it has no name"
    sum_of = pc.add(counts["removed"], counts["text"])
    yield pc.not_equal(counts["page"], sum_of), "what was removed and what is left are not the page"
    yield pc.not_equal(counts["text"], pc.utf8_length(batch.column("text"))), "its text has not the length it tells"
    empty = pc.equal(counts["text"], 0)
    yield pc.and_(pc.equal(outcome, "cleaned"), empty), "it is told to be cleaned and holds nothing"
    reasonless = pc.equal(batch.column("reason"), "")
    yield pc.and_(pc.not_equal(outcome, "cleaned"), reasonless), "no reason tells why it is not cleaned"


def _check_restoring(row: Mapping[str, Any]) -> None:
    """What was struck and repaired must lead back to the source. A page's markup is not held, nor what could
    not be decoded."""
    decoding = row["decoding"]
    if decoding is None:
        return
    restored = diff_log.read_back(rows.record_of(row), row["text"])
    if len(restored.source) != row["characters"]["source"]:
        _broken(row["source"], "the source that its log leads back to has another length")
    if (
        decoding["reversible"]
        and not decoding["rendered"]
        and diff_log.digest(restored.restore()) != row["source_sha256"]
    ):
        _broken(row["source"], "its log does not lead back to its source")


def _broken(source: str, what: str) -> None:
    raise ContractBroken(f"{source}: {what}. Nothing was published; please report this")
