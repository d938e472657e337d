"""Reading large archives: what cutting one file gains, records a second, and memory.

    python benchmarks/readers.py --at /tmp/readers [--megabytes 40] [--large 2000]

Writes a WARC.gz and a JSONL of pages made of the words of seeds/, of so many megabytes unpacked. Cleans each with
one worker and with two, in turns, and compares the rows. Reads the WARC.gz, and beside it has warcio iterate over the
bare records of the same file. With --large, cleans a WARC.gz of so many megabytes unpacked and one of a tenth, and
tells the most memory of any process; most pages of these are long texts in one line, which are quick to clean.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psutil
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from winnow.flows import driving
from winnow.flows.cutting import parts_of
from winnow.flows.documents import Piece
from winnow.flows.reading import documents_of
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus
from winnow.flows.workspace import workspace

SEEDS = Path(__file__).parents[1] / "seeds"
MEGABYTE = 1_000_000
ROUNDS = 3


def pages(size: int, words_a_line: int) -> Iterator[str]:
    """Texts of 20 lines from the seeds' words, up to so many bytes."""
    words = re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))))
    dice = random.Random(size)  # noqa: S311
    made = 0
    while made < size:
        page = "\n".join(" ".join(dice.choices(words, k=words_a_line)) + "." for _ in range(20))
        made += len(page.encode())
        yield page + "\nLeave a Reply\n"


def write_warc(path: Path, texts: Iterator[str]) -> int:
    """As the page's server would have sent them; returns their number."""
    number = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, text in enumerate(texts, 1):
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/plain; charset=utf-8")], protocol="HTTP/1.1")
            body = io.BytesIO(text.encode())
            writer.write_record(
                writer.create_warc_record(f"http://example.org/{number}", "response", body, http_headers=http)
            )
    return number


def write_large(path: Path, size: int) -> int:
    """A web archive of pages of 250 KB; returns their number."""
    return write_warc(path, pages(size, 2_000))


def write_json_lines(path: Path, texts: Iterator[str]) -> int:
    """With an id for each; returns their number."""
    number = 0
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts, 1):
            file.write(json.dumps({"id": f"page-{number}", "text": text}) + "\n")
    return number


