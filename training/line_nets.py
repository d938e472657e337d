"""Learning: weights of words by logistic regression, then a small network over lines; and its whole-number form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from labelled_lines import Document
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from winnow.cleaners.block_shapes import NAME_ROWS_LOG2
from winnow.cleaners.line_model import EXACT, HEAVIEST, MOST, NAMES, STEP, WIDEST, WORDS, Layer, Network
from winnow.cleaners.line_words import ROWS_LOG2

TABLES = {WORDS: ROWS_LOG2, NAMES: NAME_ROWS_LOG2}
CHANNELS = 64
DILATIONS = (1, 2, 4, 8)
_FEWEST_SITES = 3  # a word must stand on as many to count: others only tell the site
_BETWEEN = 16  # empty lines between documents of a batch, so that they do not see each other
_LINES_OF_A_BATCH = 4_000
_RATE, _DECAY = 2e-3, 1e-3
_LEARNED_WORDS = 0.15  # step of the regression's Adam
_LONGEST = 5_000  # lines; longer documents are lists that teach little and fill whole batches


class Words:
    """The words of documents as a sparse matrix: lines x rows, each line of length 1 in the root of its count."""

    def __init__(self, documents: Sequence[Document], table: str) -> None:
        offsets = np.cumsum([0, *(len(d.labels) for d in documents)])
        lines = np.concatenate([d.rows[table][1] + o for d, o in zip(documents, offsets, strict=False)])
        rows = np.concatenate([d.rows[table][0] for d in documents])
        shape = int(offsets[-1]), 1 << TABLES[table]
        counts = np.maximum(np.bincount(lines, minlength=shape[0]), 1)
        values = (1 / np.sqrt(counts))[lines].astype(np.float32)
        self.matrix = sparse.csr_matrix((values, (lines, rows)), shape=shape)

    def learn(self, chosen: np.ndarray, labels: np.ndarray, weights: np.ndarray, sites: np.ndarray) -> np.ndarray:
        """The weight of each row, from the chosen lines: Adam on all of them at once, which is the same every time."""
        matrix, labels, weights = self.matrix[chosen], labels[chosen], weights[chosen] / weights[chosen].sum()
        known = _sites_of_rows(matrix, sites[chosen]) >= _FEWEST_SITES
        turned = matrix.T.tocsr()
        found = np.zeros(matrix.shape[1] + 1, np.float32)  # the last is the bias
        mean, square = np.zeros_like(found), np.zeros_like(found)
        for step in range(1, 51):
            with np.errstate(over="ignore"):  # of what is surely content
                error = (1 / (1 + np.exp(-(matrix @ found[:-1] + found[-1]))) - labels) * weights
            slope = np.append((turned @ error) * known + 3e-7 * found[:-1], error.sum())
            mean = 0.9 * mean + 0.1 * slope
            square = 0.99 * square + 0.01 * slope * slope
            found -= _LEARNED_WORDS * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-7)
        return (found[:-1] * known).astype(np.float32)


def _sites_of_rows(matrix: sparse.csr_matrix, sites: np.ndarray) -> np.ndarray:
    seen = sparse.csr_matrix((np.ones(len(sites), np.float32), (sites, np.arange(len(sites)))))
    on_site = seen @ matrix
    return np.asarray((on_site > 0).sum(0)).ravel()


class Lines(nn.Module):
    """What `Network.log_odds` computes, in floating point and with gradients."""

    def __init__(self, inputs: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, CHANNELS)
        self.around = nn.ModuleList(nn.Linear(3 * CHANNELS, CHANNELS) for _ in DILATIONS)
        self.page = nn.Linear(2 * CHANNELS, CHANNELS)
        self.line = nn.Linear(CHANNELS, CHANNELS)
        self.last = nn.Linear(CHANNELS, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: Batch) -> Tensor:
        """The log-odds of each line."""
        return self.states(batch)[-1]

    def states(self, batch: Batch) -> list[Tensor]:
        """The activations before each step, then the log-odds."""
        state = functional.relu(self.first(batch.inputs)) * batch.inside
        states = [state]
        for layer, dilation in zip(self.around, DILATIONS, strict=True):
            padded = functional.pad(state, (0, 0, dilation, dilation))
            wide = torch.cat([padded[: -2 * dilation], state, padded[2 * dilation :]], 1)
            state = (state + self.dropout(functional.relu(layer(wide)))) * batch.inside
            states.append(state)
        zeros = torch.zeros(batch.documents + 1, CHANNELS)
        mean = zeros.index_add(0, batch.owners, state) / batch.lengths
        most = zeros.scatter_reduce(0, batch.owners[:, None].expand_as(state), state, "amax")
        page = self.page(torch.cat([mean, most], 1))
        state = functional.relu(self.line(state) + page[batch.owners])
        return [*states, state, self.last(self.dropout(state))[:, 0]]


class Batch:
    """Documents one below the other."""

    def __init__(self, documents: Sequence[Document], inputs: Sequence[np.ndarray]) -> None:
        self.documents = len(documents)
        gap = np.zeros((_BETWEEN, inputs[0].shape[1]), np.float32)
        self.inputs = torch.from_numpy(np.concatenate([part for own in inputs for part in (own, gap)]))
        each = [len(own) for own in inputs]
        self.inside = self._joined([np.ones(count) for count in each], 0)[:, None]
        self.owners = self._joined([np.full(count, i) for i, count in enumerate(each)], self.documents).long()
        self.lengths = torch.tensor([*each, 1], dtype=torch.float32)[:, None]
        self.labels = self._joined([(own.labels == 1) for own in documents], 0)
        self.weights = self._joined([own.weights for own in documents], 0)

    @staticmethod
    def _joined(parts: Sequence[np.ndarray], between: float) -> Tensor:
        gap = np.full(_BETWEEN, between, np.float32)
        return torch.from_numpy(np.concatenate([p.astype(np.float32) for part in parts for p in (part, gap)]))


def _batches(lengths: Sequence[int], order: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    filled = 0
    for i in order:
        if batch and filled + lengths[i] > _LINES_OF_A_BATCH:
            yield batch
            batch, filled = [], 0
        batch.append(i)
        filled += lengths[i]
    if batch:
        yield batch


def learn(documents: Sequence[Document], inputs: Sequence[np.ndarray], epochs: int, dropout: float, seed: int) -> Lines:
    """A network trained on documents whose inputs are standardised columns. The same seed gives the same weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # with more the order of sums, and so the last bits, may change
    random = np.random.default_rng(seed)
    chosen = [i for i, own in enumerate(inputs) if len(own) <= _LONGEST and documents[i].weights.any()]
    lengths = [len(own) for own in inputs]
    network = Lines(inputs[0].shape[1], dropout)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = epochs * len(list(_batches(lengths, chosen)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * min(1.0, step / steps)))
    )
    network.train()
    for _ in range(epochs):
        random.shuffle(chosen)
        for numbers in _batches(lengths, chosen):
            batch = Batch([documents[i] for i in numbers], [inputs[i] for i in numbers])
            loss = functional.binary_cross_entropy_with_logits(network(batch), batch.labels, reduction="none")
            optimiser.zero_grad()
            ((loss * batch.weights).sum() / batch.weights.sum()).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return network.eval()


