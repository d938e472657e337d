"""What the residue model does to texts, whatever it has learned."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from strategies import texts

from winnow.cleaners import Action, CleaningSettings, Finding, clean, clean_text, line_verdicts
from winnow.cleaners.catalog import NAMES
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.line_model import shipped_model
from winnow.cleaners.line_verdicts import doubt
from winnow.cleaners.residue import CLEANER

ARTICLE = """The city council voted on Monday to close the old ring road to cars on Sundays. The trial will run from May to
September and cost about forty thousand euros, most of it for signs and stewards, the mayor said.

Shop owners had asked for a shorter trial, fearing for their trade. "We will look at the figures every month," said the
councillor responsible, Helene Marks, "and if they are bad, we will stop the trial at once."

A similar trial in the neighbouring town ended last year with more visitors than before. There the road has stayed
closed on Sundays ever since, and the shops there open on Sundays as well, which the unions have criticised.
"""
TAIL = """
See all stories
Share on Facebook
Tweet
Sign up for our newsletter
About the author
Jo Lindt is a staff writer at the Daily Courier and covers city politics. Follow her on Twitter @jolindt.
"""
MODES = ("off", "careful", "balanced")


def _struck(text: str, mode: str) -> set[tuple[int, int]]:
    found = clean(text, CleaningSettings.checked({"residue": mode})).findings
    return {(f.start, f.end) for f in found if f.cleaner == "residue" and f.action is Action.STRIKE}


def test_what_belongs_to_the_site_goes_below_the_article_which_stays() -> None:
    text = clean_text(ARTICLE + TAIL)
    assert text.startswith(ARTICLE)
    assert "Follow her on Twitter" not in text


def test_modes_strike_more_from_off_to_balanced() -> None:
    off, careful, balanced = (_struck(ARTICLE + TAIL, mode) for mode in MODES)
    assert off == set()
    assert careful
    assert careful <= balanced


def test_what_careful_leaves_is_noted_with_score_and_reasons() -> None:
    page = page_of(ARTICLE + TAIL)
    found = list(CLEANER.find(page))
    assert found
    for finding in found:
        sure = finding.action is Action.STRIKE
        assert finding.rule == ("any.residue" if sure else "any.likely-residue")
        score, reasons = finding.reason.split("% residue: ")
        assert 50 <= int(score) <= 100
        assert 1 <= len(reasons.split(", ")) <= 4


def test_what_is_protected_stays() -> None:
    page = page_of(ARTICLE + TAIL)
    shield = Finding(0, len(page.text), "a_test", "any.shield", "asked for", Action.PROTECT)
    judged = page.with_findings([shield]).with_findings(CLEANER.find(page))
    assert judged.struck == ()


def test_a_text_that_looks_like_residue_all_over_is_left_alone_and_flagged() -> None:
    text = "Home\nNews\nSport\nWeather\nMore\nLog in\n" * 5
    found = list(CLEANER.find(page_of(text)))
    assert [f.action for f in found if f.action is Action.STRIKE] == []
    assert {f.rule for f in found} <= {"any.nearly-all", "any.likely-residue"}


def test_a_text_too_large_to_be_judged_is_left_alone_and_flagged() -> None:
    text = (ARTICLE + TAIL) * (line_verdicts.MOST_CHARACTERS // len(ARTICLE + TAIL) + 1)
    (note,) = CLEANER.find(page_of(text))
    assert (note.rule, note.action) == ("any.too-large", Action.NOTE)
    assert "too many to be judged" in note.reason
    many = "a\n" * (line_verdicts.MOST_LINES + 1)
    assert [f.rule for f in CLEANER.find(page_of(many))] == ["any.too-large"]


@settings(max_examples=60, deadline=None)
@given(texts)
def test_nothing_makes_it_raise_and_something_always_stays(text: str) -> None:
    page = page_of(text)
    struck = page.with_findings(CLEANER.find(page)).struck
    visible = [line for line in page.lines if not line.blank]
    if visible:
        assert any(not any(a <= line.start and line.end <= b for a, b in struck) for line in visible)


def test_the_model_knows_only_columns_that_are_measured() -> None:
    assert set(shipped_model("residue").columns) >= {"words", "letters", "struck"}
    assert {"residue", "extraction"} <= set(NAMES)
    assert dataclasses.is_dataclass(shipped_model("residue"))


def test_a_page_of_which_little_is_known_asks_for_more() -> None:
    sizes, stands = np.array([100.0, 100.0, 200.0]), np.array([True, True, True])
    sure, half, none = np.array([5.0, -4.0, -6.0]), np.array([1.0, -1.0, -6.0]), np.array([1.0, -1.0, 0.5])
    assert doubt(sure, sizes, stands) == 0 < doubt(half, sizes, stands) < doubt(none, sizes, stands)
    assert doubt(half, sizes, np.array([False, False, True])) == 0  # what is struck already does not count
    assert doubt(sure, sizes, np.zeros(3, np.bool_)) == 0
