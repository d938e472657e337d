"""The elements around a line of a page: what they are, and what they pass on to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p
    plaintext pre search section select summary table tbody td tfoot th thead title tr ul xmp
    """.split()
)
_VERBATIM = frozenset(("listing", "plaintext", "pre", "textarea", "xmp"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LONGEST_PATH = 12  # elements told of it: the innermost
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")


@dataclass(slots=True, eq=False)
class Kind:
    """Elements of one make in one place: siblings that are marked up alike share it."""

    above: Kind | None
    tag: str
    naming: tuple[str, str, str]
    """Its id, classes and role."""
    block: str
    depth: int
    heading: int
    verbatim: bool
    link: bool
    below: dict[tuple[str, str, str, str], Kind] = field(default_factory=dict)
    inherited: Inherited | None = None
    """Only worked out for those that hold text, and for what is around them."""


class Inherited(NamedTuple):
    """What the elements around a line tell of it."""

    path: tuple[str, ...]
    names: frozenset[str]
    tags: frozenset[str]


def root_kind() -> Kind:
    """What is around the outermost element: nothing."""
    root = Kind(None, "", ("", "", ""), "", 0, 0, verbatim=False, link=False)
    root.inherited = Inherited((), frozenset(), frozenset())
    return root


def kind_of(tag: str, attributes: dict[str, str | None], above: Kind) -> Kind:
    """The kind of an element in one of the kind `above`."""
    get = attributes.get
    named = (tag, get("id") or "", get("class") or "", get("role") or "") if attributes else (tag, "", "", "")
    known = above.below.get(named)
    if known is None:
        known = above.below[named] = Kind(
            above,
            tag,
            named[1:],
            tag if tag in BLOCKS or not above.block else above.block,
            above.depth + 1,
            _HEADINGS.get(tag, above.heading),
            above.verbatim or tag in _VERBATIM,
            above.link or tag == "a",
        )
    return known


def inherited_by(kind: Kind) -> Inherited:
    """What a line in an element of this kind has from those around it."""
    waiting = []
    while (known := kind.inherited) is None and kind.above is not None:
        waiting.append(kind)
        kind = kind.above
    assert known is not None  # noqa: S101  (the root's is there from the start)
    for below in reversed(waiting):
        tag, words = below.tag, words_in(" ".join(below.naming)[:500])
        known = below.inherited = Inherited(
            known.path if tag == "html" else (*known.path[1 - _LONGEST_PATH :], _label(below)),
            known.names | words if words else known.names,
            known.tags if tag in known.tags else known.tags | {tag},
        )
    return known


@lru_cache(maxsize=4096)
def words_in(naming: str) -> frozenset[str]:
    """The words in ids and classes: `post-title`, `postTitle` and `post_title` are the same two."""
    return frozenset(word.lower() for word in _WORD.findall(naming))


def _label(kind: Kind) -> str:
    own, classes = kind.naming[0].strip(), kind.naming[1].split(maxsplit=1)
    if own:
        return f"{kind.tag}#{own[:40]}"
    return f"{kind.tag}.{classes[0][:40]}" if classes else kind.tag
