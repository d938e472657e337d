"""Lines that repeat on a site: against counting by hand, in any order of documents."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa
from corpora import run
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from winnow.flows import repeats, rows
from winnow.flows.cli import app
from winnow.flows.documents import Document
from winnow.flows.judging import judge
from winnow.flows.repeats import Repeat
from winnow.flows.settings import RunSettings

ONE = RunSettings(workers=1, residue="off")
LINES = (
    "Rain is likely in the valley on Friday.",
    "12 comments",
    "7 Comments",
    "अगले सप्ताह वर्षा होगी।",
    "明天山谷里会下雨。",
    "Leave a Reply",  # goes
    "من المتوقع هطول الأمطار غدا.",
    "* * *",
    "",
)


@cache
def row_of(site: str, number: int, lines: tuple[str, ...]) -> pa.RecordBatch:
    text = "\n".join(lines)
    document = Document(f"in/{site}-{number}.txt", text.encode(), url=f"https://{site}/{number}")
    return rows.batch_of([judge(document, ONE)])


def same(line: str) -> str:
    return re.sub(r"\d", "0", " ".join(re.findall(r"[\w']+", line.lower())))


def by_hand(documents: Sequence[tuple[str, tuple[str, ...]]], least: int) -> Counter[tuple[str, str]]:
    counts = Counter((site, line) for site, lines in documents for line in {same(line) for line in lines} if line)
    return Counter({key: count for key, count in counts.items() if count >= least})


documents = st.lists(
    st.tuples(st.sampled_from(("one.example", "two.example")), st.lists(st.sampled_from(LINES), max_size=6).map(tuple)),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(documents, st.integers(1, 4), st.randoms(use_true_random=False))
def test_counts_are_those_made_by_hand_in_any_order(
    given: list[tuple[str, tuple[str, ...]]], least: int, rng: random.Random
) -> None:
    batches = [row_of(site, number, lines) for number, (site, lines) in enumerate(given)]
    found = repeats.repeats_of(lambda: batches, least)
    assert Counter({(r.site, same(r.line)): r.documents for r in found}) == by_hand(given, least)
    assert all(r.of == sum(site == r.site for site, _ in given) for r in found)
    shuffled = [*batches]
    rng.shuffle(shuffled)
    again = (
        repeats.repeats_of(lambda: [pa.Table.from_batches(shuffled).combine_chunks().to_batches()[0]], least)
        if (shuffled)
        else []
    )
    assert {(r.site, same(r.line), r.documents, r.kept) for r in again} == {
        (r.site, same(r.line), r.documents, r.kept) for r in found
    }


def test_what_is_struck_is_counted_and_told_apart() -> None:
    lines = ("Rain is likely in the valley on Friday.", "Leave a Reply", "Written for the valley's own paper.")
    batches = [row_of("one.example", number, lines) for number in range(3)]
    found = {r.line: r for r in repeats.repeats_of(lambda: batches)}
    assert found["Leave a Reply"] == Repeat("one.example", "Leave a Reply", 3, 0, 3)
    assert found[lines[0]].kept == 3
    assert [r.line for r in repeats.repeats_of(lambda: batches, kept=True)] == sorted((lines[0], lines[2]))


def test_only_the_most_frequent_are_told() -> None:
    batches = [row_of("one.example", n, LINES[:1] if n else LINES[:5]) for n in range(4)]
    assert [(r.line, r.documents) for r in repeats.repeats_of(lambda: batches, 1, 1)] == [(LINES[0], 4)]
    assert repeats.repeats_of(lambda: batches, 5) == []


def test_the_command_lists_them(tmp_path: Path) -> None:
    for number in range(3):
        text = f"Rain is likely in valley {number}.\n\nWritten for the valley's own paper.\n\nLeave a Reply\n"
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.txt").write_text(text)
    run(tmp_path / "out", tmp_path / "in")
    told = ["repeats", "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(app, told)
    assert shown.exit_code == 0, shown.output
    assert "Written for the valley's own paper." in shown.stdout
    answer = CliRunner().invoke(app, [*told, "--kept", "--json"]).stdout.splitlines()
    assert [(line["line"], line["kept"], line["of"]) for line in map(json.loads, answer)] == [
        ("Rain is likely in valley 0.", 3, 3),
        ("Written for the valley's own paper.", 3, 3),
    ]
    assert "no line stands" in CliRunner().invoke(app, [*told, "--site", "none.example"]).stdout
