"""Credits: agency sign-offs, photo credits, bylines, lists of sources. Noted, and kept by default.

They belong to the article, and licences may ask for them. Who wants them out sets
`strike_noted = ["credits"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Line, Page
from winnow.cleaners.phrase_cleaners import PhraseCleaner

# News agencies as they sign, in every language.
AGENCIES = frozenset(
    """
    aap afp agerpres anadolu ani anp ansa ap apa associated-press belga bloomberg ctk čtk dpa efe epa getty
    getty-images ians imago interfax jiji keystone-sda kna kyodo lusa mti ntb pa pap pti reuters ria ritzau rtr
    sda sid stt tass tt ukrinform upi xinhua yonhap
    афп интерфакс рейтер риа тасс унн أ-ف-ب رويترز 共同 共同通信 新华社 時事 路透社 法新社 연합뉴스
    """.split()
)

_LONGEST_SIGN_OFF = 60  # code points: initials and a handful of agencies
_SIGN_OFF = re.compile(r"[^()]{0,30}\(([^()]+)\)[.\s]*")
_SEPARATORS = re.compile(r"\s*(?:[,;/|+&、،]|\band\b|\bund\b|\bet\b|\by\b|\bи\b)\s*")
_LIST_ITEM = re.compile(r"\s*(?:[•·◦▪■*+–—-]|\[|\d{1,3}[.)\]]|https?://|www\.)")
_SOURCES = "sources-heading"


@dataclass(frozen=True, slots=True)
class Credits:
    """Notes what its phrases say, sign-offs, and the list below a heading of sources."""

    name: str = "credits"

    def find(self, page: Page) -> Iterator[Finding]:
        """Notes only; the setting `strike_noted` makes strikes of them."""
        noted = list(PhraseCleaner(self.name).find(page))
        yield from noted
        for heading in noted:
            if heading.rule.endswith(_SOURCES):
                yield from self._list_below(page, page.line_at(heading.start), heading)
        for line in page.lines:
            if len(line.text) <= _LONGEST_SIGN_OFF and ")" in line.text and _signs_off(line.text):
                yield self._note(line, "any.sign-off", "signed off with the names of news agencies")

    def _list_below(self, page: Page, heading: Line, found: Finding) -> Iterator[Finding]:
        for line in page.lines[heading.number + 1 :]:
            if line.blank:
                continue
            if not _LIST_ITEM.match(line.text):
                return
            yield self._note(line, "any.source", f"listed under {found.rule}")

    def _note(self, line: Line, rule: str, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, rule, reason, Action.NOTE)


def _signs_off(text: str) -> bool:
    match = _SIGN_OFF.fullmatch(text.strip())
    return match is not None and names_agencies_only(match[1])


def names_agencies_only(text: str) -> bool:
    """Whether a text is a list of news agencies: "AFP, Reuters"."""
    names = [re.sub(r"[\s.]+", "-", part.strip().lower()).strip("-") for part in _SEPARATORS.split(text)]
    return bool(names) and all(name in AGENCIES for name in names)


CLEANER = Credits()
