"""What no phrase can name: related headlines, teasers, lists of links, readers' comments, author biographies.

A small model judges the lines of a text (`line_model`), after the rules, whose strikes it sees. Of an HTML page
more is known; `extraction` judges these.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.line_model import shipped_model
from winnow.cleaners.line_verdicts import Verdicts, too_large, verdicts_on
from winnow.cleaners.page import Page

# Log-odds of residue, beyond the page's doubt. Cross-validated on sites not trained on (`models/residue.md`): struck
# from SURE on, extracted articles lose 0.5% of their content and dumps of whole pages 1.0%; from LIKELY on, 1.0% and
# 1.6%.
SURE, LIKELY = 1.9, 0.8
_LEAST = 0.05  # share of what stands that must stay; a judgement, not a measurement


class _Residue:
    name = "residue"

    def find(self, page: Page) -> Iterator[Finding]:
        """Lines that the model takes for residue: struck where it is sure, noted where it is likely."""
        if page.blocks:
            return
        if note := too_large(page, self.name):
            yield note
            return
        verdicts = verdicts_on(page, shipped_model(self.name))
        if verdicts is None:
            return
        doubt = verdicts.doubt
        # What another cleaner looked at and left in place stays.
        likely = verdicts.stands & (verdicts.odds > LIKELY + doubt) & (verdicts.columns["noted"] == 0)
        if _strikes_all(verdicts, likely):
            first = page.lines[verdicts.lines.numbers[0]]
            reason = "left alone: nearly all of it looks like residue"
            yield Finding(first.start, first.end, self.name, "any.nearly-all", reason, Action.NOTE)
            return
        wanted = np.flatnonzero(likely)
        for i, reason in zip(wanted.tolist(), verdicts.reasons(wanted), strict=True):
            line = page.lines[verdicts.lines.numbers[i]]
            sure = bool(verdicts.odds[i] > SURE + doubt)
            yield Finding(
                line.start,
                line.end,
                self.name,
                "any.residue" if sure else "any.likely-residue",
                f"{verdicts.chance(i):.0%} residue: {reason}",
                Action.STRIKE if sure else Action.NOTE,
            )


def _strikes_all(verdicts: Verdicts, likely: npt.NDArray[np.bool_]) -> bool:
    """Whether nearly nothing of what stands would be left."""
    sizes, stands = verdicts.lines.sizes, verdicts.stands
    return float(sizes[stands & ~likely].sum()) < _LEAST * float(sizes[stands].sum())


CLEANER = _Residue()
