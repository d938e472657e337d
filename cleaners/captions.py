"""Captions and other lines printed twice. Judged last, among the lines that survive.

Of equal lines the first stands. Of a caption with and without its credit the fuller copy stands.
Every strike has a twin that stands. Short lines, verse, tables, code and chat are left alone:
there repetition is meant. A paragraph right below itself stays too: a post that the next one quotes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.page import Line, Page

# Letters and digits that a line must have before its repetition can't be chance or refrain.
_SHORTEST_BESIDE = 25  # for a copy right below
_SHORTEST_CAPTION = 40  # for a caption with and without its credit
_SHORTEST_APART = 85  # for a copy anywhere; longer than a line of verse
_BEGINNING = 12  # code points by which lines are sorted before they are compared in full
_LEADING = " \t\xa0•·◦▪*>-–—\"'“”„«‘’([{"
# Of a caption. Of longer lines right below themselves, 7 of 12 in the labelled texts were quotations in threads.
_MOST_SENTENCES = 2
_REFRAIN = 3  # a page with so many different repeated lines repeats on purpose: verse, forms, liturgy
# What follows a caption's text when it is a credit: a bracket or a dash, and a name that pictures carry.
_CREDIT = re.compile(
    r"(?:[\[(|©/–—:-]|\bby\b).*?(?:©|/|\b(?:photo|photograph|picture|image|file|credit|courtesy|getty|reuters|afp|ap|epa|dpa|efe"
    r"|ansa|xinhua|tass|foto|bild|archiv|crédit|fotografía|fotó|zdjęcie|фото|φωτό|fotoğraf|صورة|عکس|תמונה|चित्र)\b|[图圖写寫]|사진)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?؟։۔।።]+(?=[\s\"'”»)\]]|$)|[。！？…]+")
_MARKS = re.compile(r"[\W_]+")
_LIST_ITEM = re.compile(r"\s*(?:[•·◦▪*+–—-]|\d{1,3}[.)])\s")
_TABULAR = re.compile(r"^\s*(?:->|https?://)|\t|\s\|\s|\S {3,}\S|^\s*[{}<>$#;]|[;{}]\s*$")


@dataclass(frozen=True, slots=True)
class Captions:
    """Strikes second copies of lines."""

    name: str = "captions"

    def find(self, page: Page) -> Iterator[Finding]:
        """Findings in page order within each kind."""
        lines = page.standing
        keys = _keys_of_likely_twins(lines)
        gone = set()
        for twin, line, beside in self._equal(lines, keys):
            gone.add(line.number)
            if beside and len(_SENTENCE_END.findall(line.text)) > _MOST_SENTENCES:
                reason = f"kept: a paragraph that line {twin.number + 1} says too, as where a post is quoted"
                yield Finding(line.start, line.end, self.name, "any.repeated-paragraph", reason, Action.NOTE)
            else:
                yield self._strike(line, "any.repeated-line", twin)
        rest = [line for line in lines if line.number not in gone]
        for fuller, line in _shortened(rest, keys):
            yield self._strike(line, "any.caption-without-credit", fuller)

    def _equal(self, lines: Sequence[Line], keys: dict[int, str]) -> Iterator[tuple[Line, Line, bool]]:
        """(the first of equal lines, another one, whether that stands right below the one before)."""
        copies: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            key = keys.get(line.number, "")
            if len(key) >= _SHORTEST_BESIDE:
                copies[key].append(line)
        repeated = {
            key: group for key, group in copies.items() if len(group) > 1 and not _TABULAR.search(group[0].text)
        }
        on_purpose = len(repeated) > _REFRAIN
        position = {line.number: index for index, line in enumerate(lines)}
        for key, group in repeated.items():
            for before, line in pairwise(group):
                beside = position[line.number] - position[before.number] == 1
                # What stands three times is a template's, or meant; so is the same item in two lists.
                pair = len(group) == 2 and not on_purpose and not _LIST_ITEM.match(line.text)
                if beside or (pair and _width(key) >= _SHORTEST_APART):
                    yield group[0], line, beside

    def _strike(self, line: Line, rule: str, twin: Line) -> Finding:
        return Finding(line.start, line.end, self.name, rule, f"says again what line {twin.number + 1} says")


def _shortened(lines: Sequence[Line], keys: dict[int, str]) -> Iterator[tuple[Line, Line]]:
    """(fuller copy, copy without its credit): one key begins the other and a credit is what follows."""
    candidates = sorted(
        (line for line in lines if len(keys.get(line.number, "")) >= _SHORTEST_CAPTION),
        key=lambda line: keys[line.number],
    )
    for short, full in pairwise(candidates):
        a, b = keys[short.number], keys[full.number]
        if a != b and b.startswith(a) and len(a) >= 0.6 * len(b) and _CREDIT.search(_rest(full.text, len(a))):
            yield full, short


def _keys_of_likely_twins(lines: Sequence[Line]) -> dict[int, str]:
    """Keys by line number, of the lines that begin as another one does: only these can have a twin."""
    alike: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if len(line.text) >= _SHORTEST_BESIDE:
            alike[line.text.lstrip(_LEADING)[:_BEGINNING].lower()].append(line)
    return {line.number: _key(line.text) for group in alike.values() if len(group) > 1 for line in group}


def _key(text: str) -> str:
    """Letters and digits only, lower case: what makes two copies the same."""
    return _MARKS.sub("", text).lower()


def _width(key: str) -> int:
    """Letters and digits, where a character of the dense East Asian scripts counts for two."""
    return len(key) + sum(character >= "\u2e80" for character in key)


def _rest(text: str, letters: int) -> str:
    """What follows the first so many letters and digits."""
    for index, character in enumerate(text):
        letters -= character.isalnum()
        if letters < 0:
            return text[index - 2 if index > 1 else 0 :]
    return ""


CLEANER = Captions()
