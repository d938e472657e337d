"""Gopher's signals of quality and of repetition (Rae et al. 2021, arXiv 2112.11446, appendix A1.1 and table A1), as
datatrove 0.10.1 made them exact. Words are ours (`words.py`), punctuation marks among them; lines end at `\\n` only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.ngrams import DUPLICATE, TOP
from winnow.cleaners.signals.properties import Is
from winnow.cleaners.signals.stop_words import stop_words_of

_QUALITY = "Gopher, A1.1, quality filtering"
_REPETITION = "Gopher, table A1, repetition removal"
DEFINITIONS = (
    Definition("gopher_word_count", "count", "words that hold a letter or a digit", _QUALITY),
    Definition("gopher_mean_word_length", "characters", "their mean length", _QUALITY),
    Definition("gopher_hash_ratio", "ratio", "`#` / all words, punctuation marks among them", _QUALITY),
    Definition("gopher_ellipsis_ratio", "ratio", "(`...` + `…`) / all words", _QUALITY),
    Definition("gopher_bullet_line_share", "share", "lines that begin with `•` or `-` / lines", _QUALITY),
    Definition("gopher_ellipsis_line_share", "share", "lines that end with `...` or `…` / lines", _QUALITY),
    Definition("gopher_alphabetic_word_share", "share", "words that hold a letter / all words", _QUALITY),
    Definition(
        "gopher_stop_word_count",
        "count",
        "how many of the language's stop words stand in the text (English: the paper's eight); null without a list",
        _QUALITY,
    ),
    Definition("gopher_duplicate_line_share", "share", "lines seen before / lines that are not empty", _REPETITION),
    Definition("gopher_duplicate_line_characters", "share", "their characters / characters", _REPETITION),
    Definition(
        "gopher_duplicate_paragraph_share", "share", "the same of paragraphs, split at empty lines", _REPETITION
    ),
    Definition("gopher_duplicate_paragraph_characters", "share", "their characters / characters", _REPETITION),
    *(
        Definition(
            f"gopher_top_{n}gram_characters",
            "ratio",
            f"length of the commonest {n} words in a row with spaces between × how often they stand, over each other"
            " or not / characters; the first n-gram's where none stands twice",
            _REPETITION,
        )
        for n in TOP
    ),
    *(
        Definition(
            f"gopher_duplicate_{n}gram_characters",
            "share",
            f"characters in {n} words in a row that were read before, read on behind them / characters",
            _REPETITION,
        )
        for n in DUPLICATE
    ),
)

_BULLETS = ("•", "-")


def signals_of(measured: Measured) -> Signals:
    """Gopher's signals of a text, all 0 where it is empty."""
    return {**dict(_quality(measured)), **dict(_lines(measured)), **dict(_ngrams(measured))}


def _quality(measured: Measured) -> Iterator[tuple[str, float | None]]:
    words, lines, text, codes = measured.words, measured.lines, measured.text, measured.codes
    alphabetic = words.holding(Is.LETTER)
    true = alphabetic | words.holding(Is.WORD | Is.MARK)
    count = int(true.sum())
    yield "gopher_word_count", count
    yield "gopher_mean_word_length", quotient(words.lengths[true].sum(), count)
    yield "gopher_hash_ratio", quotient(text.count("#"), len(words))
    yield "gopher_ellipsis_ratio", quotient(text.count("...") + text.count("…"), len(words))
    begins = codes[lines.first[~lines.blank]]
    bulleted = sum(int((begins == ord(bullet)).sum()) for bullet in _BULLETS)
    yield "gopher_bullet_line_share", quotient(bulleted, len(lines))
    yield "gopher_ellipsis_line_share", quotient(measured.elliptic, len(lines))
    yield "gopher_alphabetic_word_share", quotient(alphabetic.sum(), len(words))
    listed = stop_words_of(measured.language)
    yield "gopher_stop_word_count", None if listed is None else int((words.hashes == listed[:, None]).any(axis=1).sum())


def _lines(measured: Measured) -> Iterator[tuple[str, float]]:
    text = measured.text
    for kind, parts in (("line", _lines_of(text)), ("paragraph", _paragraphs_of(text))):
        once = set(parts)
        yield f"gopher_duplicate_{kind}_share", quotient(len(parts) - len(once), len(parts))
        again = sum(map(len, parts)) - sum(map(len, once))
        yield f"gopher_duplicate_{kind}_characters", quotient(again, len(text))


def _lines_of(text: str) -> list[str]:
    """The text split at runs of line ends; as datatrove has it, with an empty line where one stands at an end of it."""
    lines = list(filter(None, text.split("\n")))
    return [""] * text.startswith("\n") + lines + [""] * text.endswith("\n") if text else []


def _paragraphs_of(text: str) -> list[str]:
    """The text split at runs of two and more line ends."""
    return [part for split in text.strip().split("\n\n") if (part := split.lstrip("\n"))]


def _ngrams(measured: Measured) -> Iterator[tuple[str, float]]:
    words, size = measured.words, len(measured.text)
    sums = np.zeros(len(words) + 1, np.int64)
    np.cumsum(words.lengths, out=sums[1:])
    for repeats in measured.repeats:
        n = repeats.size
        if n in TOP:
            place, times = repeats.top()
            length = int(sums[place + n] - sums[place]) + n - 1 if len(words) >= n else 0
            yield f"gopher_top_{n}gram_characters", quotient(length * times, size)
        else:
            length = sum(int(sums[place + n] - sums[place]) for place in repeats.read_through())
            yield f"gopher_duplicate_{n}gram_characters", quotient(length, size)
