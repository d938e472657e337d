"""Which blocks of an HTML page are not its main content: menus, banners, teasers, footers, what belongs to the site.

A small model judges each block by its text, its neighbours and what the DOM says of it (`line_model`). A struck
block's reason says how sure the model was, why, where in the page it stands, and how much of it is links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.line_model import shipped_model
from winnow.cleaners.line_shapes import PROSE
from winnow.cleaners.line_verdicts import Verdicts, too_large, verdicts_on
from winnow.cleaners.page import Block, Page

# Log-odds that a block is not main content, from which on it is likely. Pages of prose bear a lower limit: what is
# doubtful there is seldom theirs. Tried on two of five folds of WCXB's development pages with an earlier model: limits
# of .4 and -.4 instead of 0 for all raised word F1 from .8565 to .8581, that of articles from .947 to .950. The lower
# one is nearer to even odds here, so that less is lost; word F1 is flat around both (`models/extraction.md`).
LIKELY, LIKELY_IN_PROSE = 0.4, -0.2
SURE = 2.0
_PROSE = 0.6  # share of what would stay that stands in lines of at least `PROSE` letters
_TITLE = 3.0
"""In favour of a heading of the first level, which true texts often leave out and readers miss: costs 0.1 points of
word F1 on an eighth of the development pages, on which the model was trained."""
# In favour of what goes on where main content stands: rows of tables and verbatim lines between kept blocks of one
# element, and a last paragraph marked up as the one above it. The latter changed 3 of 453 development pages, and their
# mean word F1 by .0001; the former was not measured by itself (for lines of all kinds 3.0 cost 0.5 points). Both are
# there not to lose content.
_TABLE, _PARAGRAPH = 3.0, 4.0
_WRITTEN = 0.3  # share of links below which a line is written text
_NEAR = 4  # containers, from the innermost, that make blocks parts of one text
_NEAREST = 1.0
"""Where every block would go, those within this of the best one stay: a page is about something."""
_COMMENTS = frozenset({"comment", "comments", "commentlist", "disqus", "respond", "replies"})


class _Extraction:
    name = "extraction"

    def find(self, page: Page) -> Iterator[Finding]:
        """Blocks that are not main content: struck where the model is sure, noted where it is likely.

        What stands among readers' comments has a rule of its own, and is noted even where the model would keep it.
        """
        if not page.blocks:
            return
        if note := too_large(page, self.name):
            yield note
            return
        verdicts = verdicts_on(page, shipped_model(self.name))
        if verdicts is None:
            return
        stands, limit = verdicts.stands, _limit(verdicts)
        blocks = [page.blocks[number] for number in verdicts.lines.numbers]
        odds = verdicts.odds - _in_favour(verdicts, blocks, stands & (verdicts.odds <= limit))
        comments = np.array([not _COMMENTS.isdisjoint(block.names) for block in blocks])
        wanted = np.flatnonzero(stands & ((odds > limit) | comments))
        for i, reason in zip(wanted.tolist(), verdicts.reasons(wanted), strict=True):
            line = page.lines[verdicts.lines.numbers[i]]
            rule, action = _verdict(float(odds[i]), limit, comment=bool(comments[i]))
            yield Finding(line.start, line.end, self.name, rule, _told(verdicts, i, reason, blocks[i]), action)


def _in_favour(verdicts: Verdicts, blocks: Sequence[Block], kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """What speaks for each block, in log-odds, beyond what the model sees."""
    favour = np.array([_TITLE * (block.heading == 1) for block in blocks])
    standing = np.flatnonzero(kept)
    ends_sentence = verdicts.columns["ends a sentence"]
    for i in np.flatnonzero(~kept).tolist():
        block, place = blocks[i], int(np.searchsorted(standing, i))
        if block.link_share >= _WRITTEN or place == 0:
            continue
        above = blocks[standing[place - 1]]
        if place == len(standing):
            favour[i] += _PARAGRAPH * (block.path == above.path and bool(ends_sentence[i]))
        elif not block.tags.isdisjoint(("table", "pre")) and _one_text(above, block, blocks[standing[place]]):
            favour[i] += _TABLE
    return favour


def _one_text(above: Block, block: Block, below: Block) -> bool:
    """Whether a block stands between two in one element that holds little more than them."""
    return not set(above.containers[-_NEAR:]).isdisjoint(set(below.containers[-_NEAR:]) & set(block.containers))


def _verdict(odds: float, limit: float, *, comment: bool) -> tuple[str, Action]:
    if odds <= limit:
        return "any.kept-comments", Action.NOTE
    sure = odds > max(SURE, limit)
    what = "readers-comments" if comment else "not-main-content"
    return (f"any.{what}", Action.STRIKE) if sure else (f"any.likely-{what}", Action.NOTE)


def _limit(verdicts: Verdicts) -> float:
    """The log-odds above which blocks of this page are not main content."""
    odds, sizes, stands = verdicts.odds, verdicts.lines.sizes, verdicts.stands
    stays = stands & (odds <= LIKELY)
    prose = sizes[stays & (sizes >= PROSE)].sum()
    limit = LIKELY_IN_PROSE if prose > _PROSE * sizes[stays].sum() else LIKELY
    best = float(odds[stands].min(initial=np.inf))
    return limit if best < limit else best + _NEAREST


def _told(verdicts: Verdicts, i: int, reason: str, block: Block) -> str:
    return f"{verdicts.chance(i):.0%} not main content: {reason}; at {block.path}, {block.link_share:.0%} links"


CLEANER = _Extraction()
