"""Lines a second that are counted over the documents of a corpus, and the memory it takes: by `winnow repeats`, and by
a run with the setting `repeats`, which stores their hashes, for the first time and again.

    python benchmarks/repeats.py [LINES]

LINES (3,000,000 by default) stand in documents of 100, of 300 sites; a fifth of each document's lines is its site's.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from winnow.flows import evidence, repeats, rows
from winnow.flows.store import Corpus

_OF_A_DOCUMENT, _OF_A_BATCH, _SITES = 100, 1_000, 300
_WORDS = "rain river bridge night harvest letter window copper garden winter music engine market silver".split()


def batches(documents: int) -> Iterator[pa.RecordBatch]:
    """Rows of which only text and site are filled in."""
    rng = random.Random(1)  # noqa: S311
    templates = [[_line(rng) for _ in range(_OF_A_DOCUMENT // 5)] for _ in range(_SITES)]
    wanted = {"title", *repeats.COLUMNS, *(name.partition(".")[0] for name in evidence.IDENTITY)}
    names = [name for name in rows.SCHEMA.names if name in wanted]
    schema = pa.schema([rows.SCHEMA.field(name) for name in names])
    empty = dict.fromkeys(names) | {"findings": [], "made_by": "", "decoding": {"encoding": "utf-8", "rendered": False}}
    for first in range(0, documents, _OF_A_BATCH):
        found = []
        for number in range(first, min(first + _OF_A_BATCH, documents)):
            site = number % _SITES
            lines = [*templates[site], *(_line(rng) for _ in range(_OF_A_DOCUMENT * 4 // 5))]
            told = {"source": f"crawl/{site}.example/{number}.html", "source_sha256": f"{number:064x}"}
            found.append({**empty, **told, "text": "\n".join(lines)})
        yield pa.RecordBatch.from_pylist(found, schema)


def _line(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(2, 14))) + rng.choice(_WORDS)


class _Held:
    """Rows in blocks, as a release has them."""

    def __init__(self, corpus: Corpus, batches: Sequence[pa.RecordBatch]) -> None:
        self.corpus, self._batches = corpus, batches
        self.blocks = [str(number) for number in range(len(batches))]

    def read(self, block: str, _columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield self._batches[int(block)]


def _measured(lines: int, what: str, counted: Callable[[], int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = counted()
    took = time.process_time() - began
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{what}: {lines:,} lines in {took:.1f} s, {lines / took:,.0f} a second, {more // 1024} MB; {found:,} repeat")


def main() -> None:
    """The command."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
    batched = list(batches(lines // _OF_A_DOCUMENT))
    with tempfile.TemporaryDirectory() as out:
        held = _Held(Corpus(out), batched)

        def weighed() -> int:
            return len(evidence.weigh(held, evidence.documents_of(held)).keys)

        _measured(lines, "winnow repeats, the first 1,000", lambda: len(repeats.repeats_of(lambda: batched)))
        _measured(lines, "a run, first", weighed)
        _measured(lines, "a run, again", weighed)


if __name__ == "__main__":
    main()
