"""Runs without Prefect, and the rows that they leave; shared by the tests of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winnow.flows import driving
from winnow.flows.pool import Pool
from winnow.flows.runs import Run, RunReport
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus
from winnow.flows.workspace import workspace

ONE = RunSettings(workers=1)


def run(
    out: Path | str,
    *inputs: Path | str,
    settings: RunSettings = ONE,
    allow_removals: bool = False,
    warm: Pool | None = None,
) -> RunReport:
    """A whole run, as the flow does it."""
    corpus = Corpus(str(out))
    with workspace(corpus) as space:
        steps = Run(corpus, space, settings)
        try:
            steps.prepare([str(given) for given in inputs])
            for _ in driving.clean_all_in_threads(steps, warm=warm):
                pass
            return steps.release(allow_removals=allow_removals)
        finally:
            steps.close()


def rows_of(out: Path | str, columns: Sequence[str] | None = None, release: int | None = None) -> list[dict[str, Any]]:
    """All rows of a release, by source."""
    corpus = Corpus(str(out))
    table = corpus.table(release)
    if table is None:
        return []
    found = [row for batch in corpus.read(table, columns) for row in batch.to_pylist()]
    return sorted(found, key=lambda row: str(row["source"]))


def outcomes(out: Path | str, release: int | None = None) -> dict[str, str]:
    """The outcome of each document, by its source."""
    return {row["source"]: row["outcome"] for row in rows_of(out, ["source", "outcome"], release)}


def reasons(out: Path | str) -> dict[str, str]:
    """The reason of each document, by its source."""
    return {row["source"]: row["reason"] for row in rows_of(out, ["source", "reason"])}


def write_texts(folder: Path, count: int, version: int = 0) -> None:
    """So many short files, each with a line that goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number:05}.txt").write_text(text(number, version))


def text(number: int, version: int = 0) -> str:
    """A short text, different for each number and version."""
    return f"Rain is likely in valley {number} on day {version}.\n\nLeave a Reply\n"
