"""Duplicates: what counts as one, in any script; that nothing depends on the order; what the command tells."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from corpora import rows_of, run
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts
from typer.testing import CliRunner

from winnow.cleaners import clean_text
from winnow.cleaners.shingles import jaccard, sentences, shared_runs, shingles, words
from winnow.flows import duplicates, likeness
from winnow.flows.cli import app
from winnow.flows.fingerprints import Fingerprints
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus

SEEDS = Path(__file__).parents[1] / "seeds"
STORIES = {
    "en": "The harvest in the valley began two weeks early this year because the spring was warm and dry. The growers"
    " had asked for help in March, and the council sent four machines and thirty people to the upper fields.",
    "de": "Die Ernte im Tal begann in diesem Jahr zwei Wochen früher, weil der Frühling warm und trocken war. Die"
    " Bauern hatten im März um Hilfe gebeten, und der Rat schickte vier Maschinen und vierzig Leute auf die Felder.",
    "ru": "Урожай в долине начали собирать на две недели раньше, потому что весна была тёплой и сухой. Крестьяне ещё в"
    " марте просили о помощи, и совет прислал четыре машины и тридцать человек на верхние поля.",
    "zh": "今年春天温暖干燥，山谷里的收割比往年提前了两个星期。"
    "农民们三月份就请求帮助，村委会派了四台机器和三十个人到高处的田里去。",
    "th": "ปีนี้การเก็บเกี่ยวในหุบเขาเริ่มเร็วขึ้นสองสัปดาห์เพราะฤดูใบไม้ผลิอบอุ่นและแห้ง ชาวนาขอความช่วยเหลือตั้งแต่เดือนมีนาคม",
    "ar": "بدأ الحصاد في الوادي هذا العام قبل موعده بأسبوعين لأن الربيع كان دافئا وجافا. وقد طلب المزارعون المساعدة منذ"
    " شهر مارس، فأرسل المجلس أربع آلات وثلاثين شخصا إلى الحقول العليا.",
}


def found(out: Path) -> list[dict[str, object]]:
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    made = duplicates.find(duplicates.ReleaseRows(corpus, table))
    duplicates.publish(corpus, made, corpus.releases(table)[0].number)
    rows: list[dict[str, object]] = made.to_pylist()
    return rows


def kinds(out: Path) -> dict[str, tuple[object, object]]:
    return {str(row["source"]): (row["kind"], row["canonical"]) for row in found(out)}


@pytest.mark.parametrize("language", STORIES)
def test_a_text_with_a_few_edits_is_like_itself_in_any_script(language: str) -> None:
    story = STORIES[language]
    assert jaccard(shingles(story), shingles(story.upper().replace(",", " –").replace(" ", "  "))) == 1
    edited = f"{story[: len(story) // 2]}77{story[len(story) // 2 :]}"
    assert 0.6 < jaccard(shingles(story), shingles(edited)) < 1
    others = [text for name, text in STORIES.items() if name != language]
    assert all(jaccard(shingles(story), shingles(other)) == 0 for other in others)


@settings(max_examples=300, deadline=None)
@given(texts, texts)
def test_the_index_is_the_one_of_sets(first: str, second: str) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        said = words(text)
        width = min(5, len(said))
        return {tuple(said[at : at + width]) for at in range(len(said) - width + 1)} if said else set()

    both, either = runs(first) & runs(second), runs(first) | runs(second)
    assert jaccard(shingles(first), shingles(second)) == (len(both) / len(either) if either else 0)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_sentences_stand_in_the_text_and_do_not_overlap(text: str) -> None:
    spans = [(start, end) for start, end, _ in sentences(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all("\n" not in text[start:end] for start, end in spans)


def test_shared_runs_are_as_long_as_can_be() -> None:
    story = STORIES["en"]
    other = f"Nobody knew. {story[20:150].upper()}! Nothing else was said of it."
    (span,) = shared_runs(story, other)
    assert story[slice(*span)].lower() in other.lower()
    assert len(story[slice(*span)]) > 100
    assert list(shared_runs(story, STORIES["de"])) == []
    assert list(shared_runs("short", story)) == []


def test_what_the_seeds_share() -> None:
    """No sentence stands whole in two of the five, but parts of sentences do: in runs of at least eight words, the
    first and the third share 55 of their 377 and 373 words, the second and the fourth 31, the third
    and the fifth 18."""
    seeds = {path.name[:3]: clean_text(path.read_text("utf-8")) for path in sorted(SEEDS.glob("0*.txt"))}
    whole = {name: {hashed for _, _, hashed in sentences(text)} for name, text in seeds.items()}
    assert all(not whole[a] & whole[b] for a, b in itertools.combinations(seeds, 2))
    shared = {
        (a, b): sum(len(words(seeds[a][start:end])) for start, end in shared_runs(seeds[a], seeds[b]))
        for a, b in itertools.combinations(seeds, 2)
    }
    told = {("000", "002"): 55, ("001", "003"): 31, ("002", "004"): 18, ("001", "002"): 10, ("000", "004"): 9}
    told |= {("002", "003"): 9, ("000", "001"): 8, ("003", "004"): 8, ("000", "003"): 0, ("001", "004"): 0}
    assert shared == told
    first = [seeds["000"][start:end] for start, end in shared_runs(seeds["000"], seeds["002"])]
    assert "any attack on the sovereignty and territorial integrity of one or more" in first
    assert all(jaccard(shingles(seeds[a]), shingles(seeds[b])) < 0.1 for a, b in shared)


def test_what_is_alike_becomes_a_candidate() -> None:
    """Words of texts are drawn by chance; of each one some are changed, so that the index falls around .7 to .9."""
    chance = random.Random(7)  # noqa: S311
    firsts = [[f"w{chance.randrange(5_000)}" for _ in range(200)] for _ in range(300)]
    seconds = [[word if chance.random() > 0.02 else "new" for word in text] for text in firsts]
    hashes = [shingles(" ".join(text)) for text in (*firsts, *seconds)]
    pairs = {tuple(pair) for pair in likeness.candidates(likeness.bands_of(hashes)).tolist()}
    alike = [(a, a + 300) for a in range(300) if jaccard(hashes[a], hashes[a + 300]) >= likeness.THRESHOLD]
    assert len(alike) > 200
    assert sum(pair in pairs for pair in alike) >= 0.99 * len(alike)


def test_a_bucket_of_many_costs_no_square() -> None:
    same = np.zeros((5_000, likeness.BANDS), np.uint32)
    pairs = likeness.candidates(same)
    assert len(pairs) < 6 * 5_000
    assert set(likeness.clusters(5_000, pairs).tolist()) == {0}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30), st.randoms(use_true_random=False))
def test_clusters_do_not_depend_on_the_order_of_pairs(pairs: list[tuple[int, int]], chance: random.Random) -> None:
    once = likeness.clusters(20, np.array(pairs, np.int64).reshape(-1, 2))
    chance.shuffle(pairs)
    again = likeness.clusters(20, np.array(pairs, np.int64).reshape(-1, 2))
    assert once.tolist() == again.tolist()
    assert all(once[a] == once[b] for a, b in pairs)
    assert all(first <= text for text, first in enumerate(once.tolist()))


def family(folder: Path) -> dict[str, str]:
    """Files of every kind: a story, its copies, its longer version, one that quotes it, others."""
    story = STORIES["en"]
    return {
        "a-copy.txt": story,
        "b-longer.txt": f"{story} The rest of it is told below.",
        "c-copy.txt": story,
        "d-quotes.txt": f"{STORIES['de']}\n{story.split('. ')[0]}.",
        "e-other.txt": STORIES["ru"],
        "f-chinese.txt": STORIES["zh"],
        "g-chinese.txt": STORIES["zh"].replace("四台", "五台"),
    }


def write(folder: Path, files: dict[str, str], names: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(files[name], "utf-8")


def test_exact_near_and_shared(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files))
    run(out, tmp_path / "in", warm=warm)
    assert kinds(out) == {
        "in/a-copy.txt": ("near", "in/b-longer.txt"),
        "in/b-longer.txt": ("canonical", "in/b-longer.txt"),
        "in/c-copy.txt": ("near", "in/b-longer.txt"),
        "in/d-quotes.txt": ("single", "in/d-quotes.txt"),
        "in/f-chinese.txt": ("canonical", "in/f-chinese.txt"),
        "in/g-chinese.txt": ("near", "in/f-chinese.txt"),
    }
    (quoting,) = (row for row in found(out) if row["source"] == "in/d-quotes.txt")
    quoted = files["d-quotes.txt"].split("\n")[1]
    assert quoting["shared"] == pytest.approx(len(quoted) / len(files["d-quotes.txt"]))


def test_documents_in_any_order_end_in_equal_rows(tmp_path: Path, warm: Pool) -> None:
    files = family(tmp_path)
    ends = []
    for number, order in enumerate((list(files), list(files)[::-1], sorted(files, key=lambda name: files[name]))):
        folder, out = tmp_path / str(number) / "in", tmp_path / str(number) / "out"
        folder.parent.mkdir()
        for some in (order[:2], order[2:5], order[5:]):
            write(folder, files, some)
            run(out, folder, warm=warm)
            last = found(out)
        ends.append(last)
    assert ends[0] == ends[1] == ends[2]


def test_what_goes_is_no_duplicate_any_more(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files)[:3])
    run(out, tmp_path / "in", warm=warm)
    found(out)
    (tmp_path / "in" / "b-longer.txt").unlink()
    run(out, tmp_path / "in", warm=warm, allow_removals=True)
    assert kinds(out) == {
        "in/a-copy.txt": ("canonical", "in/a-copy.txt"),
        "in/c-copy.txt": ("exact", "in/a-copy.txt"),
    }


def test_what_is_known_is_not_read_again(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files))
    run(out, tmp_path / "in", warm=warm)
    first = found(out)
    kept = [DeltaTable(str(path.parent)) for path in sorted(out.glob("**/_delta_log")) if path.parent.name != "corpus"]
    before = [table.version() for table in kept]
    assert len(kept) == 3
    assert found(out) == first
    for table in kept:
        table.update_incremental()
    assert [table.version() for table in kept] == before
    assert len(Fingerprints(Corpus(str(out))).known) == 6


def test_the_store_may_be_deleted(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files))
    run(out, tmp_path / "in", warm=warm)
    first = found(out)
    for path in sorted((out / "likeness").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert found(out) == first


def test_the_command_tells_clusters_and_keeps_them(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files))
    run(out, tmp_path / "in", warm=warm)
    told = CliRunner().invoke(app, ["duplicates", "--out", str(out)])
    assert told.exit_code == 0
    assert "3 documents say again what another says: 0 exactly, 3 nearly, of 2 documents" in told.output
    assert re.search(r"in/b-longer\.txt\n +\d+%  near   in/a-copy\.txt", told.output)
    table = DeltaTable(str(out / "duplicates")).to_pyarrow_table()
    assert pa.schema([(name, table.schema.field(name).type) for name in table.schema.names]) == duplicates.SCHEMA
    assert table.num_rows == 6


MARK = RunSettings(workers=1, duplicates="mark")
LABEL = RunSettings(workers=1, duplicates="label")


def told(out: Path) -> dict[str, tuple[str, str]]:
    return {row["source"]: (row["outcome"], row["reason"]) for row in rows_of(out, ["source", "outcome", "reason"])}


def test_marks_come_and_go_with_what_else_there_is(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, ["a-copy.txt", "c-copy.txt", "e-other.txt"])
    run(out, tmp_path / "in", settings=MARK, warm=warm)
    assert told(out) == {
        "in/a-copy.txt": ("cleaned", ""),
        "in/c-copy.txt": ("duplicate", "says the same as in/a-copy.txt"),
        "in/e-other.txt": ("cleaned", ""),
    }
    write(tmp_path / "in", files, ["b-longer.txt"])
    report = run(out, tmp_path / "in", settings=MARK, warm=warm)
    assert (report.documents, report.renewed, report.unchanged) == (4, 3, 1)
    assert told(out)["in/b-longer.txt"] == ("cleaned", "")
    assert told(out)["in/a-copy.txt"][0] == told(out)["in/c-copy.txt"][0] == "duplicate"
    assert re.fullmatch(r"says \d\d% the same as in/b-longer\.txt", told(out)["in/a-copy.txt"][1])
    assert run(out, tmp_path / "in", settings=MARK, warm=warm).release is None
    assert DeltaTable(str(out / "duplicates")).version() == 1  # found with each release, and then only
    (tmp_path / "in" / "b-longer.txt").unlink()
    (tmp_path / "in" / "a-copy.txt").unlink()
    run(out, tmp_path / "in", settings=MARK, warm=warm, allow_removals=True)
    assert told(out)["in/c-copy.txt"] == ("cleaned", "")


def test_without_the_setting_no_mark_is_left(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "in", files, list(files))
    run(out, tmp_path / "in", settings=MARK, warm=warm)
    assert sum(outcome == "duplicate" for outcome, _ in told(out).values()) == 3
    run(out, tmp_path / "in", settings=LABEL, warm=warm)
    assert all(outcome == "cleaned" for outcome, _ in told(out).values())
    assert DeltaTable(str(out / "duplicates")).to_pyarrow_table().num_rows == 6


def test_marks_of_documents_in_any_order_are_equal(tmp_path: Path, warm: Pool) -> None:
    files = family(tmp_path)
    ends = []
    for number, order in enumerate((list(files), list(files)[::-1])):
        folder, out = tmp_path / str(number) / "in", tmp_path / str(number) / "out"
        folder.parent.mkdir()
        for some in (order[:1], order[1:4], order[4:]):
            write(folder, files, some)
            run(out, folder, settings=MARK, warm=warm)
        rows = rows_of(out)
        assert all(row["text"] for row in rows)
        ends.append([row | {"release": 0, "first_release": 0} for row in rows])
    assert ends[0] == ends[1]


def test_a_document_outside_the_inputs_is_marked_too(tmp_path: Path, out: Path, warm: Pool) -> None:
    files = family(tmp_path)
    write(tmp_path / "one", files, ["a-copy.txt"])
    write(tmp_path / "two", files, ["b-longer.txt"])
    run(out, tmp_path / "one", settings=MARK, warm=warm)
    report = run(out, tmp_path / "two", settings=MARK, warm=warm)
    assert (report.documents, report.renewed) == (1, 2)
    assert told(out)["one/a-copy.txt"][0] == "duplicate"
