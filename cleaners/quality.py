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
from winnow.cleaners.signals import residual
from winnow.cleaners.signals.catalog import published
from winnow.cleaners.signals.measuring import Measured, Signals
from winnow.cleaners.signals.residual import Facts


@dataclass(frozen=True)
class Quality:
    """The signals of a document, by name; `signals/catalog.py` has their definitions."""

    page: Signals
    """Before cleaning: of the decoded, rendered and repaired page."""
    text: Signals
    """Of the clean text."""


def quality_of(cleaned: Cleaned[str] | Cleaned[bytes]) -> Quality:
    """All signals of a cleaned document, the page's judged in the language of the clean text.

    Linear in the text, 1 to 2 ms for 10,000 characters each.
    """
    page = Measured(cleaned.page.text, cleaned.language)
    before = published(page)
    after = before if cleaned.text == page.text else published(Measured(cleaned.text, cleaned.language))
    facts = Facts(cleaned.language, cleaned.line_languages, cleaned.repairs, len(cleaned.decoded.undecodable))
    own_before, own_after = residual.signals_of(cleaned.page, page, facts)
    return Quality({**before, **own_before}, {**after, **own_after})


def signals_of(text: str, language: str = UNDETERMINED) -> Signals:
    """The published signals of any text. `language`: a BCP 47 tag, for the stop words."""
    return published(Measured(text, language))
