"""Lines that repeat on a site. Repetition strikes nothing by itself: series, refrains and standing phrases repeat too.

A line goes where three things meet: it stands in several documents of the site, so do the lines beside it, and the
model over lines takes it for likely residue. Which lines repeat is told by a run over a corpus (`Page.repeated`); a
page that is cleaned alone repeats nothing. A line that is the title of another document of the site, a teaser or a
heading, is noted. Of HTML pages nothing goes: there no model was asked that knows texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Line, Page

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
            size = sizes.get(line.number, 0)
            block = f", in a block of {size} such lines" if size >= BLOCK else ""
            reason = f"stands in {told.documents:,} documents of {told.site} or more{block}"
            if told.title_of and not (block and line.start in likely):
                yield self._note(line, "any.title-elsewhere", f"is the title of {told.title_of}")
            if not told.documents:
                continue
            if line.start not in likely:
                yield self._note(line, "any.repeated-on-site", f"{reason}; kept: no model takes it for residue")
            elif not block:
                reason += "; kept: looks like residue, but stands by itself"
                yield self._note(line, "any.repeated-on-site", reason)
            else:
                reason += ", and looks like residue"
                yield Finding(line.start, line.end, self.name, "any.template", reason)

    def _note(self, line: Line, rule: str, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, rule, reason, Action.NOTE)


def _blocks(page: Page) -> dict[int, int]:
    """For each line that repeats how many do in a row; blank lines apart."""
    sizes: dict[int, int] = {}
    filled = [line.number for line in page.lines if not line.blank]
    in_many = {number for number, told in page.repeated.items() if told.documents}
    for repeats, run in groupby(filled, in_many.__contains__):
        numbers = list(run) if repeats else []
        sizes |= dict.fromkeys(numbers, len(numbers))
    return sizes


CLEANER = _Repeats()
