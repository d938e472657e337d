"""Who tells the language of a text: three engines behind one door, each deterministic and safe in threads.

`fast` is the default: CLD2 and our own table of n-grams vote. On held-out texts in 75 languages they are
right more often than lingua, at a thirtieth to a sixtieth of langdetect's time (`training/languages.py`,
`benchmarks/languages_and_encodings.py`). `langdetect` and `lingua` are for those whose corpora must stay comparable.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import pycld2

from winnow.cleaners import language_model
from winnow.cleaners.language_model import LanguageModel

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory
    from lingua import LanguageDetector

EngineName = Literal["fast", "langdetect", "lingua"]
Guess = tuple[str, float]
"""A BCP 47 tag and how sure the engine is of it, 0-1."""

UNDETERMINED = "und"
NOTHING: Guess = (UNDETERMINED, 0.0)


class Engine(Hashable, Protocol):
    """Tells the language of a text that holds letters."""

    letters_to_disagree: int
    """A line of fewer letters, in the script of its document, is taken to be in its language too."""

    def detect(self, text: str, expected: str = "") -> Guess:
        """The language; `expected` is that of the text around it, for an engine that can use it."""
        ...


# Old, macro and software codes, as BCP 47 for what the engines mean by them.
_TAGS = {
    "iw": "he", "jw": "jv", "no": "nb", "tl": "fil", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-tw": "zh-Hant",
    "bh": "bho", "sr-ME": "cnr", "tlh": UNDETERMINED, "un": UNDETERMINED, "zzp": UNDETERMINED,
}  # fmt: skip

_ALONE_IN_THEIR_SCRIPT = frozenset(("el", "gu", "hy", "ka", "ko", "pa", "ta", "te", "th"))
_PERCENT_OF_ONE_LANGUAGE = 90


@dataclass(frozen=True, eq=False)
class Fast:
    """CLD2 and a table of n-grams. The weights were chosen on held-out texts; near these values they
    hardly matter (.3 points on 40-character texts between 1 and 4 for the first)."""

    model: LanguageModel = field(default_factory=language_model.shipped)
    letters_to_disagree = 12

    _WEIGHT_OF_CLD2 = 2.0  # of a whole text that it calls one language
    _WEIGHT_OF_EXPECTED = 2.0
    # A language that the table lacks is CLD2's to name. In texts of the table's languages it errs so in
    # 1 sentence of 700 beyond this length, and in 1 pair of words of 30 below it.
    _FEWEST_BYTES_OF_STRANGER = 40
    _UNKNOWN_SCRIPT = -11.5  # a worse fit than any text of a known language

    def detect(self, text: str, expected: str = "") -> Guess:
        reliable, size, votes = ask_cld2(text)
        best, percent = votes[0]
        if reliable and percent >= _PERCENT_OF_ONE_LANGUAGE and self._is_settled(best, size, text, expected):
            return best, percent / 100
        scores = self.model.scores(text)
        columns = self.model.columns
        for tag, share in votes:
            if tag in columns:
                scores[columns[tag]] += self._WEIGHT_OF_CLD2 * share / 100
        if expected in columns:
            scores[columns[expected]] += self._WEIGHT_OF_EXPECTED
        winner = int(scores.argmax())
        scores -= scores[winner]
        confidence = 1 / float(np.add.reduce(np.exp(scores)))
        tag = self.model.tags[winner]
        if tag == "zh-Hans" and "zh-Hant" in (best, expected if best != tag else ""):
            tag = "zh-Hant"
        return tag, round(confidence, 4)

    def _is_settled(self, tag: str, size: int, text: str, expected: str) -> bool:
        """Whether the table need not be asked about what CLD2 is sure of."""
        if tag == expected or tag in _ALONE_IN_THEIR_SCRIPT:
            return True
        if tag in self.model.columns:
            return False
        fewest = self._FEWEST_BYTES_OF_STRANGER * (2 if expected else 1)
        return size >= fewest or self.model.fit(text) < self._UNKNOWN_SCRIPT


_NO_VOTE = (UNDETERMINED, 0)


def ask_cld2(text: str) -> tuple[bool, int, list[tuple[str, int]]]:
    """(reliable, bytes of letters, up to three tags with their percent of the text): the best first."""
    try:
        reliable, size, found = pycld2.detect(text, bestEffort=True)
    except (pycld2.error, UnicodeEncodeError):  # it refuses control characters and lone surrogates
        printable = "".join(c if c.isprintable() else " " for c in text)
        reliable, size, found = pycld2.detect(printable, bestEffort=True)
    return reliable, size, [(_tag_of_cld2(code), percent) for _, code, percent, _ in found if percent] or [_NO_VOTE]


def _tag_of_cld2(code: str) -> str:
    return UNDETERMINED if code.startswith("xx-") else _TAGS.get(code, code)


class Langdetect:
    """langdetect, seeded: 55 languages. It is right on two sentences in three of our 75 languages."""

    letters_to_disagree = 60

    def detect(self, text: str, expected: str = "") -> Guess:  # noqa: ARG002
        from langdetect.lang_detect_exception import LangDetectException  # noqa: PLC0415  (slow to import)

        detector = _langdetect().create()
        detector.append(text)
        try:
            best = detector.get_probabilities()
        except LangDetectException:  # nothing that it counts as a letter
            return NOTHING
        return (_TAGS.get(best[0].lang, best[0].lang), round(best[0].prob, 4)) if best else NOTHING


class Lingua:
    """lingua, all its 75 languages, in high accuracy mode: 1.2 GB once every model is loaded."""

    letters_to_disagree = 30

    def detect(self, text: str, expected: str = "") -> Guess:  # noqa: ARG002
        best = _lingua().compute_language_confidence_values(text)[0]
        if not best.value:
            return NOTHING
        code = best.language.iso_code_639_1.name.lower()
        return _TAGS.get(code, code), round(best.value, 4)


_ENGINES: dict[EngineName, type[Engine]] = {"fast": Fast, "langdetect": Langdetect, "lingua": Lingua}


@cache
def engine(name: EngineName) -> Engine:
    """The engine of this name, made once."""
    return _ENGINES[name]()


def is_installed(name: EngineName) -> bool:
    """Whether the engine can be used: lingua is an extra."""
    return name != "lingua" or find_spec("lingua") is not None


@cache
def _langdetect() -> DetectorFactory:
    from langdetect import detector_factory  # noqa: PLC0415  (slow to import)

    # A factory of our own, because the library's shared one takes its seed from anybody; seeded, or
    # langdetect changes its mind from call to call; its profiles sorted, or disks would decide ties.
    factory = detector_factory.DetectorFactory()
    profiles = sorted(path for path in Path(detector_factory.PROFILES_DIRECTORY).iterdir() if path.is_file())
    factory.load_json_profile([path.read_text("utf-8") for path in profiles])
    factory.seed = 0
    return factory


@cache
def _lingua() -> LanguageDetector:
    from lingua import LanguageDetectorBuilder  # noqa: PLC0415  (an extra)

    return LanguageDetectorBuilder.from_all_languages().build()
