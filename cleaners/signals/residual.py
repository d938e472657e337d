"""Our own signals: what cleaning found in a page, and what of it is left in the clean text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from winnow.cleaners.cleaning import Cleaned
from winnow.cleaners.findings import Action
from winnow.cleaners.language_engines import UNDETERMINED
from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.properties import Is, Mask
from winnow.cleaners.signals.words import ADDRESS, Numbers

_SOURCE = "Winnow"
DEFINITIONS = (
    Definition("winnow_residue_share", "share", "visible characters that were struck, or noted as likely residue /"
               " visible characters; of the clean text, those noted", _SOURCE),
    Definition("winnow_line_punctuation", "share", "visible characters in lines that end a sentence in any script,"
               " closing quotes and brackets behind it or not / visible characters", _SOURCE),
    Definition("winnow_foreign_line_share", "share", "lines in another language than the document's / lines whose"
               " language is known", _SOURCE),
    Definition("winnow_link_share", "share", "of HTML pages: visible characters in links / visible characters; of"
               " texts: characters in web addresses / visible characters", _SOURCE),
    Definition("winnow_repairs_per_1000", "per 1,000", "lines that repair changed, and bytes that could not be decoded,"
               " per 1,000 characters", _SOURCE),
)  # fmt: skip

_LIKELY = "any.likely-"
_MOST_CLOSING = 3  # quotes and brackets behind the end of a sentence


def signals_of(cleaned: Cleaned[bytes] | Cleaned[str], page: Measured) -> tuple[Signals, Signals]:
    """Our signals of a page, which is also given `Measured`, and of its clean text."""
    visible = (page.flags & Is.SPACE) == 0
    stands = np.ones(len(page.codes), np.bool_)
    for start, end in cleaned.page.struck:
        stands[start:end] = False
    likely = np.zeros(len(page.codes), np.bool_)
    for finding in cleaned.findings:
        if finding.action is Action.NOTE and finding.rule.startswith(_LIKELY):
            likely[finding.start : finding.end] = True
    linked = _linked(cleaned, page, visible)
    told = []
    for seen, residue in ((visible, likely | ~stands), (visible & stands, likely)):
        sizes = page.lines.counts(seen)
        told.append(
            {
                "winnow_residue_share": quotient(np.count_nonzero(residue & seen), sizes.sum()),
                "winnow_line_punctuation": quotient(sizes[_ends_sentence(page)].sum(), sizes.sum()),
                "winnow_foreign_line_share": _foreign(cleaned, sizes > 0),
                "winnow_link_share": quotient((linked * seen).sum(), sizes.sum()),
                "winnow_repairs_per_1000": _repairs(cleaned, None if seen is visible else stands),
            }
        )
    return told[0], told[1]


def _linked(
    cleaned: Cleaned[bytes] | Cleaned[str], page: Measured, visible: Mask
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How much of each character is in links, 0 to 1: the share of its block, or whether it is in an address."""
    linked = np.zeros(len(page.codes))
    if cleaned.page.blocks:
        shares = [block.link_share for block in cleaned.page.blocks]
        linked[: int(page.lines.ends[-1])] = np.repeat(shares, np.diff(page.lines.starts, append=page.lines.ends[-1]))
    elif "://" in page.text or "www." in page.text:
        for address in ADDRESS.finditer(page.text):
            linked[address.start() : address.end()] = 1.0
    return linked * visible


def _ends_sentence(page: Measured) -> Mask:
    """Which lines end a sentence."""
    last: Numbers = page.lines.last.copy()
    if not len(page.codes):
        return np.zeros(0, np.bool_)
    for _ in range(_MOST_CLOSING):
        last -= (last > 0) & ((page.flags[last] & Is.CLOSING) > 0)
    return (last >= 0) & ((page.flags[last] & Is.STOP) > 0)


def _foreign(cleaned: Cleaned[bytes] | Cleaned[str], stands: Mask) -> float:
    languages = cleaned.line_languages
    known = [languages[number] for number in np.flatnonzero(stands).tolist() if languages[number] != UNDETERMINED]
    own = cleaned.language
    return sum(language != own for language in known) / len(known) if known and own != UNDETERMINED else 0.0


def _repairs(cleaned: Cleaned[bytes] | Cleaned[str], stands: Mask | None) -> float:
    """Repairs per 1,000 characters, of all the page or of what stands."""
    if stands is None:
        count, size = len(cleaned.repairs) + len(cleaned.decoded.undecodable), len(cleaned.page.text)
    elif size := int(stands.sum()):
        count = sum(bool(stands[min(place, len(stands) - 1)]) for place in _places(cleaned))
    return 1_000 * count / size if size else 0.0


def _places(cleaned: Cleaned[bytes] | Cleaned[str]) -> Iterator[int]:
    """Where each repair stands in the page."""
    shift = 0
    for repair in cleaned.repairs:
        yield repair.start + shift
        shift += len(repair.inserted) - len(repair.removed)
