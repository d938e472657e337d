"""Lines that repeat on a site. Repetition strikes nothing by itself: series, refrains and standing phrases repeat too.

A line goes where three things meet: it stands in several documents of the site, so do the lines beside it, and the
model over lines takes it for likely residue. Which lines repeat is told by a run over a corpus (`Page.repeated`); a
page that is cleaned alone repeats nothing. Of HTML pages nothing goes: there no model was asked that knows texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Page

BLOCK = 3
"""Lines in a row that repeat. Cross-validated on extractions from 58 sites, shorter blocks took 0.03% more content with
them and no more residue (`benchmarks/README.md`)."""


class _Repeats:
    name = "repeats"

    def find(self, page: Page) -> Iterator[Finding]:
        """Findings in page order: what goes, and what repeats and stays, with the reason why it stays."""
        if not page.repeated:
            return
        likely = {
            finding.start
            for finding in page.findings
            if (finding.cleaner, finding.rule, finding.action) == ("residue", "any.likely-residue", Action.NOTE)
        }
        sizes = _blocks(page)
        for line in page.standing:
            told = page.repeated.get(line.number)
            if told is None:
                continue
            size = sizes[line.number]
            block = f", in a block of {size} such lines" if size >= BLOCK else ""
            reason = f"stands in {told.documents:,} documents of {told.site} or more{block}"
            if line.start not in likely:
                yield self._note(line.start, line.end, f"{reason}; kept: no model takes it for residue")
            elif not block:
                yield self._note(line.start, line.end, f"{reason}; kept: looks like residue, but stands by itself")
            else:
                reason += ", and looks like residue"
                yield Finding(line.start, line.end, self.name, "any.template", reason)

    def _note(self, start: int, end: int, reason: str) -> Finding:
        return Finding(start, end, self.name, "any.repeated-on-site", reason, Action.NOTE)


def _blocks(page: Page) -> dict[int, int]:
    """For each line that repeats how many do in a row; blank lines apart."""
    sizes: dict[int, int] = {}
    filled = [line.number for line in page.lines if not line.blank]
    for repeats, run in groupby(filled, page.repeated.__contains__):
        numbers = list(run) if repeats else []
        sizes |= dict.fromkeys(numbers, len(numbers))
    return sizes


CLEANER = _Repeats()
