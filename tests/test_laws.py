"""The laws of the design, for generated texts: nothing is lost, nothing doubled, everything can be undone."""

from __future__ import annotations

import json
import re
from typing import AnyStr

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from strategies import raw_bytes, texts, texts_with_surrogates

from winnow.cleaners import (
    Action,
    Cleaned,
    CleaningSettings,
    Repair,
    UnreadableInput,
    clean,
    clean_text,
    diff_log,
    edits,
)
from winnow.cleaners.catalog import CATALOG
from winnow.cleaners.edits import Alignment
from winnow.cleaners.page import split_lines
from winnow.cleaners.phrase_cleaners import PhraseCleaner
from winnow.cleaners.repair import repairs_of

MANY = settings(max_examples=1_500, deadline=None)
SOME = settings(max_examples=400, deadline=None)
NO_LANGUAGES = CleaningSettings(languages=False)


def clean_or_skip(raw: AnyStr) -> Cleaned[AnyStr]:
    try:
        return clean(raw, NO_LANGUAGES)
    except UnreadableInput:
        assume(False)
        raise


@MANY
@given(texts_with_surrogates)
@example("\ufeffa\r\nb")
@example("a\r\nb\rc\n")
@example("")
@example("\ud800")
@example("a\u2028Leave a Reply\u2028b")
def test_a_text_is_restored_exactly(text: str) -> None:
    assert clean(text, NO_LANGUAGES).restore() == text


@MANY
@given(raw_bytes)
@example(b"\xef\xbb\xbfa\r\nb")
@example(b"caf\xc3\xa9 caf\xc3\xa9 \xff\xfe caf\xe9 \xc3")
@example("Leave a Reply\r\n".encode("utf-16"))
@example(b"\xff\xfea")
def test_bytes_are_restored_exactly_wherever_decoding_leads_back(raw: bytes) -> None:
    cleaned = clean_or_skip(raw)
    if cleaned.decoded.reversible:
        assert cleaned.restore() == raw


@SOME
@given(texts.map(str.encode))
def test_utf8_always_leads_back(raw: bytes) -> None:
    assert clean_or_skip(raw).decoded.reversible


@SOME
@given(raw_bytes)
def test_the_log_and_the_text_give_the_bytes_back(raw: bytes) -> None:
    cleaned = clean_or_skip(raw)
    assume(cleaned.decoded.reversible)
    record = json.loads(diff_log.to_json(diff_log.record_of(cleaned, "x.txt", raw)).encode())
    back = diff_log.read_back(record, cleaned.text)
    assert back.restore() == raw
    assert back.findings == cleaned.findings
    assert back.repairs == cleaned.repairs


