"""Legal notices: copyright and terms in a page's footer, affiliate and comment disclaimers.

A line that begins with the copyright sign and a year is one in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from winnow.cleaners.findings import Finding
from winnow.cleaners.page import Page
from winnow.cleaners.phrase_cleaners import PhraseCleaner

_LONGEST = 150  # code points: years, owner, "all rights reserved"
_COPYRIGHT = re.compile(
    r"\W*(?:copyright\s*)?(?:©|\(c\)|copyright)\s*(?:copyright\s*)?(?:19|20)\d\d\b|\W*(?:19|20)\d\d\s*©", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LegalNotices:
    """What its phrases say, and copyright lines."""

    name: str = "legal_notices"

    def find(self, page: Page) -> Iterator[Finding]:
        """Those of phrases first."""
        told = list(PhraseCleaner(self.name).find(page))
        yield from told
        starts = {finding.start for finding in told}
        for line in page.lines:
            if len(line.text) <= _LONGEST and line.start not in starts and _COPYRIGHT.match(line.text):
                yield Finding(line.start, line.end, self.name, "any.copyright-line", "copyright sign, year and owner")


CLEANER = LegalNotices()
