"""The flow against a real Prefect server: what it writes and what it tells the dashboard."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from test_diff_log import SCHEMA

from winnow.cleaners import clean_text, diff_log
from winnow.flows.settings import RunSettings
from winnow.flows.store import OutputNotWritable

SEEDS = Path(__file__).parents[1] / "seeds"
pytestmark = pytest.mark.usefixtures("prefect_server")


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_cleans_the_seeds_into_a_release(tmp_path: Path) -> None:
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    report, counts = clean_corpus([str(SEEDS)], str(tmp_path))
    assert (report.release, report.documents, report.renewed) == (1, 5, 5)
    latest = tmp_path / "latest"
    assert counts.outcomes == {"cleaned": 5}
    corpus, log = rows(latest / "corpus.jsonl"), rows(latest / "diff_log.jsonl")
    assert [row["source"] for row in corpus] == [f"seeds/{path.name}" for path in sorted(SEEDS.glob("*.txt"))]
    assert {"id", "source", "text", "language", "outcome"} <= corpus[0].keys()
    for row, record in zip(corpus, log, strict=True):
        jsonschema.validate(record, SCHEMA)
        text = (latest / "text" / str(row["source"])).read_bytes().decode()
        assert row["text"] == text == clean_text((SEEDS.parent / str(row["source"])).read_text("utf-8"))
        assert row["id"] == record["id"]
    assert len(list((latest / "diff").rglob("*.diff"))) == 4  # the fifth is not changed
    assert "| cleaned | 5 |" in (latest / "summary.md").read_text()


def test_tells_prefect_what_it_did(tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415

    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    inputs = tmp_path / "in"
    inputs.mkdir()
    for number in range(50):
        (inputs / f"{number}.txt").write_text("Rain is likely on Friday in the whole valley.\n\nLeave a Reply\n")
    clean_corpus([str(inputs)], str(tmp_path / "out"), RunSettings(batch_documents=20))
    with get_client(sync_client=True) as client:
        run = max(client.read_flow_runs(), key=lambda run: run.start_time or run.created)
        tasks = {task.name for task in client.read_task_runs() if task.flow_run_id == run.id}
        artifacts = {a.key: a for a in client.read_artifacts() if a.flow_run_id == run.id}
    assert run.state is not None
    assert run.state.is_completed()
    assert tasks == {"discover", "clean-batch-0", "clean-batch-1", "clean-batch-2", "publish", "report"}
    assert set(artifacts) == {"winnow-summary", "winnow-rules", "winnow-progress"}
    assert "50 documents" in artifacts["winnow-summary"].data
    assert json.loads(artifacts["winnow-rules"].data)[0]["characters"] > 100
    assert artifacts["winnow-progress"].data == 100.0


def test_the_same_input_gives_the_same_bytes_however_it_is_cut(tmp_path: Path) -> None:
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    clean_corpus([str(SEEDS)], str(tmp_path / "one"), RunSettings(workers=1))
    clean_corpus([str(SEEDS / ".." / "seeds")], str(tmp_path / "two"), RunSettings(batch_bytes=1, workers=3))
    one, two = tmp_path / "one" / "latest", tmp_path / "two" / "latest"
    names = [str(path.relative_to(one)) for path in one.rglob("*") if path.is_file()]
    assert filecmp.cmpfiles(one, two, names, shallow=False) == (names, [], [])


def test_bad_inputs_are_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A line.\n\nLeave a Reply\n")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.txt").write_text(" \n\t\n")
    (folder / "residue.txt").write_text("Leave a Reply\n")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "large.txt").write_text("x" * 2_000)
    _, counts = clean_corpus(
        [str(folder), str(tmp_path / "missing.txt")], str(tmp_path / "out"), RunSettings(largest_file=1_000)
    )
    told = {
        str(row["source"]).split("/")[1]: (row["outcome"], row["reason"])
        for row in rows(tmp_path / "out/latest/corpus.jsonl")
    }
    assert told["good.txt"] == ("cleaned", "")
    assert told["empty.txt"] == ("quarantined", "the file is empty")
    assert told["blank.txt"] == ("quarantined", "the file holds nothing but white space")
    assert told["residue.txt"] == ("quarantined", "everything in it was struck")
    assert told["picture.txt"][0] == told["large.txt"][0] == told["missing.txt"][0] == "failed"
    assert "PNG" in str(told["picture.txt"][1])
    assert "largest_file" in str(told["large.txt"][1])
    assert "No such file" in str(told["missing.txt"][1])
    assert counts.documents == len(told) == 7
    for record in rows(tmp_path / "out" / "latest" / "diff_log.jsonl"):
        jsonschema.validate(record, SCHEMA)


PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Pluie sur la vallée | Le Val</title>
<meta property="og:site_name" content="Le Val"><meta name="author" content="Zoé Roux"></head>
<body><h1>Pluie sur la vallée</h1><p>La récolte a commencé deux semaines plus tôt.</p><footer>Leave a Reply</footer>"""
PAGE_TEXT = "Pluie sur la vallée\nLa récolte a commencé deux semaines plus tôt.\n"
XHTML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="uk"><head><title>Дощ</title></head>
<body><p>Дощ іде<br/>у долині.</p></body></html>"""
CLEANED = "cleaned", ""
FRENCH = PAGE_TEXT, "Pluie sur la vallée", "fr"
MIXED: dict[str, tuple[bytes, tuple[str, str], tuple[str, str | None, str | None]]] = {
    # name: bytes, (outcome, reason), (text, title, declared language)
    "page.html": (PAGE.encode(), CLEANED, FRENCH),
    "page.txt": (PAGE.encode(), CLEANED, FRENCH),
    "no ending": (PAGE.encode(), CLEANED, FRENCH),
    "wide.html": (PAGE.encode("utf-16"), CLEANED, FRENCH),
    "page.xhtml": (XHTML.encode(), CLEANED, ("Дощ іде\nу долині.\n", "Дощ", "uk")),
    "piece.htm": (b"<div><p>Rain &amp; wind.</p><p>Leave a Reply</p></div>", CLEANED, ("Rain & wind.\n", None, None)),
    "shows nothing.html": (
        b"<html><title>Loading</title><script>run()</script>",
        ("quarantined", "the page shows no text"),
        ("", "Loading", None),
    ),
    "residue.html": (
        b"<html lang=en><body><p>Leave a Reply",
        ("quarantined", "everything in it was struck"),
        ("", None, "en"),
    ),
    "text.html": (b"The <p> tag.\n\nLeave a Reply\n", CLEANED, ("The <p> tag.\n", None, None)),
    "text.txt": (b"A line.\n\nLeave a Reply\n", CLEANED, ("A line.\n", None, None)),
    "empty.html": (b"", ("quarantined", "the file is empty"), ("", None, None)),
    "picture.html": (
        b"\x89PNG\r\n\x1a\n\0",
        ("failed", "this is a PNG picture, not text: extract its text first"),
        ("", None, None),
    ),
}
PAGES = MIXED.keys() - {"text.html", "text.txt", "empty.html", "picture.html"}


def test_a_folder_that_mixes_text_and_pages(tmp_path: Path) -> None:
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    folder = tmp_path / "in"
    folder.mkdir()
    for name, (raw, _, _) in MIXED.items():
        (folder / name).write_bytes(raw)
    _, counts = clean_corpus([str(folder)], str(tmp_path / "out"))
    latest = tmp_path / "out" / "latest"
    corpus, log = rows(latest / "corpus.jsonl"), rows(latest / "diff_log.jsonl")
    assert counts.documents == len(corpus) == len(log) == len(MIXED)
    assert len({tuple(row) for row in corpus}) == 1, "every row has the same columns"
    for row, record in zip(corpus, log, strict=True):
        name = str(row["source"]).removeprefix("in/")
        raw, outcome, said = MIXED[name]
        assert (row["outcome"], row["reason"]) == outcome, name
        assert (row["text"], row["title"], row["declared_language"]) == said, name
        jsonschema.validate(record, SCHEMA)
        assert record["hashes"]["source"] == diff_log.digest(raw)
        assert (record["metadata"] is not None) == (name in PAGES)
        assert (record["decoding"] or {"rendered": False})["rendered"] == (name in PAGES)
        written = latest / "text" / "in" / f"{name.removesuffix('.txt')}.txt"
        assert (written.read_text("utf-8") if written.exists() else "") == said[0]


def test_a_folder_that_cannot_be_written_ends_the_run_with_its_name(tmp_path: Path) -> None:
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputNotWritable, match="file"):
        clean_corpus([str(SEEDS)], str(tmp_path / "file"))
