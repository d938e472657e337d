"""What a page says about itself, in several languages and scripts, well and badly written."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_diff_log import SCHEMA

from winnow.cleaners import Metadata, UnreadableInput, clean, diff_log
from winnow.cleaners.notations import address, iso_date, language_tag
from winnow.cleaners.rendering import render


def metadata(markup: str) -> Metadata:
    return render(markup).metadata


def linked(**node: object) -> str:
    """A script of JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **node})}</script>'


PAGE = """<!DOCTYPE html><html lang="pt-br"><head><title>Chuva forte no vale &#8211; Diário do Vale</title>
<meta property="og:title" content="Chuva forte no vale"><meta property="og:site_name" content="Diário do Vale">
<meta name="author" content="Ana Sá"><meta property="article:published_time" content="2025-03-04T08:00:00-03:00">
<link rel="canonical" href="https://diario.example/chuva"></head><body><h1>Chuva forte no vale</h1><p>Texto."""


def test_a_page_says_everything() -> None:
    assert metadata(PAGE) == Metadata(
        "Chuva forte no vale",
        ("Ana Sá",),
        "2025-03-04T08:00:00-03:00",
        "Diário do Vale",
        "https://diario.example/chuva",
        "pt-BR",
    )


def test_a_page_that_says_nothing() -> None:
    assert metadata("") == metadata("<p>By Ann Other on 4 March 2025") == Metadata()


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        pytest.param("<title>Rain | The Valley</title>", "Rain | The Valley", id="unknown-site-stays"),
        pytest.param(
            "<title>Rain | The Valley</title><meta property=og:site_name content='the valley'>", "Rain", id="known-site"
        ),
        pytest.param(
            "<title>新闻网：大雨将至</title><meta property=og:site_name content=新闻网>", "大雨将至", id="site-in-front"
        ),
        pytest.param("<title>大雨将至_新闻网</title><h1>大雨将至</h1>", "大雨将至", id="heading-confirms"),
        pytest.param(
            "<title>Дождь в долине — Вести</title><link rel=canonical href=https://www.example.ru/a><h1>Вести</h1>"
            "<meta property=og:title content='Дождь в долине'>",
            "Дождь в долине",
            id="og-title-before-title",
        ),
        pytest.param(
            "<title>Ten Tips - Example.com</title><link rel=canonical href=https://www.example.com/t>",
            "Ten Tips",
            id="domain-names-the-site",
        ),
        pytest.param(
            "<title>ข่าว</title><meta property=og:site_name content=ข่าว>", "ข่าว", id="home-page-keeps-the-name"
        ),
        pytest.param(
            "<title>E-Commerce in 2025</title><meta property=og:site_name content=Commerce>",
            "E-Commerce in 2025",
            id="a-name-inside-is-no-suffix",
        ),
        pytest.param(
            "<title>Μεγάλη βροχή στην κοιλάδα: όλα όσα ξέρουμε</title><h1>Μεγάλη βροχή στην κοιλάδα</h1>",
            "Μεγάλη βροχή στην κοιλάδα",
            id="heading-words-it-anew",
        ),
        pytest.param("<title>مطر غزير في الوادي</title><h1>القائمة</h1>", "مطر غزير في الوادي", id="other-heading"),
        pytest.param("<h1>Только <b>заголовок</b></h1>", "Только заголовок", id="only-a-heading"),
        pytest.param(linked(**{"@type": "NewsArticle", "headline": "Ü &amp; Ö"}), "Ü & Ö", id="json-ld-entities"),
        pytest.param("<meta name=DC.Title content='Dublin'>", "Dublin", id="dublin-core"),
        pytest.param("<meta name=citation_title content='On Rain'>", "On Rain", id="citation"),
        pytest.param("<h2 itemprop='name headline'> On\n Snow </h2>", "On Snow", id="microdata-and-white-space"),
        pytest.param("<title>🎉 | Rain</title><h1>🎉</h1>", "🎉 | Rain", id="a-heading-without-letters"),
        pytest.param("<title>a &amp;amp; b</title>", "a &amp; b", id="entities-once"),
        pytest.param("<svg><title>icon</title></svg><p>x", None, id="title-of-a-drawing"),
        pytest.param(f"<title>{'x' * 900}</title>", "x" * 500, id="cut"),
        pytest.param("<title>\x07\n</title>", None, id="blank"),
    ],
)
def test_title(markup: str, title: str | None) -> None:
    assert metadata(markup).title == title


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        pytest.param(
            "<meta name=author content='By 山田 太郎; Ólafur Þór'>", ("山田 太郎", "Ólafur Þór"), id="list-in-a-meta"
        ),
        pytest.param(
            "<meta name=citation_author content=A><meta name=citation_author content=B>", ("A", "B"), id="metas"
        ),
        pytest.param("<meta property=article:author content=https://facebook.com/x>", (), id="address"),
        pytest.param("<meta name=author content='@handle'>", (), id="account"),
        pytest.param(
            linked(**{"@type": "Article", "author": [{"@type": "Person", "name": "Мария"}, "Jo"]}),
            ("Мария", "Jo"),
            id="ld",
        ),
        pytest.param(
            linked(**{"@graph": [{"@type": "Article", "author": {"@id": "#p"}}, {"@id": "#p", "name": "Noa כהן"}]}),
            ("Noa כהן",),
            id="reference",
        ),
        pytest.param(
            linked(**{"@type": "BlogPosting", "author": {"name": "The Valley"}, "publisher": {"name": "The Valley"}})
            + "<meta name=author content='Ann Other'>",
            ("Ann Other",),
            id="a-person-before-the-site",
        ),
        pytest.param("<meta property=og:site_name content=AFP><meta name=author content=AFP>", ("AFP",), id="agency"),
        pytest.param("<p>By <a rel='author nofollow' href=/x>Ann <b>Other</b></a>", ("Ann Other",), id="rel-author"),
        pytest.param(
            "<div itemprop=author itemscope><b itemprop=name>Ed</b> bio</div><i itemprop=author>commenter</i>",
            ("Ed",),
            id="microdata-of-the-first",
        ),
        pytest.param(f"<meta name=author content='{'word ' * 60}'>", (), id="too-long-for-a-name"),
        pytest.param("<meta name=author content='Ann'><meta name=author content='ANN'>", ("Ann",), id="once"),
    ],
)
def test_authors(markup: str, authors: tuple[str, ...]) -> None:
    assert metadata(markup).authors == authors


