"""What the lines of a page look like, as numbers: shape, place, neighbours, repetition, what rules found.

Nothing here knows a language. Every column is computed for all lines at once; `training/residue.py` learns
from these columns what residue looks like, and the model reads them by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.cleaners.characters import Codes, Kind, codes_of, kinds_of
from winnow.cleaners.findings import Action
from winnow.cleaners.folding import fold
from winnow.cleaners.line_words import Words, line_hashes, words_of
from winnow.cleaners.page import Page
from winnow.cleaners.rolling_hashes import Numbers

Column = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]

PROSE = 100
"""Letters from which on a line counts as prose: headlines seldom reach it, paragraphs nearly always."""
_UNSPACED_WEIGHT = 2.2  # letters that one character of a dense script says as much as
_SHARES = {
    "digits": Kind.DIGIT,
    "stops": Kind.STOP,
    "commas": Kind.COMMA,
    "colons": Kind.COLON,
    "separators": Kind.SEPARATOR,
    "quotes": Kind.QUOTE,
    "brackets": Kind.BRACKET,
    "unspaced": Kind.UNSPACED,
    "symbols": Kind.SYMBOL,
    "others": Kind.OTHER,
}
_COUNTED = ("digits", "stops", "commas", "separators", "quotes", "symbols")


@dataclass(frozen=True)
class Lines:
    """The lines of a page that hold something visible."""

    page: Page
    numbers: Numbers
    """Their numbers in the page."""
    starts: Numbers
    """Code points of the page, without white space at their ends; half-open."""
    ends: Numbers

    @cached_property
    def codes(self) -> Codes:
        """The code points of the page."""
        return codes_of(self.page.text)

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """The kind of every character of the page."""
        return kinds_of(self.codes)

    @cached_property
    def owners(self) -> Numbers:
        """For each character inside a line, in page order, which of the lines it is in."""
        return np.repeat(np.arange(len(self.starts)), self.ends - self.starts)

    @cached_property
    def inside(self) -> Numbers:
        """The offsets of the characters inside lines, in page order."""
        lengths = self.ends - self.starts
        shift: Numbers = np.repeat(self.starts - (np.cumsum(lengths) - lengths), lengths)
        return np.arange(len(shift)) + shift

    @cached_property
    def counts(self) -> Column:
        """How many characters of each kind stand in each line: lines x kinds."""
        kinds = self.kinds[self.inside]
        flat = np.bincount(self.owners * len(Kind) + kinds, minlength=len(self.starts) * len(Kind))
        return flat.reshape(len(self.starts), len(Kind)).astype(np.float64)

    @cached_property
    def letters(self) -> Column:
        """Letters of each line; one of a dense script counts as several."""
        counts = self.counts
        spaced = counts[:, Kind.LETTER] + counts[:, Kind.CAPITAL] + counts[:, Kind.MARK]
        return spaced + counts[:, Kind.UNSPACED] * _UNSPACED_WEIGHT

    @cached_property
    def sizes(self) -> Column:
        """How much each line says: letters and digits."""
        return self.letters + self.counts[:, Kind.DIGIT]

    @cached_property
    def words(self) -> Words:
        """Their words, hashed."""
        return words_of(self.page.folded or fold(self.page.text), self.starts)


def lines_of(page: Page) -> Lines:
    """The lines of a page that hold something visible."""
    found = []
    for line in page.lines:
        content = line.text.strip()
        if content:
            start = line.start + line.text.index(content[0])
            found.append((line.number, start, start + len(content)))
    table = np.array(found, np.int64).reshape(-1, 3)
    return Lines(page, table[:, 0], table[:, 1], table[:, 2])


def columns_of(lines: Lines) -> Columns:
    """All columns of a page's lines by name; every one as long as there are lines."""
    return {**_shape(lines), **_edges(lines), **_place(lines), **_repetition(lines), **_rules(lines)}


def _shape(lines: Lines) -> Columns:
    counts, letters = lines.counts, lines.letters
    visible = np.maximum(lines.ends - lines.starts - counts[:, Kind.SPACE], 1)
    words = np.bincount(lines.words.lines, minlength=len(lines.starts)).astype(np.float64)
    capitalised = _capitalised(lines)
    columns: Columns = {
        "letters": np.log1p(lines.sizes),
        "number of words": np.log1p(words),
        "word length": np.minimum(letters / np.maximum(words, 1), 15) / 5,
        "capitalised words": capitalised / np.maximum(words, 1),
        "capitals": counts[:, Kind.CAPITAL] / np.maximum(letters, 1),
        "four digits": counts[:, Kind.DIGIT] == 4,
        "sentences": np.log1p(np.minimum(counts[:, Kind.STOP], words / 4)),
    }
    columns |= {name: counts[:, kind] / visible for name, kind in _SHARES.items()}
    return columns | {f"count of {name}": np.log1p(counts[:, _SHARES[name]]) for name in _COUNTED}


