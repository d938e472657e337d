"""What a page says about itself: title, authors, date of publication, site, canonical address, language.

Nothing is guessed from the text: read are JSON-LD, `<meta>`, `<link>`, microdata, and last of all what the
page shows with its meaning marked (`<h1>`, `<time>`, `rel=author`). The first statement that can be true wins.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from winnow.cleaners.folding import fold
from winnow.cleaners.linked_data import LinkedData, read_linked_data


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself; None where it says nothing. All text on one line, entities decoded once."""

    title: str | None = None
    """The headline, without the site's name where the page tells which part of the title that is; at most
    500 code points."""
    authors: tuple[str, ...] = ()
    """Names in the page's order, at most 100 of at most 200 code points: persons, or whoever else signs."""
    date: str | None = None
    """Of publication, in ISO 8601, as exact as stated: a year, a month, a day, or a time with its offset if known."""
    site: str | None = None
    """Name of the web site; at most 500 code points."""
    url: str | None = None
    """The canonical address, absolute, http or https; at most 2,000 code points."""
    declared_language: str | None = None
    """BCP 47 tag. What is declared need not be so: the text's own language is told elsewhere."""


# One pass over the page for all of it: 0.3 ms, where a pass for each took 0.4 ms apiece.
_STATEMENTS = (
    'html, base[href], head > title, body > title, meta, link[rel~="canonical" i], h1, time[datetime], [itemprop],'
    ' [rel~="author" i], script[type="application/ld+json" i]'
)
_TITLES = (
    "og.title twitter.title citation_title dc.title dcterms.title parsely-title sailthru.title itemprop.headline"
).split()
_AUTHORS = (
    "citation_author author article.author og.article.author parsely-author sailthru.author cxenseparse.author dc.creator"
    " dcterms.creator og.author itemprop.author"
).split()
_DATES = (
    "article.published_time og.article.published_time og.published_time itemprop.datepublished citation_publication_date"
    " citation_online_date citation_date parsely-pub-date sailthru.date cxenseparse.publishtime dc.date.issued"
    " dcterms.issued dc.date dcterms.date dc.date.created dcterms.created og.publish_date publish-date publish_date"
    " published pubdate date"
).split()
_SITES = "og.site_name application-name citation_journal_title dc.publisher dcterms.publisher itemprop.publisher".split()
_LANGUAGES = "content-language dc.language dcterms.language language og.locale".split()
_MICRODATA = frozenset(("headline", "author", "datepublished", "publisher"))

_LONGEST = 500  # code points of a title or a site's name: longer ones are cut
_LONGEST_NAME = 200  # code points: longer ones are no names
_MOST_AUTHORS = 100
_LONGEST_URL = 2_000
_MOST_SHOWN = 3  # headings, bylines and the like that are read of a page: reading all of a hostile page is quadratic
_BLANK = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def read_metadata(parser: LexborHTMLParser) -> Metadata:
    """What the parsed page says about itself. Linear in the page; never raises for what stands in it."""
    said = _collected(parser)
    linked = read_linked_data(said.scripts)
    sites = filter(None, map(_line, (*said.named(_SITES[:1]), linked.site, *said.named(_SITES[1:]))))
    site = next(sites, None)
    url = next(filter(None, (_address(value, said.base) for value in _addresses(said, linked))), None)
    names = _keys_of_site(site, url)
    return Metadata(
        title=_title(said, linked, names),
        authors=_authors(said, linked, names),
        date=next(filter(None, map(_day, (linked.date, *said.named(_DATES), *said.times))), None),
        site=site,
        url=url,
        declared_language=next(filter(None, map(_tag, _languages(said, linked))), None),
    )


