"""What a page states about itself in its markup, collected in one pass and not yet judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from winnow.cleaners.notations import address

# One pass for all of it: a pass takes 0.4 ms, however much it asks for. The names are those of Open Graph, Twitter,
# Highwire Press, Dublin Core, Parse.ly, Sailthru, Cxense, and the plain ones that HTML knows or pages made up.
_STATEMENTS = (
    'html, base[href], head > title, body > title, meta, link[rel~="canonical" i], h1, time[datetime], [itemprop],'
    ' [rel~="author" i], script[type="application/ld+json" i]'
)
TITLES = (
    "og.title twitter.title citation_title dc.title dcterms.title parsely-title sailthru.title itemprop.headline"
).split()
AUTHORS = (
    "citation_author author article.author og.article.author parsely-author sailthru.author cxenseparse.author"
    " dc.creator dcterms.creator og.author itemprop.author"
).split()
DATES = (
    "article.published_time og.article.published_time og.published_time itemprop.datepublished"
    " citation_publication_date citation_online_date citation_date parsely-pub-date sailthru.date"
    " cxenseparse.publishtime dc.date.issued dcterms.issued dc.date dcterms.date dc.date.created dcterms.created"
    " og.publish_date publish-date publish_date published published-date date-pub pubdate date"
).split()
SITES = "og.site_name application-name citation_journal_title dc.publisher dcterms.publisher itemprop.publisher".split()
LANGUAGES = "content-language dc.language dcterms.language language og.locale".split()
ADDRESSES = ("og.url", "twitter.url")
_READ = frozenset((*TITLES, *AUTHORS, *DATES, *SITES, *LANGUAGES, *ADDRESSES))
_NAMING = frozenset(("property", "name", "http-equiv", "itemprop"))  # attributes of <meta>
_MICRODATA = frozenset(("headline", "author", "datepublished", "publisher"))
_MOST_VALUES = 100  # of one name: of authors, a paper may have more
_MOST_HEADINGS = 3  # that are read: each may hold the whole page, and the next one in it too


@dataclass(slots=True)
class Statements:
    """Everything a page says about itself, in its own words."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    """By name in lower case, `og:title` as `og.title`; microdata as `itemprop.headline`."""
    titles: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    canonical: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    byline: str = ""

    def named(self, names: Iterable[str]) -> Iterator[str]:
        """What the metas of these names say, the first name first."""
        return (value for name in names for value in self.metas.get(name, ()))

    def first_of(self, names: Iterable[str]) -> Iterator[str]:
        """The same, of each name only the first."""
        return (self.metas[name][0] for name in names if name in self.metas)

    @property
    def base(self) -> str:
        """The address that others are relative to, if the page tells it."""
        return next(filter(None, (address(value, "") for value in (*self.bases[:1], *self.named(ADDRESSES)))), "")


def collect(parser: LexborHTMLParser) -> Statements:
    """All statements of a parsed page, each list in page order."""
    said = Statements()
    for node in parser.css(_STATEMENTS):
        attributes = node.attributes
        match node.tag:
            case "meta":
                _note_meta(said, attributes)
            case "title":
                said.titles.append(node.text())
            case "script":
                said.scripts.append(node.text())
            case "link" if "canonical" in (attributes.get("rel") or "").lower():  # else it came by its itemprop
                said.canonical.append(attributes.get("href") or "")
            case "base":
                said.bases.append(attributes.get("href") or "")
            case "html":
                said.languages += filter(None, (attributes.get("lang"), attributes.get("xml:lang")))
            case _:
                _note_shown(said, node, attributes)
    return said


def _note_meta(said: Statements, attributes: dict[str, str | None]) -> None:
    content = attributes.get("content")
    if not content:
        return
    for attribute in _NAMING.intersection(attributes):
        for name in (attributes[attribute] or "").lower().replace(":", ".").split():
            known = f"itemprop.{name}" if attribute == "itemprop" else name
            if known in _READ:
                _append(said, known, content)


def _note_shown(said: Statements, node: LexborNode, attributes: dict[str, str | None]) -> None:
    """What the body says with its meaning marked."""
    if node.tag == "h1" and len(said.headings) < _MOST_HEADINGS:
        said.headings.append(node.text(separator=" "))
    if node.tag == "time" and attributes.get("datetime"):
        said.times.append(attributes["datetime"] or "")
    if not said.byline and "author" in (attributes.get("rel") or "").lower().split():
        said.byline = node.text(separator=" ")
    for name in _MICRODATA.intersection((attributes.get("itemprop") or "").lower().split()):
        if f"itemprop.{name}" not in said.metas:
            named = node.css_first('[itemprop~="name"]') if "itemscope" in attributes else None
            value = attributes.get("content") or attributes.get("datetime")
            _append(said, f"itemprop.{name}", value or (named or node).text(separator=" "))


def _append(said: Statements, name: str, value: str) -> None:
    """Of microdata only the first: the others are of comments and of other articles."""
    values = said.metas.setdefault(name, [])
    if len(values) < (1 if name.startswith("itemprop.") else _MOST_VALUES):
        values.append(value)
