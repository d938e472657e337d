"""Players: the furniture of pictures, galleries, audio and video ("Click to enlarge", "0:00 / 2:31").

A single time can be a row of a results table and stays; position and length together are a player's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from winnow.cleaners.findings import Finding
from winnow.cleaners.page import Page
from winnow.cleaners.phrase_cleaners import PhraseCleaner

_LONGEST = 40  # code points
_POSITION = re.compile(r"\W*(?:\d{1,2}:)?\d{1,2}:\d\d\s*[/|]\s*-?(?:\d{1,2}:)?\d{1,2}:\d\d\W*")


@dataclass(frozen=True, slots=True)
class Players:
    """What its phrases say, and the position in a recording."""

    name: str = "players"

    def find(self, page: Page) -> Iterator[Finding]:
        """Those of phrases first."""
        yield from PhraseCleaner(self.name).find(page)
        for line in page.lines:
            if len(line.text) <= _LONGEST and ":" in line.text and _POSITION.fullmatch(line.text):
                reason = "position and length of a recording"
                yield Finding(line.start, line.end, self.name, "any.position", reason)


CLEANER = Players()