def _capitalised(lines: Lines) -> Column:
    """How many words of each line begin with a capital."""
    capital = lines.kinds == Kind.CAPITAL
    in_word = lines.kinds <= Kind.DIGIT
    capital[1:] &= ~in_word[:-1]
    return np.bincount(lines.owners[capital[lines.inside]], minlength=len(lines.starts)).astype(np.float64)


def _edges(lines: Lines) -> Columns:
    codes = lines.codes
    first, last = lines.kinds[lines.starts], lines.kinds[lines.ends - 1]
    closing = ((last == Kind.QUOTE) | (last == Kind.BRACKET)) & (lines.counts[:, Kind.STOP] > 0)
    dots = (codes[lines.ends - 1] == 0x2026) | (
        (codes[lines.ends - 1] == ord(".")) & (codes[np.maximum(lines.ends - 2, 0)] == ord("."))
    )
    begins = np.array([line.start for line in lines.page.lines], np.int64)[lines.numbers]
    above = np.diff(lines.numbers, prepend=-1) - 1
    return {
        "ends a sentence": (last == Kind.STOP) | closing,
        "ends in a colon": last == Kind.COLON,
        "ends in a comma": last == Kind.COMMA,
        "ends in dots": dots,
        "ends in a separator": last == Kind.SEPARATOR,
        "begins with a mark": (first == Kind.SEPARATOR) | (first == Kind.SYMBOL) | (first == Kind.OTHER),
        "begins with a capital": first == Kind.CAPITAL,
        "begins in lower case": first == Kind.LETTER,
        "begins with a digit": first == Kind.DIGIT,
        "begins with a quote": first == Kind.QUOTE,
        "blank lines above": np.minimum(above, 3) / 3,
        "indent": np.minimum(lines.starts - begins, 20) / 10,
    }


def _place(lines: Lines) -> Columns:
    count, sizes = len(lines.starts), lines.sizes
    total, here = max(float(sizes.sum()), 1.0), np.arange(count)
    prose = sizes >= PROSE
    above, below = _distances(np.flatnonzero(prose), count)
    return {
        "text above": (np.cumsum(sizes) - sizes / 2) / total,
        "lines above": (here + 0.5) / count,
        "from the start": np.log1p(here) / 5,
        "from the end": np.log1p(here[::-1]) / 5,
        "lines of the page": np.full(count, np.log1p(count) / 5),
        "size of the page": np.full(count, np.log1p(total) / 10),
        "prose of the page": np.full(count, sizes[prose].sum() / total),
        "prose above": np.log1p(np.minimum(above, 200)) / 5,
        "prose below": np.log1p(np.minimum(below, 200)) / 5,
        "after the last prose": (below >= count) & (here > 0),
        "before the first prose": above >= count,
    }


def _distances(marked: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """How many lines each line is below the last marked line and above the next; `count` where there is none."""
    none = np.full(count, count)
    if not len(marked):
        return none, none
    here = np.arange(count)
    following = np.searchsorted(marked, here)
    above = np.where(following > 0, here - marked[np.maximum(following - 1, 0)], count)
    below = np.where(following < len(marked), marked[np.minimum(following, len(marked) - 1)] - here, count)
    return above, below


def _repetition(lines: Lines) -> Columns:
    whole, opening = line_hashes(lines.words, len(lines.starts))
    _, first, inverse, copies = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    again = np.ones(len(whole), np.bool_)
    again[first] = False
    _, openings, alike = np.unique(opening, return_inverse=True, return_counts=True)
    as_above = np.zeros(len(whole), np.bool_)
    as_above[1:] = opening[1:] == opening[:-1]
    return {
        "copies": np.log1p(copies[inverse] - 1),
        "seen before": again,
        "lines that open alike": np.log1p(alike[openings] - 1),
        "opens as the line above": as_above,
    }


BY_CLEANERS = (
    "cookie_banners comment_forms navigation related_content subscriptions advertisements legal_notices players "
    "page_dates captions orphans"
).split()


def _rules(lines: Lines) -> Columns:
    """What the cleaners before struck of each line, and which of them did."""
    count = len(lines.starts)
    struck, noted = np.zeros(count), np.zeros(count)
    by = {name: np.zeros(count) for name in BY_CLEANERS}
    for found in lines.page.findings:
        first, end = np.searchsorted(lines.ends, found.start, "right"), np.searchsorted(lines.starts, found.end)
        for i in range(int(first), int(end)):
            if found.action is not Action.STRIKE:
                noted[i] = 1
                continue
            shared = min(found.end, int(lines.ends[i])) - max(found.start, int(lines.starts[i]))
            struck[i] = max(struck[i], shared / (lines.ends[i] - lines.starts[i]))
            if found.cleaner in by:
                by[found.cleaner][i] = 1
    return {"struck": struck, "noted": noted} | {f"struck by {name}": column for name, column in by.items()}
