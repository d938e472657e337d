"""Which lines of a page are residue: small networks over all lines, read from a file that cannot run code.

Words of a line (and for HTML the names around it) give one score each; these, with the columns of
`line_shapes` and `block_shapes`, go through a few dilated convolutions over the lines and a summary of the
page. `training/residue.py` makes the files; their cards, `models/*.md`, say from what, and how good they are.

Weights and activations are whole numbers small enough that double precision adds them exactly, so that a score is
the same on every machine, in any order of summation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.cleaners.block_shapes import block_columns_of, name_rows_of
from winnow.cleaners.line_shapes import Columns, Lines, columns_of
from winnow.cleaners.line_words import rows_of
from winnow.cleaners.rolling_hashes import Numbers

Floats = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent / "models"
WORDS, NAMES = "words", "names"
WIDEST = 6.0
"""Columns are counted in standard deviations and cut off at this many."""
STEP = 4096.0
"""Whole numbers to a standard deviation."""
MOST = 65535.0
"""The largest activation."""
HEAVIEST = 32767
"""The largest weight. Times 65,535 and 192 inputs it stays far below 2**53, where doubles stop being exact."""


@dataclass(frozen=True)
class Layer:
    """One linear step: whole-number weights (inputs x outputs), what one unit of each output is worth, a bias."""

    weights: Floats
    unit: Floats
    bias: Floats

    def __call__(self, inputs: Floats) -> Floats:
        """The outputs for rows of whole numbers."""
        return inputs @ self.weights * self.unit + self.bias


@dataclass(frozen=True, eq=False)
class Network:
    """A few dilated convolutions over the lines, and a summary of the page."""

    layers: Mapping[str, Layer]
    dilations: tuple[int, ...]
    activations: Floats
    """Before each step, what one unit of the activations is worth, inverted."""

    def log_odds(self, scaled: Floats) -> Floats:
        """For each line, by its rescaled columns, the logarithm of the odds that it is residue."""
        state = np.maximum(self.layers["in"](scaled), 0)
        for step, dilation in enumerate(self.dilations):
            units = self._units(state, step)
            state = state + np.maximum(self.layers[f"around {dilation}"](_with_neighbours(units, dilation)), 0)
        units = self._units(state, len(self.dilations))
        page = np.concatenate((np.rint(units.sum(0) / len(units)), units.max(0)))
        state = np.maximum(self.layers["line"](units) + self.layers["page"](page), 0)
        odds: Floats = self.layers["out"](self._units(state, len(self.dilations) + 1))[:, 0]
        return odds

    def _units(self, state: Floats, step: int) -> Floats:
        units: Floats = np.rint(np.minimum(state * self.activations[step], MOST))
        return units


@dataclass(frozen=True, eq=False)
class LineModel:
    """A trained model. Lines are scored together, a page at a time."""

    columns: tuple[str, ...]
    center: Floats
    inverse_spread: Floats
    tables: Mapping[str, tuple[npt.NDArray[np.int16], float]]
    """For words and names, the weight of each row and what one unit of it is worth."""
    networks: tuple[Network, ...]
    """Trained alike from different beginnings: their mean errs less than each."""
    reasons: Floats
    """How much a standard deviation of each column, all else equal, adds to the score: a linear stand-in."""
    about: Mapping[str, Any]
    """What the card says too: data, date, scores."""

    def rescaled(self, columns: Columns) -> Floats:
        """Columns by name as the network takes them."""
        table = np.stack([columns[name] for name in self.columns], 1).astype(np.float64)
        table -= self.center
        table *= self.inverse_spread
        np.clip(table, -WIDEST, WIDEST, out=table)
        table *= STEP
        return np.rint(table, out=table)

    def scores_of_words(self, lines: Lines) -> Columns:
        """How much the words of each line, and for HTML the names around it, speak for residue."""
        count = len(lines.starts)
        rows, owners = rows_of(lines.words)
        scores: Columns = {WORDS: self.summed(WORDS, rows, owners, count)}
        if NAMES in self.tables:
            rows, places, place_of_line = name_rows_of(lines)
            scores[NAMES] = self.summed(NAMES, rows, places, int(places.max(initial=-1)) + 1)[place_of_line]
        return scores

    def summed(self, table: str, rows: Numbers, owners: Numbers, count: int) -> npt.NDArray[np.float64]:
        """For each of `count` owners the weights of its rows in a table, over the root of how many they are."""
        weights, unit = self.tables[table]
        sums = np.bincount(owners, weights.take(rows), count)
        return sums * unit / np.sqrt(np.maximum(np.bincount(owners, minlength=count), 1))

    def log_odds(self, scaled: Floats) -> Floats:
        """For each line the logarithm of the odds that it is residue."""
        odds: Floats = np.mean([network.log_odds(scaled) for network in self.networks], 0)
        return odds


def measured(lines: Lines) -> Columns:
    """All columns of the lines that need no model, by name."""
    columns = columns_of(lines)
    return columns | block_columns_of(lines) if lines.page.blocks else columns


def _with_neighbours(state: Floats, distance: int) -> Floats:
    """Each line's values between those of the line `distance` above it and that below; 0 beyond the page."""
    count, width = state.shape
    wide = np.zeros((count, 3 * width))
    wide[distance:, :width] = state[: max(count - distance, 0)]
    wide[:, width : 2 * width] = state
    wide[: max(count - distance, 0), 2 * width :] = state[distance:]
    return wide


@cache
def shipped_model(name: str) -> LineModel:
    """The model in `models/<name>.npz`."""
    return read(FOLDER / f"{name}.npz")


def read(path: Path) -> LineModel:
    """A model from its file. Raises ValueError where the file holds anything but plain arrays."""
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(bytes(arrays["about"]))
        tables = {
            name: (arrays[f"{name}.weights"], float(arrays[f"{name}.unit"]))
            for name in (WORDS, NAMES)
            if f"{name}.weights" in arrays
        }
        dilations = tuple(about["dilations"])
        networks = tuple(
            Network(
                {name: _layer(arrays, f"{number}.{name}") for name in about["layers"]},
                dilations,
                arrays[f"{number}.activations"].astype(np.float64),
            )
            for number in range(about["networks"])
        )
        return LineModel(
            tuple(about["columns"]),
            arrays["center"].astype(np.float64),
            arrays["inverse_spread"].astype(np.float64),
            tables,
            networks,
            arrays["reasons"].astype(np.float64),
            about,
        )


def _layer(arrays: Mapping[str, Any], name: str) -> Layer:
    return Layer(*(arrays[f"{name}.{part}"].astype(np.float64) for part in ("weights", "unit", "bias")))
