"""Splitting a text into words: ours, for all languages, and the two of RedPajama. All words at once, none cut out.

Ours, which the signals of Gopher and FineWeb count, as datatrove counts spaCy's:

- Letters, digits and marks in a row are a word. A full stop between letters, and a full stop, comma, colon or
  apostrophe between digits, belong to it (U.S, 1,000.5), unless a capital follows a small letter (end.Start).
  A web address is one word.
- An apostrophe between letters begins a new word with what follows it (do|n't is don|'t here: two words either way).
- Every other visible character is a word of its own, but for dots and hyphens in a row.
- Scripts without spaces: a word begins where the two characters at the cut say so by their hash, on the average
  every 1.8 characters of Han and kana and every 4.5 of Thai, Lao, Khmer and Burmese, never before a mark. These lengths
  are those of dictionary splitters (jieba, PyThaiNLP). The cuts are no word boundaries, but the same phrase is cut
  alike wherever it stands, so that repetition is told as with words.

spaCy differs in its lists of exceptions (Mr., z.B., AT&T, :-) ), in hyphens (it splits well-known in English and
keeps it in German; it is split here), and in Korean, where datatrove counts morphemes and spaces split here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from winnow.cleaners.characters import Codes, codes_of
from winnow.cleaners.rolling_hashes import M2, Hashes, Numbers, hashes_of
from winnow.cleaners.signals.properties import Flags, Is, Mask, flags_of, nfd_lengths_of

ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?'\])}»”]")
"""A web address in a text, without the punctuation behind it."""

# Of 256: how often a cut falls between two characters of a script without spaces. See the docstring; of Thai only the
# places that are not before a mark count, three in four.
_CUTS_SHORT, _CUTS_LONG = 135, 57
_NO_LINES: Numbers = np.zeros(0, np.int64)
_APOSTROPHES = (0x27, 0x2019, 0x2BC)


@dataclass(frozen=True)
class Words:
    """The words of a text, in its order."""

    first: Numbers
    """Where each begins, in `flags`."""
    end: Numbers
    hashes: Hashes
    """The same for the same word, and for no other but by chance (2**-64 a pair)."""
    lengths: Numbers
    """Code points."""
    flags: Flags
    """Of the text that was split."""
    lines: Numbers
    """In which line each stands, from 0; told of normalized words only."""

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def _kinds(self) -> Flags:
        """The properties of each word's characters, together; between words is only white space, if anything."""
        return np.bitwise_or.reduceat(self.flags, self.first) if len(self.first) else self.flags[:0]

    def holding(self, flag: np.uint16) -> Mask:
        """Which words hold a character of this kind, but for white space."""
        return (self._kinds & flag) > 0


def words_of(text: str, codes: Codes, flags: Flags) -> Words:
    """Our words."""
    visible = (flags & Is.SPACE) == 0
    begins = visible & ~_joined(text, codes, flags, visible)
    first = begins.nonzero()[0]
    ends = visible.copy()
    ends[:-1] &= begins[1:] | ~visible[1:]
    end = ends.nonzero()[0] + 1
    return Words(first, end, word_hashes(codes, first, end), end - first, flags, _NO_LINES)


def raw_words_of(codes: Codes, flags: Flags) -> Words:
    """RedPajama's raw words: runs of `\\w`, and runs of what is neither `\\w` nor white space (NLTK's WordPunct)."""
    kind = ((flags & Is.WORD) > 0).astype(np.uint8) + 2 * ((flags & Is.SPACE) > 0).astype(np.uint8)
    changes = np.ones(len(kind) + 1, np.bool_)
    changes[1:-1] = kind[1:] != kind[:-1]
    edges = changes.nonzero()[0]
    first, end = edges[:-1], edges[1:]
    words = kind[first] < 2 if len(kind) else np.zeros(0, np.bool_)
    first, end = first[words], end[words]
    return Words(first, end, word_hashes(codes, first, end), end - first, flags, _NO_LINES)


