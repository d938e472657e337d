"""What repeats on a site, as a second reason beside the residue model: what it takes and what it costs.

    python training/site_repeats.py DATA [--answers FILE]

DATA holds `textmode-dev.jsonl`. Texts of one variant, of sites with three of them or more, are judged by models that
were trained without their sites, as in `residue.py`; that takes a quarter of an hour, unless FILE keeps the answers.
For each rule: the share of content that is lost, of residue that is left, and of documents that lost more than 2%,
macro means by letters of lines; and what is left where all that a rule asks of the model is moved so that 0.5% is lost.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from labelled_lines import Document, texts
from residue import NETWORKS, PARTS, Trainer
from verdicts import means_of_texts

from winnow.cleaners.line_shapes import lines_of
from winnow.cleaners.line_verdicts import doubt
from winnow.cleaners.line_words import line_hashes
from winnow.cleaners.page import Page, split_lines
from winnow.cleaners.repeats import BLOCK
from winnow.cleaners.residue import LIKELY, SURE
from winnow.flows.evidence import LEAST


@dataclass
class Judged:
    """A document with what the model and the other documents of its site say of its lines."""

    document: Document
    odds: np.ndarray
    """Of residue, in logarithms, beyond the page's doubt."""
    counts: np.ndarray
    """Documents of the site that hold the line."""

    def blocks(self, least: int) -> np.ndarray:
        """For each line that repeats, how many do in a row."""
        sizes = [(repeats, len(list(run))) for repeats, run in groupby(self.counts >= least)]
        return np.concatenate([np.full(size, size * repeats) for repeats, size in sizes])


Rule = Callable[[Judged], np.ndarray]


def rule(least: int = LEAST, leaning: float = LIKELY, block: int = BLOCK) -> Rule:
    """What a rule strikes beside what the model is sure of."""
    return lambda j: (j.odds > SURE) | ((j.counts >= least) & (j.odds > leaning) & (j.blocks(least) >= block))


RULES: dict[str, Rule] = {
    "the model alone": lambda j: j.odds > SURE,
    "as shipped": rule(),
    "in any block": rule(block=1),
    "without the model's leaning": rule(leaning=-np.inf),
    "where the model leans by 0": rule(leaning=0.0),
    "in two documents": rule(least=2),
}


def judged(path: Path, answers: dict[int, np.ndarray], documents: Sequence[Document]) -> list[Judged]:
    """The documents of sites with enough of them."""
    with path.open(encoding="utf-8") as file:
        hashes = [found for row in map(json.loads, file) if len(found := _hashes(row["raw"]))]
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, document in enumerate(documents):
        if not document.partial:
            groups[document.variant, document.site].append(number)
    found = []
    for own in groups.values():
        if len(own) >= LEAST:
            pages = {frozenset(hashes[number].tolist()) for number in own}
            counts = Counter(line for page in pages for line in page if line)
            for number in own:
                d, odds = documents[number], answers[number]
                beyond = odds - doubt(odds, d.sizes, ~d.struck)
                found.append(Judged(d, beyond, np.array([counts[line] for line in hashes[number].tolist()])))
    return found


def _hashes(raw: str) -> np.ndarray:
    lines = lines_of(Page(raw, split_lines(raw)))
    return line_hashes(lines.words, len(lines.starts))[0]


def report(documents: Sequence[Judged]) -> None:
    """Print a table for each variant."""
    for variant in ("recall", "full"):
        for title, kinds in (("articles", ("article",)), ("all kinds", None)):
            own = [j for j in documents if j.document.variant == variant and (not kinds or j.document.kind in kinds)]
            print(f"\n{variant}, {title}: {len(own)} documents of {len({j.document.site for j in own})} sites\n")
            print("| rule | lost | left | F1 | hurt 2% | left at .005 | at .01 |\n|---|---|---|---|---|---|---|")
            for name, strikes in RULES.items():
                told = [*_means(own, strikes), *(_left_at(own, strikes, lost) for lost in (0.005, 0.01))]
                print(f"| {name} | " + " | ".join(f"{mean:.4f}" for mean in told) + " |")


def _means(own: Sequence[Judged], strikes: Rule) -> np.ndarray:
    goes = {i: np.where(strikes(j), 1.0, 0.0) for i, j in enumerate(own)}
    return means_of_texts([j.document for j in own], goes, range(len(own)), 0.5)


def _left_at(own: Sequence[Judged], strikes: Rule, lost: float) -> float:
    low, high = -4.0, 9.0  # added to what the model must say
    for _ in range(14):
        middle = (low + high) / 2
        moved = [replace(j, odds=j.odds - middle) for j in own]
        low, high = (middle, high) if _means(moved, strikes)[0] > lost else (low, middle)
    return float(_means([replace(j, odds=j.odds - high) for j in own], strikes)[1])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--answers", type=Path)
    arguments = parser.parse_args()
    path = arguments.data / "textmode-dev.jsonl"
    documents = list(texts(path))
    if arguments.answers and arguments.answers.exists():
        answers = pickle.loads(arguments.answers.read_bytes())  # noqa: S301  (we wrote it)
    else:
        trainer = Trainer(documents, 12, *NETWORKS["residue"])
        answers = {}
        for part in range(PARTS):
            answers |= trainer.log_odds(trainer.model(part), part)
        if arguments.answers:
            arguments.answers.write_bytes(pickle.dumps(answers))
    report(judged(path, answers, documents))


if __name__ == "__main__":
    main()
