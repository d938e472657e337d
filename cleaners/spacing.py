"""Spacing: the blank space that strikes leave behind. Nothing else touches white space.

Where a line is gone, at most one blank line stays between the lines around it, and none at the ends
of the text. Where a piece of a line is gone, the blanks beside it go so that one is left.
Runs last, and again whenever a strike is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from winnow.cleaners.edits import union
from winnow.cleaners.findings import Finding
from winnow.cleaners.page import Line, Page


@dataclass(frozen=True, slots=True)
class Spacing:
    """Strikes blank space, always beside another strike."""

    name: str = "spacing"

    def find(self, page: Page) -> Iterator[Finding]:
        """Findings in page order, but for those inside lines, which come last."""
        if not page.struck:
            return
        standing = [line.number for line in page.standing]
        for before, after in pairwise([-1, *standing, len(page.lines)]):
            run = page.lines[before + 1 : after]
            if any(line.number in page.touched for line in run):
                yield from self._between(page, run, first=before < 0, last=after == len(page.lines))
        yield from self._inside(page, set(standing))

    def _between(self, page: Page, run: Sequence[Line], *, first: bool, last: bool) -> Iterator[Finding]:
        """All white space of a run of blank and gone lines, but for one blank line between two that stand."""
        untouched = (line for line in run if line.blank and line.number not in page.touched)
        kept = None if first or last else next(untouched, None)
        loose = [(line.start, line.end) for line in run if line is not kept and page.surviving(line.start, line.end)]
        if last and not first and not page.text.endswith("\n"):
            loose.append((run[0].start - 1, run[0].start))  # no line end at the end of the text: none now
        for start, end in union(loose):
            yield self._strike(start, end, "any.blank-lines")

    def _inside(self, page: Page, standing: set[int]) -> Iterator[Finding]:
        """Blanks that a strike inside a line leaves doubled, or at the line's ends."""
        for start, end in page.struck:
            line = page.line_at(start)
            content_end = line.start + len(line.text)
            if line.number not in standing or end > content_end:
                continue
            before = line.start + len(page.text[line.start : start].rstrip())
            after = content_end - len(page.text[end:content_end].lstrip())
            if before == line.start:  # nothing stands before it: its indent stays, what follows moves up
                before = start
            elif after == end < content_end:
                continue  # "word (struck), word": the blank before is the only one
            elif after < content_end:
                after = end
            if before < start:
                yield self._strike(before, start, "any.doubled-blank")
            if after > end:
                yield self._strike(end, after, "any.doubled-blank")

    def _strike(self, start: int, end: int, rule: str) -> Finding:
        return Finding(start, end, self.name, rule, "white space beside what was struck")


CLEANER = Spacing()
