"""Runs over a part of the documents: globs, samples, limits. What they leave out stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpora import outcomes, reasons, rows_of, run, text, write_texts
from test_cli import winnow

from winnow.cleaners import BadSettings, diff_log
from winnow.flows.options import narrowed
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs

FILES = 40
LINES = 400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    write_texts(folder, FILES)
    lines = (json.dumps({"id": f"n{number}", "text": text(number)}) for number in range(LINES))
    (folder / "dump.jsonl").write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize(
    ("include", "exclude", "left_out"),
    [
        ((), ("*.css",), ["a.css", "b/c.css"]),
        (("*.txt",), (), ["a.css", "b/c.css", "b/c.txt.gz"]),
        ((), ("b",), ["b/c.css", "b/c.txt", "b/c.txt.gz", "b/d/e.txt"]),
        (("b/*.txt",), (), ["a.css", "a.txt", "b/c.css", "b/c.txt.gz"]),
        (("*.txt",), ("b/d",), ["a.css", "b/c.css", "b/c.txt.gz", "b/d/e.txt"]),
    ],
)
def test_globs(include: tuple[str, ...], exclude: tuple[str, ...], left_out: list[str]) -> None:
    globs = Globs(include, exclude)
    paths = ["a.css", "a.txt", "b/c.css", "b/c.txt", "b/c.txt.gz", "b/d/e.txt"]
    assert [path for path in paths if globs.left_out(f"in/{path}")] == left_out


def test_what_globs_leave_out_stays_as_it_is(folder: Path, out: Path, warm: Pool) -> None:
    run(out, folder, warm=warm)
    before = rows_of(out)
    (folder / "00000.txt").write_text("Left out, so that nobody sees that it changed.")
    (folder / "00001.txt").unlink()
    (folder / "dump.jsonl").rename(folder.parent / "dump.jsonl")
    report = run(out, folder, settings=RunSettings(workers=1, include=("*2.txt", "*3.txt")), warm=warm)
    assert (report.documents, report.removed, report.excluded) == (8, 0, FILES - 8 - 1)
    assert rows_of(out) == before
    # Of the files that it takes, one that is gone is gone; and a row that was in a file that it reads.
    (folder / "00002.txt").unlink()
    (folder / "dump.jsonl").write_bytes((folder.parent / "dump.jsonl").read_bytes().partition(b"\n")[2])
    report = run(out, folder, settings=RunSettings(workers=1, include=("*2.txt", "*.jsonl")), warm=warm)
    told = outcomes(out)
    assert [name for name, outcome in told.items() if outcome != "cleaned"] == ["in/00002.txt", "in/dump.jsonl#n0"]
    assert report.removed == 2


def test_a_sample_is_the_same_each_time_and_grows(folder: Path, tmp_path: Path, warm: Pool) -> None:
    samples = []
    for sample in ("2%", 0.1, 1):
        out = tmp_path / str(sample)
        run(out, folder, settings=RunSettings.checked({"workers": 1, "sample": sample}), warm=warm)
        samples.append(set(outcomes(out)))
    small, large, whole = samples
    assert small < large < whole
    assert len(whole) == FILES + LINES
    assert large == {source for source in whole if int(diff_log.id_of(source), 16) < 0.1 * 16**16}
    out = tmp_path / "0.1"
    (folder / "dump.jsonl").write_text("{}")
    report = run(out, folder, settings=RunSettings(workers=1, sample=0.5), warm=warm)
    assert report.removed == 0, "who looks at a part does not take the rest to be gone"
    assert large <= set(outcomes(out))


def test_what_is_wrong_with_a_file_is_told_in_every_sample(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    run(out, folder, settings=RunSettings(workers=1, sample=1e-9), warm=warm)
    assert list(reasons(out)) == ["in/broken.zip"]


@pytest.mark.parametrize("limit", [1, 39, 40, 41, 77, 439, 440, 1_000])
def test_a_limit_takes_the_first(limit: int, folder: Path, out: Path, warm: Pool) -> None:
    settings = RunSettings(workers=1, limit=limit, batch_documents=7)
    report = run(out, folder, settings=settings, warm=warm)
    assert report.documents == min(limit, FILES + LINES)
    files = [f"in/{number:05}.txt" for number in range(FILES)]
    lines = [f"in/dump.jsonl#n{number}" for number in range(LINES)]
    assert list(outcomes(out)) == sorted([*files, *lines][:limit])
    if limit == 41:
        assert run(out, folder, settings=settings, warm=warm).release is None, "the same ones again"
        assert run(out, folder, warm=warm).documents == FILES + LINES


def test_options_of_the_command(folder: Path, out: Path) -> None:
    options = ("--include", "*.txt", "--include", "*.jsonl", "--sample", "50%", "--limit", "9")
    done = winnow("run", folder, "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert "Only the first 9 documents of a sample of 50% was looked at" in " ".join(done.stdout.decode().split())
    assert len(outcomes(out)) == 9
    chosen = narrowed(RunSettings(workers=3), None, ["*.css"], None, None)
    assert (chosen.exclude, chosen.workers) == ((".*", "README*", "*.css"), 3)
    for sample in ("0%", "101%", "a few", "x%"):
        with pytest.raises(BadSettings, match="the options: sample: "):
            narrowed(chosen, None, None, sample, None)