@pytest.mark.parametrize(
    ("markup", "date"),
    [
        pytest.param(linked(**{"@type": ["Report", "X"], "datePublished": "2025-03-04"}), "2025-03-04", id="ld"),
        pytest.param(linked(**{"@type": "WebPage", "datePublished": "2025-03"}), "2025-03", id="ld-of-the-page"),
        pytest.param(linked(**{"@type": "Comment", "datePublished": "2025-03"}), None, id="ld-of-a-comment"),
        pytest.param(
            linked(**{"@type": "Article", "headline": "Other", "datePublished": "2001"})
            + linked(**{"@type": "Article", "headline": "Own", "datePublished": "2002"})
            + "<h1>Own</h1>",
            "2002",
            id="the-article-of-the-title",
        ),
        pytest.param(
            linked(
                **{
                    "@type": "ItemList",
                    "@graph": [{"@type": "Article", "headline": h, "datePublished": "2001"} for h in "ab"],
                }
            ),
            None,
            id="a-list-of-articles",
        ),
        pytest.param(
            linked(**{"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": "?", "datePublished": "2001"}]}),
            None,
            id="a-question-of-many",
        ),
        pytest.param("<time>4 March</time><time datetime=2025-03-04T10:00Z>4</time>", "2025-03-04T10:00Z", id="time"),
        pytest.param(
            "<meta name=citation_date content=2025/3/4><time datetime=2001-01-01>", "2025-03-04", id="citation"
        ),
        pytest.param("<meta name=dcterms.issued content=1987>", "1987", id="dublin-core"),
        pytest.param("<meta itemprop=datePublished content=20250304>", "2025-03-04", id="microdata"),
        pytest.param("<meta property=article:modified_time content=2025-03-04>", None, id="modified-is-not-published"),
    ],
)
def test_date(markup: str, date: str | None) -> None:
    assert metadata(markup).date == date


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2025-03-04 10:11:12 +0530", "2025-03-04T10:11:12+05:30"),
        ("2025-03-04T10:11:12.123Z", "2025-03-04T10:11:12.123Z"),
        ("2025-03-04T10:11+01", "2025-03-04T10:11+01:00"),
        ("2025-03-04 3:00 PM", "2025-03-04"),
        ("Tue, 04 Mar 2025 10:11:12 GMT", "2025-03-04T10:11:12+00:00"),
        ("04/03/2025", None),
        ("March 4, 2025", None),
        ("2025-13-04", None),
        ("2025-02-30", None),
        ("2025-03-04T25:00", None),
        ("0001-01-01T00:00:00", None),
        ("2025 was wet", None),
        ("202503", None),
        ("Xyz, 99 Foo 2025 10:11:12 GMT", None),
        ("١٤٤٦-٠٩-٠٤", None),
        ("", None),
    ],
)
def test_dates_are_kept_as_exact_as_stated_and_not_guessed(value: str, date: str | None) -> None:
    assert iso_date(value) == date


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("EN", "en"),
        ("en_us", "en-US"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("english", None),
        ("en, fr", None),
        ("und", None),
        ("{{ lang }}", None),
        ("", None),
    ],
)
def test_language_tags(value: str, tag: str | None) -> None:
    assert language_tag(value) == tag


