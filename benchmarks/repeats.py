"""Lines a second that are counted over the documents of a corpus, and the memory it takes.

    python benchmarks/repeats.py [LINES]

LINES (3,000,000 by default) stand in documents of 100, of 300 sites; a fifth of each document's lines is its site's.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator

import pyarrow as pa

from winnow.flows import repeats, rows

_OF_A_DOCUMENT, _OF_A_BATCH, _SITES = 100, 1_000, 300
_WORDS = "rain river bridge night harvest letter window copper garden winter music engine market silver".split()


def batches(documents: int) -> Iterator[pa.RecordBatch]:
    """Rows of which only text and site are filled in."""
    rng = random.Random(1)  # noqa: S311
    templates = [[_line(rng) for _ in range(_OF_A_DOCUMENT // 5)] for _ in range(_SITES)]
    names = [name for name in rows.SCHEMA.names if name in repeats.COLUMNS]
    schema = pa.schema([rows.SCHEMA.field(name) for name in names])
    empty = dict.fromkeys(names) | {"findings": []}
    for first in range(0, documents, _OF_A_BATCH):
        found = []
        for number in range(first, min(first + _OF_A_BATCH, documents)):
            site = number % _SITES
            lines = [*templates[site], *(_line(rng) for _ in range(_OF_A_DOCUMENT * 4 // 5))]
            found.append({**empty, "source": f"crawl/{site}.example/{number}.html", "text": "\n".join(lines)})
        yield pa.RecordBatch.from_pylist(found, schema)


def _line(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(2, 14))) + rng.choice(_WORDS)


def main() -> None:
    """The command."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
    held = list(batches(lines // _OF_A_DOCUMENT))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = repeats.repeats_of(lambda: held)
    took = time.process_time() - began
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{lines:,} lines: {took:.1f} s, {lines / took:,.0f} lines a second, {more // 1024} MB; {len(found):,} told")


if __name__ == "__main__":
    main()
