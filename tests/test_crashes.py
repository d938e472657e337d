"""`kill -9` at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import rows_of, run, text, write_texts
from crash_runs import SETTINGS

from winnow.flows.pool import Pool
from winnow.flows.store import Corpus

HERE = Path(__file__).parent
ROUNDS, KILLS = 3, 20  # for each of four sequences: 240
DOCUMENTS = 2_000
LONGEST = 1.6  # seconds to a kill: a run of 200 documents and its start


class Runs:
    """The program that forks runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, HERE / "crash_runs.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def start(self, *words: Path | str) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        return int(self._process.stdout.readline())

    def ended(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


def kill_after(runs: Runs, seconds: float, *words: Path | str, only_parent: bool) -> bool:
    """Whether the run still was at work when it was killed."""
    pid = runs.start(*words)
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        if only_parent:
            os.kill(pid, signal.SIGKILL)
        else:
            os.killpg(pid, signal.SIGKILL)
    return runs.ended() == -signal.SIGKILL


def change(folder: Path, dice: random.Random, version: int) -> None:
    """Some documents change, some go, some come."""
    for _ in range(DOCUMENTS // 10):
        number = dice.randrange(DOCUMENTS)
        (folder / f"{number:05}.txt").write_text(text(number, version))
    for _ in range(DOCUMENTS // 100):
        (folder / f"{dice.randrange(DOCUMENTS):05}.txt").unlink(missing_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_kills_leave_the_table_of_an_undisturbed_run(seed: int, tmp_path: Path, runs: Runs, warm: Pool) -> None:
    dice = random.Random(seed)  # noqa: S311
    folder, killed, undisturbed = (tmp_path / name for name in ("in", "killed", "undisturbed"))
    write_texts(folder, DOCUMENTS)
    kills = 0
    for version in range(ROUNDS):
        for _ in range(KILLS):
            words = killed, folder
            kills += kill_after(runs, dice.uniform(0, LONGEST), *words, only_parent=dice.random() < 0.3)
            assert_whole(killed)
        runs.start(killed, folder)
        assert runs.ended() == 0
        run(undisturbed, folder, settings=SETTINGS, warm=warm)
        assert rows_of(killed) == rows_of(undisturbed), f"round {version}"
        assert not [path for path in (killed / ".work").iterdir() if path.is_dir()], "nothing is left behind"
        change(folder, dice, version + 1)
    assert kills >= ROUNDS * KILLS / 2, "most runs were still at work"
    # No file of the table lies there that no release knows.
    corpus = Corpus(str(killed))
    tables = [corpus.table(release.number) for release in corpus.releases()]
    known = {block.path for table in tables if table for block in corpus.blocks(table)}
    assert {path.name for path in (killed / "corpus").glob("*.parquet")} == known


def assert_whole(out: Path) -> None:
    """The table can be read, and holds no source twice."""
    if (out / "corpus" / "_delta_log").is_dir():
        sources = [row["source"] for row in rows_of(out, ["source"])]
        assert len(set(sources)) == len(sources)


def test_what_a_killed_run_had_done_is_taken_over(tmp_path: Path, runs: Runs) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    write_texts(folder, DOCUMENTS)
    pid = runs.start(out, folder)
    deadline = time.monotonic() + 60
    while len(list(out.glob(".work/*/parts/[0-9]*.parquet"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(pid, signal.SIGKILL)
    assert runs.ended() == -signal.SIGKILL
    (folder / "00000.txt").write_text(text(0, version=5))  # done by the killed run, and changed since
    (folder / "00001.txt").unlink()
    report = run(out, folder, settings=SETTINGS)
    assert 20 <= report.taken_over < DOCUMENTS
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
    run(tmp_path / "again", folder, settings=SETTINGS)
    assert rows_of(out) == rows_of(tmp_path / "again")
