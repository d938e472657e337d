"""How many lines a second the line model judges, on texts of your own.

    python benchmarks/line_model.py TEXTS.jsonl [--field raw]

One object a line with the text in the named field. Measures on one core, by processor time: the columns and scores of
all lines, and the cleaner with its reasons on top. Set OMP_NUM_THREADS=1 to measure one core.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from winnow.cleaners import residue
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.line_model import shipped_model
from winnow.cleaners.line_verdicts import verdicts_on

MOST = 500  # texts


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--field", default="raw")
    arguments = parser.parse_args()
    with arguments.texts.open(encoding="utf-8") as file:
        pages = [page_of(json.loads(line)[arguments.field]) for _, line in zip(range(MOST), file, strict=False)]
    model = shipped_model("residue")
    started = time.process_time()
    judged = [verdicts_on(page, model) for page in pages]
    seconds = time.process_time() - started
    count = sum(len(verdicts.odds) for verdicts in judged if verdicts)
    print(f"{len(pages)} texts, {count:,} lines: {count / seconds:,.0f} lines a second judged")
    started = time.process_time()
    found = sum(1 for page in pages for _ in residue.CLEANER.find(page))
    seconds = time.process_time() - started
    print(f"{count / seconds:,.0f} lines a second with {found:,} findings and their reasons")


if __name__ == "__main__":
    main()
