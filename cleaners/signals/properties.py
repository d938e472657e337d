"""What each code point is in the words of the published definitions: a letter, `\\w`, white space, a mark, the end
of a sentence. One table of flags, so that a whole text is told at once.
"""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from winnow.cleaners.characters import UNSPACED_SCRIPTS, Codes

Flags = npt.NDArray[np.uint16]
Mask = npt.NDArray[np.bool_]


class Is:
    """Properties of a code point, as Python's `str` and Unicode tell them; added up, each a bit."""

    SPACE: Final = np.uint16(1)
    """`str.isspace`."""
    WORD: Final = np.uint16(2)
    """`\\w`: `str.isalnum`, or the low line."""
    LETTER: Final = np.uint16(4)
    """`str.isalpha`."""
    UPPER: Final = np.uint16(8)
    """`str.isupper`."""
    LOWER: Final = np.uint16(16)
    """Lower or title case: no word with one is all in capitals."""
    NUMERIC: Final = np.uint16(32)
    """`str.isnumeric`."""
    MARK: Final = np.uint16(64)
    """Category M: vowel signs and accents, which belong to the letter before them."""
    ASCII_PUNCTUATION: Final = np.uint16(128)
    ASCII_LETTER: Final = np.uint16(256)
    STOP: Final = np.uint16(512)
    """Ends a sentence: Unicode's Sentence_Terminal and the Khmer marks that FineWeb counts too."""
    UNSPACED: Final = np.uint16(1024)
    """Letters and marks of scripts without spaces between words."""
    SHORT_WORDS: Final = np.uint16(2048)
    """Of these, Han and kana: a word is a character or two."""
    CLOSING: Final = np.uint16(4096)
    """Quotes and brackets that may follow the end of a sentence."""


_LAST = 0x1FFFF  # all above are Han, or nothing that a text holds
# Unicode 15.0, property Sentence_Terminal, first and last code points; and U+17D6, U+17D9, U+17DA.
_STOPS = (
    "21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 17D4-17D6"
    " 17D9-17DA 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049"
    " 2E2E 2E3C 2E53-2E54 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB"
    " FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 110BE-110C1 11141-11143"
    " 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 115C9-115D7 11641-11642"
    " 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 11EF7-11EF8 11F43-11F44 16A6E-16A6F 16AF5"
    " 16B37-16B38 16B44 16E98 1BC9F 1DA88"
)
_CLOSING = "\"'”’»›)]}」』）】》〉"
_HAN_AND_KANA = (0x3040, 0xFAFF)


def flags_of(codes: Codes) -> Flags:
    """The properties of each code point, as a sum of `Is`."""
    return _table().take(codes, mode="clip")


def nfd_lengths_of(codes: Codes) -> npt.NDArray[np.int64]:
    """How many code points each becomes in Unicode NFD."""
    return _nfd_lengths().take(codes, mode="clip")


@cache
def _table() -> Flags:
    table = np.zeros(_LAST + 1, np.uint16)
    characters = [chr(code) for code in range(_LAST + 1)]
    for flag, told in (
        (Is.SPACE, str.isspace),
        (Is.WORD, str.isalnum),
        (Is.LETTER, str.isalpha),
        (Is.UPPER, str.isupper),
        (Is.LOWER, str.islower),
        (Is.NUMERIC, str.isnumeric),
    ):
        table[np.fromiter(map(told, characters), np.bool_, len(characters))] |= flag
    categories = np.array(list(map(unicodedata.category, characters)))
    table[np.isin(categories, ("Mn", "Mc", "Me"))] |= Is.MARK
    table[categories == "Lt"] |= Is.LOWER
    for first, last in UNSPACED_SCRIPTS:
        block = table[first : last + 1]
        unspaced = (block & (Is.LETTER | Is.MARK)) > 0
        short = Is.SHORT_WORDS if _HAN_AND_KANA[0] <= first <= _HAN_AND_KANA[1] else np.uint16(0)
        block[unspaced] |= Is.UNSPACED | short
    for span in _STOPS.split():
        first_stop, _, last_stop = span.partition("-")
        table[int(first_stop, 16) : int(last_stop or first_stop, 16) + 1] |= Is.STOP
    for flag, held in (
        (Is.ASCII_PUNCTUATION, string.punctuation),
        (Is.ASCII_LETTER, string.ascii_letters),
        (Is.CLOSING, _CLOSING),
        (Is.WORD, "_"),
    ):
        table[list(map(ord, held))] |= flag
    table[_LAST] = Is.WORD | Is.LETTER | Is.UNSPACED | Is.SHORT_WORDS
    return table


@cache
def _nfd_lengths() -> npt.NDArray[np.int64]:
    lengths = np.ones(_LAST + 1, np.int64)
    for code in range(0xC0, _LAST):
        if unicodedata.decomposition(chr(code)) or 0xAC00 <= code <= 0xD7A3:  # syllables of Hangul decompose by rule
            lengths[code] = len(unicodedata.normalize("NFD", chr(code)))
    return lengths
