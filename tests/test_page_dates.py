"""Dates with a weekday, in many languages; and the calendar they come from."""

from __future__ import annotations

import json

import pytest
from make_calendar import FILE, calendar

from winnow.cleaners.page_dates import Day, day_named


def test_the_calendar_is_cldrs() -> None:
    assert json.loads(FILE.read_text("utf-8")) == calendar(), "run python tests/make_calendar.py"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Wed. May 21st, 2025", Day.ABBREVIATED),
        ("Wednesday, May 21, 2025", Day.FULL),
        ("Today is Wednesday, 21 May 2025, 10:05 a.m.", Day.FULL),
        ("Mittwoch, 21. Mai 2025", Day.FULL),
        ("Mi. 21. Mai 2025", Day.ABBREVIATED),
        ("mercredi 21 mai 2025", Day.FULL),
        ("miércoles, 21 de mayo de 2025", Day.FULL),
        ("środa, 21 maja 2025", Day.FULL),
        ("Среда, 21 мая 2025 г.", Day.FULL),
        ("الأربعاء 21 مايو 2025", Day.FULL),
        ("बुधवार, 21 मई 2025", Day.FULL),
        ("2025年5月21日 星期三", Day.FULL),
        ("2025年5月21日 水曜日", Day.FULL),
        ("Çarşamba, 21 Mayıs 2025", Day.FULL),
        ("May 21, 2025", None),
        ("Wed. May 21st", None),
        ("Mar 14, 2025", None),
        ("Wednesday in Berlin, 21 May 2025", None),
        ("On Wednesday, May 21, 2025, the three signed a pact in the capital of Mali.", None),
        ("x⁶ 2025", None),
        ("", None),
    ],
)
def test_names_a_day(text: str, day: Day | None) -> None:
    assert day_named(text) is day
