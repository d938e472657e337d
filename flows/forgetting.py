"""Forgetting what was kept of documents that are gone: the lines of their pages, the fingerprints of their texts."""

from __future__ import annotations

import numpy as np

from winnow.flows import evidence, page_lines
from winnow.flows.fingerprints import COMPARISONS, FINGERPRINTS, key_of
from winnow.flows.growing import Growing
from winnow.flows.store import Corpus


def forget(corpus: Corpus) -> int:
    """Leave in the tables that only grow what the newest release can use, and delete the files that held the rest.

    Returns how many rows went. What an older release would need is made anew.
    """
    table = corpus.table()
    if table is None:
        return 0
    pages: set[int] = set()
    texts: set[int] = set()
    for batch in corpus.read(table, (*evidence.IDENTITY, "text_sha256")):
        pages.update(evidence.pages_of(batch))
        texts.update(map(key_of, batch.column("text_sha256").to_pylist()))
    wanted = {page_lines.NAME: (pages, ["page"]), FINGERPRINTS: (texts, ["text"])}
    wanted[COMPARISONS] = (texts, ["first", "second"])
    return sum(
        Growing(corpus, name).keep(columns, np.array(sorted(keys), np.int64))
        for name, (keys, columns) in wanted.items()
    )
