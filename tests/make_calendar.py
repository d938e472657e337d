"""Write `cleaners/calendar.json`: names of weekdays and months from Unicode's CLDR, by way of Babel.

    python tests/make_calendar.py

A test holds the file against the CLDR of the pinned Babel. The data are under the Unicode License v3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from babel.dates import get_day_names, get_month_names

from winnow.cleaners.folding import fold
from winnow.cleaners.page_dates import WORD

FILE = Path(__file__).parents[1] / "cleaners" / "calendar.json"
LANGUAGES = (
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sr sv"
    " th tr uk vi zh"
).split()


def calendar() -> dict[str, dict[str, list[str]]]:
    """Language -> kind of name -> its words, lower case and sorted."""
    return {language: _names(language) for language in LANGUAGES}


def _names(language: str) -> dict[str, list[str]]:
    full = _words(get_day_names("wide", locale=language))
    return {
        "weekdays": sorted(full),
        "short_weekdays": sorted(_words(get_day_names("abbreviated", locale=language)) - full),
        "months": sorted(
            _words(get_month_names("wide", locale=language)) | _words(get_month_names("abbreviated", locale=language))
        ),
    }


def _words(names: Mapping[int, str]) -> set[str]:
    return {word for name in names.values() for word in WORD.findall(fold(name))}


if __name__ == "__main__":
    lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in calendar().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