@dataclass(slots=True)
class _Statements:
    """Everything said, not yet judged, in page order."""

    metas: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By name in lower case, `og:title` as `og.title`; microdata as `itemprop.headline`."""
    titles: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    bylines: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    canonical: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    def named(self, names: Iterable[str]) -> Iterator[str]:
        """What the metas of these names say, the first name first."""
        return (value for name in names for value in self.metas.get(name, ()))

    @property
    def base(self) -> str:
        """The address that others are relative to, if the page tells it."""
        return next(filter(None, (_address(value, "") for value in (*self.bases[:1], *self.named(["og.url"])))), "")


def _collected(parser: LexborHTMLParser) -> _Statements:
    said = _Statements()
    for node in parser.css(_STATEMENTS):
        attributes = node.attributes
        match node.tag:
            case "meta":
                _note_meta(said, attributes)
            case "title":
                said.titles.append(node.text())
            case "script":
                said.scripts.append(node.text())
            case "link":
                said.canonical.append(attributes.get("href") or "")
            case "base":
                said.bases.append(attributes.get("href") or "")
            case "html":
                said.languages += filter(None, (attributes.get("lang"), attributes.get("xml:lang")))
            case _:
                _note_shown(said, node, attributes)
    return said


def _note_meta(said: _Statements, attributes: dict[str, str | None]) -> None:
    content = attributes.get("content")
    if not content:
        return
    for attribute in ("property", "name", "http-equiv"):
        for name in (attributes.get(attribute) or "").lower().replace(":", ".").split():
            said.metas[name].append(content)
    for name in (attributes.get("itemprop") or "").lower().split():
        said.metas[f"itemprop.{name}"].append(content)


def _note_shown(said: _Statements, node: LexborNode, attributes: dict[str, str | None]) -> None:
    """What the body says with its meaning marked."""
    if node.tag == "h1" and len(said.headings) < _MOST_SHOWN:
        said.headings.append(node.text(separator=" "))
    if node.tag == "time" and attributes.get("datetime"):
        said.times.append(attributes["datetime"] or "")
    if "author" in (attributes.get("rel") or "").lower().split() and len(said.bylines) < _MOST_SHOWN:
        said.bylines.append(node.text(separator=" "))
    for name in _MICRODATA.intersection((attributes.get("itemprop") or "").lower().split()):
        values = said.metas[f"itemprop.{name}"]
        if len(values) < _MOST_SHOWN:
            named = node.css_first('[itemprop~="name"]') if "itemscope" in attributes else None
            value = attributes.get("content") or attributes.get("datetime")
            values.append(value or (named or node).text(separator=" "))


def _title(said: _Statements, linked: LinkedData, names: frozenset[str]) -> str | None:
    headings = [heading for heading in map(_line, said.headings) if heading and _key(heading) not in names]
    stated = [title for title in map(_line, (linked.title, *said.named(_TITLES), *said.titles[:1])) if title]
    known = {_key(heading): heading for heading in headings}
    bare = [_without_site(title, names, known) for title in stated]
    confirmed = next((title for title in bare if _key(title) in known), None)
    if confirmed or len(headings) == 1:
        return confirmed or headings[0]
    return next(iter([*bare, *headings]), None)


_BORDER = re.compile(r"\s*(?:[|｜·•»«›‹:：~_/]+|[-–—―]+)\s*")


def _without_site(title: str, names: frozenset[str], headings: Iterable[str]) -> str:
    """The title without the site's name before or after it: where that name is known, or the rest is a heading."""
    for border in _BORDER.finditer(title):
        before, after = title[: border.start()], title[border.end() :]
        if before and after:
            if _key(before) in headings or _key(after) in names:
                return before
            if _key(before) in names or _key(after) in headings:
                return after
    return title


