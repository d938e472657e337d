"""Comment forms and threads: heading, notices, fields, log-in-to-comment, reply links, who says and when.

Fields such as "Name" and "Website" are everyday words: they count only beside a line of a form.
"Jane says:" counts only above a line that is a date. The readers' own words stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from winnow.cleaners.findings import Finding
from winnow.cleaners.folding import fold
from winnow.cleaners.page import Line, Page
from winnow.cleaners.phrase_cleaners import PhraseCleaner

# The last words of WordPress's "%s says:", as its translations have it.
_SAYS = """
says|said|writes|sagt|meint|schreibt|dit|a dit|dice|dijo|diz|disse|ha detto|zegt|schreef|pisze|napisał|napisał(a)|mówi
napsal|napsal(a)|píše|říká|säger|skriver|siger|sier|sanoo|kirjoitti|szerint|mondja|spune|a spus|λέει|είπε|говорит|пишет
сказал|каже|пише|коментує|dedi ki|diyor ki|يقول|قال|گفت|می\u200cگوید|אומר|הגיב|कहते हैं|कहता है|বলেছেন|বলছেন|berkata
mengatakan|viết|nói|đã viết|พูดว่า|说道|說道|说|說|より|님의 말|diu|ha dit|hovorí|kaže|казва
"""
_LONGEST = 60  # code points: a name and a verb; a date and a time
_VERBS = "|".join(map(re.escape, re.split(r"[|\n]", fold(_SAYS.strip()))))
_SPEAKER = re.compile(rf"\S.*?(?:\s+|(?<=[\u0e00-\uffff]))(?:{_VERBS})\s*[:：]")
_WHEN = re.compile(r"(?=.*\b(?:19|20)\d\d)(?=(?:\D*\d){5})[^.!?]*(?:[.:h]\d\d|[a-z]\.m\.|\d)[^!?]*")
_MOST_WORDS_OF_A_DATE = 9


@dataclass(frozen=True, slots=True)
class CommentForms:
    """What its phrases say, and the headers of comments."""

    name: str = "comment_forms"

    def find(self, page: Page) -> Iterator[Finding]:
        """Those of phrases first."""
        yield from PhraseCleaner(self.name).find(page)
        filled = [line for line in page.lines if not line.blank]
        for speaker, when in pairwise(filled):
            if _speaks(speaker) and _tells_when(when):
                yield self._strike(speaker, "names who wrote a comment")
                yield self._strike(when, "tells when a comment was written")

    def _strike(self, line: Line, reason: str) -> Finding:
        return Finding(line.start, line.end, self.name, "any.comment-header", reason)


def _speaks(line: Line) -> bool:
    text = line.text.strip()
    return len(text) <= _LONGEST and text.endswith((":", "：")) and bool(_SPEAKER.fullmatch(fold(text)))


def _tells_when(line: Line) -> bool:
    text = line.text.strip()
    return len(text) <= _LONGEST and len(text.split()) <= _MOST_WORDS_OF_A_DATE and bool(_WHEN.fullmatch(text))


CLEANER = CommentForms()
