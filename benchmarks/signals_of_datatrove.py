"""The peer of `signals.py`: the same signals by datatrove's functions. Runs in datatrove's environment, without Winnow.

Reads {"text", "language", "words"} a line on standard input and writes, a line each, the signals with datatrove's
words and with the words it was given, what its filters decide, and the seconds that those with its own words took.
Values inside its filters, which tell no more than yes or no, are made here of its helpers, in the words of its code.
"""

from __future__ import annotations

import json
import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters.c4_filters import C4ParagraphFilter
from datatrove.pipeline.filters.gopher_quality_filter import STOP_WORDS
from datatrove.pipeline.filters.gopher_repetition_filter import (
    find_all_duplicate,
    find_duplicates,
    find_top_duplicate,
    get_n_grams,
)
from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION, split_into_parts, split_into_words

REPETITION = GopherRepetitionFilter()
TERMINAL = tuple(TERMINAL_PUNCTUATION)


def gopher(text: str, words: list[str]) -> dict[str, float]:
    lines = text.splitlines()
    true = [word for word in words if any(character not in PUNCTUATION_SET for character in word)]
    told = {
        "gopher_word_count": len(true),
        "gopher_mean_word_length": sum(map(len, true)) / max(len(true), 1),
        "gopher_hash_ratio": text.count("#") / len(words),
        "gopher_ellipsis_ratio": (text.count("...") + text.count("…")) / len(words),
        "gopher_bullet_line_share": sum(s.lstrip().startswith(("•", "-")) for s in lines) / len(lines),
        "gopher_ellipsis_line_share": sum(s.rstrip().endswith(("...", "…")) for s in lines) / len(lines),
        "gopher_alphabetic_word_share": sum(any(c.isalpha() for c in w) for w in words) / len(words),
        "gopher_stop_word_count": len(set(STOP_WORDS) & set(words)),
    }
    paragraphs = REPETITION.paragraph_exp.split(text.strip())
    for kind, parts in (("paragraph", paragraphs), ("line", REPETITION._line_splitter.split(text))):
        elements, characters = find_duplicates(parts)
        told[f"gopher_duplicate_{kind}_share"] = elements / len(parts)
        told[f"gopher_duplicate_{kind}_characters"] = characters / len(text)
    for n in (2, 3, 4):
        n_grams = get_n_grams(words, n)
        told[f"gopher_top_{n}gram_characters"] = find_top_duplicate(n_grams) / len(text) if n_grams else 0.0
    for n in range(5, 11):
        told[f"gopher_duplicate_{n}gram_characters"] = find_all_duplicate(words, n) / len(text)
    return told


def fineweb(text: str, words: list[str]) -> dict[str, float]:
    lines = [line for line in text.split("\n") if line.strip() != ""]
    return {
        "fineweb_line_punctuation": sum(line.endswith(TERMINAL) for line in lines) / len(lines),
        "fineweb_short_line_share": sum(len(line) <= 30 for line in lines) / len(lines),
        "fineweb_duplicate_line_characters": find_duplicates(lines)[1] / len(text.replace("\n", "")),
        "fineweb_newlines_per_word": text.count("\n") / len(words),
    }


def c4(text: str, language: str) -> dict[str, float]:
    filtered = C4QualityFilter(min_num_sentences=-1, language=language, filter_lorem_ipsum=False,
                               filter_curly_bracket=False)  # fmt: skip
    document = Document(text=text, id="")
    filtered.filter(document)
    counts = {name: stat.total for name, stat in filtered.stats.stats.items()}
    kept = document.text.splitlines()
    sentences = sum(len(split_into_parts(line, "SENTENCE", language)) for line in kept)
    lines = text.split("\n")
    return {
        "c4_kept_line_share": counts.get("line-kept", 0) / counts["line-total"],
        "c4_kept_character_share": sum(len("".join(line.split())) for line in kept) / len("".join(text.split())),
        "c4_sentence_count": sentences,
        "c4_lorem_ipsum_count": text.lower().count("lorem ipsum"),
        "c4_curly_bracket_count": text.count("{"),
        "c4_third_longest_line": sorted(map(len, lines))[-3] if len(lines) > 2 else 0,
    }


def decisions(text: str, language: str) -> dict[str, bool]:
    def passes(*filters: object) -> bool:
        return all(told is True or told == (True,) for f in filters for told in [f.filter(Document(text=text, id=""))])

    return {
        "gopher": passes(GopherQualityFilter(language=language), GopherRepetitionFilter(language=language)),
        "c4": passes(C4QualityFilter(language=language)),
        "fineweb": passes(FineWebQualityFilter(language=language)),
        "mc4": C4ParagraphFilter().paragraph_filter(text),
    }


def main() -> None:
    for line in sys.stdin:
        row = json.loads(line)
        text, language = row["text"], row["language"]
        split_into_words("Warm.", language)
        split_into_parts.cache_clear()
        before = time.process_time()
        words = split_into_words(text, language)
        split = time.process_time()
        told = {**gopher(text, words), **fineweb(text, words), **c4(text, language)}
        seconds = time.process_time() - before
        given = {**gopher(text, row["words"]), **fineweb(text, row["words"])}
        result = {"own": told, "given": given, "seconds": seconds, "splitting": split - before, "words": len(words)}
        print(json.dumps(result | {"passes": decisions(text, language)}), flush=True)


if __name__ == "__main__":
    main()
