"""What repair left as it is: characters for private use, and lines beyond the bounds of repair. Noted, not struck.

A private-use character means something only with the font of its page (an icon, a rare ideograph).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Page
from winnow.cleaners.suspects import is_within_bounds

_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]+")


@dataclass(frozen=True, slots=True)
class Unrepaired:
    """See the module."""

    name: str = "unrepaired"

    def find(self, page: Page) -> Iterator[Finding]:
        for found in _PRIVATE_USE.finditer(page.text):
            yield Finding(*found.span(), self.name, "any.private-use", "characters for private use", Action.NOTE)
        if is_within_bounds(page.text):
            return
        for line in page.lines:
            if not is_within_bounds(line.text):
                reason = "too long, or too many marks on one letter, to be repaired in bounded time"
                yield Finding(line.start, line.end, self.name, "any.beyond-bounds", reason, Action.NOTE)


CLEANER = Unrepaired()
