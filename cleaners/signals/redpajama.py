"""The signals of natural language of RedPajama-V2 (Weber et al. 2024, arXiv 2411.12372, table 13; its
`quality_signals`), under their published names and with its own two splittings into words (`words.py`).

What RedPajama tells line by line is told here as the mean over the lines. Its stop words are those of a list of
hundreds in five languages; here they are those of `stop_words.py`. Of what needs a download (lists of words and
hosts, classifiers, perplexities) nothing is here.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache

import numpy as np

from winnow.cleaners.signals import ngrams, words
from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.ngrams import DUPLICATE, TOP
from winnow.cleaners.signals.properties import Is
from winnow.cleaners.signals.stop_words import stop_words_of
from winnow.cleaners.signals.words import Words

_SOURCE = "RedPajama-V2"
_RAW, _NORMALIZED = "raw words", "normalized words"
DEFINITIONS = (
    Definition("rps_doc_num_sentences", "count", "matches of `\\b[^.!?]+[.!?]*`", _SOURCE),
    Definition("rps_doc_word_count", "count", f"{_NORMALIZED}", _SOURCE),
    Definition("rps_doc_mean_word_length", "characters", f"mean length of {_NORMALIZED}, in NFD", _SOURCE),
    Definition("rps_doc_symbol_to_word_ratio", "ratio", f"(`#` + `...` + `…`) / {_RAW}", _SOURCE),
    Definition("rps_doc_frac_lines_end_with_ellipsis", "share", "lines that end with `...` or `…` / lines", _SOURCE),
    Definition("rps_doc_frac_no_alph_words", "share", f"{_RAW} without an ASCII letter / {_RAW}", _SOURCE),
    Definition("rps_doc_frac_unique_words", "share", f"different {_NORMALIZED} / {_NORMALIZED}", _SOURCE),
    Definition("rps_doc_unigram_entropy", "nats", f"entropy of {_NORMALIZED}", _SOURCE),
    Definition("rps_doc_frac_all_caps_words", "share", f"{_RAW} in capitals only / {_RAW}", _SOURCE),
    Definition("rps_doc_stop_word_fraction", "share", f"stop words / {_RAW}; null without a list", _SOURCE),
    Definition("rps_doc_lorem_ipsum", "ratio", "`lorem ipsum` in the normalized text / its characters", _SOURCE),
    Definition("rps_doc_curly_bracket", "ratio", "(`{` + `}`) / characters", _SOURCE),
    Definition("rps_lines_ending_with_terminal_punctution_mark", "share", "lines that end with `.`, `!`, `?` or `”` /"
               " lines", _SOURCE),
    Definition("rps_lines_javascript_counts", "ratio", f"{_NORMALIZED} `javascript` / lines", _SOURCE),
    Definition("rps_lines_num_words", "ratio", f"{_NORMALIZED} / lines", _SOURCE),
    Definition("rps_lines_numerical_chars_fraction", "share", "mean over the lines: numeric characters / characters,"
               " in the normalized line", _SOURCE),
    Definition("rps_lines_start_with_bulletpoint", "share", "lines that begin with a bullet or `–` / lines", _SOURCE),
    Definition("rps_lines_uppercase_letter_fraction", "share", "mean over the lines: capitals / characters, the line"
               " end among them", _SOURCE),
    *(Definition(f"rps_doc_frac_chars_top_{n}gram", "ratio", f"characters of the commonest {n} {_NORMALIZED} in a row ×"
                 " how often they stand / characters of all; 0 where none stands twice", _SOURCE) for n in TOP),
    *(Definition(f"rps_doc_frac_chars_dupe_{n}grams", "share", f"characters of {_NORMALIZED} that stand in {n} in a row"
                 " which stand twice / characters of all", _SOURCE) for n in DUPLICATE),
)  # fmt: skip

_BULLETS = (0x2022, 0x2023, 0x25B6, 0x25C0, 0x25E6, 0x25A0, 0x25A1, 0x25AA, 0x25AB, 0x2013)
_ENDS = (".", "!", "?", "”")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def signals_of(measured: Measured) -> Signals:
    """RedPajama's signals of a text, all 0 where it is empty."""
    normalized = words.normalized_words_of(measured.lowered)
    raw = words.raw_words_of(measured.codes, measured.flags)
    return {
        **dict(_normalized(measured, normalized)),
        **dict(_raw(measured, raw)),
        **dict(_lines(measured, normalized)),
        **dict(_ngrams(normalized)),
    }


@cache
def _javascript() -> np.uint64:
    """The hash of that word. Told when it is wanted: it needs tables that take 50 ms to make."""
    return np.uint64(words.normalized_words_of("javascript").hashes[0])


