"""Quality signals of a document, before and after cleaning: the page's and the clean text's.

Filters in the field judge raw text. Both are told here, so that it shows what cleaning cured: a caption printed twice
can make FineWeb's filter reject a page whose clean text it takes.

    >>> from winnow.cleaners.quality import signals_of
    >>> signals_of("One line.\\nOne line.\\n", "en")["gopher_duplicate_line_share"]
    0.3333333333333333
"""

from __future__ import annotations

from dataclasses import dataclass

from winnow.cleaners.cleaning import Cleaned
from winnow.cleaners.language_engines import UNDETERMINED
from winnow.cleaners.signals import c4, fineweb, gopher, redpajama, residual
from winnow.cleaners.signals.measuring import Definition, Measured, Signals

_PUBLISHED = (gopher, c4, fineweb, redpajama)
DEFINITIONS: tuple[Definition, ...] = tuple(
    definition for module in (*_PUBLISHED, residual) for definition in module.DEFINITIONS
)
"""All signals, in the order of the corpus's columns."""
NAMES: tuple[str, ...] = tuple(definition.name for definition in DEFINITIONS)


@dataclass(frozen=True)
class Quality:
    """The signals of a document."""

    page: Signals
    """Before cleaning: of the decoded, rendered and repaired page."""
    text: Signals
    """Of the clean text."""


def quality_of(cleaned: Cleaned[str] | Cleaned[bytes]) -> Quality:
    """All signals of a cleaned document, the page's judged in the language of the clean text.

    Linear in the text, about 1 ms for 10,000 characters each.
    """
    page = Measured(cleaned.page.text, cleaned.language)
    published = _published(page)
    text = published if cleaned.text == page.text else _published(Measured(cleaned.text, cleaned.language))
    own_page, own_text = residual.signals_of(cleaned, page)
    return Quality({**published, **own_page}, {**text, **own_text})


def signals_of(text: str, language: str = UNDETERMINED) -> Signals:
    """The published signals of any text. `language`: a BCP 47 tag, for the stop words."""
    return _published(Measured(text, language))


def _published(measured: Measured) -> Signals:
    return {name: value for module in _PUBLISHED for name, value in module.signals_of(measured).items()}
