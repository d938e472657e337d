"""How good the verdicts of a model are, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from labelled_lines import Document

from winnow.cleaners.line_verdicts import doubt

_LOST = (0.004, 0.005, 0.008, 0.01, 0.015, 0.02)
_CHANCES = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)


def report(model: str, documents: Sequence[Document], answers: dict[int, np.ndarray]) -> str:
    """Tables in Markdown."""
    if model == "extraction":
        return _of_pages(documents, answers)
    answers = {i: odds - doubt(odds, documents[i].sizes, ~documents[i].struck) for i, odds in answers.items()}
    tables = []
    for title, wanted in _GROUPS.items():
        own = [i for i in answers if wanted(documents[i]) and not documents[i].partial]
        tables += [
            f"\n{title} ({len(own)} documents)\n",
            "| threshold | lost | left | F1 | hurt 2% |",
            "|---|---|---|---|---|",
        ]
        for lost in _LOST:
            at = _threshold(documents, answers, own, lost)
            tables.append(
                "| " + " | ".join(f"{x:.4f}" for x in (at, *means_of_texts(documents, answers, own, at))) + " |"
            )
    return "\n".join(tables)


_GROUPS = {
    "recall, articles": lambda d: d.variant == "recall" and d.kind == "article",
    "full, articles": lambda d: d.variant == "full" and d.kind == "article",
    "recall, articles, not English": lambda d: d.variant == "recall" and d.kind == "article" and d.language != "en",
    "full, articles, not English": lambda d: d.variant == "full" and d.kind == "article" and d.language != "en",
    **{
        f"recall, {kind}": lambda d, kind=kind: d.variant == "recall" and d.kind == kind
        for kind in ("forum", "listing", "documentation", "service", "collection", "product")
    },
}


def means_of_texts(
    documents: Sequence[Document], answers: dict[int, np.ndarray], own: Sequence[int], at: float
) -> np.ndarray:
    """Macro means of lost, left, F1 and the share that lost more than 2%, by letters of lines."""
    rows = []
    for i in own:
        d = documents[i]
        kept = (answers[i] < at) & ~d.struck
        content, residue = (d.labels == 0) * d.sizes, (d.labels == 1) * d.sizes
        if not content.sum():
            continue
        right, wrong = (content * kept).sum(), (residue * kept).sum()
        lost = 1 - right / content.sum()
        f1 = 2 * right / (content.sum() + right + wrong)
        rows.append((lost, wrong / residue.sum() if residue.sum() else np.nan, f1, lost > 0.02))
    return np.nanmean(np.array(rows, float), 0) if rows else np.full(4, np.nan)


def _threshold(documents: Sequence[Document], answers: dict[int, np.ndarray], own: Sequence[int], lost: float) -> float:
    low, high = -3.0, 9.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if means_of_texts(documents, answers, own, middle)[0] > lost else (low, middle)
    return high


def _of_pages(documents: Sequence[Document], answers: dict[int, np.ndarray]) -> str:
    kinds = sorted({d.kind for d in documents})
    rows = [f"| threshold | word F1 | {' | '.join(kinds)} |", "|" + "---|" * (len(kinds) + 2)]
    for chance in _CHANCES:
        at = np.log(chance / (1 - chance))
        found = {i: _word_f1(documents[i], answers[i] < at) for i in answers}
        means = [np.mean(list(found.values()))]
        means += [np.mean([f1 for i, f1 in found.items() if documents[i].kind == kind] or [np.nan]) for kind in kinds]
        rows.append(f"| {at:.2f} | " + " | ".join(f"{mean:.4f}" for mean in means) + " |")
    return "\n".join(rows)


def _word_f1(document: Document, kept: np.ndarray) -> float:
    found = Counter(word for words, stays in zip(document.tokens, kept, strict=True) if stays for word in words)
    gold = Counter(document.gold)
    both, either = (found & gold).total(), found.total() + gold.total()
    return 2 * both / either if either else 1.0
