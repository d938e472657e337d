"""Which lines a repair could change. All others are skipped, which is where the time goes.

The claim is exact: ftfy, asked about a line that is not told here, gives the same line back. Each of its fixers
needs a character, or a pair of characters, without which it does nothing:

- entities need an entity; ligatures, line ends, surrogates, terminal escapes and control characters need such a
  character; C1 controls are such characters;
- mojibake of one encoding (`fix_encoding`) needs characters that encode to a UTF-8 sequence: one that stands for
  a lead byte and, behind it, one that stands for a continuation byte or what it became (a space, `?`, SUB);
  `decode_inconsistent_utf8` needs a pair from ftfy's own lists of the same; and both need text that ftfy's
  badness pattern finds bad;
- NFC needs a text that is not in NFC.

A test compares this with ftfy on generated text, and `benchmarks/languages_and_encodings.py` on real text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from ftfy import chardata
from ftfy.badness import is_bad

from winnow.cleaners.edits import Span

# Invisible characters are ours to take out: see repair.py.
INVISIBLE = "\u00ad\ufeff\u2060\u200b"


def _class_of(characters: Iterable[str]) -> str:
    return "[" + "".join(f"\\U{ord(c):08x}" for c in sorted(set(characters))) + "]"


def _read_as(encoding: str, first: int, last: int) -> set[str]:
    """What these bytes look like in an encoding that ftfy tries."""
    return {bytes([byte]).decode(encoding, "ignore") for byte in range(first, last + 1)} - {""}


def _pairs() -> Iterator[tuple[set[str], set[str]]]:
    """(characters, what behind one of them makes it suspect), for each encoding; then from ftfy's lists."""
    for encoding in chardata.CHARMAP_ENCODINGS:
        leads = _read_as(encoding, 0xC0, 0xF4)
        yield leads, _read_as(encoding, 0x80, 0xBF)
        if encoding.startswith("sloppy"):  # there ftfy mends sequences of which a part is lost
            yield leads, set("?\x1a\ufffd")
        if encoding != "macroman":  # there alone it does not take a space for a no-break space
            # Only these stand before a space; behind the others of ALTERED_UTF8_RE is a continuation byte first.
            before_space = (0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9, 0xE2, 0xE3, 0xF0)
            yield set().union(*(_read_as(encoding, byte, byte) for byte in before_space)), {" "}
    firsts: set[str] = set().union(*(chardata.UTF8_CLUES[f"utf8_first_of_{length}"] for length in (2, 3, 4)))
    yield firsts, set(chardata.UTF8_CLUES["utf8_continuation"]) - {" "}
    yield firsts, {" "}


_LOST = set(" ?\x1a\ufffd")  # what a continuation byte became
_PAIR = re.compile("|".join(f"{_class_of(lead)}{_class_of(behind)}" for lead, behind in _pairs()))
# The same without the encodings held apart: more than enough, and found at once.
_ANY_PAIR = tuple(
    re.compile("{}(?={})".format(*(_class_of(set().union(*side)) for side in zip(*own, strict=True))))
    for own in ([pair for pair in _pairs() if (pair[1] <= _LOST) is lost] for lost in (False, True))
)
_TOUCHED = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff"
    + _class_of(INVISIBLE + "".join(map(chr, (*chardata.LIGATURES, *chardata.CONTROL_CHARS))))[1:]
)


# Bounds against quadratic work: normalising a long run of combining marks, and guessing at a huge line.
# Beyond them a line is left as it is.
LONGEST_LINE = 200_000  # code points
LONGEST_MARK_RUN = 64  # no orthography stacks more than a handful
_SHORT_LINE = 1_000
_MARK_RUN = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff"
    f"\u20d0-\u20ff\ufe20-\ufe2f]{{{LONGEST_MARK_RUN},}}"
)


def is_within_bounds(line: str) -> bool:
    """Whether a line can be repaired in bounded time."""
    return len(line) <= LONGEST_LINE and not _MARK_RUN.search(line)


def suspect_lines(source: str, *, entities: bool) -> Iterator[tuple[int, str]]:
    """(start, line with its line end) of each line that a repair could change, in order.

    `entities`: whether written-out entities are to be read. Linear in the text.
    """
    suspects = {line for kind in _kinds(source, entities) for line in kind}
    for start, end in sorted(suspects):
        yield start, source[start:end]


def _kinds(source: str, entities: bool) -> Iterator[Iterator[Span]]:
    yield _lines_with(_TOUCHED.search, source)
    if entities and "&" in source:
        yield _lines_with(chardata.HTML_ENTITY_RE.search, source)
    if not source.isascii():
        yield _mojibake(source)
        yield _decomposed(source)


def _lines_with(search: Callable[[str, int], re.Match[str] | None], source: str) -> Iterator[Span]:
    """The lines with a hit, each once: the rest of a line is skipped."""
    end = 0
    while found := search(source, end):
        start, end = _line_around(source, found.start())
        yield start, end


def _mojibake(source: str) -> Iterator[Span]:
    for pattern in _ANY_PAIR:
        judged = 0  # up to here
        for found in pattern.finditer(source):
            if found.start() >= judged and _PAIR.match(source, found.start()):
                start, judged = _line_around(source, found.start())
                if is_bad(source[start:judged]):
                    yield start, judged


def _decomposed(source: str) -> Iterator[Span]:
    start = 0
    for line in source.split("\n"):
        end = start + len(line) + 1
        # A line as short as this is normalised soon enough, whatever is in it.
        short = len(line) <= _SHORT_LINE
        if not line.isascii() and not ((short or is_within_bounds(line)) and unicodedata.is_normalized("NFC", line)):
            yield start, min(end, len(source))
        start = end


def _line_around(source: str, offset: int) -> Span:
    return source.rfind("\n", 0, offset) + 1, source.find("\n", offset) + 1 or len(source)
