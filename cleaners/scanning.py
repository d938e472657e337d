"""Finding the phrases of all rules in a page, in time that hardly grows with their number.

Phrases that may stand inside a line go into one Aho-Corasick automaton that scans the folded page
once. Phrases that must fill a line (nine in ten) wait in a dictionary; only short lines that begin as
one of them does are looked up there, whole and in pieces. A match becomes a `Hit` where it stands as
its rule wants it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from unicodedata import category

import ahocorasick_rs

from winnow.cleaners.characters import UNSPACED, WORD
from winnow.cleaners.errors import BadRule
from winnow.cleaners.findings import Action
from winnow.cleaners.folding import fold
from winnow.cleaners.page import Line
from winnow.cleaners.rules import LONGEST_LINE, Hit, Rule, Zone, shipped_rules

_HEAD_OR_TAIL = 0.25  # share of the page's code points that is its head, and its tail
_QUOTES = ('"', "'", "「", "『", "《")  # folded: fold makes one of all kinds
_SHORT_PAGE = 1_200  # code points; a page this short is head and tail throughout

_FIRST_LETTER = re.compile(r"[^\W\d_]")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_FIRST_UNSPACED = UNSPACED[0]
_WORD_CHARACTER = re.compile(r"[^\W_]")

Owners = list[tuple[str, Rule]]
"""The rules that hold a phrase, each with its cleaner."""


class Scanner:
    """Finds the phrases of a set of rules, given by cleaner name."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        """Raises BadRule where two rules of a cleaner share an id, or a phrase holds no letter."""
        for cleaner, own in rules.items():
            if len({rule.id for rule in own}) < len(own):
                raise BadRule(f"{cleaner}: two rules have the same id")
        every = [(cleaner, rule) for cleaner, own in rules.items() for rule in own]
        self._filling = _owners_of_phrases(pair for pair in every if pair[1].where == "whole line")
        self._longest_after = _longest_by_opening(self._filling)
        standing = _owners_of_phrases(pair for pair in every if pair[1].where != "whole line")
        self._standing = list(standing.values())
        self._automaton = ahocorasick_rs.AhoCorasick(standing, store_patterns=False)
        # The lines around the articles of a site are the same on each page.
        self._phrases_in = lru_cache(maxsize=20_000)(self._spans_of_phrases)
        self._companions = {rule.with_any: tuple(map(fold, rule.with_any)) for _, rule in every if rule.with_any}

    def scan(self, folded: str, lines: Sequence[Line]) -> dict[str, list[Hit]]:
        """Hits of each cleaner, in page order within each kind. Linear in text and matches."""
        hits: dict[str, list[Hit]] = defaultdict(list)
        number = 0
        matches = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        for pattern, start, end in sorted(matches, key=itemgetter(1)):
            while lines[number].end <= start:
                number += 1
            if _whole_words(folded, start, end) and folded[start - 1 : start] not in _QUOTES:
                # “We use cookies” in quotation marks is quoted by somebody, not said to the reader
                for cleaner, rule in self._standing[pattern]:
                    if self._stands(rule, lines[number], folded, start, end):
                        hits[cleaner].append(Hit(start, end, rule))
        for line in lines:
            if len(line.text) <= LONGEST_LINE and self._may_be_filled(folded, line):
                for cleaner, hit in self._filling_hits(folded, line):
                    hits[cleaner].append(hit)
        return hits

    def _stands(self, rule: Rule, line: Line, folded: str, start: int, end: int) -> bool:
        """Whether a phrase stands where its rule wants it on a line that the rule wants."""
        if len(line.text) > rule.longest or not _in_zone(rule.zone, line, len(folded)):
            return False
        if rule.where == "line start" and _FIRST_LETTER.search(folded, line.start, start):
            return False
        if rule.where == "line end" and _FIRST_LETTER.search(folded, end, line.start + len(line.text)):
            return False
        return self._has_company(rule, folded[line.start : line.end])

    def _has_company(self, rule: Rule, content: str) -> bool:
        return not rule.with_any or any(phrase in content for phrase in self._companions[rule.with_any])

    def _may_be_filled(self, folded: str, line: Line) -> bool:
        first = _FIRST_WORD.search(folded, line.start, line.end)
        return first is not None and any(opening in self._longest_after for opening in _openings(first.group()))

    def _filling_hits(self, folded: str, line: Line) -> Iterator[tuple[str, Hit]]:
        """The phrases that fill the line, of each cleaner and action for itself."""
        content = folded[line.start : line.start + len(line.text)]
        phrases = self._phrases_in(content)
        if not phrases:  # as in most lines
            return
        found: dict[tuple[str, Action], list[Hit]] = defaultdict(list)
        for start, end in phrases:
            for cleaner, rule in self._filling[content[start:end]]:
                if _in_zone(rule.zone, line, len(folded)) and self._has_company(rule, content):
                    found[cleaner, rule.action].append(Hit(start, end, rule))
        for (cleaner, _), hits in found.items():
            tiles = _longest(hits)
            if _tiled(content, tiles):
                for tile in tiles:
                    yield cleaner, Hit(line.start + tile.start, line.start + tile.end, tile.rule)

    def _spans_of_phrases(self, content: str) -> tuple[tuple[int, int], ...]:
        """Spans that are phrases and follow each other from the line's first word on, numbers between
        them or not. Where none does, the line is not filled."""
        spans = []
        reachable = [0]  # where a phrase or a number ends
        for here in reachable:
            word = WORD.search(content, here)
            if word is None:
                continue
            if word.group().isdecimal() and word.end() not in reachable:
                reachable.append(word.end())
            start, furthest = word.start(), word.start() + self._longest_from(content, word.start())
            for last in WORD.finditer(content, start, furthest):
                if content[start : last.end()] in self._filling:
                    spans.append((start, last.end()))
                    if last.end() not in reachable:
                        reachable.append(last.end())
        return tuple(spans)

    def _longest_from(self, content: str, start: int) -> int:
        """How far a phrase that begins here can reach at most, in code points."""
        first = _FIRST_WORD.search(content, start)
        if first is None:
            return 0
        known = (self._longest_after.get(opening, 0) for opening in _openings(first.group()))
        return max(known) + first.start() - start  # numbers may come before the first letter


@cache
def shipped_scanner() -> Scanner:
    """The scanner over the rules in `phrases/`."""
    return Scanner(shipped_rules())


def trim(text: str) -> str:
    """The text without the marks around it: bullets, dashes, stars, brackets, colons, blanks."""
    if text[:1].isalnum() and text[-1:].isalnum():
        return text
    start, end = _trimmed(text)
    return text[start:end]


def _trimmed(text: str) -> tuple[int, int]:
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not _in_word(text[end - 1]):
        end -= 1
    return start, end


def _in_word(character: str) -> bool:
    # Vowel signs and accents (Hindi, Thai, decomposed Latin) are marks to Unicode and parts of words to us.
    return character.isalnum() or (not character.isascii() and category(character)[0] == "M")


def _owners_of_phrases(rules: Iterable[tuple[str, Rule]]) -> dict[str, Owners]:
    """Each phrase as it is sought, with the rules that hold it. Where it need not fill the line, the
    marks at its ends are meant: "tags:"."""
    owners: dict[str, Owners] = {}
    for pair in rules:
        rule = pair[1]
        strip = trim if rule.where == "whole line" else str.strip
        # folded all at once: fold moves no character, and phrases are tens of thousands
        for phrase in fold("\n".join(rule.phrases)).split("\n"):
            owners.setdefault(strip(phrase), []).append(pair)
    for phrase in owners:
        if not (phrase[:1].isalpha() or _FIRST_LETTER.search(phrase)):
            cleaner, rule = owners[phrase][0]
            raise BadRule(f"{cleaner}: {rule.id}: the phrase {phrase!r} holds no letter")
    return owners


def _longest_by_opening(phrases: Collection[str]) -> dict[str, int]:
    """How a phrase begins -> code points of the longest that begins so."""
    longest: dict[str, int] = {}
    words = re.findall(r"^[\W\d_]*([^\W\d_]+)", "\n".join(phrases), re.MULTILINE)  # each holds a letter
    for phrase, word in zip(phrases, words, strict=True):
        opening = _openings(word)[-1]
        if len(phrase) > longest.get(opening, 0):
            longest[opening] = len(phrase)
    return longest


def _openings(word: str) -> tuple[str, ...]:
    """By what a text that begins with this word is told from others: the word, or where words are not
    spaced its first one or two characters."""
    return (word[:1], word[:2]) if _unspaced(word[0]) else (word,)


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """The hits, in order, without those that stand inside another ("email" in "your email address")."""
    kept: list[Hit] = []
    # Of one phrase in two rules the firm one counts: languages share words, and not their weight.
    for hit in sorted(hits, key=lambda h: (h.start, -h.end, h.rule.beside)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def _tiled(content: str, tiles: Sequence[Hit]) -> bool:
    """Whether the tiles leave nothing but marks (and numbers, if they may) of the line."""
    word = _FIRST_LETTER if any(tile.rule.numbers for tile in tiles) else _WORD_CHARACTER
    done = 0
    for tile in tiles:
        if word.search(content, done, max(done, tile.start)):
            return False
        done = max(done, tile.end)
    return not word.search(content, done)


def _in_zone(zone: Zone, line: Line, length: int) -> bool:
    if zone == "anywhere" or length <= _SHORT_PAGE:
        return True
    share = line.end / length if zone == "head" else 1 - line.start / length
    return share <= _HEAD_OR_TAIL


def _whole_words(folded: str, start: int, end: int) -> bool:
    """Whether the match neither begins nor ends inside a word (where its script spaces words)."""
    return not (_inside_word(folded, start) or _inside_word(folded, end))


def _inside_word(folded: str, offset: int) -> bool:
    return (
        0 < offset < len(folded)
        and _in_word(folded[offset])
        and _in_word(folded[offset - 1])
        and not _unspaced(folded[offset])
        and not _unspaced(folded[offset - 1])
    )


def _unspaced(character: str) -> bool:
    """Whether the character's script sets no spaces between words."""
    return character >= _FIRST_UNSPACED and _UNSPACED_CHARACTER.match(character) is not None
