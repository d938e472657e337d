"""The commands about a corpus, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from corpora import run, text, write_texts
from test_cli import winnow

from winnow.flows import exporting
from winnow.flows.pool import Pool
from winnow.flows.store import Corpus


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    write_texts(tmp_path / "in", 20)
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path, texts: Path, warm: Pool) -> Path:
    """A corpus of two releases: one document added, one changed, one removed."""
    out = tmp_path / "out"
    run(out, texts, warm=warm)
    (texts / "00003.txt").write_text(text(3, version=1))
    (texts / "00004.txt").unlink()
    (texts / "new.txt").write_text(text(99))
    run(out, texts, warm=warm)
    return out


def test_history_and_tags(out: Path) -> None:
    assert winnow("tag", "paper-1", "--release", "1", "--out", out).returncode == 0
    told = winnow("history", "--out", out).stdout.decode().splitlines()
    assert [line.split()[0] for line in told[1:]] == ["2", "1"]
    assert "paper-1" in told[2]
    assert winnow("tag", "1st", "--out", out).returncode == 2
    assert winnow("tag", "other", "--release", "9", "--out", out).returncode == 1
    assert winnow("tag", "paper-1", "--remove", "--out", out).returncode == 0
    assert b"paper-1" not in winnow("history", "--out", out).stdout
    gone = winnow("tag", "paper-1", "--remove", "--out", out)
    assert (gone.returncode, gone.stderr) == (1, f"winnow: {out}: no release is tagged 'paper-1'\n".encode())


def test_changes(out: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in winnow("changes", "--since", "1", "--out", out).stdout.splitlines()]
    told = {line["source"]: (line["change"], line["text"]) for line in lines}
    assert told == {
        "in/00003.txt": ("changed", "Rain is likely in valley 3 on day 1.\n"),
        "in/00004.txt": ("removed", ""),
        "in/new.txt": ("added", "Rain is likely in valley 99 on day 0.\n"),
    }
    file = tmp_path / "changes.parquet"
    assert winnow("changes", "--since", "1", "--format", "parquet", "--to", file, "--out", out).returncode == 0
    assert sorted(pq.read_table(file)["change"].to_pylist()) == ["added", "changed", "removed"]
    assert winnow("changes", "--since", "1", "--format", "csv", "--out", out).returncode == 2


@pytest.mark.parametrize("form", exporting.FORMATS)
def test_export(form: exporting.Format, out: Path, tmp_path: Path) -> None:
    to = tmp_path / "export"
    options = "--release", "1", "--format", form, "--to", to, "--license", "CC-BY-4.0", "--out", out
    done = winnow("export", *options)
    assert done.stdout.decode() == f"{to}: release 1, 20 documents\n", done.stderr
    card = (to / "README.md").read_text("utf-8")
    assert "| cleaned | 20 |" in card
    assert "CC-BY-4.0" in card
    assert "winnow-corpus/1" in card
    if form == "jsonl":
        rows = [json.loads(line) for line in (to / "corpus.jsonl").read_text("utf-8").splitlines()]
        assert [row["source"] for row in rows] == [f"in/{number:05}.txt" for number in range(20)]
        assert len((to / "diff_log.jsonl").read_text("utf-8").splitlines()) == 20
    elif form == "txt":
        assert len(list((to / "text").rglob("*.txt"))) == len(list((to / "diff").rglob("*.diff"))) == 20
    else:
        (file,) = to.rglob("*.parquet")
        assert pq.read_table(file).num_rows == 20
    (to / "README.md").write_text("older")
    assert winnow("export", *options).returncode == 0, "an export is replaced"
    assert "| cleaned | 20 |" in (to / "README.md").read_text("utf-8")
    assert not list(tmp_path.glob(".export*"))


def test_export_never_overwrites_what_is_no_export(out: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    done = winnow("export", "--to", tmp_path / "mine", "--out", out)
    assert done.returncode == 1
    assert b"holds something that is no export" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_large_exports_come_in_pieces(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_LARGEST_PIECE", 5_000)
    corpus = Corpus(str(out))
    exporting.export(corpus, corpus.releases()[0], "jsonl", tmp_path / "pieces")
    pieces = sorted((tmp_path / "pieces").glob("corpus-*.jsonl"))
    assert len(pieces) > 1
    assert max(piece.stat().st_size for piece in pieces) <= 5_000
    sources = [json.loads(line)["source"] for piece in pieces for line in piece.read_text("utf-8").splitlines()]
    assert len(sources) == len(set(sources)) == 20


def test_preview_tells_what_a_setting_would_change_and_writes_nothing(out: Path, texts: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('skip_rules = ["en.reply-heading"]\n')
    (texts / "new2.txt").write_text(text(100))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    done = winnow("preview", texts, "--settings", settings, "--examples", "1", "--out", out)
    told = done.stdout.decode()
    assert "21 documents: 1 new, 20 would be cleaned again, 20 would change" in told, done.stderr
    assert "+Leave a Reply" in told
    assert told.count("@@") == 2
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    unchanged = winnow("preview", texts, "--out", out).stdout.decode()
    assert "1 new, 0 would be cleaned again, 0 would change" in unchanged


def test_vacuum(out: Path) -> None:
    would = winnow("vacuum", "--keep", "1", "--dry-run", "--out", out)
    assert would.stdout == b"1 files would be deleted; 1 releases and 0 tags are kept\n", would.stderr
    assert winnow("vacuum", "--keep", "1", "--out", out).returncode == 0
    assert winnow("changes", "--since", "0", "--out", out).stdout.count(b"\n") == 20
    lost = winnow("export", "--release", "1", "--to", out.parent / "lost", "--out", out)
    assert lost.returncode == 1
    assert b"Traceback" not in lost.stderr
    assert b"vacuum" in lost.stderr


@pytest.mark.parametrize(
    "command", [["history"], ["changes", "--since", "0"], ["export", "--to", "x"], ["vacuum"], ["preview", "."]]
)
def test_a_folder_without_a_corpus_is_told(command: list[str], tmp_path: Path) -> None:
    done = winnow(*command, "--out", tmp_path / "nothing")
    assert done.returncode == 1
    assert b"holds no corpus" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "nothing").exists()


def test_every_command_has_an_example() -> None:
    for command in ("history", "tag", "changes", "export", "preview", "vacuum"):
        done = winnow(command, "--help")
        assert done.returncode == 0
        assert b"Example" in done.stdout
