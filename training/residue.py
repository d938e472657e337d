"""Train the models that tell residue from content, and write their cards.

    python training/residue.py DATA --model residue [--folds 5] [--write]
    python training/residue.py DATA --model extraction [--folds 5] [--write]

DATA holds `textmode-dev.jsonl` (labelled texts) and `wcxb/dev` (HTML pages with their true text). First the
whole model is judged on sites it was not trained on, then, with --write, trained on all and written to
`cleaners/models/`. The same data give the same bytes. Needs numpy, scipy and torch.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from labelled_lines import Document, pages, texts
from line_nets import TABLES, Words, learn, standard, whole_numbers, whole_table
from model_files import write
from verdicts import report

from winnow.cleaners.line_model import STEP, LineModel

PARTS = 5
# How many networks, and the dropout. Two of .25 left 2 points less of articles' residue than one of .1, six no less. On
# pages word F1 is even for one and two (.861), and .858 with .25; of two, small pages lose less by chance.
NETWORKS = {"residue": (2, 0.25), "extraction": (2, 0.1)}
SEED = 7


class Trainer:
    """Trains on any part of the documents. Scores of words are always those of a regression that did not see
    the line's site: what words say of sites they were learned on is too good to be believed."""

    def __init__(self, documents: Sequence[Document], epochs: int, networks: int, dropout: float) -> None:
        self.documents, self.epochs, self.networks, self.dropout = documents, epochs, networks, dropout
        each = [len(d.labels) for d in documents]
        self.parts = np.repeat([d.fold % PARTS for d in documents], each)
        sites = {site: i for i, site in enumerate(sorted({d.site for d in documents}))}
        self.sites = np.repeat([sites[d.site] for d in documents], each)
        self.labels = np.concatenate([d.labels for d in documents])
        self.weights = np.concatenate([d.weights for d in documents])
        self.offsets = np.cumsum(each)[:-1]
        self.words = {name: Words(documents, name) for name in TABLES if name in documents[0].rows}
        self._learned: dict[tuple[str, frozenset[int]], np.ndarray] = {}

    def model(self, held_out: int | None) -> LineModel:
        """A model of all parts but one, or of all."""
        scores = np.stack([self._scores(name, held_out) for name in self.words], 1)
        tables = [
            np.concatenate((d.table, own), 1)
            for d, own in zip(self.documents, np.split(scores.astype(np.float32), self.offsets), strict=True)
        ]
        chosen = [i for i, d in enumerate(self.documents) if d.fold % PARTS != held_out]
        every = np.concatenate([tables[i] for i in chosen])
        center, spread = every.mean(0), every.std(0) + 1e-3
        documents = [self.documents[i] for i in chosen]
        inputs = [standard(tables[i], center, spread) for i in chosen]
        sample = np.random.default_rng(SEED).permutation(len(chosen))[:200]
        seen = [documents[i] for i in sample], [inputs[i] for i in sample]
        networks = [
            whole_numbers(learn(documents, inputs, self.epochs, self.dropout, SEED + turn), *seen)
            for turn in range(self.networks)
        ]
        model = LineModel(
            (*self.documents[0].names, *self.words),
            center.astype(np.float64),
            (1 / spread).astype(np.float64),
            {name: whole_table(self._rows(name, {held_out} - {None})) for name in self.words},
            tuple(networks),
            np.zeros(len(center)),
            {},
        )
        return dataclasses.replace(model, reasons=_stand_in(model, seen[1]))

    def log_odds(self, model: LineModel, held_out: int) -> dict[int, np.ndarray]:
        """The model's answers for the documents of the part it has not seen."""
        answers = {}
        for i, d in enumerate(self.documents):
            if d.fold % PARTS == held_out:
                columns = dict(zip(d.names, d.table.T, strict=True))
                for name in self.words:
                    rows, lines = d.rows[name]
                    columns[name] = model.summed(name, rows, lines, len(d.labels))
                answers[i] = model.log_odds(model.rescaled(columns))
        return answers

    def _rows(self, name: str, without: set[int]) -> np.ndarray:
        key = name, frozenset(without)
        if key not in self._learned:
            chosen = ~np.isin(self.parts, list(without)) & (self.labels >= 0)
            self._learned[key] = self.words[name].learn(chosen, self.labels == 1, self.weights, self.sites)
        return self._learned[key]

    def _scores(self, name: str, held_out: int | None) -> np.ndarray:
        scores = np.zeros(len(self.labels), np.float32)
        for part in range(PARTS):
            own = self.parts == part
            scores[own] = self.words[name].matrix[own] @ self._rows(name, {part, held_out} - {None})
        return scores


def _stand_in(model: LineModel, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """Weights of a linear model that answers as nearly as it can what the network does, for telling reasons."""
    table = np.concatenate(inputs).astype(np.float64)
    odds = np.concatenate([model.log_odds(np.rint(own * STEP)) for own in inputs]).clip(-8, 8)
    square = table.T @ table + len(table) * 0.05 * np.eye(table.shape[1])
    return np.linalg.solve(square, table.T @ (odds - odds.mean()))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", choices=("residue", "extraction"), required=True)
    parser.add_argument("--folds", type=int, default=PARTS, help="how many of the five folds are judged")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    started = time.time()
    if arguments.model == "residue":
        documents = list(texts(arguments.data / "textmode-dev.jsonl"))
    else:
        documents = list(pages(arguments.data / "wcxb" / "dev"))
    print(f"{len(documents)} documents, {sum(len(d.labels) for d in documents)} lines", file=sys.stderr, flush=True)
    trainer = Trainer(documents, arguments.epochs, *NETWORKS[arguments.model])
    answers: dict[int, np.ndarray] = {}
    for part in range(arguments.folds):
        answers |= trainer.log_odds(trainer.model(part), part)
        print(f"fold {part}: {time.time() - started:.0f} s", file=sys.stderr, flush=True)
    table = report(arguments.model, documents, answers)
    print(table)
    if arguments.write:
        write(arguments.model, trainer.model(None), documents, table)


if __name__ == "__main__":
    main()
