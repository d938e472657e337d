"""What a page says about itself: title, authors, date of publication, site, canonical address, language.

Nothing is guessed from the text. Read are JSON-LD, `<meta>`, `<link>`, microdata, and last of all what the
page shows with its meaning marked (`<h1>`, `<time>`, `rel=author`). The first statement that makes sense wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, pairwise
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from winnow.cleaners import statements
from winnow.cleaners.linked_data import LinkedData, read_linked_data
from winnow.cleaners.notations import LONGEST, address, iso_date, key, language_tag, one_line
from winnow.cleaners.statements import Statements


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself; None where it says nothing. Texts are on one line, entities decoded once."""

    title: str | None = None
    """The headline, without the site's name where the page tells which part of the title that is; cut to
    500 code points."""
    authors: tuple[str, ...] = ()
    """Names in the page's order, persons or whoever else signs: at most 100, of at most 200 code points."""
    date: str | None = None
    """Of publication, in ISO 8601, as exact as stated: a year, a month, a day, a time, perhaps with its offset."""
    site: str | None = None
    """The name of the web site; cut to 500 code points."""
    url: str | None = None
    """The canonical address, absolute, http or https; at most 2,000 code points."""
    declared_language: str | None = None
    """BCP 47 tag. A declaration may be wrong: the language of the text is told apart from it."""


_LONGEST_NAME = 200  # code points: longer ones are no names
_MOST_AUTHORS = 100


def read_metadata(parser: LexborHTMLParser) -> Metadata:
    """What the parsed page says about itself. Linear in the page; never raises for what stands in it."""
    said = statements.collect(parser)
    linked = read_linked_data(said.scripts, lambda text: _is_title(text, said))
    site = _first(one_line, said.named(statements.SITES[:1]), [linked.site], said.named(statements.SITES[1:]))
    base = said.base
    addresses = said.canonical, said.named(statements.ADDRESSES), [linked.url]
    url = _first(lambda value: address(value, base), *addresses)
    names = _keys_of_site(site, url)
    return Metadata(
        title=_title(said, linked, names),
        authors=_authors(said, linked, names),
        date=_first(iso_date, [linked.date], said.named(statements.DATES), said.times),
        site=site,
        url=url,
        declared_language=_first(language_tag, said.languages, said.named(statements.LANGUAGES), [linked.language]),
    )


def _first(read: Callable[[str], str | None], *values: Iterable[str]) -> str | None:
    """The first of the values that can be read."""
    return next(filter(None, map(read, chain(*values))), None)


def _is_title(text: str, said: Statements) -> bool:
    """Whether the page says so: in a heading or in its title, there perhaps with the site's name behind it."""
    wanted = key(text[:LONGEST])
    titles = chain(said.headings, said.titles[:1], said.first_of(statements.TITLES))
    return wanted != "" and any(key(title[:LONGEST]).startswith(wanted) for title in titles)


def _title(said: Statements, linked: LinkedData, names: frozenset[str]) -> str | None:
    """A title that is a heading too; a heading that words a title anew; the first title; a heading."""
    headings = [heading for heading in map(one_line, said.headings) if heading and key(heading) not in names]
    known = frozenset(filter(None, map(key, headings)))
    told = map(one_line, chain([linked.title], said.first_of(statements.TITLES), said.titles[:1]))
    stated = list(dict.fromkeys(filter(None, told)))
    titles = [_without_site(title, names, known, known.union(filter(None, map(key, stated)))) for title in stated]
    confirmed = (title for title in titles if key(title) in known)
    reworded = (heading for heading in headings if any(_alike(heading, title) for title in titles))
    return next(chain(confirmed, reworded, titles, headings), None)


# Half of the letter pairs of the shorter. On WCXB's 1,358 pages, of which 999 titles are right without headings that
# word them anew: 1,045 at .3, 1,050 at .5, 1,041 at .7; with every first heading, alike or not, 1,039.
_ALIKE = 0.5


def _alike(one: str, other: str) -> bool:
    """Whether two titles say the same in other words, in whatever script: they share pairs of letters."""
    pairs, others = set(pairwise(key(one))), set(pairwise(key(other)))
    shorter = min(len(pairs), len(others))
    return shorter > 0 and len(pairs & others) >= _ALIKE * shorter


_BORDER = re.compile(r"\s*(?:[|｜·•»«›‹:：~_/]+|[-–—―]+)\s*")


def _without_site(title: str, names: frozenset[str], headings: frozenset[str], titles: frozenset[str]) -> str:
    """The title without the site's name before or behind it: where that name is known, or the rest is a title too.

    What stands behind must be a heading for that: another title may be nothing but the site's name.
    """
    for border in _BORDER.finditer(title):
        before, after = title[: border.start()], title[border.end() :]
        if before and after:
            if key(before) in titles or key(after) in names:
                return before
            if key(after) in headings or key(before) in names:
                return after
    return title


def _keys_of_site(site: str | None, url: str | None) -> frozenset[str]:
    """How a title may name the site: by its name, or by its domain with or without the ending."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    return frozenset(filter(None, map(key, (site or "", host, host.partition(".")[0], host.rpartition(".")[0]))))


def _authors(said: Statements, linked: LinkedData, names: frozenset[str]) -> tuple[str, ...]:
    """Of the first source that names somebody else than the site; else of the first that names anybody."""
    sources = [linked.authors, *(said.named([name]) for name in statements.AUTHORS), [said.byline]]
    signed = [authors for authors in map(_people, sources) if authors]
    others = (authors for authors in signed if any(key(author) not in names for author in authors))
    return next(chain(others, signed), ())


def _people(values: Iterable[str]) -> tuple[str, ...]:
    """The names among these, each once: addresses and accounts are none."""
    found: dict[str, str] = {}
    for value in values:
        for part in value[: _LONGEST_NAME * _MOST_AUTHORS].split(";"):
            name = (one_line(part) or "").removeprefix("By ").removeprefix("by ")
            if name and len(name) <= _LONGEST_NAME and "://" not in name and not name.startswith(("@", "www.")):
                found.setdefault(key(name), name)
        if len(found) >= _MOST_AUTHORS:
            break
    return tuple(found.values())[:_MOST_AUTHORS]
