"""What the JSON-LD of a page says of it: the objects of schema.org that describe an article or a page.

Broken JSON, and JSON that nests too deep to be read, says nothing and raises nothing.
"""

from __future__ import annotations

import html
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

_MOST_NODES = 1_000  # objects looked at; the page's own stand among the first
_DECODER = json.JSONDecoder(strict=False)  # line ends inside strings are a common slip
# What surrounds the JSON where a page was made for parsers of XHTML.
_WRAPPINGS = ("<!--", "//<![CDATA[", "<![CDATA[")
_FOLLOWED = ("@graph", "mainEntity", "mainEntityOfPage")
# How the names of types end, the likeliest to be the page's subject first: NewsArticle and
# https://schema.org/NewsArticle are articles.
_ARTICLES = (("Article", "Posting", "Report"), ("Recipe", "HowTo"), ("Question",))
_PAGES = ("Page",)
_SITES = ("WebSite",)


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What the JSON-LD says; a text is empty where it says nothing."""

    title: str = ""
    """The article's headline, else its name."""
    authors: tuple[str, ...] = ()
    date: str = ""
    """Of publication, as stated."""
    site: str = ""
    """The name of the web site, else that of the publisher."""
    url: str = ""
    language: str = ""


def read_linked_data(scripts: Iterable[str], is_title: Callable[[str], bool]) -> LinkedData:
    """What these scripts, in page order, say of the article, else of the page.

    `is_title` says whether a text is what the page itself calls its title: that tells its own article from others.
    """
    nodes = _nodes(scripts)
    if not nodes:
        return LinkedData()
    article = _own_article(nodes, is_title)
    about = [article, *_of_type(nodes, _PAGES)]

    def first(key: str, told: Iterable[Node]) -> str:
        return next(filter(None, (_text(node.get(key)) for node in told)), "")

    def named(*keys: str) -> list[str]:
        return next(filter(None, ([*_names(node.get(key), nodes)] for node in about for key in keys)), [])

    return LinkedData(
        title=_headline(article),
        authors=tuple(named("author", "creator")),
        date=first("datePublished", about),
        site=first("name", _of_type(nodes, _SITES)) or next(iter(named("publisher")), ""),
        url=first("url", about),
        language=first("inLanguage", about),
    )


def _nodes(scripts: Iterable[str]) -> list[Node]:
    """The objects that stand by themselves, in page order."""
    nodes: list[Node] = []
    pending: deque[Any] = deque(map(_parsed, scripts))
    while pending and len(nodes) < _MOST_NODES:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            nodes.append(value)
            followed = _FOLLOWED if value.get("@type") != "FAQPage" else ()  # its questions are not the page's subject
            pending.extendleft(value[key] for key in reversed(followed) if isinstance(value.get(key), dict | list))
    return nodes


def _parsed(script: str) -> Any:
    script = script.strip()
    for wrapping in _WRAPPINGS:
        script = script.removeprefix(wrapping).lstrip()
    try:
        return _DECODER.raw_decode(script)[0]  # what follows the object, often a semicolon, is no matter
    except (ValueError, RecursionError):
        return None


def _of_type(nodes: Iterable[Node], endings: tuple[str, ...]) -> list[Node]:
    found = []
    for node in nodes:
        kinds = node.get("@type")
        for kind in kinds if isinstance(kinds, list) else (kinds,):
            if isinstance(kind, str) and kind.endswith(endings):
                found.append(node)
                break
    return found


def _own_article(nodes: Iterable[Node], is_title: Callable[[str], bool]) -> Node:
    """The page's article, perhaps told twice; of several the one with its title, else none: an empty object."""
    articles = next(filter(None, (_of_type(nodes, endings) for endings in _ARTICLES)), [])
    headlines = [_headline(node) for node in articles]
    if len({*headlines} - {""}) <= 1:
        return articles[0] if articles else {}
    return next((node for node, headline in zip(articles, headlines, strict=True) if is_title(headline)), {})


def _headline(node: Node) -> str:
    return _text(node.get("headline")) or _text(node.get("name"))


def _names(value: Any, nodes: Iterable[Node]) -> Iterator[str]:
    """The names of persons or organisations, given as text, object, reference to a node, or a list of these."""
    for given in value if isinstance(value, list) else (value,):
        if not isinstance(given, dict):
            yield from filter(None, (_text(given),))
            continue
        names = given.get("name")
        if names is None and (reference := given.get("@id")):
            names = next((node["name"] for node in nodes if node.get("@id") == reference and "name" in node), None)
        yield from filter(None, map(_text, names if isinstance(names, list) else (names,)))


def _text(value: Any) -> str:
    """A text, which publishers write with HTML's entities; of a list the first, of a typed value its value."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    return html.unescape(value) if isinstance(value, str) else ""
