"""Main content of HTML pages against trafilatura, in one run: word F1, processor time, conservation.

    python benchmarks/main_content.py DATA [--limit N]

DATA is a folder in WCXB's layout: `html/<id>.html` and `ground-truth/<id>.json`. Word F1 compares bags of words,
page by page; the mean is over pages. The development pages of WCXB trained the shipped model, so that on them only
the figures by cross-validation in `cleaners/models/extraction.md` tell how good it is; time and conservation hold.
Needs trafilatura's `lxml_html_clean`.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import fmean

import trafilatura

from winnow.cleaners import clean, clean_html, decode, diff_log
from winnow.cleaners.rendering import render

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")
TOOLS = {"winnow": clean_html, "trafilatura": trafilatura.extract}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    seconds: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    only_empty = conserved = count = 0
    clean_html("<p>warm</p>")
    for path in sorted((arguments.data / "html").glob("*.html"))[: arguments.limit]:
        truth = json.loads((arguments.data / "ground-truth" / f"{path.stem}.json").read_text("utf-8"))
        kind, gold = truth["_internal"]["page_type"]["primary"], truth["ground_truth"].get("main_content") or ""
        raw, answers = path.read_bytes(), {}
        for name, tool in TOOLS.items():
            started = time.process_time()
            answers[name] = tool(raw) or ""
            seconds[name] += time.process_time() - started
            scores[name, kind].append(f1(answers[name], gold))
            empty[name] += not answers[name].strip()
        only_empty += bool(answers["trafilatura"].strip() and not answers["winnow"].strip())
        conserved += is_conserved(raw)
        count += 1
    kinds = sorted({kind for _, kind in scores})
    print(f"| {count} pages | all | {' | '.join(kinds)} | ms a page | empty |")
    for name in TOOLS:
        own = [fmean(scores[name, kind]) for kind in kinds]
        every = fmean(score for kind in kinds for score in scores[name, kind])
        figures = " | ".join(f"{value:.3f}" for value in (every, *own))
        print(f"| {name} | {figures} | {1000 * seconds[name] / count:.1f} | {empty[name]} |")
    print(f"empty where trafilatura is not: {only_empty}; kept + struck = all visible text: {conserved} of {count}")


def f1(text: str, gold: str) -> float:
    """F1 of two texts as bags of words, 0-1."""
    found, wanted = (Counter(word.lower() for word in _TOKEN.findall(t)) for t in (text, gold))
    both, either = (found & wanted).total(), found.total() + wanted.total()
    return 2 * both / either if either else 1.0


def is_conserved(raw: bytes) -> bool:
    """Whether the clean text and what the log holds of the struck are all visible text, character for character."""
    cleaned = clean(raw, html=True)
    record = diff_log.record_of(cleaned, "page", raw)
    visible = render(decode(raw).text).text
    return diff_log.read_back(record, cleaned.text).restore() == visible.encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    main()
