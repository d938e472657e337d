"""Page-furniture dates: today's date in a site's header, which is not the article's; archives by month.

A header's clock stands above everything else and names the weekday in short ("Wed. May 21st, 2025").
Every other date may be the article's (of the full ones that top dragnet's blogs, none was furniture)
and is left alone, and so is the date that opens a diary or a chronicle. Names of days and months
come from Unicode's CLDR.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import groupby
from pathlib import Path

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.folding import fold
from winnow.cleaners.page import Line, Page

# A word with its vowel signs, which are no letters to `re` (Hebrew, Arabic, Indic scripts, Thai).
WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0e31-\u0e4e])+")

_CALENDAR = Path(__file__).parent / "calendar.json"  # made by tests/make_calendar.py
_LONGEST = 60  # code points: "Wednesday, September 24th, 2025, 10:05 a.m. Central European Time"
_LONGEST_MONTH = 40  # code points
_FEWEST_MONTHS = 4  # in a row: a table of results names fewer without saying more
_MONTH = re.compile(r"[\W_]*((?:[^\W\d_]|[\u0900-\u0963])+)\.?,?\s+(?:de |del )?(?:19|20)\d\d(?:\s*\(\d+\))?[\W_]*")
_NUMBER = re.compile(r"[0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59]+")
# What may stand in a date beside names and numbers: ordinals, prepositions, clock and zone words.
_FILLERS = frozenset(
    """
    st nd rd th am pm a p m of the at on today is it's date o'clock
    de del di du la le el den der dem d er klo kl um uhr h hs hrs heute hoy aujourd hui oggi hoje
    gmt utc est edt cet cest ist bst pst pdt cst cdt mst mdt lúc ngày năm tanggal hari ini
    г года р року год сегодня ۀ ه ساعت الساعة في م هـ 年 月 日 年月日 년 월 일 น พ ศ
    """.split()
)
_YEARS = (range(1990, 2100), range(1370, 1480), range(2530, 2650))  # of the web: ours; Persian, Islamic; Thai


class Day(Enum):
    """How a line that is a date and nothing else names the weekday."""

    FULL = "full"
    ABBREVIATED = "abbreviated"


@dataclass(frozen=True, slots=True)
class PageDates:
    """Strikes the clock in the page's header, or notes a date there that may be the article's;
    strikes a blog's list of months."""

    name: str = "page_dates"

    def find(self, page: Page) -> Iterator[Finding]:
        """The first line that stands, and lists of months."""
        yield from self._clock(page)
        for line in _archive(page.standing):
            reason = "entry of an archive by month"
            yield Finding(line.start, line.end, self.name, "any.archive-month", reason)

    def _clock(self, page: Page) -> Iterator[Finding]:
        if not page.standing:
            return
        first = page.standing[0]
        day = day_named(first.text)
        if day is None or any(day_named(line.text) for line in page.standing[1:]):
            return  # no date; or a diary, a chronicle, a calendar
        if day is Day.ABBREVIATED:
            yield self._finding(first, "today's date in the page's header", Action.STRIKE)
        else:
            yield self._finding(first, "a date on top that may be the article's own", Action.NOTE)

    def _finding(self, line: Line, reason: str, action: Action) -> Finding:
        return Finding(line.start, line.end, self.name, "any.header-clock", reason, action)


def _archive(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines of months that follow each other, at least _FEWEST_MONTHS."""
    for is_month, run in groupby(lines, key=lambda line: names_a_month(line.text)):
        months = list(run)
        if is_month and len(months) >= _FEWEST_MONTHS:
            yield from months


def names_a_month(text: str) -> bool:
    """Whether a line is a month and a year, perhaps with a count ("May 2011 (12)"), and nothing else."""
    if len(text) > _LONGEST_MONTH:
        return False
    match = _MONTH.fullmatch(text)
    return match is not None and fold(match[1]) in _months()


@cache
def _months() -> frozenset[str]:
    return frozenset(name for names in _calendar() for name in names.months)


def day_named(text: str) -> Day | None:
    """How the line names the weekday, if it is a date with weekday and year and nothing else."""
    if len(text) > _LONGEST or not any(map(str.isdecimal, text)):
        return None
    numbers = [int(number) for number in _NUMBER.findall(text)]
    if not any(number in years for number in numbers for years in _YEARS):
        return None
    words = [word for word in WORD.findall(fold(text)) if word not in _FILLERS]
    if not words or len(words) > 3:  # weekday and month, one of them perhaps of two words
        return None
    for names in _calendar():
        if all(word in names.all for word in words):
            dated = any(word in names.months for word in words) or len(numbers) >= 3
            if dated and any(word in names.full for word in words):
                return Day.FULL
            if dated and len(words) > 1 and any(word in names.short for word in words):
                return Day.ABBREVIATED
    return None


@dataclass(frozen=True, slots=True)
class _Names:
    full: frozenset[str]
    short: frozenset[str]
    months: frozenset[str]
    all: frozenset[str]


@cache
def _calendar() -> tuple[_Names, ...]:
    languages = json.loads(_CALENDAR.read_text("utf-8")).values()
    kinds = [[frozenset(names[kind]) for kind in ("weekdays", "short_weekdays", "months")] for names in languages]
    return tuple(_Names(full, short, months, full | short | months) for full, short, months in kinds)


CLEANER = PageDates()
