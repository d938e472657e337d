"""The corpus: a rerun does only what changed, releases are whole, and the contract is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import ONE, outcomes, reasons, rows_of, run, text, write_texts
from deltalake import DeltaTable

from winnow.cleaners import clean, diff_log
from winnow.flows import contract, exporting, publishing, row_groups, rows, store, tags
from winnow.flows.changes import changes
from winnow.flows.contract import ContractBroken
from winnow.flows.pool import Pool
from winnow.flows.runs import TooManyRemoved
from winnow.flows.settings import RunSettings
from winnow.flows.store import Block, Corpus, NoSuchRelease

SEEDS = Path(__file__).parents[1] / "seeds"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    write_texts(tmp_path / "in", 30)
    return tmp_path / "in"


def test_a_row_holds_the_text_and_its_whole_log(out: Path, warm: Pool) -> None:
    report = run(out, SEEDS, warm=warm)
    assert (report.release, report.documents, report.renewed, report.unchanged) == (1, 5, 5, 0)
    for row in rows_of(out):
        raw = (SEEDS.parent / row["source"]).read_bytes()
        restored = diff_log.read_back(rows.record_of(row), row["text"])
        assert restored.restore() == raw
        assert row["source_sha256"] == diff_log.digest(raw)
        assert (row["release"], row["first_release"]) == (1, 1)
        assert row["made_by"] == rows.made_by(ONE)


def test_a_rerun_does_nothing(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    before = sorted((out / "corpus").rglob("*"))
    report = run(out, texts, warm=warm)
    assert (report.release, report.newest, report.documents, report.renewed) == (None, 1, 30, 0)
    assert report.unchanged == 30
    assert sorted((out / "corpus").rglob("*")) == before


def test_only_what_changed_is_done_again(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    (texts / "00003.txt").write_text(text(3, version=1))
    (texts / "new.txt").write_text(text(99))
    (texts / "00007.txt").unlink()
    report = run(out, texts, warm=warm)
    assert (report.release, report.documents, report.renewed, report.unchanged, report.removed) == (2, 30, 2, 28, 1)
    by_source = {row["source"]: row for row in rows_of(out)}
    assert len(by_source) == 31
    assert by_source["in/00003.txt"]["text"] == "Rain is likely in valley 3 on day 1.\n"
    told = {name: (row["first_release"], row["release"]) for name, row in by_source.items()}
    assert (told["in/00003.txt"], told["in/new.txt"], told["in/00007.txt"]) == ((1, 2), (2, 2), (1, 2))
    assert told["in/00000.txt"] == (1, 1)
    gone = by_source["in/00007.txt"]
    assert (gone["outcome"], gone["reason"], gone["text"]) == ("removed", "its source is gone", "")
    manifest = json.loads((out / "runs" / f"{report.run}.json").read_text())
    assert (manifest["unchanged"], manifest["removed"], manifest["release"]) == (28, 1, 2)


def test_a_file_that_is_only_touched_is_not_done_again(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    for path in texts.iterdir():
        path.touch()
    assert run(out, texts, warm=warm).release is None


def test_a_changed_setting_does_all_again(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    changed = RunSettings(workers=1, skip_rules=("en.reply-heading",))
    assert run(out, texts, settings=changed, warm=warm).renewed == 30
    assert all("Leave a Reply" in row["text"] for row in rows_of(out))
    # How much at a time is no matter of the text.
    assert run(out, texts, settings=changed.model_copy(update={"deadline": 99.0}), warm=warm).release is None


def test_what_failed_is_tried_again_and_is_no_change_if_it_fails_alike(out: Path, texts: Path, warm: Pool) -> None:
    (texts / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    run(out, texts, warm=warm)
    assert outcomes(out)["in/picture.txt"] == "failed"
    assert run(out, texts, warm=warm).release is None
    (texts / "picture.txt").write_text(text(5))
    run(out, texts, warm=warm)
    assert outcomes(out)["in/picture.txt"] == "cleaned"


def test_what_comes_back_is_cleaned_again(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    (texts / "00007.txt").unlink()
    run(out, texts, warm=warm)
    (texts / "00007.txt").write_text(text(7))
    run(out, texts, warm=warm)
    row = next(row for row in rows_of(out) if row["source"] == "in/00007.txt")
    assert (row["outcome"], row["release"], row["first_release"]) == ("cleaned", 3, 1)


def test_gone_is_only_what_stood_in_a_folder_that_was_listed(
    out: Path, texts: Path, tmp_path: Path, warm: Pool
) -> None:
    write_texts(tmp_path / "other", 3)
    run(out, texts, tmp_path / "other", warm=warm)
    (texts / "00001.txt").unlink()
    assert run(out, tmp_path / "other", warm=warm).removed == 0
    assert run(out, texts / "00002.txt", warm=warm).removed == 0
    assert run(out, f"{texts}/*.txt", warm=warm).removed == 0
    assert outcomes(out)["in/00001.txt"] == "cleaned"
    assert run(out, texts, warm=warm).removed == 1


def test_a_disk_that_is_not_mounted_does_not_empty_a_corpus(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    for path in sorted(texts.iterdir())[:7]:
        path.unlink()
    with pytest.raises(TooManyRemoved, match=r"in: 7 of 30 documents are gone.*--allow-removals"):
        run(out, texts, warm=warm)
    assert set(outcomes(out).values()) == {"cleaned"}
    assert run(out, texts, allow_removals=True, warm=warm).removed == 7
    assert list(outcomes(out).values()).count("removed") == 7


def test_a_folder_that_is_gone_removes_nothing(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    shutil.rmtree(texts)
    report = run(out, texts, warm=warm)
    assert report.removed == 0
    assert list(outcomes(out).values()).count("cleaned") == 30


def test_releases_stay_readable(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    first = rows_of(out)
    (texts / "00003.txt").write_text(text(3, version=1))
    run(out, texts, warm=warm)
    assert rows_of(out, release=1) == first
    assert [release.number for release in Corpus(str(out)).releases()] == [2, 1]
    with pytest.raises(NoSuchRelease, match="no release 3"):
        rows_of(out, release=3)


def test_vacuum_keeps_what_is_tagged(out: Path, texts: Path, warm: Pool) -> None:
    for version in range(4):
        write_texts(texts, 30, version)
        run(out, texts, warm=warm)
    corpus = Corpus(str(out))
    tags.tag(corpus, "paper", 2)
    keep = [4, *tags.tags(corpus).values()]
    would = store.vacuum(corpus, keep, dry_run=True)
    assert rows_of(out, release=1)
    assert sorted(store.vacuum(corpus, keep, dry_run=False)) == sorted(would)
    assert len(rows_of(out, release=2)) == len(rows_of(out, release=4)) == 30
    for lost in (1, 3):
        with pytest.raises(NoSuchRelease, match="vacuum"):
            rows_of(out, release=lost)
    assert tags.tags(corpus) == {"paper": 2}, "vacuum left the tags"
    assert run(out, texts, warm=warm).release is None


def test_changes_are_told_once(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    (texts / "00003.txt").write_text(text(3, version=1))
    (texts / "00004.txt").unlink()
    run(out, texts, warm=warm)
    (texts / "new.txt").write_text(text(99))
    run(out, texts, warm=warm)

    def told(since: int, until: int | None = None) -> dict[str, str]:
        batches = changes(Corpus(str(out)), since, until)
        return {row["source"]: row["change"] for batch in batches for row in batch.to_pylist()}

    assert told(1) == {"in/00003.txt": "changed", "in/00004.txt": "removed", "in/new.txt": "added"}
    assert told(1, until=2) == {"in/00003.txt": "changed", "in/00004.txt": "removed"}
    assert told(2) == {"in/new.txt": "added"}
    assert told(3) == {}
    assert len(told(0)) == 30, "one came and went"


def test_only_blocks_with_a_changed_row_are_written_anew(
    out: Path, texts: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BLOCK_BYTES", 1)  # 2,000 rows a block
    monkeypatch.setattr(publishing, "_SMALL", 0)
    monkeypatch.setattr(row_groups, "_MOST_ROWS", 10)
    run(out, texts, warm=warm)
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    before = {block.path for block in corpus.blocks(table)}
    assert len(before) >= 3, "more where a busy worker told of few rows at a time"
    (texts / "00003.txt").write_text(text(3, version=1))
    run(out, texts, warm=warm)
    table = corpus.table()
    assert table is not None
    assert len(before & {block.path for block in corpus.blocks(table)}) == len(before) - 1
    assert len(rows_of(out)) == 30


def test_small_blocks_are_joined(out: Path, texts: Path, warm: Pool) -> None:
    for number in range(12):
        (texts / f"new{number}.txt").write_text(text(number, version=9))
        run(out, texts, warm=warm)
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    assert len(corpus.blocks(table)) <= 8
    assert len(rows_of(out)) == 42


@pytest.mark.parametrize(
    ("column", "wrong", "told"),
    [
        ("outcome", pa.array(["well"] * 5), "outcome is not one"),
        ("text", pa.array(["another"] * 5), "not the length"),
        ("text_sha256", pa.array(["0" * 64] * 5), "hash"),
        ("reason", None, "no reason"),
    ],
)
def test_what_contradicts_itself_is_not_published(
    column: str, wrong: pa.Array | None, told: str, tmp_path: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, texts = tmp_path / "out", tmp_path / "in"
    write_texts(texts, 5)
    if column == "reason":
        (texts / "00000.txt").write_bytes(b"")
    real = contract.checked

    def tampered(batch: pa.RecordBatch) -> pa.RecordBatch:
        index = batch.schema.get_field_index(column)
        return real(batch.set_column(index, batch.schema.field(index), wrong or pa.array([""] * 5)))

    monkeypatch.setattr(contract, "checked", tampered)
    with pytest.raises(ContractBroken, match=told):
        run(out, texts, warm=warm)
    assert rows_of(out) == []
    monkeypatch.setattr(contract, "checked", real)
    assert run(out, texts, warm=warm).documents == 5, "what was staged is not taken over"


def test_a_log_that_does_not_lead_back_is_not_published(
    out: Path, texts: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = contract.checked

    def tampered(batch: pa.RecordBatch) -> pa.RecordBatch:
        held = batch.to_pylist()
        for row in held:
            for finding in row["findings"]:
                finding["text"] = finding["text"].replace("Leave", "Write")
        return real(pa.RecordBatch.from_pylist(held, rows.SCHEMA))

    monkeypatch.setattr(contract, "checked", tampered)
    with pytest.raises(ContractBroken, match="does not lead back"):
        run(out, texts, warm=warm)


def test_a_document_that_stands_twice_is_not_published(
    out: Path, texts: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = publishing.Staged.batches

    def doubled(staged: publishing.Staged, release: int) -> Iterator[pa.RecordBatch]:
        for batch in real(staged, release):
            yield batch
            yield batch.slice(0, 1)

    monkeypatch.setattr(publishing.Staged, "batches", doubled)
    with pytest.raises(ContractBroken, match=r"3\d new rows were made for 30 documents"):
        run(out, texts, warm=warm)
    assert rows_of(out) == []


def test_a_row_and_its_record_are_the_same(out: Path, tmp_path: Path, warm: Pool) -> None:
    page = "<html lang=de><title>Regen</title><body><p>Es regnet im ganzen Tal.</p><p>Leave a Reply</p>"
    (tmp_path / "page.html").write_text(page)
    run(out, tmp_path / "page.html", *SEEDS.glob("*.txt"), warm=warm)
    for row in rows_of(out):
        raw = (tmp_path / "page.html" if "page" in row["source"] else SEEDS.parent / row["source"]).read_bytes()
        record = diff_log.record_of(clean(raw, ONE), row["source"], raw)
        assert json.loads(diff_log.to_json(rows.record_of(row))) == json.loads(diff_log.to_json(record))


def test_reasons_of_what_is_not_cleaned(out: Path, texts: Path, warm: Pool) -> None:
    (texts / "blank.txt").write_text(" \n")
    (texts / "residue.txt").write_text("Leave a Reply\n")
    run(out, texts, warm=warm)
    told = reasons(out)
    assert told["in/blank.txt"] == "the file holds nothing but white space"
    assert told["in/residue.txt"] == "everything in it was struck"


YOUNGER = ("source_site", "guessed", "came_with")


def test_a_corpus_of_an_earlier_release_without_the_younger_columns_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: Pool
) -> None:
    folder, made, out = tmp_path / "in", tmp_path / "made", tmp_path / "out"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"id": 7, "text": "Rain is likely.", "url": "https://a.example/x"}\n')
    (folder / "b.txt").write_text("Snow is likely.\n")
    run(made, folder, warm=warm)
    older = pa.schema([field for field in rows.SCHEMA if field.name not in YOUNGER])
    held = pa.Table.from_pylist(rows_of(made), older)
    corpus = Corpus(str(out))
    pq.write_table(held, "a.parquet", filesystem=corpus.files())
    size = (out / "corpus" / "a.parquet").stat().st_size
    with monkeypatch.context() as patch:
        patch.setattr(rows, "SCHEMA", older)
        corpus.commit(None, [Block("a.parquet", size, 2)], [], {"release": 1, "run": "x"})
    assert {row["source_site"] for row in rows_of(out)} == {None}

    (folder / "c.txt").write_text("Fog is likely.\n")
    assert run(out, folder, warm=warm).renewed == 2, "what came with a row is new to the table; files had nothing"
    told = {row["source"]: (row["source_site"], row["guessed"], row["first_release"]) for row in rows_of(out)}
    assert told["in/a.jsonl#7"] == ("a.example", "text: text, id: id, url: url", 1)
    assert told["in/b.txt"] == (None, None, 1)
    assert told["in/c.txt"] == ("in", None, 2)
    table = DeltaTable(str(out / "corpus")).to_pandas()
    assert set(table["source_site"].dropna()) == {"a.example", "in"}
    assert len(rows_of(out, release=1)) == 2
    assert run(out, folder, warm=warm).release is None


def test_row_groups_are_bounded_by_bytes_as_well_as_by_rows(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: Pool
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"Rain in valley {number}.\n" + "and rain in the next one " * 200)
    monkeypatch.setattr(row_groups, "_MOST_BYTES", 50_000)
    run(out, folder, settings=RunSettings(workers=1, batch_bytes=10_000), warm=warm)
    (block,) = (out / "corpus").glob("*.parquet")
    with pq.ParquetFile(block) as parquet:
        sizes = [batch.nbytes for batch in row_groups.read(parquet)]
        assert len(sizes) == parquet.num_row_groups > 4
        assert sum(batch.num_rows for batch in row_groups.read(parquet, ["id"])) == 40
    assert [row["source"] for row in rows_of(out)] == [f"in/{number:02}.txt" for number in range(40)]


def test_a_corpus_too_large_to_be_sorted_in_memory_is_exported_whole(
    out: Path, texts: Path, monkeypatch: pytest.MonkeyPatch, warm: Pool
) -> None:
    run(out, texts, warm=warm)
    monkeypatch.setattr(exporting, "_MOST_SORTED", 0)
    corpus = Corpus(str(out))
    exporting.write_latest(corpus, corpus.release(1), 1, always=False)
    lines = (out / "latest" / "corpus.jsonl").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["source"] for line in lines) == [f"in/{number:05}.txt" for number in range(30)]
    assert len(list((out / "latest" / "text").rglob("*.txt"))) == 30