def whole_numbers(network: Lines, documents: Sequence[Document], inputs: Sequence[np.ndarray]) -> Network:
    """The network that computes with whole numbers what this one computes; `inputs` show how large values get."""
    with torch.no_grad():
        states = network.states(Batch(documents, inputs))
    units = [(float(state.max()) + 1e-6) / MOST for state in states[:-1]]
    steps = [("in", network.first, 1 / STEP)]
    steps += [
        (f"around {d}", layer, units[i]) for i, (d, layer) in enumerate(zip(DILATIONS, network.around, strict=True))
    ]
    steps += [("line", network.line, units[-2]), ("page", network.page, units[-2]), ("out", network.last, units[-1])]
    layers = {name: _layer(layer, unit, WIDEST * STEP if name == "in" else MOST) for name, layer, unit in steps}
    return Network(layers, DILATIONS, (1 / np.array(units)).astype(np.float32))


def whole_table(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights of words as whole numbers, and what one unit of them is worth."""
    unit = max(float(np.abs(weights).max()) / np.iinfo(np.int16).max, 1e-9)
    return np.rint(weights / unit).astype(np.int16), unit


def _layer(layer: nn.Linear, unit_of_input: float, largest: float) -> Layer:
    """The layer for inputs up to `largest`. Where all weights together are too heavy, they are lighter."""
    weights = layer.weight.detach().numpy().T.astype(np.float64)
    size = np.abs(weights)
    most = EXACT / largest - len(weights) / 2  # what rounding adds is at most a half for each
    unit = np.maximum(np.maximum(size.max(0) / HEAVIEST, size.sum(0) / most), 1e-9)
    whole, worth = np.rint(weights / unit).astype(np.float32), (unit * unit_of_input).astype(np.float32)
    return Layer(whole, worth, layer.bias.detach().numpy())


def standard(table: np.ndarray, center: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Columns in standard deviations, as the model rounds them."""
    scaled = np.clip((table - center) * (1 / spread), -WIDEST, WIDEST)
    return (np.rint(scaled * STEP) / STEP).astype(np.float32)
