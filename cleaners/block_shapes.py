"""What the DOM says of the lines of an HTML page, as numbers: tags, links, names, and what stands together."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from winnow.cleaners.elements import words_in
from winnow.cleaners.line_shapes import PROSE, Column, Columns, Lines
from winnow.cleaners.page import Block
from winnow.cleaners.rolling_hashes import Numbers

NAME_ROWS_LOG2 = 16
"""Hashed words of classes and ids fall into 2**16 rows."""

_AROUND = (
    "article main nav header footer aside form ul ol table section figure blockquote pre button label select a li dl"
).split()
_TAGS = (
    "p li div td h1 h2 h3 h4 h5 h6 span blockquote pre figcaption dt dd section article body option main th tr aside "
    "footer header nav form legend summary"
).split()
_LEVELS = 7  # containers looked at, from the innermost outwards
_OWN = 3  # elements whose names are told apart by how far they are from the text
_MOST_LINKS = 0.3  # share of a paragraph
_DEEPEST = 40
_MULTIPLIER = 0xBF58476D1CE4E5B9  # of SplitMix64: odd, its high bits well mixed
_64_BITS = (1 << 64) - 1


def block_columns_of(lines: Lines) -> Columns:
    """All columns of the lines of a page with blocks, by name."""
    blocks = [lines.page.blocks[number] for number in lines.numbers]
    links = np.array([block.link_share for block in blocks])
    columns: Columns = {
        "links": links,
        "all links": links > 0.95,
        "no links": links == 0,
        "depth": np.minimum([block.depth for block in blocks], _DEEPEST) / 20,
        "heading": np.array([block.heading > 0 for block in blocks]),
    }
    around = np.stack([_around(block.tags) for block in blocks])
    columns |= {f"in <{tag}>": around[:, i] for i, tag in enumerate(_AROUND)}
    tags = np.array([block.tag for block in blocks])
    columns |= {f"<{tag}>": tags == tag for tag in _TAGS}
    return columns | _alike(blocks, lines.sizes, links) | _containers(blocks, lines.sizes, links)


@lru_cache(maxsize=1024)
def _around(tags: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([tag in tags for tag in _AROUND])


def _alike(blocks: Sequence[Block], sizes: Column, links: Column) -> Columns:
    """What stands on the same path through the page: as a rule, paragraphs of one text do."""
    numbers: dict[str, int] = {}
    paths = np.array([numbers.setdefault(block.path, len(numbers)) for block in blocks])
    size, count = np.bincount(paths, sizes), np.bincount(paths)
    as_above = np.zeros(len(paths), np.bool_)
    as_above[1:] = paths[1:] == paths[:-1]
    return {
        "path as above": as_above,
        "path as below": np.append(as_above[1:], False),
        "text on the path": size[paths] / max(float(sizes.sum()), 1.0),
        "lines on the path": np.log1p(count[paths]) / 5,
        "links on the path": np.bincount(paths, sizes * links)[paths] / np.maximum(size[paths], 1),
    }


def _containers(blocks: Sequence[Block], sizes: Column, links: Column) -> Columns:
    """What each of the block elements around a line holds, from the innermost outwards."""
    chains = [block.containers or (0,) for block in blocks]
    owners = np.repeat(np.arange(len(chains)), [len(chain) for chain in chains])
    inside = np.array([number for chain in chains for number in chain])
    prose = (sizes >= PROSE) & (links < _MOST_LINKS)
    size, count = np.bincount(inside, sizes[owners]), np.bincount(inside)
    linked = np.bincount(inside, (sizes * links)[owners])
    told = np.bincount(inside, (sizes * prose)[owners])
    total = max(float(sizes.sum()), 1.0)
    columns: Columns = {}
    levels = np.array([(chain[::-1] + (chain[0],) * _LEVELS)[:_LEVELS] for chain in chains])
    for level, at in enumerate(levels.T, 1):
        held = np.maximum(size[at], 1)
        columns |= {
            f"size of container {level}": np.log1p(size[at]) / 8,
            f"links of container {level}": linked[at] / held,
            f"lines of container {level}": np.log1p(count[at]) / 5,
            f"share of container {level}": size[at] / total,
            f"prose of container {level}": told[at] / held,
        }
    return columns


def name_rows_of(lines: Lines) -> tuple[Numbers, Numbers, Numbers]:
    """Rows for the words in the classes and ids around lines: `(rows, places, place of each line)`.

    Many lines stand in places of one name, so the rows are told once for each place.
    """
    rows: list[int] = []
    counts: list[int] = []
    numbers: dict[tuple[frozenset[str], str], int] = {}
    place_of_line = np.empty(len(lines.numbers), np.int64)
    for i, number in enumerate(lines.numbers):
        block = lines.page.blocks[number]
        place = numbers.setdefault((block.names, block.path), len(numbers))
        place_of_line[i] = place
        if place == len(counts):
            own = _rows(block.names, block.path)
            rows += own
            counts.append(len(own))
    return np.array(rows, np.int64), np.repeat(np.arange(len(counts)), counts), place_of_line


def _rows(names: frozenset[str], path: str) -> list[int]:
    rows = list(_rows_of_names(names))
    for distance, label in enumerate(reversed(path.rsplit(" > ", _OWN)[-_OWN:])):
        rows += _rows_of_label(label, distance)
    return rows


@lru_cache(maxsize=512)
def _rows_of_names(names: frozenset[str]) -> tuple[int, ...]:
    return tuple(_row(word, -1) for word in names)


@lru_cache(maxsize=8192)
def _rows_of_label(label: str, distance: int) -> tuple[int, ...]:
    """Of an element's label its words, told apart by how far it is from the text, and the whole."""
    return (*(_row(word, distance) for word in words_in(label)), _row(label, _OWN))


@lru_cache(maxsize=8192)
def _row(word: str, salt: int) -> int:
    hashed = zlib.crc32(f"{word}@{salt}".encode("utf-8", "surrogatepass"))
    return (hashed * _MULTIPLIER & _64_BITS) >> (64 - NAME_ROWS_LOG2)
