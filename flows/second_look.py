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
    were brought together.
    """
    if not _anything_to_see(cleaned.page):
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


def _anything_to_see(page: Page) -> bool:
    """Whether the clean text may hold what such a rule strikes: a line that striking made, or a phrase that it
    left standing. All other lines are what they were. Most texts need no more than this."""
    if not page.struck:
        return False
    if not all(_leaves_lines_whole(page.text, start, end) for start, end in page.struck):
        return True
    hits = (hit for cleaner in _PHRASES for hit in page.hits.get(cleaner.name, ()) if _holds_anywhere(hit.rule))
    return any(page.surviving(hit.start, hit.end) for hit in hits)


def _leaves_lines_whole(text: str, start: int, end: int) -> bool:
    """Whether striking the span makes no new line of what stands before and behind it."""
    at_line_end = end == len(text) or text[end] == "\n"
    if start == 0 or text[start - 1] == "\n":
        return at_line_end or text[end - 1] == "\n"
    return at_line_end and text[start] == "\n"


def _holds_anywhere(rule: Rule) -> bool:
    return rule.where == "whole line" and rule.zone == "anywhere" and not rule.beside and rule.action is Action.STRIKE


def _by_itself(finding: Finding, page: Page) -> bool:
    """Whether no other line made it one. A line in lower case may have stood in a sentence that ran through it."""
    own = not any(word in finding.reason for word in (", beside ", "in a row", "headline below"))
    return own and not page.text[finding.start : finding.end].lstrip()[:1].islower()
