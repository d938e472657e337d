"""The language of documents and lines."""

from __future__ import annotations

import subprocess
import sys

import pytest
from langdetect import DetectorFactory

from winnow.cleaners import clean, languages

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
        ("三国は土曜日に共同防衛条約に署名した。", "ja"),
        ("세 나라가 토요일에 공동 방위 조약에 서명했다.", "ko"),
        ("Три страны подписали договор о взаимной обороне.", "ru"),
        ("Οι τρεις χώρες υπέγραψαν αμυντική συμφωνία.", "el"),
        ("", "und"),
        ("12:30 — 14.05.2023", "und"),
        ("OK", "und"),
    ],
)
def test_names_the_language(text: str, tag: str) -> None:
    assert languages.detect(text)[0] == tag


def test_lines_speak_for_themselves_where_they_can() -> None:
    page = f"{ENGLISH}\n{ARABIC}\n- Advertisement -\n\ndh/sms (AFP, Reuters)\n{GERMAN}\n"
    assert clean(page + ENGLISH).line_languages == ("en", "ar", "en", "und", "en", "de", "en")


def test_never_changes_its_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from call to call, whatever another user of langdetect seeds, and not from process to process."""
    mixed = "Handball hotel restaurant international format"
    first = languages._ask_langdetect(mixed)
    monkeypatch.setattr(DetectorFactory, "seed", 99)
    assert all(languages._ask_langdetect(mixed) == first for _ in range(20))
    code = f"from winnow.cleaners import languages; print(languages._ask_langdetect({mixed!r}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(first)
