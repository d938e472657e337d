"""Counting the documents of a corpus: outcomes, languages, what was struck, noted and repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaners import Action

COLUMNS = ("source", "outcome", "reason", "language", "characters", "findings", "repairs", "gate", "guessed")
_MOST_FAILURES_TOLD = 100  # in a summary; all of them stand in the table


@dataclass
class Counts:
    """What became of the documents. `removed` ones are counted by outcome only."""

    outcomes: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    """Cleaned documents by language."""
    characters: Counter[str] = field(default_factory=Counter)
    """Code points of `source` and `text`."""
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Code points struck by (cleaner, rule); what two rules strike counts for both."""
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Strikes by (cleaner, rule)."""
    noted: Counter[tuple[str, str]] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    gated: Counter[str] = field(default_factory=Counter)
    """What the gate said: `page`s and clean `text`s that it rejects, and documents `saved`: it rejects the page and
    takes the clean text. Empty without a gate."""
    rejecting: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(`page` or `text`, signal): how many it rejects for this signal."""
    guessed: dict[str, set[str]] = field(default_factory=dict)
    """Files by what was guessed of their columns."""
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    """(source, outcome, reason) of the first documents that were not cleaned, by source."""

    @property
    def documents(self) -> int:
        """All documents but the removed ones."""
        return self.outcomes.total() - self.outcomes["removed"]


def counts_of(batches: Iterable[pa.RecordBatch]) -> Counts:
    """The counts of rows that hold at least `COLUMNS`."""
    counts = Counts()
    failures: list[tuple[str, str, str]] = []
    for batch in batches:
        counts.outcomes.update(values_of(batch.column("outcome")))
        cleaned = pc.equal(batch.column("outcome"), "cleaned")
        counts.languages.update(values_of(batch.column("language").filter(cleaned)))
        for kind in ("source", "text"):
            counts.characters[kind] += pc.sum(pc.struct_field(batch.column("characters"), kind)).as_py() or 0
        _count_findings(batch.column("findings"), counts)
        rules = pc.struct_field(pc.list_flatten(batch.column("repairs")), "rule")
        counts.repairs.update(values_of(rules))
        _count_gate(batch.column("gate"), counts)
        note_guesses(batch, counts.guessed)
        failures = sorted([*failures, *_failures(batch)])[:_MOST_FAILURES_TOLD]
    counts.failures = failures
    return counts


def _count_findings(findings: pa.Array, counts: Counts) -> None:
    flat = pc.list_flatten(findings)
    columns = {name: pc.struct_field(flat, name) for name in ("action", "cleaner", "rule")}
    columns["length"] = pc.subtract(pc.struct_field(flat, "end"), pc.struct_field(flat, "start"))
    grouped = (
        pa.table(columns).group_by(["action", "cleaner", "rule"]).aggregate([("length", "sum"), ("length", "count")])
    )
    for row in grouped.to_pylist():
        rule = row["cleaner"], row["rule"]
        if row["action"] == Action.STRIKE:
            counts.findings[rule] += row["length_count"]
            counts.struck[rule] += row["length_sum"]
        else:
            counts.noted[rule] += row["length_count"]


def _count_gate(gate: pa.Array, counts: Counts) -> None:
    gate = gate.drop_null()
    if not len(gate):
        return
    rejected = {}
    for kind in ("page", "text"):
        signals = pc.struct_field(gate, kind)
        rejected[kind] = pc.greater(pc.list_value_length(signals), 0)
        counts.gated[kind] += pc.sum(rejected[kind]).as_py()
        counts.rejecting.update({(kind, name): count for name, count in values_of(pc.list_flatten(signals)).items()})
    counts.gated["saved"] += pc.sum(pc.and_(rejected["page"], pc.invert(rejected["text"]))).as_py()


def note_guesses(batch: pa.RecordBatch, guessed: dict[str, set[str]]) -> None:
    """Note what was guessed of the columns of tables, by what it was and the file; of rows with `source`, `guessed`."""
    told = batch.filter(pc.is_valid(batch.column("guessed")))
    for source, guess in zip(*(told.column(name).to_pylist() for name in ("source", "guessed")), strict=True):
        guessed.setdefault(guess, set()).add(source.partition("#")[0])


def _failures(batch: pa.RecordBatch) -> Iterator[tuple[str, str, str]]:
    bad = batch.filter(pc.invert(pc.is_in(batch.column("outcome"), value_set=pa.array(["cleaned", "removed"]))))
    yield from zip(*(bad.column(name).to_pylist() for name in ("source", "outcome", "reason")), strict=True)


def values_of(array: pa.Array) -> dict[str, int]:
    """How often each value stands in a column."""
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(array).to_pylist()}
