"""C4's signals (Raffel et al. 2020, JMLR 21/140, section 2.2) and mC4's (Xue et al. 2021, arXiv 2010.11934, 3.1).

C4 strikes lines and then drops pages of which too little is left. Here nothing is struck: the signals tell what C4
would do. Its list of bad words is not part of Winnow.
"""

from __future__ import annotations

import re

import numpy as np

from winnow.cleaners.characters import codes_of
from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.properties import Is, Mask

_SOURCE = "C4, 2.2"
DEFINITIONS = (
    Definition("c4_unended_line_share", "share", "lines that do not end with `.`, `?`, `!`, `\"` or `'`, or end with"
               " `...` / lines", _SOURCE),
    Definition("c4_short_line_share", "share", "lines of fewer than 3 words, split at white space / lines", _SOURCE),
    Definition("c4_long_word_line_share", "share", "lines with a word of over 1,000 characters / lines",
               "C4, its code"),
    Definition("c4_javascript_line_share", "share", "lines with `javascript` / lines", _SOURCE),
    Definition("c4_policy_line_share", "share", "lines with `terms of use`, `privacy policy`, `cookie policy`,"
               " `uses cookies`, `use of cookies`, `use cookies` / lines", "C4, its code"),
    Definition("c4_kept_line_share", "share", "lines that none of these tells of / lines", _SOURCE),
    Definition("c4_kept_character_share", "share", "their visible characters / visible characters", _SOURCE),
    Definition("c4_sentence_count", "count", "sentences in the kept lines: a stop with closing quotes behind it, before"
               " white space or the line's end, not behind a single capital; at least one a line", _SOURCE),
    Definition("c4_lorem_ipsum_count", "count", "`lorem ipsum`, in upper and lower case", _SOURCE),
    Definition("c4_curly_bracket_count", "count", "`{`", _SOURCE),
    Definition("c4_third_longest_line", "characters", "length of the third longest line; 0 where there are fewer",
               "mC4, 3.1"),
)  # fmt: skip

_ENDS = (0x2E, 0x3F, 0x21, 0x22, 0x27)
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")
_FEWEST_WORDS, _LONGEST_WORD = 3, 1_000
_FULL_WIDTH = (0x3002, 0xFF01, 0xFF1F, 0xFF61)  # stops that no space follows


def signals_of(measured: Measured) -> Signals:
    """C4's signals of a text, all 0 where it is empty."""
    lines, text, flags = measured.lines, measured.text, measured.flags
    count = len(lines)
    visible = (flags & Is.SPACE) == 0
    begins = visible.copy()
    begins[1:] &= ~visible[:-1]
    struck = {
        "long_word": _with_long_word(measured, begins, visible),
        "unended": ~_ended(measured),
        "short": lines.counts(begins) < _FEWEST_WORDS,
        "javascript": _with_any(measured, ("javascript",)),
        "policy": _with_any(measured, _POLICY),
    }
    kept = ~np.logical_or.reduce(tuple(struck.values()))
    sizes = lines.counts(visible)
    sentences = lines.counts(_sentence_ends(measured))[kept]
    longest = np.sort(lines.lengths)[-3:]
    return {
        **{f"c4_{why}_line_share": quotient(np.count_nonzero(which), count) for why, which in struck.items()},
        "c4_kept_line_share": quotient(np.count_nonzero(kept), count),
        "c4_kept_character_share": quotient(sizes[kept].sum(), sizes.sum()),
        "c4_sentence_count": int(np.maximum(sentences, 1).sum()),
        "c4_lorem_ipsum_count": measured.lowered.count("lorem ipsum"),
        "c4_curly_bracket_count": text.count("{"),
        "c4_third_longest_line": int(longest[0]) if len(longest) == 3 else 0,
    }


def _ended(measured: Measured) -> Mask:
    """Which lines end as C4 wants it."""
    lines = measured.lines
    ended: Mask = np.logical_or.reduce([measured.last_codes == end for end in _ENDS]) & ~measured.dotted
    for citation in _CITATION.finditer(measured.text) if "[" in measured.text else ():
        # Taken out before the end is looked at, but after white space was: so does C4's code.
        line = int(lines.holding([citation.start()])[0])
        stripped = measured.text[lines.starts[line] : lines.ends[line]].strip()
        left = _CITATION.sub("", stripped)
        ended[line] = left.endswith((".", "?", "!", '"', "'")) and not left.endswith("...")
    return ended


def _with_any(measured: Measured, phrases: tuple[str, ...]) -> Mask:
    """Which lines hold one of these phrases, in upper or lower case."""
    lowered = measured.lowered
    found = np.zeros(len(measured.lines), np.bool_)
    places = [match.start() for phrase in phrases if phrase in lowered for match in re.finditer(phrase, lowered)]
    if places:
        breaks = (codes_of(lowered) == 0x0A).nonzero()[0]  # where there is İ, not where they are in the text
        found[np.searchsorted(breaks, places)] = True
    return found


def _with_long_word(measured: Measured, begins: Mask, visible: Mask) -> Mask:
    """Which lines hold a word, as white space parts them, that is too long to be one."""
    lines = measured.lines
    long = np.zeros(len(lines), np.bool_)
    if not len(lines) or int(lines.lengths.max()) <= _LONGEST_WORD:
        return long
    ends = visible.copy()
    ends[:-1] &= ~visible[1:]
    first, last = (begins).nonzero()[0], (ends).nonzero()[0]
    long[lines.holding(first[last + 1 - first > _LONGEST_WORD].tolist())] = True
    return long


def _sentence_ends(measured: Measured) -> Mask:
    """The last stop of each sentence."""
    codes, flags = measured.codes, measured.flags
    ends = (flags & Is.STOP) > 0
    places = (ends).nonzero()[0]
    if not len(places):
        return ends
    padded = np.append(flags, Is.SPACE)
    behind = places + 1
    for _ in range(2):  # a quote and a bracket
        behind = np.where((padded[behind] & Is.CLOSING) > 0, behind + 1, behind)
    full = np.logical_or.reduce([codes[places] == stop for stop in _FULL_WIDTH]) & ((padded[places + 1] & Is.STOP) == 0)
    last = ((padded[behind] & Is.SPACE) > 0) | full
    initial = (codes[places] == 0x2E) & (places > 0) & ((flags[places - 1] & Is.UPPER) > 0)
    initial &= (places < 2) | ((flags[np.maximum(places - 2, 0)] & Is.WORD) == 0)
    ends[places[~last | (initial & ((padded[places + 1] & Is.SPACE) > 0))]] = False
    return ends
