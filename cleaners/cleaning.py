"""The road of one document: decode, repair, strike; and all the ways back."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import AnyStr, Generic, cast

from winnow.cleaners import decoding, edits, languages, repeats, spacing
from winnow.cleaners.catalog import CATALOG
from winnow.cleaners.decoding import Decoded
from winnow.cleaners.edits import Alignment, Repair
from winnow.cleaners.findings import Finding
from winnow.cleaners.folding import fold
from winnow.cleaners.language_engines import NOTHING, engine
from winnow.cleaners.languages import Passage
from winnow.cleaners.metadata import Metadata
from winnow.cleaners.page import Block, Cleaner, Page, Repeated, split_lines
from winnow.cleaners.personal_data import replacements
from winnow.cleaners.rendering import is_html, render
from winnow.cleaners.repair import repairs_of
from winnow.cleaners.scanning import shipped_scanner
from winnow.cleaners.settings import CleaningSettings


@dataclass(frozen=True)
class Cleaned(Generic[AnyStr]):
    """A cleaned document and everything that was done to it."""

    decoded: Decoded
    repairs: tuple[Repair, ...]
    page: Page
    """The repaired text with all findings."""
    settings: CleaningSettings
    given_as: type[AnyStr]
    """`str` or `bytes`: what `restore` gives back."""
    metadata: Metadata | None = None
    """What an HTML page says about itself; None of other texts."""

    @cached_property
    def text(self) -> str:
        """The clean text: the page without its struck spans."""
        return edits.strike(self.page.text, self.page.struck)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the cleaners found, in the order of the catalog; spans count in `page.text`."""
        return self.page.findings

    @property
    def source(self) -> str:
        """The text as decoded, every line end as `\\n` where all are of one kind; repairs count in it."""
        return self.decoded.text

    @cached_property
    def alignment(self) -> Alignment:
        """Tells page spans in source coordinates."""
        return Alignment(self.repairs, len(self.page.text))

    @property
    def language(self) -> str:
        """BCP 47 tag of the clean text; `und` where there is too little of it."""
        return self.language_and_confidence[0]

    @cached_property
    def language_and_confidence(self) -> tuple[str, float]:
        """The tag and how sure it is, 0-1."""
        if not self.settings.languages:
            return NOTHING
        return languages.detect(self.text, by=engine(self.settings.language_engine))

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The page's stretches of one language each: lines, or sentences where a line is mixed, and all that
        follow in the same language; struck ones included."""
        return self._languages[0]

    @property
    def language_shares(self) -> dict[str, float]:
        """The share of each language in the clean text, 0-1, the largest first."""
        return self._languages[1]

    @property
    def line_languages(self) -> tuple[str, ...]:
        """A BCP 47 tag for each line of the page, that of most of it; struck ones included."""
        return self._languages[2]

    @cached_property
    def _languages(self) -> tuple[tuple[Passage, ...], dict[str, float], tuple[str, ...]]:
        """All from one pass: a page may have millions of lines, and few passages."""
        counts: Counter[str] = Counter()
        lines: list[str] = []

        def counted() -> Iterator[Passage]:
            for found in self._passages_by_line():
                lines.append(languages.of_line(found))
                for passage in found:
                    counts[passage.language] += len(self.page.surviving(passage.start, passage.end).strip())
                    yield passage

        return tuple(languages.joined(counted())), languages.shares(counts), tuple(lines)

    def _passages_by_line(self) -> Iterable[tuple[Passage, ...]]:
        if not self.settings.languages:
            return repeat((), len(self.page.lines))
        return languages.passages(self.page.lines, self.language, engine(self.settings.language_engine))

    def restore(self) -> AnyStr:
        """What was given to `clean`, exactly; of an HTML page, its visible text.

        Raises NotReversible where the encoding does not lead back.
        """
        given: str | bytes = decoding.to_text(self.decoded)
        if self.given_as is bytes:
            given = decoding.encode(self.decoded)
        return cast(AnyStr, given)

    def beside(self, repeated: Mapping[int, Repeated]) -> Cleaned[AnyStr]:
        """The document as it is where these of its lines, by number, repeat on its site. What was found of that before
        is forgotten, and the spacing around strikes is drawn anew."""
        again = (repeats.CLEANER, spacing.CLEANER)
        names = {cleaner.name for cleaner in again}
        found = tuple(finding for finding in self.findings if finding.cleaner not in names)
        page = dataclasses.replace(self.page, findings=found, repeated=repeated)
        for cleaner in again:
            if self.settings.runs(cleaner.name):
                page = page.with_findings(_chosen(cleaner, page, self.settings))
        return dataclasses.replace(self, page=page)

    def undo(self, *numbers: int) -> Cleaned[AnyStr]:
        """The document as if these findings (positions in `findings`) had not been made.

        What only they struck comes back, and the spacing around the other strikes is drawn anew.
        Raises IndexError where there is no such finding.
        """
        undone = {self.findings[number] for number in numbers}
        redraw = any(finding.cleaner != spacing.CLEANER.name for finding in undone)
        kept = (f for f in self.findings if f not in undone and not (redraw and f.cleaner == spacing.CLEANER.name))
        page = dataclasses.replace(self.page, findings=tuple(kept))
        if redraw and spacing.CLEANER.name not in self.settings.skip_cleaners:
            page = page.with_findings(spacing.CLEANER.find(page))
        return dataclasses.replace(self, page=page)


def clean(
    given: AnyStr,
    settings: CleaningSettings | None = None,
    *,
    html: bool | None = None,
    declared: str | None = None,
) -> Cleaned[AnyStr]:
    """Clean a text, or the bytes of one. Raises UnreadableInput where bytes are not text.

    Of an HTML page the visible text is cleaned. `html` says whether it is one; None, to find out by its content.
    `declared` is what came with bytes about their encoding: a charset, or a `Content-Type` header.
    """
    settings = settings or CleaningSettings()
    decoded = decoding.decode(given, declared) if isinstance(given, bytes) else decoding.from_text(given)
    blocks: tuple[Block, ...] = ()
    metadata = None
    if is_html(decoded.text) if html is None else html:
        rendered = render(decoded.text)
        decoded, blocks = decoding.as_rendered(decoded, rendered.text), rendered.blocks
        metadata = rendered.metadata
    repairs = repairs_of(decoded.text, entities=not decoded.rendered) if settings.repair else ()
    if settings.personal_data == "replace":
        repairs = edits.compose(decoded.text, repairs, replacements(edits.apply(decoded.text, repairs)))
    page = page_of(edits.apply(decoded.text, repairs))
    if blocks:
        page = dataclasses.replace(page, blocks=_blocks_of_lines(page, blocks, decoded.text, repairs))
    return Cleaned(decoded, repairs, judged(page, settings), settings, type(given), metadata)


def clean_html(page: AnyStr, settings: CleaningSettings | None = None) -> str:
    """The clean text of an HTML page. Raises UnreadableInput where bytes are not text."""
    return clean(page, settings, html=True).text


def clean_text(text: str, settings: CleaningSettings | None = None) -> str:
    """The plainest door: raw text in, clean text out."""
    return clean(text, settings).text


def judged(page: Page, settings: CleaningSettings) -> Page:
    """The page with what the cleaners of the catalog find, each seeing what those before it found."""
    for cleaner in CATALOG:
        if settings.runs(cleaner.name):
            page = page.with_findings(_chosen(cleaner, page, settings))
    return page


def page_of(text: str) -> Page:
    """A page with its lines and the phrases found in it, not yet judged."""
    lines = split_lines(text)
    folded = fold(text)
    return Page(text, lines, shipped_scanner().scan(folded, lines), folded=folded)


def _blocks_of_lines(
    page: Page, blocks: tuple[Block, ...], source: str, repairs: tuple[Repair, ...]
) -> tuple[Block, ...]:
    """The block of each line of the page: a repair can have made two lines of one."""
    if len(page.lines) == len(blocks):
        return blocks
    alignment = Alignment(repairs, len(page.text))
    starts = [line.start for line in split_lines(source)]
    return tuple(blocks[bisect_right(starts, alignment.to_source(*line[1:3])[0]) - 1] for line in page.lines)


def _chosen(cleaner: Cleaner, page: Page, settings: CleaningSettings) -> Iterable[Finding]:
    """The cleaner's findings as the settings want them."""
    for finding in cleaner.find(page):
        action = settings.action_on(finding)
        if action is finding.action:
            yield finding
        elif action is not None:
            yield dataclasses.replace(finding, action=action)
