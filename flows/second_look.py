"""A second look at a clean text, by the rules that hold wherever a line stands."""

from __future__ import annotations

from winnow.cleaners import Action, Cleaned, Finding
from winnow.cleaners.catalog import CATALOG
from winnow.cleaners.cleaning import page_of
from winnow.cleaners.page import Page
from winnow.cleaners.phrase_cleaners import PhraseCleaner
from winnow.cleaners.rules import Rule

_PHRASES = tuple(cleaner for cleaner in CATALOG if isinstance(cleaner, PhraseCleaner))


def left_over(cleaned: Cleaned[bytes]) -> Finding | None:
    """What a rule would still strike in the clean text, though it should have been struck at the first look.

    Only whole-line rules that need no company and no zone: what the others find can come from lines that
    were brought together. Where nothing was struck there is nothing new to see.
    """
    page = cleaned.page
    if not page.struck or all(finding.action is not Action.STRIKE for finding in page.findings):
        return None
    again = page_of(cleaned.text)
    skipped = {*cleaned.settings.skip_cleaners}
    for cleaner in _PHRASES:
        if cleaner.name in skipped or cleaner.name not in again.hits:
            continue
        holding = {hit.rule.id for hit in again.hits[cleaner.name] if _holds_anywhere(hit.rule)}
        for finding in cleaner.find(again) if holding else ():
            struck = finding.action is Action.STRIKE and finding.rule not in cleaned.settings.skip_rules
            if struck and finding.rule in holding and _by_itself(finding, again):
                return finding
    return None


def _holds_anywhere(rule: Rule) -> bool:
    return rule.where == "whole line" and rule.zone == "anywhere" and not rule.beside and rule.action is Action.STRIKE


def _by_itself(finding: Finding, page: Page) -> bool:
    """Whether no other line made it one. A line in lower case may have stood in a sentence that ran through it."""
    own = not any(word in finding.reason for word in (", beside ", "in a row", "headline below"))
    return own and not page.text[finding.start : finding.end].lstrip()[:1].islower()
