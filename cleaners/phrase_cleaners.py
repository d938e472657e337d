"""The cleaner that rules drive: most cleaners are this one with phrases of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Line, Page
from winnow.cleaners.rules import Hit, Rule

_WIDEST_GAP = 2  # blank lines that may part a banner from its buttons
_LONGEST_HEADLINE = 140  # code points; headlines run to about 100, paragraphs begin at about 200
_EVERYDAY_SHARE = 0.4  # of the code points of a line's phrases; from reading dev headings made of menu words
_SHORTEST_PROSE = 80  # code points of a line that is a paragraph; half of that in dense scripts would do
_FEWEST_HEADLINES = 2  # one line below a heading can be anything
_SENTENCE_ENDS = (".", "。", "।", "۔", ";", ":", ",", "”", "»", '"', "：", "；")


@dataclass(frozen=True, slots=True)
class PhraseCleaner:
    """Judges each line that holds a phrase of its rules, and then the lines beside those it strikes."""

    name: str

    def find(self, page: Page) -> Iterator[Finding]:
        """One finding for each line judged; the longest phrase on the line gives rule and reason."""
        if self.name not in page.hits:
            return
        by_line: dict[int, list[Hit]] = defaultdict(list)
        for hit in page.hits[self.name]:
            by_line[page.line_at(hit.start).number].append(hit)
        told = {number: hits for number, hits in by_line.items() if not _runs_on(page.lines, number, by_line)}
        waiting = {n: hits for n, hits in told.items() if _is_everyday(hits)}
        judged = {n: _telling(hits) for n, hits in told.items() if n not in waiting}
        first_prose = next((line.number for line in page.lines if _is_prose(line)), len(page.lines))
        for number, rule in judged.items():
            yield self._finding(page.lines[number], rule, rule.reason)
            # Above the first prose the page's own title may be among the headlines.
            below = _headlines_below(page.lines, number, rule.headlines) if number > first_prose else ()
            for line in below:
                if line.number not in judged:
                    yield self._finding(line, rule, f"headline below: {rule.reason}")
        heads = {number: rule for number, rule in judged.items() if rule.action is Action.STRIKE}
        for block in _blocks(page.lines, heads, waiting):
            why = _why(block, heads, waiting)
            for number in block if why else ():
                if number not in heads:
                    rule = _telling(waiting[number])
                    yield self._finding(page.lines[number], rule, f"{rule.reason}, {why}")

    def _finding(self, line: Line, rule: Rule, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, rule.id, reason, rule.action)


def _is_everyday(hits: Sequence[Hit]) -> bool:
    """Whether everyday words make up so much of a line that it counts only beside a struck one:
    "Accept", and "Home accessibility features" too."""
    if any(hit.rule.where != "whole line" and not hit.rule.beside for hit in hits):
        return False  # what a telling phrase opens or holds is told by it alone
    everyday = sum(hit.end - hit.start for hit in hits if hit.rule.beside)
    return everyday > _EVERYDAY_SHARE * sum(hit.end - hit.start for hit in hits)


def _telling(hits: Sequence[Hit]) -> Rule:
    """The rule of the longest phrase; of equal ones, that which takes headlines along."""
    return max(hits, key=lambda hit: (hit.end - hit.start, hit.rule.headlines)).rule


def _runs_on(lines: Sequence[Line], number: int, told: Container[int]) -> bool:
    """Whether a sentence runs through this line into the next, as in verse: both begin in lower case,
    and the next is none of ours."""
    if number + 1 == len(lines) or number + 1 in told:
        return False
    here, below = lines[number].text.lstrip(), lines[number + 1].text.lstrip()
    return here[:1].islower() and below[:1].islower()


def _headlines_below(lines: Sequence[Line], head: int, most: int) -> list[Line]:
    """The lines below a head that look like headlines of other pages, where there are at least two.

    Where prose follows, and where there are more than `most`, the last one may be a subheading and is
    left alone.
    """
    if not most:
        return []
    found: list[Line] = []
    for line in lines[head + 1 :]:
        if line.blank:
            continue
        if len(found) == most or not _like_a_headline(line.text.strip()):
            found = found[:-1]
            break
        found.append(line)
    return found if len(found) >= _FEWEST_HEADLINES else []


def _is_prose(line: Line) -> bool:
    return len(line.text) >= _SHORTEST_PROSE and line.text.rstrip().endswith(_SENTENCE_ENDS)


def _like_a_headline(text: str) -> bool:
    """Short, and no sentence: no full stop behind it, no colon that introduces something."""
    return len(text) <= _LONGEST_HEADLINE and not text.endswith(_SENTENCE_ENDS)


def _blocks(lines: Sequence[Line], heads: Mapping[int, Rule], waiting: Mapping[int, list[Hit]]) -> Iterator[list[int]]:
    """Runs of struck and waiting lines that only a few blank ones part."""
    block: list[int] = []
    for number in sorted(heads.keys() | waiting.keys()):
        between = lines[block[-1] + 1 : number] if block else ()
        if len(between) > _WIDEST_GAP or not all(line.blank for line in between):
            yield block
            block = []
        block.append(number)
    yield block


def _why(block: list[int], heads: Mapping[int, Rule], waiting: Mapping[int, list[Hit]]) -> str:
    """What makes the waiting lines of a block count, in words; nothing where they do not."""
    head = next((number for number in block if number in heads), None)
    if head is not None:
        return f"beside {heads[head].id}"
    rules = [hit.rule for number in block for hit in waiting[number]]
    needed = max((rule.run for rule in rules), default=0)
    return f"{len(rules)} in a row" if 0 < needed <= len(rules) else ""