def _keys_of_site(site: str | None, url: str | None) -> frozenset[str]:
    """How a title may name the site: by its name, or by its domain with or without the ending."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    return frozenset(filter(None, map(_key, (site or "", host, host.partition(".")[0], host.rpartition(".")[0]))))


def _key(text: str) -> str:
    """Letters and digits alone, in lower case: what two spellings of a name have in common."""
    return "".join(filter(str.isalnum, fold(text)))


def _authors(said: _Statements, linked: LinkedData, names: frozenset[str]) -> tuple[str, ...]:
    """Of the first source that names somebody else than the site; else of the first that names anybody."""
    sources = [linked.authors, *([*said.named([name])] for name in _AUTHORS), said.bylines[:1]]
    signed = [authors for authors in map(_people, sources) if authors]
    others = (authors for authors in signed if any(_key(author) not in names for author in authors))
    return next(others, signed[0] if signed else ())


def _people(values: Iterable[str]) -> tuple[str, ...]:
    """The names among these, each once: addresses and accounts are none."""
    found: dict[str, str] = {}
    for value in values:
        for part in value[: _LONGEST_NAME * _MOST_AUTHORS].split(";"):
            name = re.sub(r"(?i)^by\s+", "", _line(part) or "")
            if name and len(name) <= _LONGEST_NAME and "://" not in name and not name.startswith(("@", "www.")):
                found.setdefault(_key(name), name)
    return tuple(found.values())[:_MOST_AUTHORS]


def _addresses(said: _Statements, linked: LinkedData) -> Iterable[str]:
    return (*said.canonical, *said.named(["og.url"]), linked.url, *said.named(["twitter.url"]))


def _address(value: str, base: str) -> str | None:
    """An absolute address of the web, or None."""
    value = value.strip()
    if not value or len(value) > _LONGEST_URL:
        return None
    try:
        address = urljoin(base, value)
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:  # an address of IPv6 gone wrong
        return None
    address = _line(address.replace(" ", "%20")) or ""
    return address if len(address) <= _LONGEST_URL else None


_CALENDAR = re.compile(r"([0-9]{4})(?:([-/]?)([0-9]{2})(?:\2([0-9]{2}))?)?(?![0-9])")
_CLOCK = re.compile(r"[T ]+([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?) ?(?:(Z|UTC|GMT)|([-+][0-9]{2}):?([0-9]{2})?)?", re.I)
_MAIL_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{5,8} (?:[-+][0-9]{4}|GMT|UTC)")


def _day(value: str) -> str | None:
    """A date in ISO 8601 or as in mail headers, in ISO 8601; None for all others, which can be read in two ways."""
    value = value[:_LONGEST].strip()
    try:
        if _MAIL_DATE.fullmatch(value):
            return parsedate_to_datetime(value).isoformat()
        calendar = _CALENDAR.match(value)
        if calendar is None or int(calendar[1]) < 1_000:  # what software writes for no date: 0000, 0001
            return None
        parts = [part for part in calendar.group(1, 3, 4) if part]
        stated = "-".join(parts)
        date(*map(int, (*parts, 1, 1)[:3]))
        clock = _CLOCK.fullmatch(value, calendar.end())
        if clock is None or len(parts) < 3:
            return stated
        offset = "Z" if clock[2] else f"{clock[3]}:{clock[4] or '00'}" if clock[3] else ""
        timed = f"{stated}T{clock[1]}{offset}"
        datetime.fromisoformat(timed)
    except ValueError:
        return None
    return timed


_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)", re.I)


def _languages(said: _Statements, linked: LinkedData) -> Iterable[str]:
    return (*said.languages, *said.named(_LANGUAGES), linked.language)


def _tag(value: str) -> str | None:
    """The language tag in BCP 47's spelling, or None: names of languages and lists are no tags."""
    match = _TAG.fullmatch(value.strip()[:_LONGEST].replace("_", "-"))
    if match is None or match[1].lower() == "und":
        return None
    script, region = (match[2] or "").title(), (match[3] or "").upper()
    return "-".join(filter(None, (match[1].lower(), script, region))) + match[4].lower()


def _line(text: str) -> str | None:
    """The text on one line, cut to its longest length and free of what is no character; None if nothing is left."""
    return _SURROGATES.sub("\ufffd", _BLANK.sub(" ", text[: 4 * _LONGEST_URL])).strip()[:_LONGEST_URL] or None
