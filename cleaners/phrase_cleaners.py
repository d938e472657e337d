"""The cleaner that rules drive: most cleaners are this one with phrases of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Line, Page
from winnow.cleaners.rules import Hit, Rule

_WIDEST_GAP = 2  # blank lines that may part a banner from its buttons


@dataclass(frozen=True, slots=True)
class PhraseCleaner:
    """Judges each line that holds a phrase of its rules, and then the lines beside those it strikes."""

    name: str

    def find(self, page: Page) -> Iterator[Finding]:
        """One finding for each line judged; the longest phrase on the line gives rule and reason."""
        judged: dict[int, list[Hit]] = defaultdict(list)
        waiting: dict[int, list[Hit]] = defaultdict(list)  # lines that count only beside a struck one
        for hit in page.hits.get(self.name, ()):
            (waiting if hit.rule.beside else judged)[page.line_at(hit.start).number].append(hit)
        for number, hits in judged.items():
            rule = _telling(hits)
            yield self._finding(page.lines[number], rule, rule.reason)
        heads = {n: _telling(hits) for n, hits in judged.items() if _telling(hits).action is Action.STRIKE}
        for block in _blocks(page.lines, heads, {n: h for n, h in waiting.items() if n not in judged}):
            why = _why(block, heads, waiting)
            for number in block if why else ():
                if number not in heads:
                    rule = _telling(waiting[number])
                    yield self._finding(page.lines[number], rule, f"{rule.reason}, {why}")

    def _finding(self, line: Line, rule: Rule, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, rule.id, reason, rule.action)


def _telling(hits: Sequence[Hit]) -> Rule:
    return max(hits, key=lambda hit: hit.end - hit.start).rule


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
    hits = [hit for number in block for hit in waiting[number]]
    needed = max(map(attrgetter("rule.run"), hits), default=0)
    return f"{len(hits)} in a row" if 0 < needed <= len(hits) else ""
