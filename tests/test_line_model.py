"""The line model: what is measured is true, sums are exact, and reasons hold."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.cleaners.characters import Kind, codes_of, kinds_of
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.line_model import EXACT, FOLDER, MOST, STEP, WIDEST, measured, read, shipped_model
from winnow.cleaners.line_shapes import lines_of
from winnow.cleaners.line_verdicts import verdicts_on
from winnow.cleaners.line_words import line_hashes, rows_of, words_of
from winnow.cleaners.page import Page
from winnow.cleaners.rendering import render

MODELS = ("residue", "extraction")
TEXTS = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", Kind.LETTER),
        ("Ж", Kind.CAPITAL),
        ("ع", Kind.LETTER),
        ("क", Kind.LETTER),
        ("\u093f", Kind.MARK),
        ("漢", Kind.UNSPACED),
        ("ก", Kind.UNSPACED),
        ("\u20b9", Kind.SYMBOL),
        ("𠮷", Kind.UNSPACED),
        ("٣", Kind.DIGIT),
        ("\u3000", Kind.SPACE),
        ("。", Kind.STOP),
        ("؟", Kind.STOP),
        ("，", Kind.COMMA),
        ("•", Kind.SEPARATOR),
        ("»", Kind.SEPARATOR),
        ("„", Kind.QUOTE),
        ("(", Kind.BRACKET),
        ("😀", Kind.SYMBOL),
        ("\x07", Kind.OTHER),
    ],
)
def test_kinds_of_characters(character: str, kind: Kind) -> None:
    assert kinds_of(codes_of(character))[0] == kind


def _page(text: str) -> Page:
    return page_of(text)


def test_words_are_told_apart_by_what_they_are_and_not_by_where_they_stand() -> None:
    lines = lines_of(_page("Read more here\nhere read MORE\n今日\n2019 2020\n"))
    words = lines.words
    first, second = words.hashes[words.lines == 0], words.hashes[words.lines == 1]
    assert [first[0], first[1], first[2]] == [second[1], second[2], second[0]]
    assert len(words.hashes[words.lines == 2]) == 2, "each character of a script without spaces is a word"
    years = words.hashes[words.lines == 3]
    assert years[0] == years[1], "digits are all the same digit"
    whole, opening = line_hashes(words, 4)
    assert whole[0] != whole[1]
    assert opening[0] == first[0]


@given(TEXTS)
def test_words_are_those_that_a_plain_walk_finds(text: str) -> None:
    lines = lines_of(_page(text))
    expected = []
    for number, (start, end) in enumerate(zip(lines.starts, lines.ends, strict=True)):
        kinds = "".join("wwwwsssssss1sss"[kind] for kind in kinds_of(codes_of(lines.page.text[start:end])))
        expected += [number] * len(re.findall("w+|1", kinds))
    assert lines.words.lines.tolist() == expected
    rows, owners = rows_of(lines.words)
    assert len(rows) == len(owners)


@given(TEXTS, TEXTS)
def test_a_word_has_the_same_hash_on_any_page(before: str, after: str) -> None:
    alone = words_of("residue", np.zeros(1, np.int64)).hashes[0]
    folded = f"{before.lower()}\nresidue\n{after.lower()}"
    start = len(before.lower()) + 1
    words = words_of(folded, np.array([0, start, start + 8]))
    assert alone in words.hashes[words.lines == 1]


@given(TEXTS)
def test_every_column_is_a_number_for_every_line(text: str) -> None:
    lines = lines_of(_page(text))
    for name, column in measured(lines).items():
        assert len(column) == len(lines.starts), name
        assert np.isfinite(np.asarray(column, float)).all(), name


@pytest.mark.parametrize("name", MODELS)
def test_files_are_small_plain_and_the_ones_their_card_describes(name: str) -> None:
    path = FOLDER / f"{name}.npz"
    content = path.read_bytes()
    assert len(content) <= 5_000_000
    assert hashlib.sha256(content).hexdigest() in (FOLDER / f"{name}.md").read_text("utf-8")
    with np.load(path, allow_pickle=False) as arrays:
        assert all(arrays[key].dtype.kind in "fiu" for key in arrays.files)
    assert read(path).columns == shipped_model(name).columns


@pytest.mark.parametrize("name", MODELS)
def test_no_sum_can_leave_the_whole_numbers_that_single_precision_holds(name: str) -> None:
    model = shipped_model(name)
    for network in model.networks:
        for label, layer in network.layers.items():
            largest = WIDEST * STEP if label == "in" else MOST
            assert (layer.weights == np.rint(layer.weights)).all()
            assert np.abs(layer.weights).sum(0).max() * largest < EXACT, label


def _rendered(markup: str) -> Page:
    rendered = render(markup)
    return dataclasses.replace(page_of(rendered.text), blocks=rendered.blocks)


SHOP = """<html><body><nav class=menu><ul><li><a href=/>Home</a><li><a href=/news>News</a><li><a href=/x>Contact</a></ul>
</nav><main><article><h1>New bridge opens</h1><p>The new bridge over the river was opened on Thursday after four years of
work. It replaces one from 1936 that had only one lane left.</p><p>The mayor spoke of a good day for the town, although the
southern access will only be ready in autumn, and the whole cost a fifth more than planned.</p></article></main>
<footer class=site-footer><a href=/imprint>Imprint</a> <a href=/privacy>Privacy policy</a></footer></body></html>"""


def test_scores_do_not_depend_on_the_other_pages_of_a_process() -> None:
    first = verdicts_on(_rendered(SHOP), shipped_model("extraction"))
    verdicts_on(_rendered("<p>something else</p>" * 50), shipped_model("extraction"))
    again = verdicts_on(_rendered(SHOP), shipped_model("extraction"))
    assert first is not None
    assert again is not None
    assert (first.odds == again.odds).all()


def test_reasons_are_told_for_every_line_and_say_what_is_true() -> None:
    verdicts = verdicts_on(_rendered(SHOP), shipped_model("extraction"))
    assert verdicts is not None
    told = list(verdicts.reasons(np.arange(len(verdicts.odds))))
    blocks = verdicts.lines.page.blocks
    for reasons, block in zip(told, blocks, strict=True):
        assert reasons
        assert ("in <nav>" not in reasons) or "nav" in block.tags
        assert ("in <footer>" not in reasons) or "footer" in block.tags
        assert ("is links" not in reasons) or block.link_share > 0
    assert verdicts_on(page_of(" \n\n"), shipped_model("residue")) is None


@pytest.mark.parametrize("name", MODELS)
def test_no_two_columns_share_a_name(name: str) -> None:
    columns = shipped_model(name).columns
    assert len(set(columns)) == len(columns)
    page = _rendered(SHOP) if name == "extraction" else page_of("One line.\n")
    verdicts = verdicts_on(page, shipped_model(name))
    assert verdicts is not None
    assert set(columns) == set(verdicts.columns)
    assert len(measured(verdicts.lines).keys() & shipped_model(name).tables.keys()) == 0
