"""What kind of character each code point is, as numbers: the ground of everything that counts at once."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Kinds = npt.NDArray[np.uint8]


class Kind(IntEnum):
    """Kinds of characters that tell lines apart."""

    LETTER = 0
    CAPITAL = 1
    MARK = 2
    DIGIT = 3
    SPACE = 4
    STOP = 5
    """Ends a sentence."""
    COMMA = 6
    COLON = 7
    SEPARATOR = 8
    """Bullets, bars, arrows, dashes: what menus are made with."""
    QUOTE = 9
    BRACKET = 10
    UNSPACED = 11
    """Letters of scripts that set no spaces between words (Thai to Khmer, kana, Han)."""
    SYMBOL = 12
    OTHER = 13


_SAID = {
    Kind.SPACE: "\t\n\r",
    Kind.STOP: ".!?…。！？؟۔।॥｡",
    Kind.COMMA: ",;،؛、，；",
    Kind.COLON: ":：",
    Kind.SEPARATOR: "|•·›»«‹>/\\-–—*→←↓↑■●▪◦~_=+<",
    Kind.QUOTE: "\"'“”„‘’「」『』",
    Kind.SYMBOL: "@#&%©®",
}
_OF_CATEGORY = {
    **dict.fromkeys(("Lu", "Lt"), Kind.CAPITAL),
    **dict.fromkeys(("Ll", "Lm", "Lo"), Kind.LETTER),
    **dict.fromkeys(("Mn", "Mc", "Me"), Kind.MARK),
    **dict.fromkeys(("Zs", "Zl", "Zp"), Kind.SPACE),
    **dict.fromkeys(("Sm", "Sc", "Sk", "So"), Kind.SYMBOL),
    **dict.fromkeys(("Ps", "Pe"), Kind.BRACKET),
    "Nd": Kind.DIGIT,
}
UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
)
"""First and last code points of the scripts that set no spaces between words: Thai to Khmer, kana, Han."""
UNSPACED = "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED_SCRIPTS)
"""The same for a class of a regular expression."""
# Vowel signs and accents, which are no letters to `re` and parts of words to us.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0981-\u09cd\u0a01-\u0dff"
WORD = re.compile(f"[{UNSPACED}]|[^\\W_{UNSPACED}](?:[^\\W_{UNSPACED}]|[{_MARKS}])*")
"""A run of letters, marks and digits; where words are not spaced, each character."""
_EMOJI = (0x1F000, 0x1FAFF)
_LAST = 0x1FFFF  # all above are Han, or nothing that a text holds


def codes_of(text: str) -> Codes:
    """The code points of a text, one number each; lone surrogates too."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def kinds_of(codes: Codes) -> Kinds:
    """The `Kind` of each code point."""
    return _table().take(np.minimum(codes, _LAST))


@cache
def _table() -> Kinds:
    table = np.fromiter(
        (_OF_CATEGORY.get(unicodedata.category(chr(code)), Kind.OTHER) for code in range(_LAST + 1)), np.uint8
    )
    for first, last in UNSPACED_SCRIPTS:
        block = table[first : last + 1]
        block[np.isin(block, (Kind.LETTER, Kind.CAPITAL, Kind.MARK))] = Kind.UNSPACED
    table[_EMOJI[0] : _EMOJI[1] + 1] = Kind.SYMBOL
    for kind, characters in _SAID.items():
        table[codes_of(characters)] = kind
    table[_LAST] = Kind.UNSPACED
    return table
