"""Personal data: what is found in many languages, what is not, and the way back. All of it is invented."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from winnow.cleaners import Action, CleaningSettings, Finding, Repair, clean, clean_text, diff_log, edits
from winnow.cleaners.check_digits import is_card_number, is_iban
from winnow.cleaners.personal_data import CARD, CLEANER, EMAIL, IBAN, IP, PHONE, Kind, matches
from winnow.cleaners.repair import repairs_of

LABEL = CleaningSettings(personal_data="label", languages=False)
REPLACE = CleaningSettings(personal_data="replace", languages=False)


@pytest.mark.parametrize(
    ("line", "found", "kind"),
    [
        ("Write to ana.kern+news@talbote.example.com, please.", "ana.kern+news@talbote.example.com", EMAIL),
        ("E-Mail: info@bücher-müller.de.", "info@bücher-müller.de", EMAIL),
        ("联系我们wang@huabao.cn欢迎来信", "wang@huabao.cn", EMAIL),
        ("お問い合わせ：info＠mura.co.jp まで", "info＠mura.co.jp", EMAIL),
        ("Пишите на почта@долина.рф.", "почта@долина.рф", EMAIL),
        ("redaktion (at) talbote (punkt) de", "redaktion (at) talbote (punkt) de", EMAIL),
        ("<a href='mailto:joe@x.org'>", "joe@x.org", EMAIL),
        ("Call +44 20 7946 0018 today.", "+44 20 7946 0018", PHONE),
        ("Rufen Sie uns an: +49 (0)30 901820", "+49 (0)30 901820", PHONE),
        ("+33 1 70 18 99 12 ou sur place", "+33 1 70 18 99 12", PHONE),
        ("00351 21 123 4567, Lisboa", "00351 21 123 4567", PHONE),
        ("电话：010-65529988", "010-65529988", PHONE),
        ("手机 13912345678", "13912345678", PHONE),
        ("Telefon: 030/9018 20", "030/9018 20", PHONE),
        ("тел. 8 (495) 123-45-67", "8 (495) 123-45-67", PHONE),
        ("هاتف: ٠١١٤٥٦٧٨٩٠", "٠١١٤٥٦٧٨٩٠", PHONE),
        ("फ़ोन नंबर: 011-23456789", "011-23456789", PHONE),
        ("โทร 02-123-4567", "02-123-4567", PHONE),
        ("Phone number: (555) 010-4477.", "(555) 010-4477", PHONE),
        ("Posted from 91.198.174.192 at noon", "91.198.174.192", IP),
        ("IP: 2a02:908:1391:a2c0::7f3", "2a02:908:1391:a2c0::7f3", IP),
        ("Card 4539 1488 0343 6467 was charged", "4539 1488 0343 6467", CARD),
        ("3714-496353-98431", "3714-496353-98431", CARD),
        ("IBAN: DE89 3704 0044 0532 0130 00, BIC", "DE89 3704 0044 0532 0130 00", IBAN),
        ("RIB FR1420041010050500013M02606 ET", "FR1420041010050500013M02606", IBAN),
        ("GB82WEST12345698765432", "GB82WEST12345698765432", IBAN),
    ],
)  # fmt: skip
def test_is_found(line: str, found: str, kind: Kind) -> None:
    assert [(line[m.start : m.end], m.kind) for m in matches(line)] == [(found, kind)]
    assert clean_text(line, REPLACE) == line.replace(found, kind.placeholder)


@pytest.mark.parametrize(
    "line",
    [
        "On 2024-05-06 and 06.05.2024, from 10:15:30 to 11:45:00",
        "Phone: 2024-05-06, Tel Aviv 1948–1998",
        "It costs 1,299.00 $, or 1.299.000,00 € for 1 000 000 of them",
        "+20 000 000 Euro, +12.5 %, 0049 Stück",
        "ISBN 978-3-16-148410-0, ISBN 0-306-40615-2, EAN 4006381333931",
        "Order 4539148803436468, invoice 2024-000123456",
        "Version 10.0.190.41, v4.122.190.12, section 12.114.120.11, 版本 12.114.120.11",
        "Firefox 3.6.0.12 asked 8.8.8.8 and 192.168.178.20, mask 255.255.255.0",
        "Chrome/91.0.4472.124",
        "DE89 3704 0044 0532 0130 01",
        "XX89 3704 0044 0532 0130 00",
        "@nora wrote on @friday: logo@2x.png at x @ y",
        "git describe: 12:30:45, std::vector, dead::beef, 3:4:5:6",
        "We meet at (see map) dot com offices. I look at [1] dot de",
        "iPhone 15 2023 256 128",
        "第100200300期，2024年5月6日，票价1280元",
        "Ответ: 1 234 567 890 рублей; 8 800 человек",
        "DOI 10.1000/182.4539148803436467, pi 3.14159265358979",
        "52.520008, 13.404954",
    ],
)
def test_is_left_alone(line: str) -> None:
    assert [line[m.start : m.end] for m in matches(line)] == []
    assert clean_text(line, REPLACE) == clean_text(line)


def test_by_default_nothing_is_looked_for() -> None:
    text = "Ana Kern, ana@talbote.de, has the story."
    assert clean(text).findings == clean(text).repairs == ()
    assert clean_text(text) == text


def test_labels_note_and_keep() -> None:
    text = "Ana Kern, ana@talbote.de, has the story. Her phone: 030 901820.\n"
    cleaned = clean(text, LABEL)
    assert cleaned.text == text
    assert [(f.rule, f.action, f.reason) for f in cleaned.findings] == [
        ("any.email-address", Action.NOTE, "an e-mail address"),
        ("any.phone-number", Action.NOTE, "a phone number"),
    ]


def test_what_is_noted_can_be_struck() -> None:
    chosen = CleaningSettings(personal_data="label", strike_noted=("personal_data",))
    assert clean_text("Ana Kern, ana@talbote.de, has the story.", chosen) == "Ana Kern, , has the story."


def test_what_is_struck_anyway_gets_no_label() -> None:
    text = "The rain that fell on Friday filled the well.\n\nAdvertisement: ana@talbote.de\n"
    chosen = CleaningSettings(personal_data="label", strike_noted=("personal_data",), languages=False)
    (label,) = (f for f in clean(text, LABEL).findings if f.cleaner == "personal_data")
    struck = clean(text, LABEL).page.with_findings([Finding(label.start - 15, label.end, "x", "x", "x")])
    assert clean(text, chosen).text != text
    assert list(CLEANER.find(struck)) == []


def test_what_is_replaced_stands_in_the_log_and_comes_back() -> None:
    line = "Im Rathaus ist sie unter Telefon 030 901820 zu erreichen."
    raw = f"SchÃ¶n: ana@talbote.de&amp;bob@talbote.de\r\nLeave a Reply\r\n{line}\r\n".encode()
    cleaned = clean(raw, REPLACE)
    assert cleaned.text == "Schön: [E-MAIL]&[E-MAIL]\nIm Rathaus ist sie unter Telefon [PHONE] zu erreichen.\n"
    record = json.loads(diff_log.to_json(diff_log.record_of(cleaned, "page.txt", raw)))
    told = {(repair["rule"], repair["inserted"]) for repair in record["repairs"]}
    assert ("phone-number", "[PHONE]") in told
    assert diff_log.read_back(record, cleaned.text).restore() == raw


def test_of_a_page_the_visible_text_is_searched() -> None:
    page = "<p>Write to <b>ana</b>@talbote.de about the rain that fell in the valley on Friday night.</p>"
    assert "[E-MAIL] about the rain" in clean_text(page, REPLACE)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.one_of(texts, st.sampled_from(["a@b.de", "Ã¼@x.de", " +44 20 7946 0018", "&amp;", "\u200b"])), max_size=9
    )
)
def test_any_text_comes_back(parts: list[str]) -> None:
    text = "".join(parts)
    cleaned = clean(text, REPLACE)
    assert cleaned.restore() == text
    assert all(text[r.start : r.end] != "" or r.inserted for r in cleaned.repairs)


@settings(max_examples=400, deadline=None)
@given(texts, st.data())
def test_edits_one_after_the_other_are_one_list_of_edits(source: str, data: st.DataObject) -> None:
    first = repairs_of(source)
    between = edits.apply(source, first)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(between)), max_size=8, unique=True)))
    then = [Repair(a, between[a:b], "[X]", "x", "x") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    both = edits.compose(source, first, then)
    assert edits.apply(source, both) == edits.apply(between, then)
    assert edits.revert(edits.apply(source, both), both) == source
    assert all(source[r.start : r.end] == r.removed for r in both)
    assert all(a.end <= b.start for a, b in pairwise(both))


def test_check_digits() -> None:
    assert is_card_number("4539148803436467")
    assert not any(is_card_number(f"453914880343646{last}") for last in range(10) if last != 7)
    assert not is_card_number("4539148803436")  # thirteen digits are an article's
    assert is_iban("NO9386011117947")
    assert not is_iban("NO9386011117948")


def test_time_grows_with_the_text_only() -> None:
    for hostile in ("a" * 200_000, "1 " * 100_000, "+1" * 100_000, "1.1." * 50_000, "a:" * 100_000, "a@b." * 50_000):
        assert matches(hostile) == []  # a quadratic search would take minutes
