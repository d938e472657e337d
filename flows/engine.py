"""Cleaning one batch of documents: reads, cleans, writes into the staging folder, counts.

This is the one place where an exception about a document becomes a `failed` row. It knows nothing
of Prefect: `run_batch` could be called by a `for` loop and would give the same corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from winnow.cleaners import Action, Cleaned, WinnowError, clean, diff_log
from winnow.flows import exports
from winnow.flows.settings import RunSettings
from winnow.flows.sources import SourceFile

TABLES = ("corpus.jsonl", "diff_log.jsonl")
_MOST_FAILURES_TOLD = 100  # in a summary; all of them stand in the tables


@dataclass
class Counts:
    """What became of some documents. Batches add up with `+=`."""

    outcomes: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    """Documents by language."""
    characters: Counter[str] = field(default_factory=Counter)
    """Code points of `source` and `text`."""
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Code points struck by (cleaner, rule); what two rules strike counts for both."""
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Strikes by (cleaner, rule)."""
    noted: Counter[tuple[str, str]] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    """(source, outcome, reason) of the first documents that were not cleaned."""

    @property
    def documents(self) -> int:
        """All documents, whatever became of them."""
        return self.outcomes.total()

    def __iadd__(self, other: Counts) -> Counts:
        for name in ("outcomes", "languages", "characters", "struck", "findings", "noted", "repairs"):
            getattr(self, name).update(getattr(other, name))
        self.failures = (self.failures + other.failures)[:_MOST_FAILURES_TOLD]
        return self

    def add(self, record: diff_log.Record) -> None:
        """Count one document by its log."""
        self.outcomes[record["outcome"]] += 1
        if record["outcome"] != "cleaned":
            if len(self.failures) < _MOST_FAILURES_TOLD:
                self.failures.append((record["source"], record["outcome"], record["reason"]))
        else:
            self.languages[record["language"]] += 1
        for kind in ("source", "text"):
            self.characters[kind] += record["characters"][kind]
        for finding in record["findings"]:
            rule = finding["cleaner"], finding["rule"]
            if finding["action"] == Action.STRIKE:
                self.findings[rule] += 1
                self.struck[rule] += finding["end"] - finding["start"]
            else:
                self.noted[rule] += 1
        for repair in record["repairs"]:
            self.repairs[repair["rule"]] += 1


def run_batch(
    files: Sequence[SourceFile], names: Mapping[str, exports.Names], folder: Path, number: int, settings: RunSettings
) -> Counts:
    """Clean the files into `folder`; their rows go to `parts/<table>.<number>`. Raises OSError where
    the folder can't be written: then no document is at fault."""
    counts = Counts()
    with ExitStack() as stack:
        parts = folder / "parts"
        parts.mkdir(parents=True, exist_ok=True)
        tables: dict[str, TextIO] = {
            table: stack.enter_context((parts / f"{table}.{number:06}").open("w", encoding="utf-8", newline="\n"))
            for table in TABLES
        }
        for file in files:
            record, cleaned = clean_file(file, settings)
            if cleaned is not None and record["outcome"] == "cleaned":
                exports.write_document(folder, names[file.source], file.source, cleaned)
            counts.add(record)
            for table, line in exports.corpus_rows(record, cleaned.text if cleaned else ""):
                tables[table].write(line + "\n")
    return counts


def clean_file(file: SourceFile, settings: RunSettings) -> tuple[diff_log.Record, Cleaned[bytes] | None]:
    """The log of one file, and the cleaned document where there is one. Never raises for the file's sake."""
    raw: bytes | None = None
    problem = file.problem
    if not problem and file.size > settings.largest_file:
        problem = f"has {file.size:,} bytes, more than the setting largest_file = {settings.largest_file:,} allows"
    if not problem:
        try:
            raw = Path(file.path).read_bytes()
            cleaned = clean(raw, settings)
            return diff_log.record_of(cleaned, file.source, raw), cleaned
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        except WinnowError as error:
            problem = str(error)
        except Exception as error:
            problem = f"Winnow failed on it, please report this: {type(error).__name__}: {error}"
    return diff_log.record_of_failure(file.source, problem, settings, raw), None
