"""How pages write dates, languages, addresses and names, and the one notation of each that is kept."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from winnow.cleaners.folding import fold

LONGEST = 500
"""Code points of a title or a name: what is longer is cut."""
_LONGEST_ADDRESS = 2_000  # code points
_BLANK = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def address(value: str, base: str) -> str | None:
    """An absolute address of the web, http or https, at most 2,000 code points; None for all else.

    A relative one counts from `base`, which may be empty.
    """
    value = value.strip()
    if not value or len(value) > _LONGEST_ADDRESS:
        return None
    try:
        absolute = value if value.startswith(("http:", "https:")) else urljoin(base, value)
        parts = urlsplit(absolute)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:  # an address of IPv6 gone wrong
        return None
    found = one_line(absolute.replace(" ", "%20"), _LONGEST_ADDRESS + 1)
    return found if found and len(found) <= _LONGEST_ADDRESS else None


_CALENDAR = re.compile(
    r"([0-9]{4})(?:([-/])([0-9]{1,2})(?:\2([0-9]{1,2}))?|(?P<month>[0-9]{2})(?P<day>[0-9]{2}))?(?=[T\s]|$)"
)
_CLOCK = re.compile(
    r"[T ]+([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?) ?(?:(Z|UTC|GMT)|([-+][0-9]{2}):?([0-9]{2})?)?", re.IGNORECASE
)
_MAIL_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{5,8} (?:[-+][0-9]{4}|GMT|UTC)")


def iso_date(value: str) -> str | None:
    """A date in ISO 8601 or as in mail headers, in ISO 8601; None for all others, which can be read in two ways."""
    value = value[:LONGEST].strip()
    try:
        if _MAIL_DATE.fullmatch(value):
            return parsedate_to_datetime(value).isoformat()
        calendar = _CALENDAR.match(value)
        if calendar is None or int(calendar[1]) < 1_000:  # what software writes for no date: 0000, 0001
            return None
        parts = [part.zfill(2) for part in calendar.group(1, 3, 4, "month", "day") if part]
        stated = "-".join(parts)
        date(*map(int, (*parts, 1, 1)[:3]))
        clock = _CLOCK.fullmatch(value, calendar.end())
        if clock is None or len(parts) < 3:
            return stated if len(parts) == 3 or calendar.end() == len(value) else None
        offset = "Z" if clock[2] else f"{clock[3]}:{clock[4] or '00'}" if clock[3] else ""
        timed = f"{stated}T{clock[1]}{offset}"
        datetime.fromisoformat(timed)
    except ValueError:
        return None
    return timed


_TAG = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)", re.IGNORECASE
)


def language_tag(value: str) -> str | None:
    """The language tag in BCP 47's spelling, or None: names of languages and lists are no tags."""
    match = _TAG.fullmatch(value.strip()[:LONGEST].replace("_", "-"))
    if match is None or match[1].lower() == "und":
        return None
    script, region = (match[2] or "").title(), (match[3] or "").upper()
    return "-".join(filter(None, (match[1].lower(), script, region))) + match[4].lower()


def one_line(text: str, longest: int = LONGEST) -> str | None:
    """The text on one line, cut to `longest` code points and free of what is no character; None if nothing is left."""
    return _SURROGATE.sub("\ufffd", _BLANK.sub(" ", text[: 4 * longest])).strip()[:longest].rstrip() or None


def key(text: str) -> str:
    """Letters and digits alone, in lower case: what two spellings of a name or title have in common."""
    return "".join(filter(str.isalnum, fold(text)))
