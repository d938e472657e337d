"""Workers that are killed: by us, by the system, by a document. One document pays, the others do not notice."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from corpora import ONE, outcomes, reasons, rows_of, run, text, write_texts

from winnow.flows import driving
from winnow.flows.pool import Pool, Worker, WorkerDied
from winnow.flows.settings import RunSettings

HUNGRY = RunSettings(workers=1, memory=400_000_000)
LONG = "Rain is likely on Friday, and the valley waits for it. " * 40 + "\n"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    write_texts(tmp_path / "in", 60)
    return tmp_path / "in"


def test_the_same_rows_on_one_worker_or_many(tmp_path: Path, texts: Path) -> None:
    run(tmp_path / "one", texts)
    run(tmp_path / "three", texts, settings=RunSettings(workers=3, batch_bytes=200))
    assert rows_of(tmp_path / "one") == rows_of(tmp_path / "three")


def test_a_document_that_takes_too_long_fails_and_the_others_do_not(out: Path, texts: Path) -> None:
    # Half a minute on a machine of 2026, for its time grows with the square of its depth; the others take a few ms.
    (texts / "00030x.txt").write_text("<!DOCTYPE html><html><body>" + "<div>" * 150_000 + "Rain.")
    run(out, texts, settings=RunSettings(workers=1, deadline=2.0, memory=8_000_000_000))
    told = outcomes(out)
    assert {name for name, outcome in told.items() if outcome != "cleaned"} == {"in/00030x.txt"}
    assert len(told) == 61
    assert reasons(out)["in/00030x.txt"] == "took longer than the 2 seconds that the setting deadline allows"


def test_a_document_that_needs_too_much_memory_fails_and_the_others_do_not(out: Path, texts: Path) -> None:
    (texts / "00030x.txt").write_text(LONG * 9_000)
    run(out, texts, settings=HUNGRY)
    told = outcomes(out)
    assert {name for name, outcome in told.items() if outcome != "cleaned"} == {"in/00030x.txt"}
    assert "400,000,000 bytes of memory that the setting memory allows" in reasons(out)["in/00030x.txt"]


def _workers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if any("winnow.flows.worker" in word for word in _command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def assassin() -> Iterator[list[int]]:
    """Kills a dozen worker processes, one after the other; the list tells which."""
    stop = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not stop.wait(0.15) and len(killed) < 12:
            for worker in _workers()[:1]:
                with contextlib.suppress(psutil.Error):
                    # One that has told more than that it is ready, so that the run gets on.
                    if worker.io_counters().write_chars > 1_000:
                        worker.kill()
                        killed.append(worker.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    yield killed
    stop.set()
    thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system tells what a process has written")
def test_workers_that_are_killed_at_random_lose_and_double_nothing(
    tmp_path: Path, texts: Path, assassin: list[int]
) -> None:
    for number in range(60, 600):
        (texts / f"{number:05}.txt").write_text(text(number) + LONG)
    run(tmp_path / "out", texts, settings=RunSettings(workers=2))
    assert len(assassin) >= 1
    rows = rows_of(tmp_path / "out")
    assert [row["source"] for row in rows] == [f"in/{number:05}.txt" for number in range(600)]
    # A document at which two workers were killed in a row is told as what killed them.
    bad = [row["reason"] for row in rows if row["outcome"] != "cleaned"]
    assert all(reason.startswith("the process that cleaned it was killed by SIGKILL") for reason in bad)
    assert len(bad) <= len(assassin) // 2


def test_a_worker_that_dies_before_it_begins_is_told(tmp_path: Path) -> None:
    with Pool(1, tmp_path / "log", 5.0, 1_000_000_000) as pool:
        with pool.worker() as worker:
            first = worker
        with pool.worker() as worker:
            assert worker is first, "it is used again"
            pid = _workers()[0].pid
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerDied, match="SIGKILL"), pool.worker() as worker:
            list(worker.do({"pieces": [], "skip": 0, "alone": 0, "known": "", "settings": ONE.model_dump(mode="json")}))
        with pool.worker() as worker:
            assert isinstance(worker, Worker)
            assert worker is not first
    assert _workers() == []


def test_memory_does_not_grow_with_the_documents(tmp_path: Path) -> None:
    """A worker that has done 2,000 documents holds about what it held after 200."""
    write_texts(tmp_path / "in", 2_000)
    with driving.pool_for(ONE, tmp_path / "log") as pool:
        held = []
        for number in (200, 2_000):
            for path in sorted((tmp_path / "in").iterdir())[:number]:
                os.utime(path)
            run(tmp_path / f"out{number}", *sorted((tmp_path / "in").iterdir())[:number], warm=pool)
            held.append(_workers()[0].memory_info().rss)
    assert held[1] < held[0] + 30_000_000
