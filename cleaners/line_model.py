"""Which lines of a page are residue: small networks over all lines, read from a file that cannot run code.

Words of a line (and for HTML the names around it) give one score each; these, with the columns of
`line_shapes` and `block_shapes`, go through a few dilated convolutions over the lines and a summary of the
page. `training/residue.py` makes the files; their cards, `models/*.md`, say from what, and how good they are.

Weights and activations are whole numbers small enough that single precision adds them exactly, so that a score is
the same on every machine, in any order of summation; and it is twice as fast as double precision.
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
from threadpoolctl import ThreadpoolController

from winnow.cleaners.block_shapes import block_columns_of, name_rows_of
from winnow.cleaners.line_shapes import Columns, Lines, columns_of
from winnow.cleaners.line_words import rows_of
from winnow.cleaners.rolling_hashes import Numbers

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

FOLDER = Path(__file__).parent / "models"
WORDS, NAMES = "words", "names"
WIDEST = 6.0
"""Columns are counted in standard deviations and cut off at this many."""
STEP = 256.0
"""Whole numbers to a standard deviation."""
MOST = 511.0
"""The largest activation."""
HEAVIEST = 127
"""The largest weight. With weights of two bytes and 65,535 for an activation, the score of a line was another by .01
on average and by .08 at most, and 5 of 10,000 lines were on the other side of a limit."""
EXACT = 2**24
"""Where single precision stops holding every whole number. No sum gets there: training sees to it."""


@dataclass(frozen=True)
class Layer:
    """One linear step: whole-number weights (inputs x outputs), what one unit of each output is worth, a bias."""

    weights: Singles
    unit: Singles
    bias: Singles

    def __call__(self, inputs: Singles) -> Singles:
        """The outputs for rows of whole numbers."""
        outputs: Singles = inputs @ self.weights
        outputs *= self.unit
        outputs += self.bias
        return outputs


@dataclass(frozen=True, eq=False)
class Network:
    """A few dilated convolutions over the lines, and a summary of the page."""

    layers: Mapping[str, Layer]
    dilations: tuple[int, ...]
    activations: Singles
    """Before each step, what one unit of the activations is worth, inverted."""

    def log_odds(self, scaled: Singles) -> Singles:
        """For each line, by its rescaled columns, the logarithm of the odds that it is residue."""
        state = _positive(self.layers["in"](scaled))
        for step, dilation in enumerate(self.dilations):
            wide = _with_neighbours(self._units(state, step), dilation)
            state += _positive(self.layers[f"around {dilation}"](wide))
        units = self._units(state, len(self.dilations))
        mean = np.rint(units.sum(0, dtype=np.float64) / len(units)).astype(np.float32)
        page = self.layers["page"](np.concatenate((mean, units.max(0))))
        state = _positive(self.layers["line"](units) + page)
        return self.layers["out"](self._units(state, len(self.dilations) + 1))[:, 0]

    def _units(self, state: Singles, step: int) -> Singles:
        units: Singles = state * self.activations[step]
        np.minimum(units, MOST, out=units)
        return np.rint(units, out=units)


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

    def rescaled(self, columns: Columns) -> Singles:
        """Columns by name as the networks take them."""
        table = np.stack([columns[name] for name in self.columns], 1).astype(np.float64)
        table -= self.center
        table *= self.inverse_spread
        np.clip(table, -WIDEST, WIDEST, out=table)
        table *= STEP
        return np.rint(table, out=table).astype(np.float32)

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

    def log_odds(self, scaled: Singles) -> Floats:
        """For each line the logarithm of the odds that it is residue."""
        # The matrices are small: on a busy machine, threads that wait for each other took a hundred times as long.
        with _threads().limit(limits=1, user_api="blas"):
            odds: Floats = np.mean([network.log_odds(scaled) for network in self.networks], 0, np.float64)
        return odds


def measured(lines: Lines) -> Columns:
    """All columns of the lines that need no model, by name."""
    columns = columns_of(lines)
    return columns | block_columns_of(lines) if lines.page.blocks else columns


def _positive(outputs: Singles) -> Singles:
    return np.maximum(outputs, 0, out=outputs)


def _with_neighbours(state: Singles, distance: int) -> Singles:
    """Each line's values between those of the line `distance` above it and that below; 0 beyond the page."""
    count, width = state.shape
    wide = np.zeros((count, 3 * width), np.float32)
    wide[distance:, :width] = state[: max(count - distance, 0)]
    wide[:, width : 2 * width] = state
    wide[: max(count - distance, 0), 2 * width :] = state[distance:]
    return wide


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


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
                arrays[f"{number}.activations"].astype(np.float32),
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
    return Layer(*(arrays[f"{name}.{part}"].astype(np.float32) for part in ("weights", "unit", "bias")))
