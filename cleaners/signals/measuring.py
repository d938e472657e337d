"""A text with everything that several signals need, measured once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, SupportsFloat

import numpy as np

from winnow.cleaners.characters import Codes, codes_of
from winnow.cleaners.rolling_hashes import Numbers
from winnow.cleaners.signals import ngrams, words
from winnow.cleaners.signals.ngrams import Repeats
from winnow.cleaners.signals.properties import Flags, Is, Mask, flags_of
from winnow.cleaners.signals.words import Words


class Definition(NamedTuple):
    """What a signal is."""

    name: str
    unit: str
    """`count`, `share` (0 to 1), `characters` (code points), `ratio`, `nats` or `per 1,000`."""
    formula: str
    source: str
    """Where it was published, and under which name it is known there."""


Signals = Mapping[str, float | None]
"""Values by the names of their definitions. None: it tells nothing about texts in this language."""


def quotient(count: SupportsFloat, of: SupportsFloat) -> float:
    """A quotient; 0 of nothing."""
    whole = float(of)
    return float(count) / whole if whole else 0.0


_FULL_STOP, _ELLIPSIS = 0x2E, 0x2026


@dataclass(frozen=True)
class Measured:
    """A text, taken apart."""

    text: str
    language: str
    """BCP 47 tag, `und` where it is not known."""

    @cached_property
    def codes(self) -> Codes:
        """Its code points."""
        return codes_of(self.text)

    @cached_property
    def flags(self) -> Flags:
        """The properties of its code points."""
        return flags_of(self.codes)

    @cached_property
    def lowered(self) -> str:
        """In lower case."""
        return self.text.lower()

    @cached_property
    def words(self) -> Words:
        """Our words, punctuation marks among them."""
        return words.words_of(self.text, self.codes, self.flags)

    @cached_property
    def repeats(self) -> tuple[Repeats, ...]:
        """Repeated n-grams of our words, n from 2 to 10."""
        return tuple(ngrams.repeats_of(self.words.hashes))

    @cached_property
    def last_codes(self) -> Codes:
        """The last visible code point of each line, 0 where there is none."""
        return self._last_codes(0)

    @cached_property
    def dotted(self) -> Mask:
        """Which lines end with three full stops."""
        dots: Mask = self.last_codes == _FULL_STOP
        if dots.any():
            dots &= (self._last_codes(1) == _FULL_STOP) & (self._last_codes(2) == _FULL_STOP)
        return dots

    @cached_property
    def elliptic(self) -> int:
        """How many lines end with `...` or `…`."""
        return int(np.count_nonzero(self.dotted | (self.last_codes == _ELLIPSIS)))

    def _last_codes(self, back: int) -> Codes:
        """The code points so many before the last visible one; 0 where the text begins behind them."""
        padded = np.concatenate((np.zeros(3, np.uint32), self.codes))
        return padded[np.maximum(self.lines.last + 3 - back, 0)] * ~self.lines.blank

    @cached_property
    def lines(self) -> Lines:
        """Its lines, of which only `\\n` is the end."""
        return _lines_of(self.codes, self.flags)


@dataclass(frozen=True)
class Lines:
    """The lines of a text; what stands behind its last line end is one only where it is not empty."""

    starts: Numbers
    ends: Numbers
    """Half-open, without the line end."""
    first: Numbers
    """The first visible character of each line; where there is none, its end."""
    last: Numbers
    """The last visible character of each line; where there is none, -1."""

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def blank(self) -> Mask:
        """Which lines hold nothing visible."""
        return self.last < 0

    @property
    def lengths(self) -> Numbers:
        """Code points, white space at both ends included."""
        return self.ends - self.starts

    def counts(self, mask: Mask) -> Numbers:
        """How many of the characters that a mask tells stand in each line."""
        places = mask.nonzero()[0]
        return np.searchsorted(places, self.ends) - np.searchsorted(places, self.starts)

    def holding(self, offsets: list[int]) -> Numbers:
        """The numbers of the lines that hold these offsets."""
        return np.searchsorted(self.starts, np.array(offsets, np.int64), side="right") - 1


def _lines_of(codes: Codes, flags: Flags) -> Lines:
    breaks = (codes == 0x0A).nonzero()[0]
    ends = np.append(breaks, len(codes)) if len(codes) and codes[-1] != 0x0A else breaks
    starts = np.append(0, breaks + 1)[: len(ends)]
    visible = ((flags & Is.SPACE) == 0).nonzero()[0]
    held = np.append(visible, len(codes))
    first = held[np.searchsorted(visible, starts)]
    before = np.searchsorted(visible, ends) - 1
    last = np.where(first < ends, visible[before] if len(visible) else -1, -1)
    return Lines(starts, ends, np.minimum(first, ends), last)
