"""Lines with labels: texts labelled line by line, and HTML pages whose true text is known.

`texts(FILE)` reads JSON lines with `raw`, `lines` (spans with `label` content, boilerplate or ignore), `site`,
`page_type`, `lang`, `variant`; `pages(FOLDER)` reads `html/*.html` with `ground-truth/*.json` beside it, as WCXB has.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from winnow.cleaners.block_shapes import name_rows_of
from winnow.cleaners.cleaning import judged, page_of
from winnow.cleaners.decoding import decode
from winnow.cleaners.line_model import measured
from winnow.cleaners.line_shapes import Lines, lines_of
from winnow.cleaners.line_words import rows_of
from winnow.cleaners.page import Block
from winnow.cleaners.rendering import render
from winnow.cleaners.settings import CleaningSettings

# Without the cleaners whose findings the model does not see.
_BEFORE = CleaningSettings(skip_cleaners=("residue", "extraction", "unrepaired", "spacing"))
_SHINGLE = 4  # words
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")


@dataclass(eq=False)
class Document:
    """One document's lines, ready to learn from."""

    site: str
    kind: str
    variant: str
    language: str
    names: tuple[str, ...]
    table: np.ndarray  # lines x columns, float32
    rows: dict[str, tuple[np.ndarray, np.ndarray]]  # of words and names: row numbers, and the line of each
    labels: np.ndarray  # 1 residue, 0 content, -1 unknown
    weights: np.ndarray
    sizes: np.ndarray
    struck: np.ndarray  # whether rules struck most of the line
    partial: bool = False
    tokens: list[list[str]] = dataclasses.field(default_factory=list)
    gold: list[str] = dataclasses.field(default_factory=list)

    @property
    def fold(self) -> int:
        """Which of ten parts of the data it is in, by site: pages of one site are never told apart."""
        return crc32(".".join(self.site.split(".")[-2:]).encode()) % 10


def texts(path: Path) -> Iterator[Document]:
    """Documents of a file of labelled texts."""
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            lines = _judged(row["raw"], ())
            if len(lines.starts):
                labels = _labels_of_spans(row["lines"], lines)
                yield _document(
                    lines,
                    labels,
                    _weights_by_class(labels, lines.sizes),
                    site=row["site"],
                    kind=row["page_type"],
                    variant=row["variant"],
                    language=row["lang"],
                    partial=bool(row.get("partial")),
                )


def pages(folder: Path) -> Iterator[Document]:
    """Documents of a folder of HTML pages."""
    for path in sorted((folder / "html").glob("*.html")):
        truth = json.loads((folder / "ground-truth" / f"{path.stem}.json").read_text("utf-8"))
        rendered = render(decode(path.read_bytes()).text)
        lines = _judged(rendered.text, rendered.blocks)
        if not len(lines.starts):
            continue
        tokens = [_tokens(rendered.text[a:b]) for a, b in zip(lines.starts, lines.ends, strict=True)]
        gold = _tokens(truth["ground_truth"].get("main_content") or "")
        shares = _shares_in(tokens, gold, truth["ground_truth"].get("main_content") or "")
        labels = np.where(shares < 0, -1, shares < 0.5)
        roots = np.sqrt([len(words) for words in tokens])
        weights = roots / max(roots.sum(), 1) * (labels >= 0)
        yield _document(
            lines,
            labels,
            weights,
            site=re.sub(r"^(\w+://)?(www\.)?", "", truth.get("url") or path.stem).split("/")[0],
            kind=truth["_internal"]["page_type"]["primary"],
            variant="rendered",
            language="en",
            tokens=tokens,
            gold=gold,
        )


def _judged(text: str, blocks: tuple[Block, ...]) -> Lines:
    """The lines of a text as the model will see them: after the cleaners before it."""
    return lines_of(judged(dataclasses.replace(page_of(text), blocks=blocks), _BEFORE))


def _document(lines: Lines, labels: np.ndarray, weights: np.ndarray, **facts: Any) -> Document:
    columns = measured(lines)
    rows = {"words": rows_of(lines.words)}
    if lines.page.blocks:
        found, places, place_of_line = name_rows_of(lines)
        by_place = np.split(found, np.searchsorted(places, np.arange(1, place_of_line.max(initial=0) + 1)))
        each = [by_place[place] for place in place_of_line]
        rows["names"] = np.concatenate(each), np.repeat(np.arange(len(each)), [len(row) for row in each])
    table = np.stack(list(columns.values()), 1).astype(np.float32)
    struck = np.asarray(columns["struck"]) > 0.5
    return Document(
        names=tuple(columns), table=table, rows=rows, labels=labels, weights=weights, sizes=lines.sizes, struck=struck,
        **facts,
    )  # fmt: skip


def _labels_of_spans(spans: list[dict[str, Any]], lines: Lines) -> np.ndarray:
    """Of text that stands several times, as many copies as the truth has are content."""
    labels = np.full(len(lines.starts), -1)
    copies: dict[int, int] = {}
    for span in sorted(spans, key=lambda span: span["start"]):
        line = int(np.searchsorted(lines.ends, span["start"], side="right"))
        if span["label"] == "ignore" or line == len(labels):
            continue
        residue = span["label"] == "boilerplate"
        if "group" in span and not residue:
            copies[span["group"]] = copies.get(span["group"], 0) + 1
            residue = copies[span["group"]] > span.get("copies", 1)
        if labels[line] != 0:  # where a line holds both, it is content
            labels[line] = residue
    return labels


def _weights_by_class(labels: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Content and residue of a document weigh the same, as the shares that are measured do; long lines more
    than short ones, by the root; documents with few lines of a kind less, as these tell less."""
    weights = np.zeros(len(labels))
    for label in (0, 1):
        own = labels == label
        if own.any():
            roots = np.sqrt(sizes[own] + 1e-9)
            weights[own] = roots / roots.sum() * min(1.0, (own.sum() / 8) ** 0.5)
    return weights


def _tokens(text: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(text)]


def _shares_in(lines: list[list[str]], gold: list[str], text: str) -> np.ndarray:
    """How much of each line stands in the true text, by shingles of four words; -1 for a line without words.

    A line of fewer words counts if it is a line of the true text, or stands there between its neighbours' words.
    """
    known = {tuple(gold[i : i + _SHINGLE]) for i in range(len(gold) - _SHINGLE + 1)}
    whole = {tuple(_tokens(line)) for line in text.split("\n")}
    shares = np.full(len(lines), -1.0)
    for number, words in enumerate(lines):
        if len(words) >= _SHINGLE:
            covered = np.zeros(len(words), bool)
            for i in range(len(words) - _SHINGLE + 1):
                if tuple(words[i : i + _SHINGLE]) in known:
                    covered[i : i + _SHINGLE] = True
            shares[number] = covered.mean()
        elif words:
            shares[number] = float(tuple(words) in whole or _stands_between(lines, number, known))
    return shares


def _stands_between(lines: list[list[str]], number: int, known: set[tuple[str, ...]]) -> bool:
    words = lines[number]
    above = [word for line in lines[max(0, number - 2) : number] for word in line][-2:]
    below = [word for line in lines[number + 1 : number + 3] for word in line][:2]
    run = [*above, *words, *below]
    first, last = max(0, len(above) - _SHINGLE + 1), len(above) + len(words) - 1
    return any(tuple(run[i : i + _SHINGLE]) in known for i in range(first, min(last, len(run) - _SHINGLE) + 1))
