"""The model's verdict on each line of a page, and why, in words: the three strongest reasons, cheaply.

A network does not explain itself. A linear stand-in, fitted to the network's answers, says how much each column
adds; columns of one kind are added up, and a reason is told only where what it says is true of the line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
import numpy.typing as npt

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.line_model import NAMES, STEP, WORDS, Floats, LineModel, Singles, measured
from winnow.cleaners.line_shapes import Columns, Lines, lines_of
from winnow.cleaners.page import Page

Told = Callable[[Columns, int], str]

MOST = 3
"""Reasons told of a line."""
# Judging takes some 4 KB a line and 75 bytes a character: at these sizes about 200 and 385 MB, measured. The longest
# text in the training data has 3,501 lines and 111,945 characters, a long novel 3,000,000 characters.
MOST_LINES, MOST_CHARACTERS = 50_000, 5_000_000
# Log-odds within which the model does not know, and how much a page asks for of which it knows nothing. Tried: 1 to
# 2.5 and 2 to 6; all alike, none worse than without.
_UNSURE, _DOUBT = 2.0, 3.0
_TRIED = 8  # of the strongest: some are not true of the line


@dataclass(frozen=True, slots=True)
class _Reason:
    columns: tuple[str, ...]
    told: Told
    """The reason in words, or nothing where it is not true of the line."""


def _where(column: str, said: str, *, more: float = 0.5) -> Told:
    """Said where the column is larger than `more`."""
    return lambda columns, line: said if columns[column][line] > more else ""


def _where_not(column: str, said: str) -> Told:
    return lambda columns, line: "" if columns[column][line] else said


def _beyond(column: str, other: str, said: str) -> Told:
    """Said where only the one holds: on a page without prose both do."""
    return lambda columns, line: said if columns[column][line] and not columns[other][line] else ""


def _short(columns: Columns, line: int) -> str:
    letters = round(math.expm1(columns["letters"][line]))
    return f"a short line ({letters} letters)" if letters < 60 else ""


def _copies(columns: Columns, line: int) -> str:
    others = round(math.expm1(columns["copies"][line]))
    return f"stands {others + 1} times on the page" if others else ""


def _links(columns: Columns, line: int) -> str:
    share = float(columns["links"][line])
    return f"{share:.0%} of it is links" if share >= 0.3 else ""


_COMMON = (
    _Reason(("letters", "number of words", "sentences", "size of the page", "lines of the page"), _short),
    _Reason(("ends a sentence", "stops", "count of stops"), _where_not("ends a sentence", "no end of a sentence")),
    _Reason((WORDS,), _where(WORDS, "words that residue has", more=0)),
    _Reason(("struck", "noted"), _where("struck", "rules struck a part of it", more=0)),
    _Reason(("copies", "seen before"), _copies),
    _Reason(
        ("lines that open alike", "opens as the line above"),
        _where("lines that open alike", "others open with the same word", more=0),
    ),
    _Reason(
        ("after the last prose", "prose below", "text above", "lines above", "from the end"),
        _beyond("after the last prose", "before the first prose", "after the end of the text"),
    ),
    _Reason(
        ("before the first prose", "prose above", "from the start"),
        _beyond("before the first prose", "after the last prose", "above the beginning of the text"),
    ),
    _Reason(
        ("separators", "count of separators", "begins with a mark", "ends in a separator"),
        _where("count of separators", "bullets or bars", more=0),
    ),
    _Reason(("digits", "count of digits", "four digits"), _where("digits", "many digits", more=0.2)),
    _Reason(("capitalised words", "capitals"), _where("capitalised words", "words begin with capitals", more=0.6)),
    _Reason(("ends in dots",), _where("ends in dots", "cut off with dots")),
    _Reason(("blank lines above", "indent"), _where("blank lines above", "blank lines around it", more=0)),
    _Reason(
        ("prose of the page",),
        lambda columns, line: "" if columns["prose of the page"][line] > 0.5 else "little prose on the page",
    ),
)
_NEIGHBOURHOOD = "among lines of that kind"
_CONTAINERS = range(1, 8)
_OF_BLOCKS = (
    _Reason(("links", "all links", "no links", "in <a>"), _links),
    _Reason((NAMES,), _where(NAMES, "in a part of the page named as residue is", more=0)),
    *(
        _Reason((f"in <{tag}>",), _where(f"in <{tag}>", f"in <{tag}>"))
        for tag in ("nav", "header", "footer", "aside", "form", "button", "label", "select", "figure", "table", "ul")
    ),
    _Reason(
        ("in <article>", "in <main>"),
        lambda columns, line: (
            "" if columns["in <article>"][line] or columns["in <main>"][line] else "outside <main> and <article>"
        ),
    ),
    _Reason(
        tuple(f"links of container {level}" for level in _CONTAINERS),
        _where("links of container 3", "what is around it is mostly links"),
    ),
    _Reason(
        tuple(f"{what} of container {level}" for level in _CONTAINERS for what in ("prose", "size", "share", "lines")),
        lambda columns, line: "" if columns["prose of container 3"][line] > 0.3 else "no prose around it",
    ),
    _Reason(
        ("text on the path", "lines on the path", "links on the path", "path as above", "path as below"),
        lambda columns, line: "" if columns["text on the path"][line] > 0.1 else "little text is marked up like it",
    ),
    _Reason(("heading", *(f"<h{level}>" for level in range(1, 7))), _where("heading", "a heading")),
)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a model says of the lines of a page."""

    lines: Lines
    model: LineModel
    columns: Columns
    scaled: Singles
    odds: Floats
    """For each line the logarithm of the odds that it is residue."""

    @property
    def stands(self) -> npt.NDArray[np.bool_]:
        """Which lines the cleaners before have left something of."""
        return np.asarray(self.columns["struck"] < 1, np.bool_)

    @property
    def doubt(self) -> float:
        """How much surer the model must be on this page, in log-odds."""
        return doubt(self.odds, self.lines.sizes, self.stands)

    def chance(self, line: int) -> float:
        """How likely it is that the line is residue: 0-1."""
        return 0.5 + math.tanh(self.odds[line] / 2) / 2

    def reasons(self, wanted: npt.NDArray[np.int64]) -> Iterator[str]:
        """For each of the wanted lines the strongest reasons, the strongest first; one at least, `MOST` at most."""
        reasons = [reason for reason in _COMMON + _OF_BLOCKS if reason.columns[0] in self.columns]
        strengths = self.scaled[wanted] @ _shares(self.model, tuple(reasons))
        strongest = np.argsort(-strengths, axis=1, kind="stable")[:, :_TRIED]
        around = _around(self.odds)
        for line, order, strength in zip(wanted, strongest, strengths, strict=True):
            told = (reasons[i].told(self.columns, line) for i in order if strength[i] > 0)
            said = list(islice(filter(None, told), MOST))
            if len(said) < MOST and around[line] > 0:
                said.append(_NEIGHBOURHOOD)
            yield ", ".join(said) or "the line as a whole"