@SOME
@given(texts_with_surrogates)
def test_struck_and_kept_make_the_page(text: str) -> None:
    """Conservation: each character of the page is struck or kept, and none is both."""
    cleaned = clean(text, NO_LANGUAGES)
    struck = bytearray(len(cleaned.page.text))
    for finding in cleaned.findings:
        if finding.action is Action.STRIKE:
            struck[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
    kept = "".join(c for c, gone in zip(cleaned.page.text, struck, strict=True) if not gone)
    assert cleaned.text == kept


@SOME
@given(texts)
def test_replaying_the_findings_gives_the_text(text: str) -> None:
    cleaned = clean(text, NO_LANGUAGES)
    spans = edits.union((f.start, f.end) for f in cleaned.findings if f.action is Action.STRIKE)
    assert edits.strike(cleaned.page.text, spans) == cleaned.text
    removed = [(s, cleaned.page.text[s:e]) for s, e in spans]
    assert edits.unstrike(cleaned.text, removed) == cleaned.page.text


@SOME
@given(texts, st.data())
def test_undoing_one_finding_brings_back_what_only_it_struck(text: str, data: st.DataObject) -> None:
    text += "\n\nLeave a Reply\n"
    cleaned = clean(text, NO_LANGUAGES)
    own = [n for n, f in enumerate(cleaned.findings) if f.action is Action.STRIKE and f.cleaner != "spacing"]
    number = data.draw(st.sampled_from(own))
    undone = cleaned.undo(number)
    found = cleaned.findings[number]
    others = edits.union((f.start, f.end) for f in undone.findings if f.action is Action.STRIKE)
    alone = [
        page_offset
        for page_offset in range(found.start, found.end)
        if not any(s <= page_offset < e for s, e in others) and not cleaned.page.text[page_offset].isspace()
    ]
    assert found not in undone.findings
    back = "".join(c for c in undone.text if not c.isspace())
    assert len(back) == len("".join(cleaned.text.split())) + len(alone)
    assert undone.restore() == text


@SOME
@given(texts)
def test_undoing_everything_gives_the_page(text: str) -> None:
    cleaned = clean(text, NO_LANGUAGES)
    assert cleaned.undo(*range(len(cleaned.findings))).text == cleaned.page.text


@SOME
@given(texts)
def test_the_same_input_gives_the_same_result(text: str) -> None:
    assert clean(text, NO_LANGUAGES) == clean(text, NO_LANGUAGES)


@SOME
@given(texts)
def test_phrases_find_nothing_more_in_what_they_have_cleaned(text: str) -> None:
    """Rules that do not depend on position: whole-line phrases that need no company and no zone.

    The model is off: what it strikes brings other lines together, as position does.
    """
    phrases_only = CleaningSettings(languages=False, residue="off", extraction="off")
    once = clean(text, phrases_only)
    again = clean(once.text, phrases_only)
    names = {c.name for c in CATALOG if isinstance(c, PhraseCleaner)}
    free = [
        f
        for f in again.findings
        if f.cleaner in names and f.action is Action.STRIKE and "beside" not in f.reason and "in a row" not in f.reason
    ]
    assert free == []


@SOME
@given(texts)
def test_a_repaired_text_needs_no_repair(text: str) -> None:
    """But for C1 controls and odd line ends: what ftfy makes of them can look like mojibake to a second look."""
    text = re.sub("[\x80-\x9f\r\u2028\u2029]", "", text)
    page = edits.apply(text, repairs_of(text))
    again = edits.apply(page, repairs_of(page))
    assert again == page


@SOME
@given(texts)
def test_lines_tile_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(text[line.start : line.end] for line in lines) == text
    assert [line.number for line in lines] == list(range(len(lines)))
    assert all(text[line.start : line.end] in (line.text, line.text + "\n") for line in lines)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Repair, ...]]:
    source = draw(st.text(alphabet="abcdefgh\n", max_size=40))
    repairs, done = [], 0
    while done <= len(source) and draw(st.booleans()):
        start = draw(st.integers(done, len(source)))
        end = draw(st.integers(start, min(len(source), start + 5)))
        inserted = draw(st.text(alphabet="XYZ", max_size=4))
        if end > start or inserted:
            repairs.append(Repair(start, source[start:end], inserted, "r", "r"))
        done = end + 1
    return source, tuple(repairs)


@SOME
@given(edited())
def test_repairs_are_undone_exactly(case: tuple[str, tuple[Repair, ...]]) -> None:
    source, repairs = case
    assert edits.revert(edits.apply(source, repairs), repairs) == source


@SOME
@given(edited(), st.data())
def test_a_page_span_covers_its_source(case: tuple[str, tuple[Repair, ...]], data: st.DataObject) -> None:
    """What is told in source coordinates is the span itself, or outward the whole of a repair it cuts."""
    source, repairs = case
    page = edits.apply(source, repairs)
    align = Alignment(repairs, len(page))
    start = data.draw(st.integers(0, len(page)))
    end = data.draw(st.integers(start, len(page)))
    a, b = align.to_source(start, end)
    assert 0 <= a <= len(source)
    assert 0 <= b <= len(source)
    inside = [r for r in repairs if a <= r.start and r.end <= b]
    if start < end:
        assert a <= b
        rebuilt = edits.apply(
            source[a:b], [Repair(r.start - a, r.removed, r.inserted, r.rule, r.reason) for r in inside]
        )
        assert page[start:end] in rebuilt
    assert align.to_source(0, len(page)) == (0, len(source))


@pytest.mark.parametrize("cut", ["", " ", "\n", "\n\n", "\t\n \n"])
def test_no_blank_lines_are_left_where_something_was_struck(cut: str) -> None:
    for text in (
        f"A line.{cut}\nLeave a Reply\n{cut}Another line.",
        f"{cut}Leave a Reply\n{cut}A line.\n{cut}top of page",
    ):
        cleaned = clean_text(text)
        assert "\n\n\n" not in cleaned.replace(" ", "").replace("\t", "")
        assert cleaned == cleaned.strip("\n")
