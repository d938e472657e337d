"""The page model: one immutable text, its lines, and what the cleaners found in it.

A page is never rewritten. Cleaners read it and yield findings; `Page.with_findings` returns a
page that shares everything and knows more struck spans. All offsets are code points, half-open.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, Protocol

from winnow.cleaners.edits import Span, gaps, union
from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.rules import Hit


class Line(NamedTuple):
    """One line of a page. It ends at `\\n` and owns it: [start, end) includes the line end."""

    number: int
    """Counted from 0."""
    start: int
    end: int
    text: str
    """Without the line end."""

    @property
    def blank(self) -> bool:
        """Nothing but white space stands here."""
        return not self.text or self.text.isspace()


@dataclass(frozen=True, slots=True)
class Block:
    """What the DOM says of one line."""

    path: str
    """The elements around it, from the outermost, with id or first class: `body > div#page > p`."""
    tag: str
    """The innermost block element."""
    names: frozenset[str]
    """The words of the classes and ids of all elements around it, in lower case."""
    tags: frozenset[str]
    """All elements around it."""
    depth: int
    """How many elements are around it."""
    link_share: float
    """How much of its text is in links: 0-1."""
    heading: int = 0
    """1-6 inside a heading, else 0."""
    containers: tuple[int, ...] = ()
    """Numbers of the innermost block elements around it, from the outermost: lines with one of them in
    common stand in the same element."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What other pages of its site say of a line."""

    site: str
    documents: int
    """At least so many of them hold it, this one included; 0 where few do."""
    title_of: str = ""
    """Another document of the site whose title it is, if there is one."""


def split_lines(text: str) -> tuple[Line, ...]:
    """The lines of a text. Only `\\n` ends a line (`str.splitlines` also cuts at \\x0b, \\x0c, \\u2028…)."""
    lines, start = [], 0
    for number, content in enumerate(text.split("\n")):
        end = start + len(content) + 1
        lines.append(Line(number, start, end, content))
        start = end
    last = lines.pop()  # what follows the last line end: a line only if it holds something
    if last.text:
        lines.append(last._replace(end=len(text)))
    return tuple(lines)


def _no_hits() -> Mapping[str, Sequence[Hit]]:
    return {}


def _none_repeated() -> Mapping[int, Repeated]:
    return {}


@dataclass(frozen=True)
class Page:
    """An immutable text with its lines, the phrases found in it, and what is struck so far."""

    text: str
    lines: tuple[Line, ...]
    hits: Mapping[str, Sequence[Hit]] = field(default_factory=_no_hits)
    """Phrases of each cleaner's rules that stand where their rule wants them, in page order."""
    findings: tuple[Finding, ...] = ()
    blocks: tuple[Block, ...] = ()
    """What the DOM says of each line; empty for what was no HTML page."""
    folded: str = field(default="", repr=False)
    """The text made comparable (`folding`), where that was needed to find phrases in it."""
    repeated: Mapping[int, Repeated] = field(default_factory=_none_repeated)
    """Lines that repeat on the page's site, by number; none where it was not looked at beside others."""

    @cached_property
    def struck(self) -> tuple[Span, ...]:
        """The union of all struck spans: sorted, disjoint, not touching."""
        return union((f.start, f.end) for f in self.findings if f.action is Action.STRIKE)

    @cached_property
    def protected(self) -> tuple[Finding, ...]:
        """Findings whose spans no later cleaner may strike, in page order."""
        return tuple(sorted((f for f in self.findings if f.action is Action.PROTECT), key=lambda f: f.start))

    def with_findings(self, found: Iterable[Finding]) -> Page:
        """A page that knows these findings too. A strike on a protected span becomes a note that says so.

        Raises ValueError where a finding is empty or leaves the page: a cleaner is at fault.
        """
        checked = tuple(self._admitted(f) for f in found)
        return dataclasses.replace(self, findings=self.findings + checked) if checked else self

    def _admitted(self, found: Finding) -> Finding:
        if not 0 <= found.start < found.end <= len(self.text):
            raise ValueError(f"{found.cleaner}: {found.rule} gives [{found.start}, {found.end}), not a span")
        if found.action is not Action.STRIKE:
            return found
        for shield in self.protected:
            if shield.start < found.end and found.start < shield.end:
                reason = f"{found.reason}; kept: {shield.reason}"
                return dataclasses.replace(found, action=Action.NOTE, reason=reason)
        return found

    def line_at(self, offset: int) -> Line:
        """The line that holds this code point (the last line for the end of the text)."""
        return self.lines[bisect_right(self._starts, offset) - 1]

    def surviving(self, start: int, end: int) -> str:
        """What the strikes so far leave of a span."""
        struck = self.struck
        first = bisect_right(struck, start, key=itemgetter(1))  # the first that ends behind start
        if first == len(struck) or struck[first][0] >= end:
            return self.text[start:end]
        return "".join(self.text[a:b] for a, b in gaps(struck[first:], start, end))

    def stands(self, line: Line) -> bool:
        """Whether something visible survives of the line."""
        return line.number in self._standing_numbers

    @cached_property
    def standing(self) -> tuple[Line, ...]:
        """The lines of which something visible survives, in page order."""
        touched = self.touched
        return tuple(
            line
            for line in self.lines
            if not line.blank and (line.number not in touched or self.surviving(line.start, line.end).strip())
        )

    @cached_property
    def touched(self) -> frozenset[int]:
        """Numbers of the lines of which something is struck."""
        numbers: set[int] = set()
        for start, end in self.struck:
            numbers.update(range(self.line_at(start).number, self.line_at(end - 1).number + 1))
        return frozenset(numbers)

    @cached_property
    def _standing_numbers(self) -> frozenset[int]:
        return frozenset(line.number for line in self.standing)

    @cached_property
    def _starts(self) -> list[int]:
        return [line.start for line in self.lines]


class Cleaner(Protocol):
    """Reads a page and tells what it found there. It never rewrites text and keeps no state."""

    @property
    def name(self) -> str:
        """The module's name: what the diff log and the settings call this cleaner."""
        ...

    def find(self, page: Page) -> Iterator[Finding]:
        """Findings in any order; their spans may overlap each other and earlier ones."""
        ...