@pytest.mark.parametrize(
    ("markup", "tag"),
    [
        pytest.param("<html lang=ja><meta http-equiv=Content-Language content=en>", "ja", id="html"),
        pytest.param("<html xmlns='http://www.w3.org/1999/xhtml' xml:lang='uk'>", "uk", id="xhtml"),
        pytest.param("<html lang=''><meta http-equiv=Content-Language content=he>", "he", id="content-language"),
        pytest.param("<meta property=og:locale content=hi_IN>", "hi-IN", id="og-locale"),
        pytest.param(linked(**{"@type": "Article", "inLanguage": "sw"}), "sw", id="json-ld"),
        pytest.param("<p lang=fr>Bonjour", None, id="of-a-part"),
    ],
)
def test_declared_language(markup: str, tag: str | None) -> None:
    assert metadata(markup).declared_language == tag


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        pytest.param(
            "<link rel='shortlink canonical' href=' https://a.example/x?a=1&amp;b=2 '>",
            "https://a.example/x?a=1&b=2",
            id="link",
        ),
        pytest.param("<base href=https://a.example/d/><link rel=canonical href=x>", "https://a.example/d/x", id="base"),
        pytest.param(
            "<link rel=canonical href=/x><meta property=og:url content=https://a.example/y>",
            "https://a.example/x",
            id="og-base",
        ),
        pytest.param("<link rel=canonical href=/x>", None, id="relative-to-nothing"),
        pytest.param("<link rel=canonical href=javascript:alert(1)>", None, id="script"),
        pytest.param("<link rel=stylesheet itemprop=author href=https://a.example/x>", None, id="another-link"),
        pytest.param(linked(**{"@type": "WebPage", "url": "http://a.example/ü"}), "http://a.example/ü", id="json-ld"),
    ],
)
def test_url(markup: str, url: str | None) -> None:
    assert metadata(markup).url == url


@pytest.mark.parametrize(
    "value", ["http://[", "http://", "ftp://a.example", "https:///x", "//a.example", "x" * 3_000, " "]
)
def test_what_is_no_address_of_the_web(value: str) -> None:
    assert address(value, "") is None


@pytest.mark.parametrize(
    "markup",
    [
        "<meta property=og:site_name content=Сайт>",
        "<meta name=application-name content=Сайт>",
        linked(**{"@type": "WebSite", "name": "Сайт"}),
        linked(**{"@type": "Article", "publisher": {"name": "Сайт"}}),
    ],
)
def test_site(markup: str) -> None:
    assert metadata(markup).site == "Сайт"


