"""The page: strikes, notes, protection, and lines."""

from __future__ import annotations

import pytest

from winnow.cleaners import Action, Finding, Page, clean, edits, spacing
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.folding import fold

TEXT = "one\n\ntwo\nthree"


def found(start: int, end: int, action: Action = Action.STRIKE) -> Finding:
    return Finding(start, end, "test", "any.test", "a test", action)


def test_a_line_owns_its_line_end() -> None:
    assert [(line.start, line.end, line.text) for line in page_of(TEXT).lines] == [
        (0, 4, "one"),
        (4, 5, ""),
        (5, 9, "two"),
        (9, 14, "three"),
    ]
    assert len(page_of("a\x0bb\x0cc\x85d\u2028e").lines) == 1
    assert page_of("").lines == ()


def test_strikes_are_a_union() -> None:
    page = page_of(TEXT).with_findings([found(0, 2), found(1, 4), found(9, 14)])
    assert page.struck == ((0, 4), (9, 14))
    assert [line.text for line in page.standing] == ["two"]
    assert page.surviving(0, 14) == "\ntwo\n"
    assert page.touched == {0, 3}


def test_a_page_is_never_changed() -> None:
    page = page_of(TEXT)
    assert page.with_findings([found(0, 2)]).struck
    assert not page.struck
    assert page.with_findings([]) is page


def test_what_is_protected_is_not_struck() -> None:
    page = page_of(TEXT).with_findings([found(5, 8, Action.PROTECT)]).with_findings([found(0, 6), found(9, 10)])
    assert page.struck == ((9, 10),)
    kept = page.findings[1]
    assert kept.action is Action.NOTE
    assert kept.reason == "a test; kept: a test"


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2), (0, 15)])
def test_a_cleaner_that_leaves_the_page_is_at_fault(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"test: any\.test gives"):
        page_of(TEXT).with_findings([found(start, end)])


def test_folding_moves_no_character() -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert len(fold(everything)) == len(everything)
    assert fold("İstanbul ISPARTA ıΣς ’ Ａｂ\u00a0") == "istanbul isparta iσσ ' ab "
    assert fold("علي ﻿ك") == fold("علی ﻿ک")
    assert isinstance(page_of("x"), Page)


@pytest.mark.parametrize(
    ("text", "piece", "clean"),
    [
        ("One two three.\n", "two", "One three.\n"),
        ("  One two.\n", "One", "  two.\n"),
        ("One two, three.\n", "two", "One , three.\n"),
        ("One. Accept\nTwo.", "Accept", "One.\nTwo."),
        ("Accept One.\n", "Accept", "One.\n"),
    ],
)
def test_a_strike_inside_a_line_leaves_one_blank(text: str, piece: str, clean: str) -> None:
    start = text.index(piece)
    page = page_of(text).with_findings([found(start, start + len(piece))])
    page = page.with_findings(spacing.CLEANER.find(page))
    assert edits.strike(text, page.struck) == clean


def test_what_repair_left_alone_is_noted() -> None:
    stacked = "e" + "\u0301\u0323" * 50
    noted = [(f.rule, f.action) for f in clean(f"a \ue000 b\n{stacked}\nc\n").findings]
    assert noted == [("any.private-use", Action.NOTE), ("any.beyond-bounds", Action.NOTE)]


def test_a_line_too_long_to_be_repaired_is_noted_in_ascii_too() -> None:
    cleaned = clean("&amp; " * 40_000)
    assert not cleaned.repairs
    assert [f.rule for f in cleaned.findings] == ["any.beyond-bounds"]
