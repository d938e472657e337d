"""The story of a run, and where sites jumped against their own history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from corpora import ONE, run

from winnow.flows import comparing, counting, driving, rows, sites, stories
from winnow.flows.comparing import Comparison
from winnow.flows.documents import Document
from winnow.flows.judging import judge
from winnow.flows.pool import Pool
from winnow.flows.runs import RunReport
from winnow.flows.store import Corpus

TEXT = "Heute regnet es im ganzen Tal, und die Leute bleiben zu Hause. Am Abend {} klart es auf.\n"
RESIDUE = "\nLeave a Reply\n\nSubscribe to our newsletter\n\nAdvertisement\n\nShare on Facebook\n"


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with driving.pool_for(ONE, tmp_path_factory.mktemp("log") / "log") as pool:
        yield pool


def write(folder: Path, first: int, count: int, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"{number:03}.txt").write_text(text.replace("{}", str(number)), "utf-8")


def compared(out: Path, report: RunReport) -> Comparison:
    assert report.release
    return comparing.compared(Corpus(str(out)), report.release)


def told(out: Path, report: RunReport) -> str:
    corpus = Corpus(str(out))
    table = corpus.table()
    assert table is not None
    counts = counting.counts_of(corpus.read(table, counting.COLUMNS))
    return stories.story(str(out), report, counts, compared(out, report) if report.release else None)


def test_a_site_whose_template_changed_stands_out(tmp_path: Path, warm: Pool) -> None:
    crawl, out = tmp_path / "crawl", tmp_path / "out"
    write(crawl / "steady.example", 0, 30, TEXT)
    write(crawl / "changes.example", 0, 30, TEXT)
    write(crawl / "moves.example", 0, 30, TEXT)
    first = run(out, crawl, warm=warm)
    alone = compared(out, first)
    assert (alone.before, alone.drifts, alone.fresh.documents) == (None, [], 90)
    write(crawl / "steady.example", 30, 15, TEXT)
    write(crawl / "changes.example", 30, 15, TEXT + RESIDUE)
    write(crawl / "moves.example", 30, 15, "La pluie tombe sur la vallée et les gens restent à la maison ce soir {}.\n")
    second = run(out, crawl, warm=warm)
    both = compared(out, second)
    assert (both.fresh.documents, both.old.documents, both.whole.documents) == (45, 90, 135)
    assert [(d.site, d.what, d.documents) for d in both.drifts] == [
        ("crawl/changes.example", "removal share", 15),
        ("crawl/moves.example", "language mix", 15),
    ]
    story = told(out, second)
    assert "135 documents: 45 new or changed, 90 as they were" in story
    assert "| crawl/changes.example | removal share | 0% |" in story
    assert "| language fr | 0.0% | 11.1% |" in story
    assert "| | release 1 | release 2 |".replace("| |", "|  |") in story
    third = run(out, crawl, warm=warm)
    assert "nothing changed, release 2 stands" in told(out, third)


def test_new_rules_are_not_blamed_on_sites(tmp_path: Path, warm: Pool) -> None:
    crawl, out = tmp_path / "crawl", tmp_path / "out"
    write(crawl / "steady.example", 0, 30, TEXT + RESIDUE)
    run(out, crawl, warm=warm)
    again = run(out, crawl, settings=ONE.model_copy(update={"repair": False, "skip_rules": ("en.label",)}), warm=warm)
    assert again.renewed == 30
    assert not compared(out, again).same_rules
    assert not compared(out, again).drifts
    assert "sites are not compared" in told(out, again)


def test_worst_documents_and_causes_are_named_and_harmless(tmp_path: Path, warm: Pool) -> None:
    crawl, out = tmp_path / "in", tmp_path / "out"
    write(crawl, 0, 3, TEXT * 10)
    (crawl / "half|*gone*.txt").write_text(TEXT * 5 + RESIDUE * 8, "utf-8")
    (crawl / "empty.txt").write_bytes(b"")
    (crawl / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    report = run(out, crawl, warm=warm)
    comparison = compared(out, report)
    assert comparison.worst[0][0] == "in/half|*gone*.txt"
    assert comparison.worst[0][1] > 0.3
    assert comparison.causes["quarantined", "the file is empty"] == 1
    story = told(out, report)
    assert r"| in/half\|\*gone\*.txt |" in story
    assert "| quarantined | the file is empty | 1 |" in story
    assert "PNG" in story
    assert "Characters struck, by cleaner" in story
    assert "6 documents: 6 new or changed" in story


@pytest.mark.parametrize(
    ("source", "url", "site"),
    [
        ("crawl/a/b/c.txt", "https://WWW.Example.org:8080/x?y", "www.example.org"),
        ("crawl/a/b/c.txt", "http://someone:secret@example.org", "example.org"),
        ("crawl/a/b/c.txt", "not a url", "crawl/a"),
        ("crawl/a/b/c.txt", None, "crawl/a"),
        ("crawl/c.txt", None, "crawl"),
        ("crawl.warc#17", None, "crawl.warc#17"),
    ],
)
def test_a_site_is_a_host_or_else_a_folder(source: str, url: str | None, site: str) -> None:
    row = judge(Document(source, b"Es regnet.", url=url), ONE)
    assert sites.sites_of(rows.batch_of([row])).to_pylist() == [site]


def test_few_documents_prove_nothing() -> None:
    def site(documents: int, share: float) -> sites.Site:
        return sites.Site(documents, share * documents, share * share * documents)

    assert not list(sites.drifts({"a": site(19, 0.1)}, {"a": site(100, 0.9)}))
    assert not list(sites.drifts({"a": site(100, 0.1)}, {"a": site(9, 0.9)}))
    assert list(sites.drifts({"a": site(20, 0.1)}, {"a": site(10, 0.9)}))
    assert not list(sites.drifts({"a": site(100, 0.1)}, {"b": site(100, 0.9)})), "a new site has no history"


def test_a_page_without_text_counts_for_no_site() -> None:
    row = judge(Document("in/a.txt", None, problem="cannot be read"), ONE)
    assert sites.tally([pa.RecordBatch.from_pylist([rows.batch_of([row]).to_pylist()[0]], rows.SCHEMA)]) == {}