def normalized_words_of(text: str) -> Words:
    """RedPajama's normalized words of a text in lower case: ASCII punctuation taken out, split at white space.

    Their lengths are those in NFD; two spellings of a word that NFD would unite are two, which NFC texts do not hold.
    """
    lowered = codes_of(text)
    codes = lowered[(flags_of(lowered) & Is.ASCII_PUNCTUATION) == 0]
    flags = flags_of(codes)
    visible = np.zeros(len(codes) + 2, np.bool_)
    visible[1:-1] = (flags & Is.SPACE) == 0
    first = (visible[1:] & ~visible[:-1]).nonzero()[0]
    end = (visible[:-1] & ~visible[1:]).nonzero()[0]
    sums = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(nfd_lengths_of(codes), out=sums[1:])
    return Words(
        first, end, word_hashes(codes, first, end), sums[end] - sums[first], flags, np.cumsum(codes == 0x0A)[first]
    )


def word_hashes(codes: Codes, first: Numbers, end: Numbers) -> Hashes:
    """Of words. Not of the code points themselves, or one would be the same with and without U+0000 at its front."""
    return hashes_of(codes.astype(np.uint64) + np.uint64(1), first, end)


def _joined(text: str, codes: Codes, flags: Flags, visible: Mask) -> Mask:
    """Which characters belong to the word of the character before them."""
    inner = (flags & (Is.WORD | Is.MARK)) > 0
    joined = np.zeros(len(codes), np.bool_)
    joined[1:] = inner[1:] & inner[:-1]
    _cut_unspaced(codes, flags, joined)
    marks = (flags[1:] & Is.MARK) > 0
    joined[1:] |= marks & visible[:-1]
    _join_around(codes, flags, joined)
    repeated = (codes[1:] == codes[:-1]) & ((codes[1:] == 0x2E) | (codes[1:] == 0x2D))
    joined[1:] |= repeated
    if "://" in text or "www." in text:
        for address in ADDRESS.finditer(text):
            joined[address.start() + 1 : address.end()] = True
            joined[address.end() : address.end() + 1] = False
    return joined


def _cut_unspaced(codes: Codes, flags: Flags, joined: Mask) -> None:
    """Cut the words of scripts without spaces, and where such a script meets another."""
    unspaced = (flags & Is.UNSPACED) > 0
    if not unspaced.any():
        return
    scripts = flags & (Is.UNSPACED | Is.SHORT_WORDS)
    joined[1:] &= scripts[1:] == scripts[:-1]
    places = (unspaced[1:] & joined[1:]).nonzero()[0]
    pairs = (codes[places].astype(np.uint64) << np.uint64(21)) + codes[places + 1]
    often = np.where((flags[places] & Is.SHORT_WORDS) > 0, _CUTS_SHORT, _CUTS_LONG)
    joined[places + 1] = ((pairs * M2) >> np.uint64(56)) >= often


def _join_around(codes: Codes, flags: Flags, joined: Mask) -> None:
    """Stops and the like between two digits or letters join them; an apostrophe joins what follows it."""
    signs = (codes[1:-1] == 0x2E) | (codes[1:-1] == 0x2C) | (codes[1:-1] == 0x3A)
    apostrophes = np.zeros(max(len(codes) - 2, 0), np.bool_)
    for code in _APOSTROPHES:
        apostrophes |= codes[1:-1] == code
    places = (signs | apostrophes).nonzero()[0] + 1
    if not len(places):
        return
    before, after = flags[places - 1], flags[places + 1]
    letters = ((before & Is.LETTER) > 0) & ((after & Is.LETTER) > 0) & (((before | after) & Is.UNSPACED) == 0)
    digits = ((before & Is.NUMERIC) > 0) & ((after & Is.NUMERIC) > 0)
    starts_sentence = ((before & Is.LOWER) > 0) & ((after & Is.UPPER) > 0)
    inside = digits | (letters & (codes[places] == 0x2E) & ~starts_sentence)
    joined[places[inside]] = True
    apostrophe = apostrophes[places - 1]
    joined[places[inside | (apostrophe & letters)] + 1] = True
