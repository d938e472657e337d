"""Winnow's cleaners: raw text in, clean text and the reason for every missing character out.

    >>> from winnow.cleaners import clean
    >>> cleaned = clean("Rain is likely.\\n\\nLeave a Reply\\n")
    >>> cleaned.text
    'Rain is likely.\\n'
    >>> cleaned.findings[0].rule
    'en.reply-heading'
    >>> cleaned.restore()
    'Rain is likely.\\n\\nLeave a Reply\\n'

A guided tour, in the order to read:

1. `page.py`: the page is immutable; cleaners yield `Finding`s, which strike, note or protect a span.
2. `cleaning.py`: the road of one document. `decoding.py` (which encoding: `charsets.py`), for HTML
   `rendering.py` and `metadata.py` (what a page says about itself: `statements.py`, `linked_data.py`,
   `notations.py`), and `repair.py` (which lines: `suspects.py`) make the page; then nothing rewrites it.
   `edits.py` holds the algebra that makes every step reversible. `languages.py` labels what comes out (who
   tells: `language_engines.py`).
3. `catalog.py`: the list of cleaners and the reason for their order. One module is one cleaner.
4. `rules.py`, `scanning.py`, `phrase_cleaners.py`: most cleaners are phrases, kept as data in
   `phrases/<cleaner>/<language>.toml` and found in one pass.
5. `diff_log.py` and `diffs.py`: what was done, for programs and for people.

Nothing here imports Prefect, opens a network connection or writes a file.
"""

from winnow.cleaners.cleaning import Cleaned, clean, clean_html, clean_text
from winnow.cleaners.decoding import Decoded, decode
from winnow.cleaners.edits import Repair
from winnow.cleaners.errors import (
    BadLog,
    BadRule,
    BadSettings,
    NotReversible,
    UnreadableInput,
    WinnowError,
)
from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.languages import detect_language
from winnow.cleaners.metadata import Metadata
from winnow.cleaners.page import Page
from winnow.cleaners.settings import CleaningSettings

__all__ = [
    "Action",
    "BadLog",
    "BadRule",
    "BadSettings",
    "Cleaned",
    "CleaningSettings",
    "Decoded",
    "Finding",
    "Metadata",
    "NotReversible",
    "Page",
    "Repair",
    "UnreadableInput",
    "WinnowError",
    "clean",
    "clean_html",
    "clean_text",
    "decode",
    "detect_language",
]
