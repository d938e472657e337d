"""How well a text fits each of 75 languages: a small table of character n-grams, read in one step.

A naive Bayes model over runs of one to five letters, hashed to a fixed number of rows.
`training/languages.py` makes the table; its card, `models/languages.md`, says from what, and how good it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).parent / "models" / "languages.npz"

ROWS_LOG2 = 16  # 65,536 rows; half as many cost 0.3 points on 40-character texts, twice as many gain 0.2
_LONGEST_RUN = 5  # letters; runs of at most 4 cost 0.6 points
# More runs than these tell nothing new (600 and all 2,700 of a page tell its language equally well), so
# an even selection of them is looked up.
_MOST_RUNS = 600
HIGHEST_GAIN = (1 << 16) // _MOST_RUNS - 1

# Multiplicative hashing after Knuth (TAOCP 6.4): odd constants, one near 2**32 over the golden ratio, one
# MurmurHash3's first; the highest bits are the best mixed.
_GOLDEN, _MURMUR = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_KEEP = np.uint32(32 - ROWS_LOG2)


def runs(text: str, letters: npt.NDArray[np.uint32], most: int = _MOST_RUNS) -> npt.NDArray[np.uint32]:
    """Row numbers of the runs of letters in a text. What stands between two words counts as one letter.

    `letters` gives a number to each UTF-16 unit that is a letter, in upper and lower case the same, and 0
    to all others. Of more than `most` runs an even selection is taken.
    """
    units = np.frombuffer(f" {text} ".encode("utf-16-le", "surrogatepass"), np.uint16)
    found = letters.take(units)
    wanted = found != 0
    wanted[1:] |= wanted[:-1]  # the first of several non-letters ends the word
    found = found.compress(wanted)
    count = len(found)
    longest = min(_LONGEST_RUN, count)
    rows = np.empty(longest * count - longest * (longest - 1) // 2, np.uint32)
    rows[:count] = run = found
    filled = count
    for length in range(1, longest):
        begun, filled = filled, filled + count - length
        run = np.multiply(run[:-1], _GOLDEN, out=rows[begun:filled])
        run ^= found[length:]
    if filled > most:
        rows = rows[:: -(-filled // most)]
    rows *= _MURMUR
    rows >>= _KEEP
    return rows


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """The table in memory: 5 MB."""

    tags: tuple[str, ...]
    """The language of each column of the table, in BCP 47."""
    columns: Mapping[str, int]
    """The column of each tag."""
    letters: npt.NDArray[np.uint32]
    """65,536 numbers: see `runs`."""
    gain: npt.NDArray[np.uint8]
    """Rows by languages: by how much the log-likelihood of a run exceeds that of one never seen, in `steps`.

    At most HIGHEST_GAIN, so that a sum over all runs of a text fits into 16 bits.
    """
    step: np.float32
    unseen: npt.NDArray[np.float32]
    """By language: the log-likelihood of a run never seen."""

    def likelihoods(self, rows: npt.NDArray[np.uint32], over: float = 1) -> npt.NDArray[np.float32]:
        """For each language the log-likelihood of these runs, summed and divided by `over`."""
        gained = np.add.reduce(self.gain.take(rows, 0), 0, np.uint16 if len(rows) <= _MOST_RUNS else np.uint32)
        summed: npt.NDArray[np.float32] = gained * np.float32(self.step / over)
        summed += self.unseen * np.float32(len(rows) / over)
        return summed

    def scores(self, text: str) -> npt.NDArray[np.float32]:
        """The same for the runs of a text, over the root of their number.

        Runs overlap, so the plain sum would be far too sure of itself; the root is what fitted best.
        """
        rows = runs(text, self.letters)
        return self.likelihoods(rows, over=max(len(rows), 1) ** 0.5)

    def fit(self, text: str) -> float:
        """The mean log-likelihood of a run in the language that fits best: -8 in plain prose, under -11.5
        where the script is unknown."""
        rows = runs(text, self.letters)
        return float(self.likelihoods(rows).max()) / max(len(rows), 1)


def load(file: Path = FILE) -> LanguageModel:
    """A model from its file, in which nothing can be executed."""
    with np.load(file, allow_pickle=False) as stored:
        tags = tuple(stored["tags"].tolist())
        columns = {tag: column for column, tag in enumerate(tags)}
        columns["zh-Hant"] = columns["zh-Hans"]  # in which script Chinese is, CLD2 tells
        return LanguageModel(tags, columns, stored["letters"], stored["gain"], stored["step"][()], stored["unseen"])


@cache
def shipped() -> LanguageModel:
    """The model that comes with Winnow. Loading takes about 0.03 s."""
    return load()
