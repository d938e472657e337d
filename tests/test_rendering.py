"""HTML to text: nothing visible is lost or doubled, nothing hidden appears, blocks are lines."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.cleaners import clean, clean_html, decoding, diff_log
from winnow.cleaners.diffs import unified
from winnow.cleaners.rendering import is_html, render

BLOCKS = (
    "address article aside blockquote center details dd dialog div dl dt fieldset figure figcaption footer form h1 h3 "
    "header hgroup li main menu nav ol p pre search section summary table tbody td th tr ul"
).split()
INLINE = "a abbr b bdi button cite code em font i kbd label mark q s small span strong sub sup time u".split()
VOID = "area br col hr img input link meta source track wbr".split()
HIDDEN = (
    "<script>{}</script>", "<style>{}</style>", "<template>{}</template>", "<!-- {} -->", "<p hidden>{}</p>",
    '<div style="color:red; display : none">{}</div>', "<noscript>{}</noscript>", "<svg><text>{}</text></svg>",
)  # fmt: skip


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """(markup, visible words, hidden words): well and badly nested, every word once."""
    markup, visible, hidden = "", [], []
    for number in range(draw(st.integers(1, 25))):
        kind = draw(st.integers(0, 7))
        tag = draw(st.sampled_from(BLOCKS + INLINE))
        word = f"w{number}x"
        if kind == 0:
            markup += draw(st.sampled_from(HIDDEN)).format(word)
            hidden.append(word)
        elif kind == 1:
            markup += f"<{draw(st.sampled_from(VOID))}>"
        elif kind == 2:
            markup += f"</{tag}>"
        else:
            opened = f"<{tag} open class='c{number}'>"
            markup += f"{opened}{draw(st.sampled_from(('', ' ')))}{word}{draw(st.sampled_from((' ', f'</{tag}> ')))}"
            visible.append(word)
    return markup, visible, hidden


@settings(max_examples=500, deadline=None)
@given(pages())
def test_every_visible_word_stands_once_and_no_hidden_one(page: tuple[str, list[str], list[str]]) -> None:
    markup, visible, _ = page
    rendered = render(f"<!DOCTYPE html><body><p>shown</p>{markup}")  # where nothing shows, what is hidden is text
    assert sorted(re.findall(r"w\d+x", rendered.text)) == sorted(visible)
    assert rendered.text.count("\n") == len(rendered.blocks)


@settings(max_examples=200, deadline=None)
@given(pages())
def test_kept_and_struck_are_the_whole_page(page: tuple[str, list[str], list[str]]) -> None:
    raw = f"<!DOCTYPE html><body>{page[0]}<p>Leave a Reply<p>sch\u00c3\u00b6n".encode()
    cleaned = clean(raw)
    assert cleaned.decoded.rendered
    assert cleaned.restore() == cleaned.source.encode()
    assert len(cleaned.page.blocks) == len(cleaned.page.lines)
    record = diff_log.record_of(cleaned, "x.html", raw)
    assert diff_log.read_back(record, cleaned.text).restore() == cleaned.source.encode()


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<p>a<p>b", "a\nb\n", id="a-line-a-block"),
        pytest.param("<p>a <b>b</b>c<br>d", "a bc\nd\n", id="inline-joins-and-br-breaks"),
        pytest.param("<a>a</a><a>b</a> <button>c</button><button>d</button>", "a b c d\n", id="links-stand-apart"),
        pytest.param("x<div>y</div>z", "x\ny\nz\n", id="text-beside-blocks"),
        pytest.param("<ul><li>a<li><p>b</p></ul><ol><li></ol><p>c", "- a\n- b\nc\n", id="lists"),
        pytest.param("<table><tr><th>a<th>b<tr><td>c<td><p>d<p>e</table>", "a | b\nc\nd\ne\n", id="tables"),
        pytest.param("<pre>a\n  b\n</pre>", "a\n  b\n", id="verbatim"),
        pytest.param("<p>a\n  b&nbsp;c\x85d\u2028e", "a b c d e\n", id="white-space-collapses"),
        pytest.param("<p>&amp;lt; &lt;b>", "&lt; <b>\n", id="entities-once"),
        pytest.param("<title>t</title><p>a", "a\n", id="head-is-no-text"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_renders(markup: str, text: str) -> None:
    assert render(markup).text == text


def test_blocks_tell_where_a_line_stands() -> None:
    markup = "<main id=m><div class='post-body wide'><h2><a href=x>Rain</a> is near</h2><p>yes</div></main>"
    heading, prose = render(markup).blocks
    assert (heading.path, heading.tag, heading.heading) == ("body > main#m > div.post-body > h2 > a", "h2", 2)
    assert {"post", "body", "wide", "m"} <= heading.names
    assert {"main", "div", "h2"} <= heading.tags
    assert heading.link_share == pytest.approx(4 / 10, abs=0.001)
    assert (prose.tag, prose.heading, prose.link_share) == ("p", 0, 0.0)


def test_no_depth_and_no_size_loses_text() -> None:
    deep = "<div>" * 20_000 + "deep" + "</div>" * 20_000 + "<p>after"
    assert render(deep).text == "deep\nafter\n"
    assert len(render(f"<p>{'x' * 11_000_000}<p>after").text) == 11_000_000 + len("\nafter\n")


def test_a_tag_of_countless_attributes_loses_them_and_not_its_text() -> None:
    tag = "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">"
    began = time.perf_counter()
    assert render(f"{tag}text<p>after").text == "text\nafter\n"
    assert time.perf_counter() - began < 60  # parsers that keep them take minutes


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html>x",
        "\n<!-- a --><!-- b --><HTML lang=en>",
        '<?xml version="1.0"?><html>',
        "<div><p>a</p></div>",
        "<style>p {}</style>\n<p>a</p>",
    ],
)
def test_a_page_is_known_by_how_it_begins(text: str) -> None:
    assert is_html(text)


@pytest.mark.parametrize(
    "text", ["", "plain", "<b>bold</b> words", "a < b > c", "x <html>", "<p>one tag", "<!-- c -->" * 3_000]
)
def test_other_text_is_text(text: str) -> None:
    assert not is_html(text)


def test_a_page_is_cleaned_from_bytes() -> None:
    page = "<html><meta charset=koi8-r><body><p>Урожай в долине начался.<footer>Leave a Reply</footer>"
    assert clean_html(page.encode("koi8-r")) == "Урожай в долине начался.\n"
    cleaned = clean(page.encode("koi8-r"))
    assert cleaned.decoded.encoding == "koi8-r"
    assert "the visible text of an HTML page" in cleaned.decoded.reason
    assert "# of an HTML page: the diff is of its visible text" in unified(cleaned, "x.html")
    assert decoding.encode(cleaned.decoded) == cleaned.source.encode()


def test_what_is_said_to_be_a_page_is_one() -> None:
    assert clean_html("a &amp; b") == "a & b\n"
    assert clean("<html>a</html>", html=False).text == "<html>a</html>"