def settings_for(path: Path, workers: int, parts: int) -> RunSettings:
    """So that the file is cut into so many parts."""
    return RunSettings(workers=workers, batch_bytes=path.stat().st_size // parts + 1, export="never")


def cleaned(path: Path, out: Path, workers: int, parts: int) -> tuple[float, int, float]:
    """Seconds from the listing to the end of the last batch with workers that are warm, the documents, and how many
    processors other programs kept busy meanwhile."""
    shutil.rmtree(out, ignore_errors=True)
    settings = settings_for(path, workers, parts)
    corpus = Corpus(str(out))
    with driving.pool_for(settings, out.with_suffix(".log")) as pool, workspace(corpus) as space:
        warmed(pool, workers)
        run = Run(corpus, space, settings)
        began, busy = time.perf_counter(), others_busy()
        run.prepare([str(path)])
        for _ in driving.clean_all_in_threads(run, warm=pool):
            pass
        seconds = time.perf_counter() - began
        others = (others_busy() - busy) / seconds
        report = run.release()
        run.close()
    return seconds, report.documents, others


def others_busy() -> float:
    """Processor seconds of the machine so far, but for those of this process and its children."""
    machine = psutil.cpu_times()
    own = psutil.Process()
    ours = sum(sum(process.cpu_times()[:2]) for process in (own, *own.children(recursive=True)))
    return machine.user + machine.system - ours


def warmed(pool: driving.Pool, workers: int) -> None:
    """Wait until all workers are ready."""
    if workers:
        with pool.worker():
            warmed(pool, workers - 1)


def rows_of(out: Path) -> list[tuple[str, str, str]]:
    """What the corpus holds."""
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    names = ("source", "outcome", "text_sha256")
    batches = (batch.to_pydict() for batch in corpus.read(table, names))
    return sorted(row for columns in batches for row in zip(*(columns[name] for name in names), strict=True))


def gain(path: Path, at: Path, documents: int) -> None:
    """Two workers on one file against one."""
    ratios = []
    for _ in range(ROUNDS):
        one, count, beside = cleaned(path, at / "one", 1, 12)
        two, again, besides = cleaned(path, at / "two", 2, 12)
        assert count == again == documents, (count, again, documents)
        ratios.append(one / two)
        print(
            f"{path.name}: {documents:,} documents, one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f}"
            f" (other programs kept {beside:.2f} and {besides:.2f} processors busy)"
        )
    assert rows_of(at / "one") == rows_of(at / "two")
    cleaned(path, at / "whole", 1, 1)
    assert rows_of(at / "one") == rows_of(at / "whole")
    print(f"{path.name}: median {statistics.median(ratios):.2f}; the rows are the same, cut or whole")


def records_a_second(path: Path, documents: int) -> None:
    """The reader, the reader over parts, and warcio's bare iteration, in turns."""
    piece = Piece(path.name, str(path), path.stat().st_size)
    settings = settings_for(path, 1, 12)
    for _ in range(ROUNDS):
        began = time.process_time()
        with path.open("rb") as file:
            assert sum(record.rec_type == "response" for record in ArchiveIterator(file)) == documents
        bare = time.process_time() - began
        began = time.process_time()
        assert sum(document.content is not None for document in documents_of(piece, settings)) == documents
        whole = time.process_time() - began
        began = time.process_time()
        parts = parts_of(piece, settings)
        cut = time.process_time() - began
        assert sum(1 for part in parts for _ in documents_of(part, settings)) == documents
        inside = time.process_time() - began
        print(
            f"records a second of processor time: warcio {documents / bare:,.0f}, reader {documents / whole:,.0f}"
            f" ({bare / whole:.2f}), over {len(parts)} parts {documents / inside:,.0f}, of which cutting {cut:.3f} s"
        )


@contextmanager
def most_memory() -> Iterator[dict[str, int]]:
    """The largest resident set of this process and of its workers, in bytes, sampled twice a second."""
    most = {"run": 0, "worker": 0}
    ended = threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not ended.wait(0.5):
            most["run"] = max(most["run"], own.memory_info().rss)
            for child in own.children():
                try:
                    most["worker"] = max(most["worker"], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def memory(at: Path, megabytes: int) -> None:
    """Of runs over archives of a tenth, and of all of it."""
    for size in (megabytes // 10, megabytes):
        path = at / f"large-{size}.warc.gz"
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # what writing holds is not the run's
            documents = apart.submit(write_large, path, size * MEGABYTE).result()
        packed = path.stat().st_size
        with most_memory() as most:
            seconds, count, _ = cleaned(path, at / "large", 2, max(2, packed // (10 * MEGABYTE)))
        assert count == documents
        print(
            f"{size:,} MB unpacked, {packed / MEGABYTE:,.0f} MB packed, {documents:,} documents, {seconds:.0f} s:"
            f" at most {most['run'] / MEGABYTE:.0f} MB for the run, {most['worker'] / MEGABYTE:.0f} MB for a worker"
        )
        path.unlink()
        shutil.rmtree(at / "large")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", type=Path, required=True, help="a folder to work in")
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--large", type=int, default=0)
    given = parser.parse_args()
    given.at.mkdir(parents=True, exist_ok=True)
    size = given.megabytes * MEGABYTE
    archive, lines = given.at / "pages.warc.gz", given.at / "pages.jsonl"
    documents = write_warc(archive, pages(size, 40))
    records_a_second(archive, documents)
    gain(archive, given.at, documents)
    gain(lines, given.at, write_json_lines(lines, pages(size, 40)))
    if given.large:
        memory(given.at, given.large)


if __name__ == "__main__":
    main()
