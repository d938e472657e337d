"""Our own signals: what cleaning found in a page, and what of it is left in the clean text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from winnow.cleaners.edits import Repair
from winnow.cleaners.findings import Action
from winnow.cleaners.language_engines import UNDETERMINED
from winnow.cleaners.page import Page
from winnow.cleaners.rolling_hashes import Numbers
from winnow.cleaners.signals.measuring import Definition, Measured, Signals, quotient
from winnow.cleaners.signals.properties import Is, Mask
from winnow.cleaners.signals.words import ADDRESS

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


@dataclass(frozen=True)
class Facts:
    """What cleaning knows of a document, beside its page and findings."""

    language: str
    line_languages: tuple[str, ...]
    """Of each line of the page."""
    repairs: tuple[Repair, ...]
    undecodable: int
    """Bytes, or runs of them, that could not be decoded."""


def signals_of(page: Page, measured: Measured, facts: Facts) -> tuple[Signals, Signals]:
    """Our signals of a page, whose text is `measured`, and of what its strikes leave."""
    visible = (measured.flags & Is.SPACE) == 0
    stands = np.ones(len(measured.codes), np.bool_)
    for start, end in page.struck:
        stands[start:end] = False
    likely = np.zeros(len(measured.codes), np.bool_)
    for finding in page.findings:
        if finding.action is Action.NOTE and finding.rule.startswith(_LIKELY):
            likely[finding.start : finding.end] = True
    linked = _linked(page, measured) * visible
    ended = _ends_sentence(measured)
    told = []
    for seen, residue in ((visible, likely | ~stands), (visible & stands, likely)):
        sizes = measured.lines.counts(seen)
        told.append(
            {
                "winnow_residue_share": quotient(np.count_nonzero(residue & seen), sizes.sum()),
                "winnow_line_punctuation": quotient(sizes[ended].sum(), sizes.sum()),
                "winnow_foreign_line_share": _foreign(facts, sizes > 0),
                "winnow_link_share": quotient((linked * seen).sum(), sizes.sum()),
                "winnow_repairs_per_1000": _repairs(facts, None if seen is visible else stands, len(measured.codes)),
            }
        )
    return told[0], told[1]


def _linked(page: Page, measured: Measured) -> npt.NDArray[np.float64]:
    """How much of each character is in links, 0 to 1: the share of its block, or whether it is in an address."""
    linked = np.zeros(len(measured.codes))
    if page.blocks:
        lines = measured.lines
        shares = [block.link_share for block in page.blocks]
        linked[: lines.ends[-1]] = np.repeat(shares, np.diff(lines.starts, append=lines.ends[-1]))
    elif "://" in measured.text or "www." in measured.text:
        for address in ADDRESS.finditer(measured.text):
            linked[address.start() : address.end()] = 1.0
    return linked


def _ends_sentence(page: Measured) -> Mask:
    """Which lines end a sentence."""
    last: Numbers = page.lines.last.copy()
    if not len(page.codes):
        return np.zeros(0, np.bool_)
    for _ in range(_MOST_CLOSING):
        last -= (last > 0) & ((page.flags[last] & Is.CLOSING) > 0)
    return (last >= 0) & ((page.flags[last] & Is.STOP) > 0)


def _foreign(facts: Facts, stands: Mask) -> float:
    languages, own = facts.line_languages, facts.language
    known = [languages[number] for number in np.flatnonzero(stands).tolist() if languages[number] != UNDETERMINED]
    return sum(language != own for language in known) / len(known) if known and own != UNDETERMINED else 0.0


def _repairs(facts: Facts, stands: Mask | None, size: int) -> float:
    """Repairs per 1,000 characters, of all the page or of what stands."""
    if stands is None:
        count = len(facts.repairs) + facts.undecodable
    elif size := int(stands.sum()):
        count = sum(bool(stands[min(place, len(stands) - 1)]) for place in _places(facts.repairs))
    return 1_000 * count / size if size else 0.0


def _places(repairs: tuple[Repair, ...]) -> Iterator[int]:
    """Where each repair stands in the page."""
    shift = 0
    for repair in repairs:
        yield repair.start + shift
        shift += len(repair.inserted) - len(repair.removed)
