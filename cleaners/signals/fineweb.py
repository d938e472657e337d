"""FineWeb's own signals (Penedo et al. 2024, arXiv 2406.17557, section 3.6), as datatrove 0.10.1 made them exact."""

from __future__ import annotations

import numpy as np

from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.properties import Is

_SOURCE = "FineWeb, 3.6, custom filters"
DEFINITIONS = (
    Definition(
        "fineweb_line_punctuation",
        "share",
        "lines whose very last character ends a sentence in any script / lines that are not blank",
        _SOURCE,
    ),
    Definition("fineweb_short_line_share", "share", "lines of up to 30 characters / lines that are not blank", _SOURCE),
    Definition(
        "fineweb_duplicate_line_characters",
        "share",
        "characters of lines seen before / characters but line ends; blank lines do not count as lines",
        _SOURCE,
    ),
    Definition("fineweb_newlines_per_word", "ratio", "line ends / all words, punctuation marks among them", _SOURCE),
)

_SHORT = 30  # characters, white space included: datatrove's default, from the paper


def signals_of(measured: Measured) -> Signals:
    """FineWeb's signals of a text, all 0 where it is blank."""
    lines, text = measured.lines, measured.text
    held = ~lines.blank
    count = int(held.sum())
    stops = (measured.flags[lines.ends[held] - 1] & Is.STOP) > 0
    breaks = text.count("\n")
    parts = [part for part in text.split("\n") if part and not part.isspace()]
    again = int(lines.lengths[held].sum()) - sum(map(len, set(parts)))
    return {
        "fineweb_line_punctuation": quotient(np.count_nonzero(stops), count),
        "fineweb_short_line_share": quotient(np.count_nonzero(lines.lengths[held] <= _SHORT), count),
        "fineweb_duplicate_line_characters": quotient(again, len(text) - breaks),
        "fineweb_newlines_per_word": quotient(breaks, len(measured.words)),
    }
