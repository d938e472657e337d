"""What goes wrong around a run: full disks, files that come and go, a second run, Ctrl-C."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from corpora import ONE, outcomes, reasons, rows_of, run, text, write_texts

from winnow.flows import driving, exporting
from winnow.flows.documents import Piece
from winnow.flows.reading import documents_of
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus, OutputNotWritable
from winnow.flows.workspace import CorpusBusy, workspace

HERE = Path(__file__).parent


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    write_texts(tmp_path / "in", 60)
    return tmp_path / "in"


@pytest.mark.parametrize("kilobytes", [4, 16, 24, 40, 64])
def test_a_full_disk_publishes_nothing_and_the_next_run_goes_on(
    kilobytes: int, out: Path, texts: Path, tmp_path: Path
) -> None:
    """No file may grow beyond a size: the same errors at the same calls, without a disk to fill."""
    code = (
        "import resource, sys; from corpora import run; from winnow.cleaners import WinnowError\n"
        "_, most = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, most))\n"
        "try: run(*sys.argv[1:])\nexcept WinnowError as error: sys.exit(str(error))\n"
        "finally: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))"  # coverage writes a file at the end
    )
    write_texts(texts, 800)
    done = subprocess.run(
        [sys.executable, "-c", code, out, texts], capture_output=True, text=True, check=False, cwd=HERE
    )
    assert done.returncode == 1, done.stderr
    assert f"{out}: nothing was published: " in done.stderr
    assert "Traceback" not in done.stderr
    assert outcomes(out) == {}
    run(out, texts)
    run(tmp_path / "undisturbed", texts)
    assert rows_of(out) == rows_of(tmp_path / "undisturbed")


def test_an_output_that_cannot_be_made_is_named(tmp_path: Path, texts: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputNotWritable, match=r"file/out: cannot be written: Not a directory\. Choose another"):
        run(tmp_path / "file" / "out", texts)


def test_what_vanishes_after_it_was_listed_is_recorded(out: Path, texts: Path) -> None:
    with workspace(Corpus(str(out))) as space:
        steps = Run(Corpus(str(out)), space, ONE)
        steps.prepare([str(texts)])
        (texts / "00005.txt").unlink()
        for _ in driving.clean_all_in_threads(steps):
            pass
        steps.release()
        steps.close()
    assert outcomes(out)["in/00005.txt"] == "failed"
    assert reasons(out)["in/00005.txt"] == "cannot be read: No such file or directory"
    assert len(outcomes(out)) == 60


def test_what_is_written_to_while_it_is_read_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"Rain is likely.\n" * 1_000_000)
    stop = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"More.\n")

    thread = threading.Thread(target=write)
    before = path.stat().st_size
    thread.start()
    try:
        while path.stat().st_size == before:  # it has begun
            time.sleep(0.001)
        (document,) = documents_of(Piece("log.txt", str(path)), RunSettings())
    finally:
        stop.set()
        thread.join()
    assert (document.content, document.problem) == (
        None,
        "was written to while it was read: run again when it is complete",
    )
    (document,) = documents_of(Piece("log.txt", str(path)), RunSettings())
    assert document.content == path.read_bytes()


def test_the_second_run_on_a_corpus_says_so_or_waits(out: Path, texts: Path) -> None:
    with (
        workspace(Corpus(str(out))),
        pytest.raises(CorpusBusy, match=rf"another run is at work on it \(process {os.getpid()}, since 2.*--wait"),
        workspace(Corpus(str(out))),
    ):
        pass
    entered = threading.Event()

    def first() -> None:
        with workspace(Corpus(str(out))):
            entered.set()
            time.sleep(0.5)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    with workspace(Corpus(str(out)), wait=60):
        assert not thread.is_alive() or entered.is_set()
    thread.join()
    assert run(out, texts).documents == 60


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_publishes_nothing_and_the_same_command_goes_on(
    sent: signal.Signals, out: Path, tmp_path: Path
) -> None:
    write_texts(tmp_path / "in", 4_000)
    settings = tmp_path / "settings.toml"
    settings.write_text("workers = 1\nbatch_bytes = 1500\n")
    command = [sys.executable, "-c", "from winnow.flows.cli import main; main()"]
    command += ["run", str(tmp_path / "in"), "--out", str(out), "--settings", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while len(list(out.glob(".work/*/parts/[0-9]*.parquet"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(sent)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert told == "winnow: stopped; nothing half-done was published. The same command goes on where it stopped\n"
    assert outcomes(out) == {}
    report = run(out, tmp_path / "in", settings=RunSettings(workers=2))
    assert report.taken_over >= 60
    assert len(outcomes(out)) == 4_000


def test_names_in_the_input_never_lead_out_of_the_output(out: Path, texts: Path) -> None:
    for name in ("%2e%2e%2fescape.txt", "\x1b[31mred.txt", "a\\..\\b.txt", "new\nline.txt", "=1+2.txt", "<b>.txt"):
        (texts / name).write_text(text(1))
    (texts / "link.txt").symlink_to("/etc/passwd")
    (texts / "root").symlink_to("/")
    os.mkfifo(texts / "pipe.txt")
    before = set(texts.parent.rglob("*"))
    run(out, texts)
    corpus = Corpus(str(out))
    exporting.write_latest(corpus, corpus.releases()[0], 5, always=False)
    made = set(texts.parent.rglob("*")) - before
    assert all(path.is_relative_to(out) for path in made)
    assert not [path for path in out.rglob("*") if path.is_symlink() and path.name != "latest"]
    told = outcomes(out)
    assert told["in/link.txt"] == told["in/root"] == told["in/pipe.txt"] == "failed"
    assert list(told.values()).count("cleaned") == 66


def test_what_is_written_can_be_read_by_others(out: Path, texts: Path) -> None:
    """As the umask says, not for the owner only."""
    run(out, texts)
    corpus = Corpus(str(out))
    exporting.write_latest(corpus, corpus.releases()[0], 5, always=False)
    mode = (out / "latest" / "corpus.jsonl").stat().st_mode
    assert bool(mode & stat.S_IRGRP) == bool((texts / "00000.txt").stat().st_mode & stat.S_IRGRP)
