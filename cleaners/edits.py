"""The algebra of edits: repairs and strikes, and their exact inverses.

Source text --repairs--> page text --strikes--> clean text, and back. All offsets are code points,
all spans half-open. Nothing here knows what a cleaner is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Repair:
    """One replacement in the source text. `start` counts in the source."""

    start: int
    removed: str
    inserted: str
    rule: str
    reason: str

    @property
    def end(self) -> int:
        """Where the removed text ends in the source."""
        return self.start + len(self.removed)


def apply(source: str, repairs: Sequence[Repair]) -> str:
    """The page text: the source with every repair made. Repairs are sorted and disjoint."""
    parts: list[str] = []
    done = 0
    for repair in repairs:
        parts += source[done : repair.start], repair.inserted
        done = repair.end
    parts.append(source[done:])
    return "".join(parts)


def compose(source: str, first: Sequence[Repair], then: Sequence[Repair]) -> tuple[Repair, ...]:
    """The repairs of the source that do at once what `first` and, on the text that they make, `then` do.

    Where two touch they become one, which tells the rules and reasons of both.
    """
    shift = 0
    edits: list[tuple[int, int, bool, Repair]] = [(r.start, r.end, True, r) for r in then]  # in the text between
    for repair in first:
        start = repair.start + shift
        edits.append((start, start + len(repair.inserted), False, repair))
        shift += len(repair.inserted) - len(repair.removed)
    edits.sort(key=lambda edit: edit[:3])
    between = apply(source, first)
    composed: list[Repair] = []
    shift = at = 0
    while at < len(edits):
        group, end = [edits[at]], edits[at][1]
        while (at := at + 1) < len(edits) and edits[at][0] <= end and (edits[at][2] or any(e[2] for e in group)):
            group.append(edits[at])
            end = max(end, edits[at][1])
        made = _as_one(source, between, group, group[0][0] - shift, end)
        composed.append(made)
        shift += sum(len(r.inserted) - len(r.removed) for _, _, later, r in group if not later)
    return tuple(composed)


def _as_one(source: str, between: str, group: Sequence[tuple[int, int, bool, Repair]], start: int, end: int) -> Repair:
    """One repair for edits of a span [group, end) of the text between; it begins at `start` in the source."""
    if len(group) == 1:
        return replace(group[0][3], start=start)
    begin = group[0][0]
    grown = sum(len(r.inserted) - len(r.removed) for _, _, later, r in group if not later)
    later = [replace(r, start=r.start - begin) for _, _, later, r in group if later]
    rules, reasons = (dict.fromkeys(getattr(e[3], name) for e in group) for name in ("rule", "reason"))
    removed = source[start : start + end - begin - grown]
    return Repair(start, removed, apply(between[begin:end], later), "+".join(rules), "; ".join(reasons))


def revert(page: str, repairs: Sequence[Repair]) -> str:
    """The source text: the inverse of `apply` for the same repairs."""
    parts: list[str] = []
    done = shift = 0
    for repair in repairs:
        here = repair.start + shift
        parts += page[done:here], repair.removed
        done = here + len(repair.inserted)
        shift += len(repair.inserted) - len(repair.removed)
    parts.append(page[done:])
    return "".join(parts)


class Alignment:
    """Tells spans of the page in coordinates of the source: O(log repairs) a question."""

    def __init__(self, repairs: Sequence[Repair], page_length: int) -> None:
        self._repairs = repairs
        self._page_length = page_length
        self._starts: list[int] = []  # of each repair, in the page
        shift = 0
        for repair in repairs:
            self._starts.append(repair.start + shift)
            shift += len(repair.inserted) - len(repair.removed)
        self._total_shift = shift

    def to_source(self, start: int, end: int) -> Span:
        """The source span of a page span. An edge inside a repair maps outward to the whole repair.

        A repair that left nothing behind belongs to the text after it; at the page's end, to the last span.
        """
        if not self._starts:
            return start, end
        return self._edge(start, outward_end=False), self._edge(end, outward_end=True)

    def _edge(self, offset: int, *, outward_end: bool) -> int:
        if outward_end and offset == self._page_length:
            return self._page_length - self._total_shift
        index = (bisect_left if outward_end else bisect_right)(self._starts, offset) - 1
        if not outward_end:
            # of several repairs at one place the first begins the text
            while index > 0 and self._starts[index - 1] == offset:
                index -= 1
        if index < 0:
            return offset
        repair, begun = self._repairs[index], self._starts[index]
        if offset == begun and not outward_end:
            return repair.start
        if offset < begun + len(repair.inserted):
            return repair.end if outward_end else repair.start
        return repair.end + offset - begun - len(repair.inserted)


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same points as sorted, disjoint spans that do not touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return tuple(merged)


def gaps(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """What lies between sorted, disjoint spans within [start, end)."""
    for a, b in spans:
        if a >= end:
            break
        if a > start:
            yield start, a
        start = max(start, b)
    if start < end:
        yield start, end


def strike(page: str, struck: Iterable[Span]) -> str:
    """The page without its struck spans (sorted and disjoint, as `union` gives them)."""
    return "".join(page[a:b] for a, b in gaps(struck, 0, len(page)))


def unstrike(clean: str, removed: Iterable[tuple[int, str]]) -> str:
    """The page: the inverse of `strike`. `removed` gives each span's start in the page and its text;
    spans may overlap, and then agree where they do (ValueError where they can't be laid)."""
    parts: list[str] = []
    page_done = clean_done = 0
    for start, text in sorted(removed):
        if start > page_done:
            kept = clean[clean_done : clean_done + start - page_done]
            if len(kept) < start - page_done:
                raise ValueError(f"the text is too short: something was struck at {start}")
            parts.append(kept)
            clean_done += len(kept)
            page_done = start
        fresh = text[page_done - start :]
        parts.append(fresh)
        page_done += len(fresh)
    parts.append(clean[clean_done:])
    return "".join(parts)
