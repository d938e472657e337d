"""Personal data: e-mail addresses, phone and IP numbers, payment cards and bank accounts. Off by default.

The setting `personal_data` has them noted (`label`), or replaced by placeholders before anything is judged
(`replace`): each one a repair in the log, which leads back. Cards and IBANs count only with valid check digits,
phone numbers only where the numbering plan of their country has them, or behind a word that announces one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from winnow.cleaners.check_digits import iban_length, is_card_number, is_iban
from winnow.cleaners.edits import Repair
from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Page
from winnow.cleaners.phone_numbers import phone_spans

# Letters of addresses: scripts that set spaces between words, for elsewhere the text before would be taken along.
_L = "a-z0-9À-ɏͰ-ϿЀ-ӿ"
_LABEL = f"[{_L}](?:[{_L}-]{{0,61}}[{_L}])?"
_TOP = f"(?:xn--[a-z0-9-]{{2,59}}|[{_L}]{{2,24}})(?![{_L}-])"
_LOCAL = f"(?<![{_L}._%+-])[{_L}_](?:[{_L}._%+'-]{{0,63}})"
# Written so that no program finds it; only in brackets, else "look at example dot com" would be one.
_AT = r" ?[\[({] ?(?:at|ät|@|arobase|arroba|chiocciola|собака|małpa|zavináč|kukac) ?[\])}] ?"
_DOT = r"(?:\.| ?[\[({] ?(?:dot|punkt|point|punto|ponto|точка|kropka|tečka) ?[\])}] ?)"
_EMAIL = re.compile(f"{_LOCAL}[@＠](?:{_LABEL}\\.){{1,8}}({_TOP})", re.IGNORECASE)
_HIDDEN_EMAIL = re.compile(f"{_LOCAL}{_AT}(?:{_LABEL}{_DOT}){{1,4}}({_TOP})", re.IGNORECASE)
_HIDDEN_AT = re.compile(_AT.removeprefix(" ?"), re.IGNORECASE)
_FILES = {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "html", "htm", "php"}  # logo@2x.png

_IPV4 = re.compile(r"(?<![\w.,:-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|[.,][0-9])", re.ASCII)
_IPV6 = re.compile(
    r"(?<![\w:.])[23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE | re.ASCII
)
# What makes four numbers with dots a version or a section of a document instead.
_NUMBERED = re.compile(
    r"(?:\b(?:v|ver|version|versión|versione|versão|wersja|verze|версия|версії|build|release|rev|firmware|driver"
    r"|treiber|section|chapter|clause|abschnitt|kapitel|ziffer|раздел|пункт)\.?|版本|版|§)[\s:]*$",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 6  # of an IPv4 address: shorter ones (8.8.8.8, 3.6.0.12) are versions, or servers that all know

_CARD = re.compile(r"(?<![\w.,+/=-])[0-9](?:[ \u00a0-]?[0-9]){13,18}(?![\w-]|[.,][0-9])", re.ASCII)
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}", re.ASCII)
_BLANKS = re.compile(r"[ \u00a0-]")


class Kind(NamedTuple):
    """One kind of personal data."""

    rule: str
    reason: str
    placeholder: str


EMAIL = Kind("email-address", "an e-mail address", "[E-MAIL]")
PHONE = Kind("phone-number", "a phone number", "[PHONE]")
IP = Kind("ip-address", "an IP address", "[IP]")
CARD = Kind("payment-card", "the number of a payment card, with a valid check digit", "[CARD]")
IBAN = Kind("iban", "an IBAN with valid check digits", "[IBAN]")


class Match(NamedTuple):
    """A span of a text that holds personal data: half-open, in code points."""

    start: int
    end: int
    kind: Kind


def matches(text: str) -> list[Match]:
    """All personal data in a text, in its order, disjoint; none goes beyond its line. Linear in the text."""
    found: list[Match] = []
    taken = bytearray(len(text))
    # What is told most surely comes first: an account number may hold what looks like a phone number.
    for kind, spans in _SPANS.items():
        found += _free(taken, kind, spans(text))
    return sorted(found)


def replacements(text: str) -> tuple[Repair, ...]:
    """The edits that put placeholders in the place of all personal data."""
    return tuple(
        Repair(start, text[start:end], kind.placeholder, kind.rule, f"{kind.reason}, replaced")
        for start, end, kind in matches(text)
    )


def _free(taken: bytearray, kind: Kind, spans: Iterator[tuple[int, int]]) -> Iterator[Match]:
    for start, end in spans:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            yield Match(start, end, kind)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(text):
        length = iban_length(found.group()[:2])
        end = _end_of(found.group(), length)  # a word in capitals may follow
        if end and not text[found.start() + end : found.start() + end + 1].isalnum():
            written = _BLANKS.sub("", found.group()[:end])
            if is_iban(written):
                yield found.start(), found.start() + end


def _end_of(written: str, length: int) -> int:
    """Where so many letters and digits end; 0 where there are fewer."""
    ends = [at for at, character in enumerate(written, 1) if character.isalnum()]
    return ends[length - 1] if 0 < length <= len(ends) else 0


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _CARD.finditer(text):
        if is_card_number(_BLANKS.sub("", found.group())):
            yield found.span()


def _emails(text: str) -> Iterator[tuple[int, int]]:
    wanted = [_EMAIL] if "@" in text or "＠" in text else []
    if _HIDDEN_AT.search(text):
        wanted.append(_HIDDEN_EMAIL)
    for pattern in wanted:
        for found in pattern.finditer(text):
            if found[1].lower() not in _FILES and not found[1].isdecimal():
                yield found.span()


def _ip_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Those that may lead to a person: public ones, no networks of one's own, no masks."""
    for found in _IPV4.finditer(text):
        digits = len(found.group()) - 3
        before = text[max(0, found.start() - 20) : found.start()]
        if digits >= _FEWEST_DIGITS and not _NUMBERED.search(before) and _is_public(found.group()):
            yield found.span()
    for found in _IPV6.finditer(text):
        if _is_public(found.group()):
            yield found.span()


def _is_public(written: str) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


_SPANS: dict[Kind, Callable[[str], Iterator[tuple[int, int]]]] = {
    IBAN: _ibans,
    EMAIL: _emails,
    CARD: _cards,
    IP: _ip_addresses,
    PHONE: phone_spans,
}


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Notes what stands; see the module."""

    name: str = "personal_data"

    def find(self, page: Page) -> Iterator[Finding]:
        for start, end, kind in matches(page.text):
            if page.surviving(start, end) == page.text[start:end]:
                yield Finding(start, end, self.name, f"any.{kind.rule}", kind.reason, Action.NOTE)


CLEANER = PersonalData()
