"""What `metadata.py` reads of real pages: agreement with people's answers and with trafilatura, and the time it takes.

    python benchmarks/metadata_of_pages.py DATA

DATA holds `html/*.html` and `ground-truth/*.json` of the same names (WCXB's layout), with `ground_truth.title`,
`.author` and `.publish_date`, null where the page has none. trafilatura's `extract_metadata`
needs `lxml_html_clean` installed.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from trafilatura import extract_metadata

from winnow.cleaners import decode
from winnow.cleaners.metadata import read_metadata

Answers = dict[str, str]


def key(text: str | None) -> str:
    """Letters and digits."""
    return re.sub(r"\W+", " ", (text or "").casefold()).strip()


def of_winnow(parser: LexborHTMLParser) -> Answers:
    read = read_metadata(parser)
    answers = {"title": key(read.title), "authors": key(" ".join(sorted(read.authors))), "date": (read.date or "")[:10]}
    return answers | {"site": key(read.site), "url": read.url or ""}


def of_trafilatura(page: str) -> Answers:
    read = extract_metadata(page)
    if read is None:
        return dict.fromkeys(("title", "authors", "date", "site", "url"), "")
    authors = key(" ".join(sorted((read.author or "").split("; "))))
    answers = {"title": key(read.title), "authors": authors, "date": read.date or ""}
    return answers | {"site": key(read.sitename), "url": read.url or ""}


def of_people(path: Path) -> Answers:
    truth = json.loads(path.read_text("utf-8"))["ground_truth"]
    authors = sorted(re.split(r"\s*(?:,|;|&|\band\b)\s*", truth["author"] or ""))
    return {"title": key(truth["title"]), "authors": key(" ".join(authors)), "date": (truth["publish_date"] or "")[:10]}


def main(folder: Path) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    spent: Counter[str] = Counter()
    pages = sorted((folder / "html").glob("*.html"))
    for page in pages:
        markup = decode(page.read_bytes()).text
        began = time.process_time()
        parser = LexborHTMLParser(markup)
        parsed = time.process_time()
        ours = of_winnow(parser)
        read = time.process_time()
        theirs = of_trafilatura(markup)
        spent.update({"parse": parsed - began, "winnow": read - parsed, "trafilatura": time.process_time() - read})
        people = of_people(folder / "ground-truth" / f"{page.stem}.json")
        for name, answer in ours.items():
            counts[name, "winnow = trafilatura", "all"] += answer == theirs[name]
        for name, truth in people.items():
            for who, answers in (("winnow", ours), ("trafilatura", theirs)):
                kind = "stated" if truth else "none"
                outcome = "right" if answers[name] == truth else "wrong" if answers[name] else "missed"
                counts[name, who, f"{kind}: {outcome}"] += 1
    for (name, who, what), count in sorted(counts.items()):
        print(f"{name:8} {who:22} {what:15} {count:5}")
    for who, seconds in spent.items():
        print(f"{who}: {1_000 * seconds / len(pages):.2f} ms a page")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
