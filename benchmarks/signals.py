"""Quality signals against datatrove's and RedPajama's, in one run: how far each agrees, and the time they take.

    python benchmarks/signals.py TEXTS.jsonl [--peer-python PYTHON] [--most 1000] [--languages en,de,fr]

TEXTS.jsonl holds {"raw" or "text", "lang"} a line. The peer is datatrove (0.10.1, with the extra processing, and spacy)
in an environment of its own; see `signals_of_datatrove.py`. Each signal is compared twice: with our words given to
datatrove's functions, where all must be equal, and with datatrove's own words, where the splitting differs. RedPajama's
are compared with its published definitions, written down plainly below. States what is expected: a signal that
should be equal and is not fails.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import string
import subprocess
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from winnow.cleaners.quality import signals_of
from winnow.cleaners.signals import redpajama
from winnow.cleaners.signals.measuring import Measured
from winnow.cleaners.signals.stop_words import _LISTS

PEER = Path(__file__).with_name("signals_of_datatrove.py")
# What datatrove counts otherwise even with our words, and why; see docs/quality.md.
OTHERWISE = {
    "gopher_word_count", "gopher_mean_word_length",  # which signs are no words
    "gopher_bullet_line_share", "gopher_ellipsis_line_share",  # str.splitlines
    "gopher_stop_word_count",  # its stop words are English in every language
    # It joins the words of an n-gram without a mark between them, so that others can make the same: 1 text in 500.
    *(f"gopher_duplicate_{size}gram_characters" for size in range(5, 11)),
    "fineweb_line_punctuation",  # U+17D6 and the like: none in these texts, so that it should be equal
}  # fmt: skip
BULLETS = tuple("•‣▶◀◦■□▪▫–")


def of_redpajama(text: str, language: str) -> dict[str, float]:
    """RedPajama's signals, plainly: for each a line or two."""
    raw, normalized = re.findall(r"\w+|[^\w\s]+", text), _normalized(text).split()
    lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
    stops = set(_LISTS.get(language, "").split())
    total = sum(map(len, normalized)) or 1
    counts = Counter(normalized)
    words, tokens, rows = len(normalized) or 1, len(raw) or 1, len(lines) or 1
    told = {
        "rps_doc_num_sentences": len(re.findall(r"\b[^.!?]+[.!?]*", text)),
        "rps_doc_word_count": len(normalized),
        "rps_doc_mean_word_length": sum(map(len, normalized)) / words,
        "rps_doc_symbol_to_word_ratio": sum(text.count(s) for s in ("#", "...", "…")) / tokens,
        "rps_doc_frac_lines_end_with_ellipsis": sum(x.rstrip().endswith(("...", "…")) for x in lines) / rows,
        "rps_doc_frac_no_alph_words": 1 - sum(bool(re.search("[a-zA-Z]", w)) for w in raw) / tokens,
        "rps_doc_frac_unique_words": len(counts) / words,
        "rps_doc_unigram_entropy": sum(-c / words * math.log(c / words) for c in counts.values()),
        "rps_doc_frac_all_caps_words": sum(map(str.isupper, raw)) / tokens,
        "rps_doc_stop_word_fraction": sum(w in stops for w in raw) / tokens,
        "rps_doc_lorem_ipsum": _normalized(text).count("lorem ipsum") / (len(_normalized(text)) or 1),
        "rps_doc_curly_bracket": (text.count("{") + text.count("}")) / len(text),
        "rps_lines_ending_with_terminal_punctution_mark": sum(x.rstrip().endswith(tuple(".!?”")) for x in lines) / rows,
        "rps_lines_javascript_counts": sum(_normalized(x).split().count("javascript") for x in lines) / rows,
        "rps_lines_num_words": sum(len(_normalized(x).split()) for x in lines) / rows,
        "rps_lines_numerical_chars_fraction": sum(_share(str.isnumeric, _normalized(x)) for x in lines) / rows,
        "rps_lines_start_with_bulletpoint": sum(x.lstrip().startswith(BULLETS) for x in lines) / rows,
        "rps_lines_uppercase_letter_fraction": sum(_share(str.isupper, x) for x in lines) / rows,
    }
    for n in (2, 3, 4):
        top = Counter(_ngrams(normalized, n)).most_common(1)
        told[f"rps_doc_frac_chars_top_{n}gram"] = (
            sum(map(len, top[0][0])) * top[0][1] / total if top and top[0][1] > 1 else 0.0
        )
    for n in range(5, 11):
        found = Counter(_ngrams(normalized, n))
        covered = {i + k for i, g in enumerate(_ngrams(normalized, n)) if found[g] > 1 for k in range(n)}
        told[f"rps_doc_frac_chars_dupe_{n}grams"] = sum(len(normalized[i]) for i in covered) / total
    return told


def _normalized(text: str) -> str:
    text = text.translate(str.maketrans("", "", string.punctuation)).lower()
    return unicodedata.normalize("NFD", re.sub(r"\s+", " ", text.strip()))


