"""The language of a document and of each line, as BCP 47 tags. Deterministic; `und` where there is
too little to tell.

langdetect decides, seeded, where script does not: it knows 55 languages and takes milliseconds.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory

UNDETERMINED = "und"

# langdetect's own tags that are not BCP 47 for what they mean: its profiles tell scripts apart.
_TAGS = {"zh-cn": "zh-Hans", "zh-tw": "zh-Hant", "no": "nb"}

# Letters that a text must hold before langdetect is asked about it, and before a single line may
# disagree with its document: on lingua's 75-language sentences langdetect is right on 66.5% of
# sentences and falls off below (shared measurement), so short lines follow their document.
_FEWEST_LETTERS = 12
_FEWEST_LETTERS_TO_DISAGREE = 60
_FEWEST_LETTERS_DENSE = 4  # in scripts where one character is a syllable or a word

_LONGEST_SAMPLE = 5_000  # code points; more text makes langdetect slower and not surer

# A script that one language of the web owns decides at once.
_SCRIPTS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (script, language, re.compile(f"[{ranges}]"))
    for script, language, ranges in (
        ("Latn", "", "A-Za-zÀ-ÖØ-öø-ʯḀ-ỿ"),
        ("Cyrl", "", "Ѐ-ԯ"),
        ("Arab", "", "ء-ي٠-ۿݐ-ݿࢠ-ࣿ"),
        ("Grek", "el", "Ͱ-Ͽἀ-῿"),
        ("Hebr", "he", "א-ת"),
        ("Deva", "", "ऀ-ॿ"),
        ("Beng", "bn", "ঀ-৿"),
        ("Guru", "pa", "਀-੿"),
        ("Gujr", "gu", "઀-૿"),
        ("Taml", "ta", "஀-௿"),
        ("Telu", "te", "ఀ-౿"),
        ("Knda", "kn", "ಀ-೿"),
        ("Mlym", "ml", "ഀ-ൿ"),
        ("Sinh", "si", "඀-෿"),
        ("Thai", "th", "ก-๛"),
        ("Laoo", "lo", "ກ-ໟ"),
        ("Khmr", "km", "ក-៿"),
        ("Mymr", "my", "က-႟"),
        ("Geor", "ka", "Ⴀ-ჿ"),
        ("Armn", "hy", "Ա-֏"),
        ("Ethi", "am", "ሀ-፿"),
        ("Hang", "ko", "가-힣ᄀ-ᇿ"),
        ("Kana", "ja", "ぁ-ヿ"),
        ("Hani", "", "㐀-鿿豈-﫿"),
    )
)
_DENSE = {"Hang", "Kana", "Hani", "Thai", "Laoo", "Khmr", "Mymr"}


def detect(text: str) -> tuple[str, float]:
    """(BCP 47 tag, confidence 0-1) of a text as a whole; ("und", 0.0) where there is too little text."""
    return _detect(text[:_LONGEST_SAMPLE])


def of_lines(lines: list[str], document: str) -> list[str]:
    """A tag for each line. A line in the document's script follows the document unless it is long
    enough to disagree; a line in another script speaks for itself. A line without letters is `und`."""
    home = _dominant("\n".join(lines)[:_LONGEST_SAMPLE])[0]
    return [_of_line(line, document, home) for line in lines]


def _of_line(line: str, document: str, home: str) -> str:
    script, letters = _dominant(line[:_LONGEST_SAMPLE])
    if not letters:
        return UNDETERMINED
    own = script == home or {script, home} == {"Hani", "Kana"}
    if own and letters < _FEWEST_LETTERS_TO_DISAGREE:
        return document
    return detect(line)[0]


def _dominant(text: str) -> tuple[str, int]:
    """The script that most letters of the text belong to, and how many do; ("", 0) for none."""
    counts = {script: len(pattern.findall(text)) for script, _, pattern in _SCRIPTS}
    if counts["Kana"] and counts["Hani"] < 8 * counts["Kana"]:  # Japanese mixes; Chinese quotes some kana
        counts["Kana"] += counts.pop("Hani")
    script = max(counts, key=counts.__getitem__)
    return (script, counts[script]) if counts[script] else ("", 0)


@lru_cache(maxsize=4096)  # furniture repeats from page to page
def _detect(text: str) -> tuple[str, float]:
    script, letters = _dominant(text)
    if letters < (_FEWEST_LETTERS_DENSE if script in _DENSE else _FEWEST_LETTERS):
        return UNDETERMINED, 0.0
    owner = next(language for name, language, _ in _SCRIPTS if name == script)
    if owner:
        return owner, 1.0
    return _ask_langdetect(text)


def _ask_langdetect(text: str) -> tuple[str, float]:
    from langdetect.lang_detect_exception import LangDetectException  # noqa: PLC0415  (slow to import)

    detector = _factory().create()
    detector.append(text)
    try:
        best = detector.get_probabilities()
    except LangDetectException:  # nothing that it counts as a letter
        return UNDETERMINED, 0.0
    if not best:
        return UNDETERMINED, 0.0
    return _TAGS.get(best[0].lang, best[0].lang), round(best[0].prob, 4)


@cache
def _factory() -> DetectorFactory:
    from langdetect import detector_factory  # noqa: PLC0415  (slow to import)

    # A factory of our own, because the library's shared one takes its seed from anybody; seeded, or
    # langdetect changes its mind from call to call; its profiles sorted, or disks would decide ties.
    factory = detector_factory.DetectorFactory()
    profiles = sorted(path for path in Path(detector_factory.PROFILES_DIRECTORY).iterdir() if path.is_file())
    factory.load_json_profile([path.read_text("utf-8") for path in profiles])
    factory.seed = 0
    return factory