def _normalized(measured: Measured, found: Words) -> Iterator[tuple[str, float]]:
    count = len(found)
    yield "rps_doc_word_count", count
    yield "rps_doc_mean_word_length", quotient(found.lengths.sum(), count)
    ordered = np.sort(found.hashes)
    ends = np.append(ordered[1:] != ordered[:-1], True).nonzero()[0][:count]
    times = np.diff(ends, prepend=-1)
    yield "rps_doc_frac_unique_words", quotient(len(times), count)
    shares = times / max(count, 1)
    # Rounded: logarithms may differ in their last digit between processors.
    yield "rps_doc_unigram_entropy", round(abs(float(np.sum(shares * np.log(shares)))), 6) if count else 0.0
    yield "rps_doc_lorem_ipsum", quotient(_lorem_ipsum(measured), _size(found))


def _raw(measured: Measured, found: Words) -> Iterator[tuple[str, float | None]]:
    text, count = measured.text, len(found)
    yield "rps_doc_num_sentences", _sentences(measured)
    symbols = text.count("#") + text.count("...") + text.count("…")
    yield "rps_doc_symbol_to_word_ratio", quotient(symbols, count)
    without = count - int(found.holding(Is.ASCII_LETTER).sum())
    yield "rps_doc_frac_no_alph_words", quotient(without, count)
    capitals = found.holding(Is.UPPER) & ~found.holding(Is.LOWER)
    yield "rps_doc_frac_all_caps_words", quotient(capitals.sum(), count)
    listed = stop_words_of(measured.language)
    stops = None if listed is None else quotient(np.count_nonzero(found.hashes == listed[:, None]), count)
    yield "rps_doc_stop_word_fraction", stops
    yield "rps_doc_curly_bracket", quotient(text.count("{") + text.count("}"), len(text))


def _lines(measured: Measured, found: Words) -> Iterator[tuple[str, float]]:
    lines, codes, count = measured.lines, measured.codes, len(measured.lines)
    yield "rps_doc_frac_lines_end_with_ellipsis", quotient(measured.elliptic, count)
    ended = sum(int(np.count_nonzero(measured.last_codes == ord(end))) for end in _ENDS)
    yield "rps_lines_ending_with_terminal_punctution_mark", quotient(ended, count)
    javascript = int(np.count_nonzero(found.hashes == _javascript())) if "javascript" in measured.lowered else 0
    yield "rps_lines_javascript_counts", quotient(javascript, count)
    yield "rps_lines_num_words", quotient(len(found), count)
    begins = codes[lines.first[~lines.blank]]
    yield (
        "rps_lines_start_with_bulletpoint",
        quotient(sum(int(np.count_nonzero(begins == bullet)) for bullet in _BULLETS), count),
    )
    capitals = lines.counts((measured.flags & Is.UPPER) > 0)
    lengths = lines.lengths + (np.append(codes, 0)[lines.ends] == 0x0A)
    yield "rps_lines_uppercase_letter_fraction", quotient((capitals / np.maximum(lengths, 1)).sum(), count)
    own = np.bincount(found.lines, minlength=count)
    sizes = np.bincount(found.lines, found.lengths, minlength=count) + np.maximum(own - 1, 0)
    numeric = lines.counts((measured.flags & Is.NUMERIC) > 0)
    yield "rps_lines_numerical_chars_fraction", quotient((numeric / np.maximum(sizes, 1)).sum(), count)


def _ngrams(found: Words) -> Iterator[tuple[str, float]]:
    sums = np.zeros(len(found) + 1, np.int64)
    np.cumsum(found.lengths, out=sums[1:])
    for repeats in ngrams.repeats_of(found.hashes):
        n = repeats.size
        if n in TOP:
            place, times = repeats.top()
            length = int(sums[place + n] - sums[place]) * times if times > 1 else 0
            yield f"rps_doc_frac_chars_top_{n}gram", quotient(length, sums[-1])
        else:
            length = int(found.lengths[repeats.covered(len(found))].sum()) if len(repeats.places) else 0
            yield f"rps_doc_frac_chars_dupe_{n}grams", quotient(length, sums[-1])


def _sentences(measured: Measured) -> int:
    """What the expression matches: the stretches between its stops that hold `\\w`."""
    codes = measured.codes
    stops = ((codes == 0x2E) | (codes == 0x21) | (codes == 0x3F)).nonzero()[0]
    words = (measured.flags & Is.WORD) > 0
    return int(np.count_nonzero(np.logical_or.reduceat(words, np.append(0, stops)))) if len(codes) else 0


def _lorem_ipsum(measured: Measured) -> int:
    if "lorem" not in measured.lowered:
        return 0
    return " ".join(measured.lowered.translate(_NO_PUNCTUATION).split()).count("lorem ipsum")


def _size(found: Words) -> int:
    """Code points of the normalized text."""
    return int(found.lengths.sum()) + max(len(found) - 1, 0)
