"""The language of a text, of each line and of each sentence in a mixed line, as BCP 47 tags.

Deterministic and never an error; `und` where there is too little to tell, or where what stands there is
no language: addresses, program code, numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from winnow.cleaners.language_engines import NOTHING, UNDETERMINED, Engine, Guess, engine
from winnow.cleaners.page import Line

_FEWEST_LETTERS = 3  # of ASCII: two letters are an abbreviation in any language
_REMEMBERED = 200  # code points of a line worth remembering: a longer one is an article's own
_SAMPLE = 1_500  # code points, from the start, the middle and the end of a longer text: more tells nothing new
_LETTERS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r".+?(?:[.!?…؟।॥۔]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”]*|$)\s*")

# A word of plain ASCII text with the marks around it, and what reads as program code: the signs between
# words, calls, indices and joined names that prose has not.
_PLAIN_WORD = re.compile(r"(?<!\S)[\"'(\[*-]*[A-Za-z]+(?:['-][A-Za-z]+)*[\"')\].,;:!?*-]*(?!\S)")
_CODE = re.compile(
    r"[=!<>+*/|&:^%-]=|=[>=]|->|::|&&|\|\||[\w)\]][(\[]|[({\[][)}\]]|[;{}]\s*$|(?<!\S)=(?!\S)|\w[._]\w+[(=\[]|\w_\w"
)
_CODE_SIGN = re.compile(r"[=>:&|(\[{};_]")  # one stands in whatever `_CODE` finds; most prose has none
_PLAIN_SHARE = 0.5  # of all visible characters: fewer in plain words are addresses, code or tables
_CODE_WORDS = 6  # plain words for each sign of code make it prose that mentions code

_KANA = ("HIRAGANA", "KATAKANA")  # Japanese writes in these and in Chinese characters


class Passage(NamedTuple):
    """A stretch of a page in one language: [start, end) in code points."""

    start: int
    end: int
    language: str


def detect_language(text: str) -> Guess:
    """(BCP 47 tag, confidence 0-1) of a text as a whole; ("und", 0.0) where there is no language in it."""
    return detect(text)


def detect(text: str, expected: str = "", by: Engine | None = None) -> Guess:
    """The same by any engine. `expected` is the language of the text around it: it may decide a short one."""
    if len(text) > 3 * _SAMPLE:
        middle = len(text) // 2
        text = "\n".join((text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]))
    return (by or engine("fast")).detect(text, expected) if _is_language(text) else NOTHING


def passages(lines: Sequence[Line], document: str, by: Engine) -> Iterator[tuple[Passage, ...]]:
    """For each line its stretches in one language each; none where it is in no language.

    `document` is the language of the whole: short lines in its script are taken to be in it.
    """
    scripts = Counter(script for line in lines if (script := script_of(line.text)))
    home = max(scripts, key=scripts.__getitem__, default="")
    for line in lines:
        if line.blank:
            yield ()
            continue
        told = _remembered if len(line.text) <= _REMEMBERED else _passages_of_line
        at = line.start
        yield tuple(Passage(at + start, at + end, tag) for start, end, tag in told(line.text, document, home, by))


def joined(found: Iterable[Passage]) -> Iterator[Passage]:
    """Neighbours in one language as one passage, with what is in no language between them."""
    whole: Passage | None = None
    for passage in found:
        if whole and whole.language == passage.language:
            whole = whole._replace(end=passage.end)
            continue
        if whole:
            yield whole
        whole = passage
    if whole:
        yield whole


def of_line(found: Sequence[Passage]) -> str:
    """The language of most of a line, by its passages; `und` where it has none."""
    if len(found) == 1:  # as in most lines
        return found[0].language
    return max(((end - start, language) for start, end, language in found), default=(0, UNDETERMINED))[1]


def shares(counts: Counter[str]) -> dict[str, float]:
    """The share of each language, 0-1, the largest first, from its characters."""
    whole = counts.total()
    return {language: round(count / whole, 4) for language, count in counts.most_common() if count}


def script_of(text: str) -> str:
    """The script of most of the first letters, as the first word of their Unicode names; "" without letters."""
    if text.isascii():
        return "LATIN" if _LETTERS.search(text) else ""
    first = "".join(_LETTERS.findall(text[:200]))[:40]
    found = Counter("LATIN" if c.isascii() else unicodedata.name(c, "").partition(" ")[0] for c in first)
    script = max(found, key=found.__getitem__, default="")
    return "CJK" if script in _KANA else script


def _passages_of_line(text: str, document: str, home: str, by: Engine) -> tuple[Passage, ...]:
    """The passages of a line, counted from its start: each sentence with its language; one too short to tell
    belongs to the one before it. None at all where the line holds no language."""

    first = _SENTENCE.match(text)
    if first and first.end() == len(text):  # most lines are one sentence, or less
        language = _language_of_one(text, document, home, by)
        return (Passage(0, len(text), language),) if language != UNDETERMINED else ()

    def told(sentence: str) -> str:
        if not _has_letters(sentence, by.letters_to_disagree) and script_of(sentence) in ("", home):
            return UNDETERMINED
        return detect(sentence, document, by)[0]

    sentences = [(told(sentence.group()), sentence.span()) for sentence in _SENTENCE.finditer(text)]
    if all(language == UNDETERMINED for language, _ in sentences):
        language = _language_of_one(text, document, home, by)
        return (Passage(0, len(text), language),) if language != UNDETERMINED else ()
    found, before = [], document
    for language, (start, end) in sentences:
        before = before if language == UNDETERMINED else language
        found.append(Passage(start, end, before))
    return tuple(joined(found))


# The lines around the articles of a site are the same on each page.
_remembered = lru_cache(maxsize=20_000)(_passages_of_line)


def _language_of_one(text: str, document: str, home: str, by: Engine) -> str:
    """The language of a line as a whole: of one sentence, or of several that are too short by themselves."""
    if not _has_letters(text, by.letters_to_disagree):
        script = script_of(text)
        if script in ("", home):
            return document if script else UNDETERMINED
    return detect(text, document, by)[0]


def _has_letters(text: str, fewest: int) -> bool:
    """Whether so many letters stand in a text."""
    for word in _LETTERS.finditer(text):
        fewest -= word.end() - word.start()
        if fewest <= 0:
            return True
    return False


def _is_language(text: str) -> bool:
    """Whether words stand there. What looks like none is so only in ASCII: there addresses, code and tables are."""
    if not text.isascii():
        return _LETTERS.search(text) is not None
    plain = _PLAIN_WORD.findall(text)
    letters = sum(map(len, plain))
    if letters < _FEWEST_LETTERS or letters < _PLAIN_SHARE * (len(text) - text.count(" ")):
        return False
    return not _CODE_SIGN.search(text) or len(plain) >= _CODE_WORDS * len(_CODE.findall(text))
