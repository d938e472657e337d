"""What changed rules or settings would do to a corpus, before anything is written."""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from winnow.flows import driving, row_groups, rows
from winnow.flows.counting import note_guesses
from winnow.flows.engine import BatchSpec
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus
from winnow.flows.workspace import Workspace

_COLUMNS = ("source", "outcome", "text_sha256", "text")
_READ = [*_COLUMNS, "guessed"]


@dataclass
class Preview:
    """What would happen."""

    documents: int = 0
    """Inputs in all."""
    new: int = 0
    again: int = 0
    """Known documents that would be cleaned again."""
    touched: list[str] = field(default_factory=list)
    """Those of them that would get another text or outcome."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(outcome now, outcome then) of the touched ones."""
    examples: list[tuple[str, str]] = field(default_factory=list)
    """(source, unified diff from the text now to the text then) of the first touched ones."""
    guessed: dict[str, set[str]] = field(default_factory=dict)
    """Files of which something would be cleaned, by what was guessed of their columns."""


def preview(
    corpus: Corpus, inputs: Sequence[str], settings: RunSettings, examples: int, told: Callable[[int], None]
) -> Preview:
    """Clean what would be cleaned again, compare, and keep nothing. Costs what the run would."""
    seen = Preview()
    with tempfile.TemporaryDirectory(prefix="winnow-preview-") as folder:
        space = Workspace(Path(folder), "preview")
        space.parts.mkdir()
        run = Run(corpus, space, settings)
        try:
            run.prepare(inputs)
            for spec in driving.clean_all_in_threads(run, told):
                _compare(run, spec, seen, examples)
            seen.documents = run.seen.counts()[0]
        finally:
            run.close()
    return seen


def _compare(run: Run, spec: BatchSpec, seen: Preview, examples: int) -> None:
    with pq.ParquetFile(spec.part) as part:
        for batch in row_groups.read(part, _READ):
            note_guesses(batch, seen.guessed)
            known = run.known.of_all(batch.column("source").to_pylist())
            for source, outcome, digest, text in rows.tuples(batch, _COLUMNS):
                before = known.get(source)
                if before is None or before.outcome == "removed":
                    seen.new += 1
                    continue
                seen.again += 1
                # Whether it is a duplicate is found when a release is made.
                now = "cleaned" if before.outcome == "duplicate" else before.outcome
                if (outcome, digest) == (now, before.text):
                    continue
                seen.touched.append(source)
                seen.outcomes[now, outcome] += 1
                if len(seen.examples) < examples and before.place:
                    seen.examples.append((source, _difference(_text_of(run, before.place, source), text)))


def _text_of(run: Run, block: str, source: str) -> str:
    table = run.corpus.table()
    assert table is not None  # noqa: S101  (it holds the block)
    for batch in run.corpus.read(table, ("source", "text"), [block]):
        found = batch.filter(pc.equal(batch.column("source"), source))
        if found.num_rows:
            return str(found.column("text")[0].as_py())
    return ""


def _difference(now: str, then: str) -> str:
    return "\n".join(_lines(now, then))


def _lines(now: str, then: str) -> Iterator[str]:
    told = difflib.unified_diff(now.split("\n"), then.split("\n"), "now", "then", n=1, lineterm="")
    yield from (line for line in told if not line.startswith(("---", "+++")))
