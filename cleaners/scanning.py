"""Finding the phrases of all rules in one pass over a page.

All phrases of all cleaners and languages go into one Aho-Corasick automaton that scans the folded
text; a match becomes a `Hit` where it stands as its rule wants it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from unicodedata import category

import ahocorasick_rs

from winnow.cleaners.errors import BadRule
from winnow.cleaners.findings import Action
from winnow.cleaners.folding import fold
from winnow.cleaners.page import Line
from winnow.cleaners.rules import Hit, Rule, Zone, shipped_rules

_HEAD_OR_TAIL = 0.25  # share of the page's code points that is its head, and its tail
_QUOTES = ('"', "'", "「", "『", "《")  # folded: fold makes one of all kinds
_SHORT_PAGE = 1_200  # code points; a page this short is head and tail throughout


class Scanner:
    """The automaton over a set of rules, given by cleaner name."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        """Raises BadRule where two rules of a cleaner share an id, or a phrase is nothing but marks."""
        patterns: list[str] = []
        self._owners: list[tuple[str, Rule]] = []  # of each pattern: its cleaner and rule
        for cleaner, own in rules.items():
            if len({rule.id for rule in own}) < len(own):
                raise BadRule(f"{cleaner}: two rules have the same id")
            for rule in own:
                patterns += [_pattern(rule, phrase) for phrase in rule.phrases]
                self._owners += [(cleaner, rule)] * len(rule.phrases)
        self._companions = {
            (cleaner, rule.id): tuple(map(fold, rule.with_any)) for cleaner, rule in self._owners if rule.with_any
        }
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, store_patterns=False)

    def scan(self, folded: str, lines: Sequence[Line]) -> dict[str, list[Hit]]:
        """Hits of each cleaner in page order. Linear in the text and in the number of matches."""
        on_line: dict[int, dict[str, list[Hit]]] = {}
        number = 0
        for pattern, start, end in sorted(
            self._automaton.find_matches_as_indexes(folded, overlapping=True), key=itemgetter(1)
        ):
            while lines[number].end <= start:
                number += 1
            if _whole_words(folded, start, end):
                cleaner, rule = self._owners[pattern]
                if self._may_stand(cleaner, rule, lines[number], folded):
                    on_line.setdefault(number, {}).setdefault(cleaner, []).append(Hit(start, end, rule))
        found: dict[str, list[Hit]] = defaultdict(list)
        for number, by_cleaner in on_line.items():
            for cleaner, hits in by_cleaner.items():
                found[cleaner] += _in_place(lines[number], folded, hits)
        return found

    def _may_stand(self, cleaner: str, rule: Rule, line: Line, folded: str) -> bool:
        """Whether a rule wants this line at all, wherever on it its phrase stands."""
        if rule.where != "whole line" and len(line.text) > rule.longest:
            return False
        if rule.zone != "anywhere" and not _in_zone(rule.zone, line, len(folded)):
            return False
        companions = self._companions.get((cleaner, rule.id))
        return companions is None or any(phrase in folded[line.start : line.end] for phrase in companions)


@cache
def shipped_scanner() -> Scanner:
    """The scanner over the rules in `phrases/`."""
    return Scanner(shipped_rules())


def trim(text: str) -> str:
    """The text without the marks around it: bullets, dashes, stars, brackets, colons, blanks."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not _in_word(text[end - 1]):
        end -= 1
    return text[start:end]


def _in_word(character: str) -> bool:
    # Vowel signs and accents (Hindi, Thai, decomposed Latin) are marks to Unicode and parts of words to us.
    return character.isalnum() or (not character.isascii() and category(character)[0] == "M")


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _pattern(rule: Rule, phrase: str) -> str:
    pattern = trim(fold(phrase))
    if not pattern:
        raise BadRule(f"{rule.id}: the phrase {phrase!r} holds no word")
    return pattern


def _in_place(line: Line, folded: str, hits: list[Hit]) -> Iterator[Hit]:
    """Of one cleaner's hits on a line, those that stand where their rules want them."""
    content_end = line.start + len(line.text)
    for hit in hits:
        where = hit.rule.where
        if where != "whole line" and folded[max(0, hit.start - 1) : hit.start] in _QUOTES:
            continue  # “We use cookies” in quotation marks is quoted by somebody, not said to the reader
        if (
            where == "inside"
            or (where == "line start" and not _has_word(folded[line.start : hit.start]))
            or (where == "line end" and not _has_word(folded[hit.end : content_end]))
        ):
            yield hit
    for action in Action:
        tiles = _longest(h for h in hits if h.rule.where == "whole line" and h.rule.action is action)
        if tiles and _tiled(folded, line.start, content_end, tiles):
            yield from tiles


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """The hits, in order, without those that stand inside another ("email" in "your email address")."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def _tiled(folded: str, start: int, end: int, tiles: Sequence[Hit]) -> bool:
    """Whether the tiles leave nothing but marks (and numbers, if they may) between start and end."""
    numbers = any(tile.rule.numbers for tile in tiles)
    for tile in tiles:
        if tile.start > start and not _only_marks(folded[start : tile.start], numbers=numbers):
            return False
        start = tile.end
    return _only_marks(folded[start:end], numbers=numbers)


def _only_marks(text: str, *, numbers: bool) -> bool:
    return not any(c.isalnum() and not (numbers and c.isdecimal()) for c in text)


def _in_zone(zone: Zone, line: Line, length: int) -> bool:
    if zone == "anywhere" or length <= _SHORT_PAGE:
        return True
    share = line.end / length if zone == "head" else 1 - line.start / length
    return share <= _HEAD_OR_TAIL


def _whole_words(folded: str, start: int, end: int) -> bool:
    """Whether the match neither begins nor ends inside a word (where its script spaces words)."""
    begins = start == 0 or not _in_word(folded[start - 1]) or _unspaced(folded[start - 1])
    ends = end == len(folded) or not _in_word(folded[end]) or _unspaced(folded[end])
    return begins and ends


def _unspaced(character: str) -> bool:
    """Whether the character's script sets no spaces between words: Thai to Khmer, kana, Han."""
    code = ord(character)
    return code >= 0x0E00 and (
        code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
    )
