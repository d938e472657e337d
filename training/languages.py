"""Make the table of character n-grams that tells languages apart, and its card.

    python training/languages.py DATA [--write]

DATA is the folder `language-testdata` of lingua-py (Apache-2.0): `sentences`, `word-pairs` and
`single-words`, each with one file a language. First the whole detector is judged on texts it was not
trained on (five folds), then, with --write, trained on all of them and written to
`cleaners/models/`. The same data give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from winnow.cleaners import language_model
from winnow.cleaners.language_engines import Fast
from winnow.cleaners.language_model import HIGHEST_GAIN, ROWS_LOG2, LanguageModel, runs

FOLDS = 5
KINDS = ("sentences", "word-pairs", "single-words")
# Pseudo-count of a run never seen: of 0.02, 0.05 and 0.1 the middle one was best on held-out sentences.
ALPHA = 0.05
TAGS = {"tl": "fil", "zh": "zh-Hans"}

Texts = dict[tuple[str, str], list[str]]  # by kind and language


def read(data: Path) -> Texts:
    """The texts by kind and by language (the names of the files)."""
    return {
        (kind, file.stem): [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
        for kind in KINDS
        for file in sorted((data / kind).glob("*.txt"))
    }


def fold_of(texts: Texts, fold: int, *, inside: bool) -> Texts:
    """Every FOLDS-th text, or all the others."""
    return {k: [t for n, t in enumerate(own) if (n % FOLDS == fold) is inside] for k, own in texts.items()}


def letters() -> npt.NDArray[np.uint32]:
    """A number for each UTF-16 unit that is a letter, a mark inside words, or half of a rare letter."""
    numbers = np.zeros(0x10000, np.uint32)
    for unit in range(0x10000):
        character = chr(unit)
        if character.isalpha() or unicodedata.category(character) in ("Mn", "Mc"):
            numbers[unit] = (ord(character.lower()[0]) * 2_654_435_761) & 0xFFFFFFFF | 1
    return numbers


def train(texts: Texts) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of a model file."""
    languages = sorted({language for _, language in texts})
    numbers = letters()
    counts = np.zeros((1 << ROWS_LOG2, len(languages)), np.float64)
    for (_, language), own in texts.items():
        for text in own:
            np.add.at(counts[:, languages.index(language)], runs(text, numbers), 1)
    gain = np.log(counts + ALPHA) - np.log(ALPHA)
    step = np.float32(gain.max() / HIGHEST_GAIN)
    return {
        "tags": np.array([TAGS.get(language, language) for language in languages]),
        "letters": numbers,
        "gain": np.round(gain / step).astype(np.uint8),
        "step": np.array(step),
        "unseen": (np.log(ALPHA) - np.log(counts.sum(0) + ALPHA * (1 << ROWS_LOG2))).astype(np.float32),
    }


def write(arrays: dict[str, npt.NDArray[np.generic]], file: Path) -> None:
    """An .npz with fixed dates, so that the same arrays give the same bytes."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED, 9)


def model_of(texts: Texts) -> LanguageModel:
    """A model trained on these texts, as it would be read from its file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "languages.npz"
        write(train(texts), file)
        return language_model.load(file)


def shortened(text: str, width: int = 40) -> str:
    """The first words of a text: at most `width` code points."""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width + 1)
    return text[: cut if cut > 10 else width].strip()


def joined(sentences: list[str], size: int = 500) -> Iterator[str]:
    """Documents of at least `size` code points."""
    document = ""
    for sentence in sentences:
        document = f"{document} {sentence}".strip()
        if len(document) >= size:
            yield document
            document = ""


SETS: dict[str, tuple[str, Callable[[list[str]], list[str]]]] = {
    "document": ("sentences", lambda own: list(joined(own))),
    "sentence": ("sentences", lambda own: own),
    "≤40 characters": ("sentences", lambda own: [shortened(text) for text in own]),
    "pair of words": ("word-pairs", lambda own: own),
    "word": ("single-words", lambda own: own),
}


def judge(texts: Texts) -> dict[str, dict[str, float]]:
    """For each kind of text the share of held-out texts told right, by language: 0-1."""
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fold in range(FOLDS):
        engine = Fast(model_of(fold_of(texts, fold, inside=False)))
        for name, (kind, made) in SETS.items():
            for (own_kind, language), own in fold_of(texts, fold, inside=True).items():
                if own_kind == kind:
                    want = TAGS.get(language, language).partition("-")[0]
                    answers = (engine.detect(text)[0].partition("-")[0] for text in made(own))
                    hits[name, language] += [answer == want for answer in answers]
    return {name: {language: sum(own) / len(own) for (n, language), own in hits.items() if n == name} for name in SETS}


def card(shares: dict[str, dict[str, float]], file: Path, texts: Texts) -> str:
    """What a user of the model should know."""
    languages = sorted({language for _, language in texts})
    rows = [
        f"| {TAGS.get(language, language)} | " + " | ".join(f"{100 * shares[n][language]:.1f}" for n in SETS) + " |"
        for language in languages
    ]
    means = [f"{100 * sum(own.values()) / len(own):.2f}" for own in shares.values()]
    return "\n".join(
        [
            "# Model card: languages.npz",
            "",
            f"Character n-grams of {len(languages)} languages; what it is and how it is used is told in",
            "[`language_model.py`](../language_model.py). Made by `training/languages.py`.",
            "",
            "- Data: the test data of [lingua-py](https://github.com/pemistahl/lingua-py), Apache-2.0:",
            f"  {sum(len(own) for own in texts.values()):,} sentences, pairs of words and words.",
            f"- File: {file.stat().st_size:,} bytes, SHA-256 `{hashlib.sha256(file.read_bytes()).hexdigest()}`.",
            "- Limits: trained on news and web sentences. Close relatives (Bosnian and Croatian, Indonesian and",
            "  Malay, Zulu and Xhosa) stay hard in short texts.",
            "",
            f"Percent of texts told right by the whole detector (this table and CLD2), {FOLDS} folds, each judged by a",
            "model that has not seen it; the first row is the mean over languages.",
            "",
            "| | " + " | ".join(SETS) + " |",
            "| --- |" + " ---: |" * len(SETS),
            "| all | " + " | ".join(means) + " |",
            *rows,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write the model and its card")
    chosen = parser.parse_args()
    texts = read(chosen.data)
    shares = judge(texts)
    for name, own in shares.items():
        worst = sorted((share, language) for language, share in own.items())[:6]
        print(f"{name:16} {100 * sum(own.values()) / len(own):6.2f}   worst:", *(f"{t} {s:.2f}" for s, t in worst))
    if chosen.write:
        file = Path(__file__).parents[1] / "cleaners" / "models" / "languages.npz"
        write(train(texts), file)
        file.with_suffix(".md").write_text(card(shares, file, texts), "utf-8", newline="\n")
        print(f"wrote {file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
