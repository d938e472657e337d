"""What the rules cost: folding, scanning and every cleaner, on a text of 8,000 characters.

    python benchmarks/cost_of_rules.py

The text is made from the seeds: prose, and as much residue as theirs. The expected number of findings
is stated, so that a wrong answer fails instead of being timed. Once with all rules, once with those of
English alone: the difference is what the other languages cost.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from winnow.cleaners.catalog import CATALOG
from winnow.cleaners.folding import fold
from winnow.cleaners.page import Page, split_lines
from winnow.cleaners.rules import shipped_rules
from winnow.cleaners.scanning import Scanner

SIZE = 8_000
ROUNDS = 200
EXPECTED_STRIKES = {"comment_forms": 4, "cookie_banners": 1, "advertisements": 1, "navigation": 1}


def text_of_seeds() -> str:
    seeds = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
    whole = "\n\n".join(path.read_text("utf-8") for path in seeds)
    start = len(whole) - SIZE  # the end of the first seed's prose goes
    return "top of page\n\n" + whole[start + len("top of page\n\n") :]


def judge(text: str, scanner: Scanner) -> Page:
    lines = split_lines(text)
    page = Page(text, lines, scanner.scan(fold(text), lines))
    for cleaner in CATALOG:
        page = page.with_findings(cleaner.find(page))
    return page


def median_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1_000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    text = text_of_seeds()
    rules = shipped_rules()
    english = {c: [r for r in own if r.id.startswith(("en.", "any."))] for c, own in rules.items()}
    for name, chosen in (("all languages", rules), ("English alone", english)):
        start = time.perf_counter()
        scanner = Scanner(chosen)
        built = 1_000 * (time.perf_counter() - start)
        found = judge(text, scanner).findings
        struck = {c: sum(f.cleaner == c and f.action == "strike" for f in found) for c in EXPECTED_STRIKES}
        assert struck == EXPECTED_STRIKES, struck
        phrases = sum(len(rule.phrases) for own in chosen.values() for rule in own)
        lines = split_lines(text)
        scan = median_ms(lambda scanner=scanner, lines=lines: scanner.scan(fold(text), lines))
        every = median_ms(lambda scanner=scanner: judge(text, scanner))
        print(
            f"{name}: {phrases:,} phrases; {len(text):,} characters: fold and scan {scan:.2f} ms,"
            f" with all cleaners {every:.2f} ms; automata built in {built:.0f} ms"
        )


if __name__ == "__main__":
    main()