def doubt(odds: Floats, sizes: Floats, stands: npt.NDArray[np.bool_]) -> float:
    """How much surer than elsewhere a model must be on a page of whose text it does not know much what it is.

    `odds`, `sizes` and `stands` of its lines. Lists, shops and forums are such pages, and most of what is lost is lost
    there: on sites not trained on this halved what pages of services and listings lose, at no cost to articles.
    """
    unsure = stands & (np.abs(odds) < _UNSURE)
    return _DOUBT * float(sizes[unsure].sum()) / max(float(sizes[stands].sum()), 1.0)


def too_large(page: Page, cleaner: str) -> Finding | None:
    """A note that a page is left alone because judging it would take too much memory; None where it would not."""
    if len(page.lines) <= MOST_LINES and len(page.text) <= MOST_CHARACTERS:
        return None
    first = next((line for line in page.lines if line.text.strip()), page.lines[0])
    reason = f"left alone: {len(page.lines):,} lines of {len(page.text):,} characters are too many to be judged"
    return Finding(first.start, first.end, cleaner, "any.too-large", reason, Action.NOTE)


def verdicts_on(page: Page, model: LineModel) -> Verdicts | None:
    """The model's verdicts on the lines of a page; None where none holds anything visible."""
    lines = lines_of(page)
    if not len(lines.starts):
        return None
    columns = {**measured(lines), **model.scores_of_words(lines)}
    scaled = model.rescaled(columns)
    return Verdicts(lines, model, columns, scaled, model.log_odds(scaled))


@lru_cache(maxsize=4)
def _shares(model: LineModel, reasons: tuple[_Reason, ...]) -> Floats:
    """How much each column adds to each reason: columns x reasons."""
    number = {name: i for i, name in enumerate(model.columns)}
    shares = np.zeros((len(model.columns), len(reasons)))
    for i, reason in enumerate(reasons):
        for name in reason.columns:
            if name in number:
                shares[number[name], i] = model.reasons[number[name]] / STEP
    return shares


def _around(odds: Floats) -> Floats:
    """The mean log-odds of the three lines above and below each."""
    sums = np.convolve(np.pad(odds, 3), np.ones(7), "valid")
    return np.asarray((sums - odds) / 6, np.float64)
