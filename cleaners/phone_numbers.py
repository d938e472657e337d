"""Phone numbers in a text: with a country code, where the country's numbering plan has such a number; or behind a
word that announces one.

The plans are those of Google's libphonenumber, in its port `phonenumbers`: nothing else holds all countries and is
kept up to date. It is imported when it is first needed: its tables are large. A number without country code and
without such a word looks like any other number, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_JOINTS = " ()./‐‑–\u00a0-"
_NUMBER = f"\\d(?:[{_JOINTS}]{{0,3}}\\d){{5,17}}"
_INTERNATIONAL = re.compile(f"(?<![\\w+/=.,-])(?:[+＋] ?|00(?=[1-9]))\\(?{_NUMBER}")
# Words that stand before a number of a phone, alone or with "number": scripts and languages of many users.
_ANNOUNCES = re.compile(
    r"(?:(?<![^\W_])(?:tele(?:phone|fone|fon[oeu]?|foon|fax)|teléfono|téléphone|τηλέφωνο|телефон|phone|mobile|mobil[en]?"
    r"|móvil|móviles|celular|cellulare|cell|handy|hotline|whatsapp|fax|gsm|telp|telepon|telefonszám|puhelin|puh|dzwoń|tel"
    r"|tél|tlf|tfno|τηλ|κιν|φαξ|тел|моб|факс|đt|sđt|điện thoại|फ़ोन|फोन|मोबाइल|ফোন|மொபைல்|هاتف|الهاتف|جوال|فاكس|تلفن"
    r"|موبایل|فون|טלפון|טל|נייד|פקס)(?![^\W_])|电话|電話|手机|手機|携帯|传真|傳真|전화|휴대폰|โทรศัพท์|โทร)"
    r"(?: ?(?:number|numbers|no|nr|num|número|numéro|numero|nummer|номер|番号|号码|號碼|번호|नंबर))?"
    r"[.:：'’ \u00a0]{0,4}\n?\Z",
    re.IGNORECASE,
)
_LONGEST_ANNOUNCEMENT = 40  # code points
_PLAIN = re.compile(f"[(+＋]{{0,2}}(?<!\\d){_NUMBER}")
_DATE = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4} ?[–-] ?\d{4}")
_RUNS_ON = re.compile(r"[\w%€$£¥]|[.,:/-]\d")
_MOST_DIGITS = 15  # of a number with its country code (ITU-T E.164)


def phone_spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of phone numbers, in code points; those that are announced come last, and may be found twice."""
    for found in _INTERNATIONAL.finditer(text):
        end = found.start() + _length_in_plan(found.group())
        if end > found.start() and not _RUNS_ON.match(text, end):
            yield found.start(), end
    for found in _PLAIN.finditer(text):
        start, end = found.span()
        announced = _ANNOUNCES.search(text[max(0, start - _LONGEST_ANNOUNCEMENT) : start])
        if announced and _is_number(found.group()) and not _RUNS_ON.match(text, end):
            yield start, end


def _is_number(written: str) -> bool:
    """Whether it may be one where a word says so: not too long, no date."""
    digits = sum(character.isdecimal() for character in written)
    return digits <= _MOST_DIGITS and not _DATE.match(written.strip("()+＋"))


def _length_in_plan(written: str) -> int:
    """How much of what begins with a country code is a number of that country: as much as can be, 0 for none."""
    import phonenumbers  # noqa: PLC0415  (see the module)

    while len(written) > 6:
        international = re.sub("^(?:00|[+＋] ?)", "+", written)
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(international)):
                return len(written)
        except phonenumbers.NumberParseException:
            return 0
        joints = [at for at, character in enumerate(written) if character in _JOINTS]
        if not joints:
            return 0
        written = written[: joints[-1]].rstrip(_JOINTS)  # another number may follow
    return 0
