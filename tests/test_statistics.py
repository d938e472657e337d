"""A corpus at a glance: counted in full, spread before and after cleaning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from corpora import ONE, rows_of, run
from typer.testing import CliRunner

from winnow.flows import statistics
from winnow.flows.cli import app
from winnow.flows.pool import Pool
from winnow.flows.store import Corpus

GERMAN = "Heute regnet es im ganzen Tal, und die Leute bleiben bis zum Abend {} zu Hause.\n"
HINDI = "आज पूरी घाटी में वर्षा होगी और लोग शाम {} तक घर पर रहेंगे।\n"
RESIDUE = "\nLeave a Reply\n\nSubscribe to our newsletter\n"


@pytest.fixture
def out(tmp_path: Path, warm: Pool) -> Path:
    """A corpus of two folders, with signals."""
    for folder, text in (("tal.example", GERMAN), ("ghati.example", HINDI)):
        (tmp_path / "in" / folder).mkdir(parents=True)
        for number in range(4):
            path = tmp_path / "in" / folder / f"{number}.txt"
            path.write_text(text.format(number) * (number + 1) + RESIDUE, "utf-8")
    (tmp_path / "in" / "empty.txt").write_text("")
    (tmp_path / "in" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    run(tmp_path / "out", tmp_path / "in", settings=ONE.model_copy(update={"signals": True}), warm=warm)
    return tmp_path / "out"


def test_spreads_are_those_of_the_rows(out: Path) -> None:
    told = statistics.statistics_of(Corpus(str(out)), 1)
    rows = [row for row in rows_of(out) if row["outcome"] in ("cleaned", "quarantined")]
    assert (told.counts.outcomes["cleaned"], told.counts.outcomes["failed"]) == (8, 1)
    assert told.whole.documents == told.sampled == len(rows) == 9
    for side, spread in zip(("page", "text"), ("before", "after"), strict=True):
        lengths = [row["characters"][side] for row in rows]
        found = getattr(told.whole.signals["characters"], spread)
        assert (found.low, found.median, found.high) == pytest.approx(np.quantile(lengths, (0.1, 0.5, 0.9)))
        words = [row["signals"][side]["gopher_word_count"] for row in rows if row["signals"]]
        assert getattr(told.whole.signals["gopher_word_count"], spread).median == pytest.approx(np.median(words))


def test_languages_and_sites_have_their_own(out: Path) -> None:
    told = statistics.statistics_of(Corpus(str(out)), 1)
    assert {group.name: group.documents for group in told.languages} == {"de": 4, "hi": 4, "und": 1}
    assert {group.name: group.documents for group in told.sites} == {
        "in/ghati.example": 4,
        "in/tal.example": 4,
        "in": 1,
    }
    german = next(group for group in told.languages if group.name == "de")
    own = [row["characters"]["text"] for row in rows_of(out) if row["language"] == "de"]
    assert german.signals["characters"].after
    assert german.signals["characters"].after.median == pytest.approx(np.median(own))
    assert [group.documents for group in statistics.statistics_of(Corpus(str(out)), 1, most=1).sites] == [4]


def test_of_many_documents_a_sample_is_told_and_all_are_counted(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_MOST", 4)
    told = statistics.statistics_of(Corpus(str(out)), 1)
    assert 0 < told.sampled < told.whole.documents == 9
    assert told.sampled == statistics.statistics_of(Corpus(str(out)), 1).sampled


def test_the_command_shows_it(out: Path) -> None:
    shown = CliRunner().invoke(app, ["stats", "--out", str(out)], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for part in ("gopher_word_count", "in/tal.example", "hi", "before", "→"):
        assert part in shown.stdout
    told = json.loads(CliRunner().invoke(app, ["stats", "--out", str(out), "--json"]).stdout)
    assert told["outcomes"]["failed"] == 1
    assert told["signals"]["gopher_word_count"]["before"][1] > told["signals"]["gopher_word_count"]["after"][1]


def test_a_corpus_without_signals_says_so(tmp_path: Path, warm: Pool) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(GERMAN)
    run(tmp_path / "out", tmp_path / "in", settings=ONE.model_copy(update={"signals": False}), warm=warm)
    shown = CliRunner().invoke(app, ["stats", "--out", str(tmp_path / "out")])
    assert "holds no quality signals" in shown.stdout
