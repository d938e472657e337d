"""Near-duplicates: how many are found, how many documents a second, how much memory.

    python benchmarks/duplicates.py TEXTS.jsonl [--bases 1500] [--scale 50000 200000]

TEXTS.jsonl holds {"raw"} or {"text"} a line. Of each text copies are made in which words were changed, left out or
put in, more of them in each; which pairs have a Jaccard index of at least .7 is counted over all pairs, with words
and sets instead of hashes. With --scale corpora of so many generated texts are searched, each in a process of its
own: for the first time, and again with what it has kept.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from winnow.cleaners import diff_log
from winnow.cleaners.shingles import WIDTH, fingerprint, jaccard, words
from winnow.flows import duplicates, likeness, rows
from winnow.flows.store import Block, Corpus

SHARES = (0.0, 0.005, 0.02, 0.035, 0.06)  # of the words that are changed in the copies
WORDS_OF_A_TEXT, COPIES = 120, 0.02  # of the generated ones


def edited(text: str, share: float, chance: random.Random) -> str:
    """The text with about that share of its words changed, left out or doubled."""
    done = []
    for word in text.split(" "):
        if chance.random() >= share:
            done.append(word)
        elif (kind := chance.randrange(3)) < 2:
            done.append(word[::-1] + "x" if kind else f"{word} {word}")
    return " ".join(done)


def true_pairs(texts: list[str]) -> set[tuple[int, int]]:
    """All pairs with an index of at least the threshold, by counting what each text shares with all others."""
    numbers: dict[str, int] = {}
    held = []
    for text in texts:
        said = words(text)
        width = min(WIDTH, len(said))
        runs = {" ".join(said[at : at + width]) for at in range(len(said) - width + 1)}
        held.append(np.array([numbers.setdefault(run, len(numbers)) for run in runs], np.int64))
    sizes = np.array([runs.size for runs in held])
    order = np.argsort(np.concatenate(held), kind="stable")
    owners = np.repeat(np.arange(len(texts)), sizes)[order]
    ends = np.concatenate(([0], np.cumsum(np.bincount(np.concatenate(held)))))
    found = set()
    for text, runs in enumerate(held):
        both = np.bincount(np.concatenate([owners[ends[run] : ends[run + 1]] for run in runs]), minlength=len(texts))
        like = np.flatnonzero(both >= likeness.THRESHOLD * (sizes + runs.size - both))
        found.update((text, int(other)) for other in like if other > text)
    return found


def show_quality(path: Path, bases: int) -> None:
    chance = random.Random(1)  # noqa: S311
    with path.open(encoding="utf-8") as lines:
        every = [entry.get("raw") or entry["text"] for entry in map(json.loads, lines)]
    chosen = [text for text in every if len(words(text)) >= WIDTH]
    chosen = chance.sample(chosen, min(bases, len(chosen)))
    texts = [edited(text, share, chance) for text in chosen for share in SHARES]
    began = time.process_time()
    hashes = [fingerprint(text)[0] for text in texts]
    bands = likeness.bands_of(hashes)
    took = time.process_time() - began
    size = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} texts of {size:,.0f} characters: fingerprints of {len(texts) / took:,.0f} a second")
    began = time.process_time()
    pairs = likeness.candidates(bands)
    found = {(a, b) for a, b in pairs.tolist() if jaccard(hashes[a], hashes[b]) >= likeness.THRESHOLD}
    print(f"{len(pairs):,} candidates joined and compared in {time.process_time() - began:.1f} s")
    true = true_pairs(texts)
    print(f"{len(true):,} true pairs: recall {len(found & true) / len(true):.4f}, precision"
          f" {len(found & true) / len(found):.4f}")  # fmt: skip


def write_corpus(out: Path, count: int) -> None:
    """A corpus of generated texts, of which some are edited copies of earlier ones."""
    chance = np.random.default_rng(1)
    corpus = Corpus(str(out))
    vocabulary = np.array([f"word{number}" for number in range(30_000)])
    blocks, earlier = [], ""
    for first in range(0, count, 10_000):
        held = []
        for number in range(first, min(first + 10_000, count)):
            said = vocabulary[(chance.pareto(1.0, WORDS_OF_A_TEXT) * 50).astype(int) % vocabulary.size]
            said[19::20] = [f"{word}." for word in said[19::20]]
            text = f"{earlier} again" if earlier and chance.random() < COPIES else " ".join(said)
            earlier = text if number % 100 == 0 else earlier
            row = rows.row_of_removed(f"in/{number:09}.txt", "") | {"outcome": "cleaned", "text": text}
            row |= {"text_sha256": diff_log.digest(text), "release": 1, "first_release": 1}
            held.append(row | {"characters": {"source": len(text), "page": len(text), "removed": 0, "text": len(text)}})
        name = f"{first:09}.parquet"
        pq.write_table(pa.Table.from_batches([rows.batch_of(held)]), name, filesystem=corpus.files())
        blocks.append(Block(name, corpus.files().get_file_info(name).size, len(held)))
    corpus.commit(None, blocks, [], {"release": 1, "run": "x"})


def most_memory() -> float:
    """The most memory that this process has held, in MB. Linux; what `getrusage` tells is the parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def search(out: Path) -> None:
    """Search a corpus, and tell time and memory: what the child process does."""
    corpus = Corpus(str(out))
    before = most_memory()
    began, at_work = time.perf_counter(), time.process_time()
    table = corpus.table()
    assert table is not None
    found = duplicates.find(duplicates.ReleaseRows(corpus, table))
    duplicates.publish(corpus, found, 1)
    print(
        f"{time.perf_counter() - began:8.1f} s ({time.process_time() - at_work:.1f} s of processors),"
        f" {most_memory():6.0f} MB at most, {before:.0f} MB before; {found.num_rows:,} documents told"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--bases", type=int, default=1500)
    parser.add_argument("--scale", type=int, nargs="*", default=[])
    parser.add_argument("--search", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.search:
        search(given.texts)
        return
    show_quality(given.texts, given.bases)
    for count in given.scale:
        with tempfile.TemporaryDirectory() as folder:
            write_corpus(Path(folder), count)
            for which in ("first", "again"):
                print(f"{count:>9,} documents, {which}: ", end="", flush=True)
                subprocess.run([sys.executable, __file__, folder, "--search"], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
