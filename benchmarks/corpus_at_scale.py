"""A corpus of very many short documents: speed, memory, and what a second run costs.

    python benchmarks/corpus_at_scale.py 100000 --at /tmp/scale

Writes so many texts, made of the words of seeds/ with some residue, in folders of 1,000; cleans them; changes 1%
of them, scattered, and runs again; adds 1% and runs again. Samples the memory of every process twice a second.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from clocks import OTHERS, OWN, processor

from winnow.flows import driving
from winnow.flows.runs import Run, RunReport
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus
from winnow.flows.workspace import workspace

SEEDS = Path(__file__).parents[1] / "seeds"
RESIDUE = (
    "Leave a Reply",
    "- Advertisement -",
    "We use cookies to improve your experience. Accept all",
    "Home | About us",
)
FOLDER = 1_000  # documents


class Texts:
    """Short texts: a headline and a few sentences of the seeds' words; every third ends in residue."""

    def __init__(self, home: Path) -> None:
        self.home = home
        text = " ".join(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))
        self._words = sorted(set(re.findall(r"\w{2,}", text)))

    def write(self, number: int, version: int = 0) -> None:
        dice = random.Random(f"{number}-{version}")  # noqa: S311
        lines = [" ".join(dice.choices(self._words, k=8))]
        lines += [" ".join(dice.choices(self._words, k=dice.randint(12, 30))) + "." for _ in range(3)]
        if number % 3 == 0:
            lines.append(dice.choice(RESIDUE))
        folder = self.home / f"site{number // FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:07}.txt").write_text("\n\n".join(lines) + "\n", "utf-8")


class Memory:
    """The most that each kind of process held, in bytes (PSS: what is shared is counted once)."""

    def __init__(self) -> None:
        self.run = self.worker = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.run = self.worker = 0
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(done,))
        thread.start()
        yield
        done.set()
        thread.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.5):
            self.run = max(self.run, _held(psutil.Process()))
            for child in psutil.Process().children(recursive=True):
                self.worker = max(self.worker, _held(child))


def _held(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except psutil.Error:
        return 0


def run(out: Path, texts: Path, settings: RunSettings) -> RunReport:
    """A run as the flow does it, without Prefect."""
    corpus = Corpus(str(out))
    with workspace(corpus) as space:
        steps = Run(corpus, space, settings)
        try:
            steps.prepare([str(texts)])
            for _ in driving.clean_all_in_threads(steps):
                pass
            return steps.release()
        finally:
            steps.close()


def timed(name: str, out: Path, texts: Path, settings: RunSettings, first: float = 0.0) -> float:
    memory = Memory()
    began, own, others = time.perf_counter(), processor(OWN), processor(OTHERS)
    with memory.watched():
        report = run(out, texts, settings)
    seconds = time.perf_counter() - began
    told = Corpus(str(out)).releases()[0].told
    share = f" ({seconds / first:.1%} of the first run)" if first else ""
    size = sum(path.stat().st_size for path in (out / "corpus").glob("*.parquet"))
    print(
        f"{name}: {report.documents:,} documents, {report.renewed:,} new or changed, in {seconds:,.1f} s{share};"
        f" {report.documents / seconds:,.0f} a second; CPU s: run {processor(OWN) - own:,.1f}, workers"
        f" {processor(OTHERS) - others:,.1f}; most memory: run {memory.run / 1e6:,.0f} MB, a worker"
        f" {memory.worker / 1e6:,.0f} MB; bytes written {told['bytes_written']:,}, table files {size:,}",
        flush=True,
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int)
    parser.add_argument("--at", type=Path, required=True, help="A folder to work in; deleted before and after.")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    shutil.rmtree(options.at, ignore_errors=True)
    texts, out = Texts(options.at / "in"), options.at / "out"
    settings = RunSettings(workers=options.workers)
    for number in range(options.documents):
        texts.write(number)
    first = timed("first run", out, texts.home, settings)
    for number in range(0, options.documents, 100):
        texts.write(number, version=1)
    timed("1% changed, scattered", out, texts.home, settings, first)
    for number in range(options.documents, options.documents + options.documents // 100):
        texts.write(number)
    timed("1% new", out, texts.home, settings, first)
    shutil.rmtree(options.at)


if __name__ == "__main__":
    main()
