"""The language of documents, lines and sentences."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import langdetect
import pytest
from hypothesis import given, settings
from strategies import texts

from winnow.cleaners import BadSettings, CleaningSettings, clean, detect_language, language_model, languages
from winnow.cleaners import language_engines as engines

GERMAN = "Die Ernte begann in diesem Jahr zwei Wochen früher als gewöhnlich, sagen die Bauern im Tal."
ENGLISH = "The harvest began two weeks early in the valley this year, after a very dry spring."
ARABIC = "وقعت الدول الثلاث اتفاقية للدفاع المشترك يوم السبت"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (GERMAN, "de"),
        (ENGLISH, "en"),
        (ARABIC, "ar"),
        ("三国签署了共同防御条约，加强地区安全。", "zh-Hans"),
        ("三國簽署了共同防禦條約，加強地區安全。", "zh-Hant"),
        ("三国は土曜日に共同防衛条約に署名した。", "ja"),
        ("세 나라가 토요일에 공동 방위 조약에 서명했다.", "ko"),
        ("Три страны подписали договор о взаимной обороне.", "ru"),
        ("Οι τρεις χώρες υπέγραψαν αμυντική συμφωνία.", "el"),
        ("Avlingen startet to uker tidligere enn vanlig i år, sier bøndene i dalen.", "nb"),
        ("सभी मनुष्य जन्म से स्वतंत्र हैं और उनके अधिकार समान हैं।", "hi"),
        ("ང་ཚོའི་ལུང་པའི་ལོ་ཏོག་འདི་ལོ་སྔ་བ་རེད།", "bo"),
        ("A colleita comezou dúas semanas antes do habitual no val, din os labregos da zona.", "gl"),
        ("Guten Morgen", "de"),
    ],
)
def test_names_the_language(text: str, tag: str) -> None:
    told, confidence = detect_language(text)
    assert told == tag
    assert 0.3 < confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OK",
        "12:30 — 14.05.2023",
        "https://www.example.org/2023/05/news?id=7",
        "for path in sorted(root.rglob(name)):",
        "self.columns = {tag: n for n, tag in enumerate(tags)}",
        "0x1f 4096 kB  rw-p 00:00",
        "++++ ---- ====",
    ],
)
def test_what_is_no_language_is_und(text: str) -> None:
    assert detect_language(text) == ("und", 0.0)


@pytest.mark.parametrize("text", ["Why (oh why) did they leave?", "Read more: https://example.org about the harvest"])
def test_prose_with_signs_is_a_language(text: str) -> None:
    assert detect_language(text)[0] == "en"


def test_lines_speak_for_themselves_where_they_can() -> None:
    page = f"{ENGLISH}\n{ARABIC}\n- Advertisement -\n\ndh/sms (AFP, Reuters)\n{GERMAN}\n"
    page += "columns = {tag: n for n, tag in tags}\n"
    assert clean(page + ENGLISH).line_languages == ("en", "ar", "en", "und", "en", "de", "und", "en")


def test_short_lines_in_the_script_of_the_page_are_in_its_language() -> None:
    japanese = "三国は土曜日に共同防衛条約に署名した。政府は来週その内容を説明する予定だという。"
    assert clean(f"東京\n{japanese}\nニュース\n***\n{japanese}\n").line_languages == ("ja", "ja", "ja", "und", "ja")


def test_a_line_may_hold_several_languages() -> None:
    line = f"{ENGLISH} {GERMAN} He smiled. {ENGLISH}"
    cleaned = clean(f"{ENGLISH}\n{line}\n")
    told = [(p.language, cleaned.page.text[p.start : p.end].strip()) for p in cleaned.passages]
    assert told == [("en", f"{ENGLISH}\n{ENGLISH}"), ("de", f"{GERMAN} He smiled."), ("en", ENGLISH)]


def test_shares_are_of_what_is_kept() -> None:
    cleaned = clean(f"{ENGLISH}\n{GERMAN}\nLeave a Reply\n")
    whole = len(ENGLISH) + len(GERMAN)
    assert cleaned.language_shares == pytest.approx({"de": len(GERMAN) / whole, "en": len(ENGLISH) / whole}, abs=1e-3)


def test_without_languages_nothing_is_told() -> None:
    cleaned = clean(ENGLISH, CleaningSettings(languages=False))
    assert (cleaned.language, cleaned.passages, cleaned.language_shares) == ("und", (), {})


@pytest.mark.parametrize("name", ["fast", "langdetect", "lingua"])
def test_every_engine_tells_lines(name: engines.EngineName) -> None:
    cleaned = clean(f"{ENGLISH}\n{ARABIC}\nAdvertisement", CleaningSettings(language_engine=name))
    assert cleaned.language == "en"
    assert cleaned.line_languages == ("en", "ar", "en")
    assert engines.engine(name).detect(GERMAN)[0] == "de"


def test_an_engine_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    with pytest.raises(BadSettings, match=r"pip install \"winnow-corpus\[lingua\]\""):
        CleaningSettings.checked({"language_engine": "lingua"})


@settings(max_examples=200, deadline=None)
@given(texts)
def test_never_an_error_and_spans_that_fit(text: str) -> None:
    tag, confidence = detect_language(text)
    assert tag
    assert 0 <= confidence <= 1
    cleaned = clean(text)
    ends, before = 0, ""
    for passage in cleaned.passages:
        assert ends <= passage.start < passage.end <= len(cleaned.page.text)
        assert passage.language != before
        ends, before = passage.end, passage.language
    assert len(cleaned.line_languages) == len(cleaned.page.lines)


def test_agrees_with_langdetect_where_both_are_sure() -> None:
    """A sentence in each of these, by the reference: the fast engine may know more, not other."""
    langdetect.DetectorFactory.seed = 0
    for text in (GERMAN, ENGLISH, ARABIC, "La cosecha comenzó dos semanas antes de lo habitual en el valle."):
        best = langdetect.detect_langs(text)[0]
        assert best.prob > 0.99
        assert detect_language(text)[0] == best.lang
        assert engines.engine("langdetect").detect(text)[0] == best.lang


def test_never_changes_its_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from call to call, from thread to thread, whatever another user of langdetect seeds, or from
    process to process."""
    mixed = "Handball hotel restaurant international format"
    monkeypatch.setattr(langdetect.DetectorFactory, "seed", 99)
    for name in ("fast", "langdetect"):
        ask = engines.engine(name).detect
        first = ask(mixed)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(ask, [mixed] * 40)) == {first}
        code = f"from winnow.cleaners.language_engines import engine; print(engine({name!r}).detect({mixed!r}))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == str(first)


def test_the_card_describes_the_model() -> None:
    card = language_model.FILE.with_suffix(".md").read_text("utf-8")
    assert hashlib.sha256(language_model.FILE.read_bytes()).hexdigest() in card
    assert f"{language_model.FILE.stat().st_size:,} bytes" in card
    for tag in language_model.shipped().tags:
        assert f"\n| {tag} | " in card


def test_a_long_text_is_judged_from_all_its_parts() -> None:
    page = f"{GERMAN}\n" * 30 + f"{ENGLISH}\n" * 200
    assert languages.detect(page)[0] == "en"