def _share(test: object, text: str) -> float:
    return sum(map(test, text)) / len(text) if text else 0.0


def _ngrams(words: list[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[k:] for k in range(n)), strict=False)


class Agreement:
    """How far two sets of values agree, signal by signal."""

    def __init__(self) -> None:
        self.pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def add(self, ours: dict[str, float | None], theirs: dict[str, float]) -> None:
        for name, value in theirs.items():
            if ours[name] is not None:
                self.pairs[name].append((ours[name], value))

    def rows(self) -> Iterator[str]:
        for name, pairs in self.pairs.items():
            off = sorted(abs(a - b) / max(abs(b), 0.01 if b < 1 else 1) for a, b in pairs)
            equal = sum(math.isclose(a, b, rel_tol=1e-6, abs_tol=2e-6) for a, b in pairs) / len(pairs)
            p99 = max(
                abs(a - b) for a, b in sorted(pairs, key=lambda p: abs(p[0] - p[1]))[: int(len(pairs) * 0.99) or 1]
            )
            yield f"  {name:48} {equal:7.2%} {_correlation(pairs):7.4f} {median(off):8.2%} {p99:9.4f}"

    def unequal(self) -> list[str]:
        return [
            name for name, pairs in self.pairs.items()
            if not all(math.isclose(a, b, rel_tol=1e-6, abs_tol=2e-6) for a, b in pairs)
        ]  # fmt: skip


def _correlation(pairs: list[tuple[float, float]]) -> float:
    xs, ys = zip(*pairs, strict=True)
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    sxy = sum((x - mx) * (y - my) for x, y in pairs)
    sxx, syy = sum((x - mx) ** 2 for x in xs), sum((y - my) ** 2 for y in ys)
    return sxy / math.sqrt(sxx * syy) if sxx and syy else 1.0


def _words(text: str) -> list[str]:
    found = Measured(text, "und").words
    return [text[a:b] for a, b in zip(found.first.tolist(), found.end.tolist(), strict=True)]


def against_datatrove(texts: list[tuple[str, str]], python: str) -> float:
    """Print the agreement, and return datatrove's milliseconds a text."""
    asked = "".join(json.dumps({"text": t, "language": lang, "words": _words(t)}) + "\n" for t, lang in texts)
    answers = subprocess.run([python, str(PEER)], input=asked, capture_output=True, text=True, check=True)  # noqa: S603
    told = [json.loads(line) for line in answers.stdout.splitlines()]
    same, own = Agreement(), Agreement()
    for (text, language), answer in zip(texts, told, strict=True):
        ours = signals_of(text, language)
        same.add(ours, answer["given"])
        own.add(ours, answer["own"])
    head = f"  {'':48} {'equal':>7} {'correl.':>7} {'median':>8} {'p99':>9}"
    print(f"\ndatatrove's functions, our words\n{head}\n" + "\n".join(same.rows()))
    print(f"\ndatatrove's functions and words\n{head}\n" + "\n".join(own.rows()))
    wrong = set(same.unequal()) - OTHERWISE
    assert not wrong, f"not equal with the same words: {wrong}"
    size = len(told)
    splitting = 1e3 * sum(answer["splitting"] for answer in told) / size
    seconds = 1e3 * sum(answer["seconds"] for answer in told) / size
    print(f"\ndatatrove  {seconds:7.2f} ms a text, {splitting:.2f} ms of it for splitting into words")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--most", type=int, default=1_000)
    parser.add_argument("--languages", default="en,de,es,fr,pl,pt,it,cs,sv,da,fi,ru,tr,el")
    options = parser.parse_args()
    texts = []
    with options.texts.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["lang"] in options.languages.split(","):
                text = row.get("raw", row.get("text"))
                texts.append((unicodedata.normalize("NFC", text), row["lang"]))  # as repair leaves it
    texts = [text for text in texts[:: max(1, len(texts) // options.most)] if text[0].strip()]
    size = sum(len(text) for text, _ in texts) / len(texts)
    print(f"{len(texts):,} texts of {size:,.0f} characters, Python {sys.version.split()[0]}")
    agreement = Agreement()
    for text, language in texts:
        agreement.add(redpajama.signals_of(Measured(text, language)), of_redpajama(text, language))
    print(f"\nRedPajama's definitions\n{'':50} {'equal':>7} {'correl.':>7} {'median':>8} {'p99':>9}")
    print("\n".join(agreement.rows()))
    unequal = agreement.unequal()
    assert not unequal, f"not as published: {unequal}"
    peer = against_datatrove(texts, options.peer_python) if options.peer_python else 0.0
    before = time.process_time()
    for text, language in texts:
        signals_of(text, language)
    ours = 1e3 * (time.process_time() - before) / len(texts)
    print(f"winnow     {ours:7.2f} ms a text, with RedPajama's signals; datatrove takes {peer / ours:.0f} times that")


if __name__ == "__main__":
    main()
