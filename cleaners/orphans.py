"""Orphans: what other strikes left without its sense.

A bullet whose text is gone, and a heading that ends in a colon whose list is gone. What was already
alone in the source is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from winnow.cleaners.findings import Finding
from winnow.cleaners.page import Line, Page

_LONGEST_HEADING = 60  # code points; a longer line with a colon is a sentence that introduces something
_COLONS = (":", "：")
_FEWEST_ITEMS = 2  # struck lines in a row that make a list


@dataclass(frozen=True, slots=True)
class Orphans:
    """Strikes leftover marks, and headings of struck lists."""

    name: str = "orphans"

    def find(self, page: Page) -> Iterator[Finding]:
        """Findings in page order."""
        if not page.struck:
            return
        filled = [line for line in page.lines if not line.blank]
        for index, line in enumerate(filled):
            if line.number in page.touched:
                rest = page.surviving(line.start, line.end).strip()
                if rest and not any(map(str.isalnum, rest)):
                    yield self._strike(line, "any.empty-bullet", "a bullet or mark whose text was struck")
            elif _is_heading(line) and _list_gone(page, filled[index + 1 : index + 1 + _FEWEST_ITEMS]):
                yield self._strike(line, "any.empty-heading", "a heading whose list was struck")

    def _strike(self, line: Line, rule: str, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, rule, reason)


def _is_heading(line: Line) -> bool:
    return len(line.text) <= _LONGEST_HEADING and line.text.rstrip().endswith(_COLONS)


def _list_gone(page: Page, following: Sequence[Line]) -> bool:
    """Whether the lines right after it are all struck."""
    return len(following) == _FEWEST_ITEMS and not any(page.stands(line) for line in following)


CLEANER = Orphans()
