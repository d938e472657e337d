"""What each rule strikes on labelled texts, and how much of it is content.

    python benchmarks/strikes_by_rule.py LABELLED.jsonl [--variant recall] [--page-type article] [--show 5]

One object a line: `raw`, and `lines` with `start`, `end` and `label` (content, boilerplate, ignore), as
spans of `raw` in code points. A line with a `group` may stand `copies` times; the other copies count as
boilerplate. Documents with `partial` labels are left out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from winnow.cleaners import Action, clean


def labelled(path: str, variant: str | None, page_type: str | None) -> Iterator[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            if document.get("partial") or variant not in (None, document.get("variant")):
                continue
            if page_type in (None, document.get("page_type")):
                yield document


def judged(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], bool, str]]:
    """(cleaner and rule, is it content, text) for each labelled line that a rule strikes."""
    group = Counter(line["group"] for line in document["lines"] if "group" in line)
    cleaned = clean(document["raw"])
    for finding in cleaned.findings:
        if finding.action is not Action.STRIKE or finding.cleaner == "spacing":
            continue
        start, end = cleaned.alignment.to_source(finding.start, finding.end)
        for line in document["lines"]:
            if line["label"] != "ignore" and start <= line["start"] < end:
                spare = "group" in line and line.get("copies", 1) < group[line["group"]]
                text = document["raw"][line["start"] : line["end"]]
                yield (finding.cleaner, finding.rule), line["label"] == "content" and not spare, text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--variant")
    parser.add_argument("--page-type")
    parser.add_argument("--show", type=int, default=0, help="content lines to show for each rule")
    chosen = parser.parse_args()
    struck: Counter[tuple[str, str]] = Counter()
    content: Counter[tuple[str, str]] = Counter()
    lost: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for document in labelled(chosen.path, chosen.variant, chosen.page_type):
        for rule, is_content, text in judged(document):
            for key in (rule, (rule[0], "(all)")):
                struck[key] += len(text)
                content[key] += len(text) * is_content
            if is_content:
                lost[rule][text.strip()] += 1
    for key, characters in sorted(struck.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"{key[0]:16} {key[1]:28} {characters:>8,} struck, {content[key] / characters:6.1%} content")
        for text, times in lost[key].most_common(chosen.show):
            print(f"{'':16} {times:>4} × {text[:100]}")


if __name__ == "__main__":
    main()