@pytest.mark.parametrize(
    ("script", "title"),
    [
        pytest.param('{"@type": "Article", "headline": "a\nb"};', "a b", id="line-end-and-semicolon"),
        pytest.param('<!-- //<![CDATA[ {"@type": "Article", "headline": "a"} //]]> -->', "a", id="wrapped"),
        pytest.param('[[{"@type": "https://schema.org/Article", "name": ["a", "b"]}]]', "a", id="lists-and-full-names"),
        pytest.param('{"@type": "Article", "headline": {"@value": "a", "@language": "en"}}', "a", id="typed-value"),
        pytest.param(
            '{"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "a"}}', "a", id="main-entity"
        ),
        pytest.param('{"@type": "Article", "headline": "\\ud800"}', "\ufffd", id="lone-surrogate"),
        pytest.param('{"@type": "Article", "headline": "a"', None, id="cut-off"),
        pytest.param(
            '{"@type": "Article", "headline": 7, "author": 7, "datePublished": [], "url": {}}', None, id="kinds"
        ),
        pytest.param('{"@type": {"a": 1}, "headline": "a"}', None, id="type-is-no-text"),
        pytest.param("[" * 100_000, None, id="too-deep"),
        pytest.param(f'{{"a": {"9" * 5_000}}}', None, id="too-long-a-number"),
        pytest.param("null", None, id="null"),
        pytest.param("", None, id="empty"),
    ],
)
def test_json_of_every_kind(script: str, title: str | None) -> None:
    assert metadata(f"<script type='application/LD+json'>{script}</script>").title == title


WORDS = st.sampled_from(
    [
        "author", "og:title", "og:site_name", "og:url", "article:published_time", "DC.date", "itemprop", "headline",
        "@type", "Article", "@graph", "name", "2025-03-04", "https://a.example/", "http://[", "|", " - ", "雨",
        "\ud800", "\x00", "&amp;", "&#x110000;", "<", ">", "'", '"',
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=6).map(" ".join)
JSON = st.recursive(
    TEXTS | st.none() | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "@type @id @graph @value headline name author url datePublished mainEntity publisher inLanguage".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
TAGS = st.one_of(
    st.tuples(
        st.sampled_from("html head base title meta link script h1 time p svg a".split()),
        st.lists(
            st.tuples(
                st.sampled_from(
                    "name property content itemprop itemscope rel href lang datetime http-equiv type".split()
                ),
                TEXTS,
            ),
            max_size=3,
        ),
        TEXTS,
    ).map(lambda tag: f"<{tag[0]} {' '.join(f'{name}={value!r}' for name, value in tag[1])}>{tag[2]}"),
    JSON.map(lambda value: f'<script type="application/ld+json">{json.dumps(value)}</script>'),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(TAGS, max_size=8).map("".join) | st.text())
def test_no_markup_makes_it_raise_and_what_comes_out_keeps_to_the_schema(markup: str) -> None:
    with suppress(UnreadableInput):  # so many control characters that they are binary data
        cleaned = clean(markup.encode("utf-8", "replace"), html=True)
        record = json.loads(diff_log.to_json(diff_log.record_of(cleaned, "x.html", b"")))
        jsonschema.validate(record["metadata"], SCHEMA["properties"]["metadata"])
    told = metadata(markup)  # with lone surrogates too
    for text in (told.title, told.site, told.url, *told.authors):
        assert text is None or (text == text.strip() and not re.search("[\n\ud800-\udfff]", text))


def test_a_hostile_page_is_read_in_time_linear_to_it() -> None:
    deep = "<h1 itemprop=author rel=author>" * 20_000
    metas = "<meta name=author content='a|b'><meta property=og:title content='a|b|c'>" * 20_000
    long = f"<title>{'a | ' * 100_000}</title>"
    assert metadata(f"{long}{metas}{deep}text").authors == ("a|b",)


def test_it_comes_back_from_the_log() -> None:
    raw = PAGE.encode()
    cleaned = clean(raw)
    record = json.loads(diff_log.to_json(diff_log.record_of(cleaned, "x.html", raw)))
    assert record["metadata"]["authors"] == ["Ana Sá"]
    assert diff_log.read_back(record, cleaned.text).metadata == cleaned.metadata
    assert clean("No page.").metadata is None
