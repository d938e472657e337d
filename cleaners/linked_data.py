"""What the JSON-LD of a page says of it: the objects of schema.org that describe an article or a page.

Broken JSON, and JSON that nests too deep to be read, says nothing and raises nothing.
"""

from __future__ import annotations

import html
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

_MOST_NODES = 1_000  # objects looked at; the page's own stand among the first
_DECODER = json.JSONDecoder(strict=False)  # line ends inside strings are a common slip
# What surrounds the JSON where a page was made for parsers of XHTML.
_WRAPPINGS = ("<!--", "//<![CDATA[", "<![CDATA[")
_FOLLOWED = ("@graph", "mainEntity", "mainEntityOfPage")
_ARTICLES = ("Article", "Posting", "Report", "Question", "Recipe", "HowTo")  # endings of type names
_PAGES = ("Page",)
_PUBLISHERS = ("publisher", "isPartOf", "sourceOrganization")


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The objects of a page's scripts of type `application/ld+json`, in page order."""

    nodes: tuple[Node, ...] = ()

    @property
    def title(self) -> str:
        """The article's headline, else its name; empty where none is stated, as below."""
        article = self._article
        return _text(article.get("headline")) or _text(article.get("name"))

    @property
    def authors(self) -> list[str]:
        """Names, in their order."""
        for node in self._told:
            names = [name for key in ("author", "creator") for name in self._names(node.get(key))]
            if names:
                return names
        return []

    @property
    def date(self) -> str:
        """When the article or page was published."""
        return next(filter(None, (_text(node.get("datePublished")) for node in self._told)), "")

    @property
    def site(self) -> str:
        """The name of the web site, else that of the publisher."""
        sites = (_text(node.get("name")) for node in self.nodes if _is(node, ("WebSite",)))
        publishers = (name for node in self._told for key in _PUBLISHERS for name in self._names(node.get(key)))
        return next(filter(None, (*sites, *publishers)), "")

    @property
    def url(self) -> str:
        """The address of the article or page."""
        return next(filter(None, (_text(node.get("url")) for node in self._told)), "")

    @property
    def language(self) -> str:
        """The language of the article or page."""
        return next(filter(None, (_text(node.get("inLanguage")) for node in self._told)), "")

    @property
    def _told(self) -> Iterator[Node]:
        """What describes this page: its article first."""
        yield self._article
        yield from (node for node in self.nodes if _is(node, _PAGES))

    @property
    def _article(self) -> Node:
        """The one article of the page: a list of several is about other pages."""
        articles = [node for node in self.nodes if _is(node, _ARTICLES)]
        headlines = {_text(node.get("headline")) or _text(node.get("name")) for node in articles}
        return articles[0] if articles and len(headlines - {""}) <= 1 else {}

    def _names(self, value: Any) -> Iterator[str]:
        """The names of persons or organisations, given as text, object, reference or a list of these."""
        for given in value if isinstance(value, list) else [value]:
            if isinstance(given, dict):
                reference = given.get("@id")
                named = next((n for n in self.nodes if reference and n.get("@id") == reference and "name" in n), given)
                names = given.get("name") or named.get("name")
                yield from filter(None, map(_text, names if isinstance(names, list) else [names]))
            elif name := _text(given):
                yield name


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """What these scripts hold."""
    nodes: list[Node] = []
    pending: deque[Any] = deque(map(_parsed, scripts))
    while pending and len(nodes) < _MOST_NODES:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            nodes.append(value)
            pending.extendleft(value[key] for key in reversed(_FOLLOWED) if isinstance(value.get(key), dict | list))
    return LinkedData(tuple(nodes))


def _parsed(script: str) -> Any:
    script = script.strip()
    for wrapping in _WRAPPINGS:
        script = script.removeprefix(wrapping).lstrip()
    try:
        return _DECODER.raw_decode(script)[0]  # what follows the object, often a semicolon, is no matter
    except (ValueError, RecursionError):
        return None


def _is(node: Node, endings: tuple[str, ...]) -> bool:
    """Whether one of its types ends so: NewsArticle and https://schema.org/NewsArticle are articles."""
    types = node.get("@type")
    return any(isinstance(kind, str) and kind.endswith(endings) for kind in (types if isinstance(types, list) else [types]))


def _text(value: Any) -> str:
    """A text, which publishers write with HTML's entities; of a list the first, of a typed value its value."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    return html.unescape(value) if isinstance(value, str) else ""
