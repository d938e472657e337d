"""Main content of pages: what goes says why, what stays is all the rest."""

from __future__ import annotations

import re

import pytest

from winnow.cleaners import Action, CleaningSettings, clean, clean_html
from winnow.cleaners.edits import gaps
from winnow.cleaners.rendering import render

STORY = """The new bridge over the river was opened on Thursday after four years of work. It replaces one from 1936 that
had only one lane left and was closed to lorries long ago."""
PAGE = f"""<!doctype html><html lang=en><head><title>New bridge opens</title></head><body>
<div id=cookie-banner class="cookie consent"><p>We use cookies to improve your experience.</p><button>Accept</button></div>
<nav class="main-menu"><ul><li><a href=/>Home</a><li><a href=/politics>Riverside</a><li><a href=/sport>Sport</a></ul></nav>
<main><article class=post><h1>New bridge opens</h1><p>{STORY}</p>
<p>The mayor spoke of a good day for the town, although the southern access will only be ready in autumn.</p>
<p>Traffic in the old town is expected to fall by a third, a spokeswoman of the council said on Thursday.</p></article>
<section class="related-posts"><h3>Related</h3><ul><li><a href=/1>Why the tram is late again</a><li><a href=/2>Five
walks for the weekend</a></ul></section>
<section id=comments class="comments-area"><h3>2 comments</h3><div class=comment><p>anna</p><p>Finally! I have waited for
this bridge for years, it was about time.</p></div><div class=comment><p>bert</p><p>And who pays for it?</p></div></section>
</main><footer class=site-footer><p>© 2024 The Courier</p><a href=/imprint>Imprint</a> <a href=/privacy>Privacy</a></footer>
</body></html>"""


def test_the_article_stays_and_the_site_around_it_goes() -> None:
    text = clean_html(PAGE)
    assert "The new bridge over the river" in text
    assert "The mayor spoke" in text
    assert "Traffic in the old town" in text
    for gone in ("cookies", "Riverside", "Why the tram", "Imprint", "© 2024"):
        assert gone not in text


def test_each_struck_block_says_who_why_where_and_how_much_is_links() -> None:
    cleaned = clean(PAGE)
    found = next(f for f in cleaned.findings if cleaned.page.text[f.start : f.end].strip() == "- Riverside")
    assert found.cleaner == "extraction"
    assert found.action is Action.STRIKE
    assert re.match(r"(9\d|100)% not main content: ", found.reason)
    assert "at body > nav.main-menu > ul > li > a, 100% links" in found.reason


def test_kept_and_struck_are_all_visible_text() -> None:
    cleaned = clean(PAGE)
    page = cleaned.page
    kept = "".join(page.text[a:b] for a, b in gaps(page.struck, 0, len(page.text)))
    struck = "".join(page.text[a:b] for a, b in page.struck)
    assert sorted(kept + struck) == sorted(page.text)
    assert kept == cleaned.text
    assert page.text == render(PAGE).text


@pytest.mark.parametrize(("choice", "stays"), [("keep", True), ("strike", False), ("judge", False)])
def test_readers_comments_stay_or_go_by_a_setting(choice: str, stays: bool) -> None:
    text = clean_html(PAGE, CleaningSettings.checked({"readers_comments": choice}))
    assert ("I have waited for" in text) is stays
    assert "The mayor spoke" in text


def test_careful_strikes_no_more_than_balanced_and_off_strikes_nothing() -> None:
    struck = {}
    for certainty in ("off", "careful", "balanced"):
        cleaned = clean(PAGE, CleaningSettings.checked({"extraction": certainty}))
        struck[certainty] = {
            (f.start, f.end) for f in cleaned.findings if f.cleaner == "extraction" and f.action is Action.STRIKE
        }
    assert struck["off"] == set()
    assert struck["off"] < struck["careful"] <= struck["balanced"]


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><nav><a href=/>Home</a> <a href=/b>Blog</a></nav></body></html>",
        "<html><body><p>Hello</p></body></html>",
        "<html><body style='visibility:hidden'><p>Shown when the scripts have run.</p></body></html>",
        "<html><body><div id=app></div><noscript><p>The reading room opens at nine.</p></noscript></body></html>",
    ],
    ids=["links-only", "one-word", "hidden-until-scripts-ran", "noscript"],
)
def test_a_page_that_holds_something_is_never_emptied(markup: str) -> None:
    assert clean(markup, CleaningSettings.checked({"skip_cleaners": ["navigation"]})).text.strip()


ELSEWHERE = {
    "es": ("El ayuntamiento abrió el jueves el nuevo puente sobre el río después de cuatro años de obras y muchas quejas.", "Política", "Aviso legal"),
    "ar": ("افتتحت البلدية يوم الخميس الجسر الجديد فوق النهر بعد أربع سنوات من العمل والكثير من الشكاوى من السكان.", "سياسة", "سياسة الخصوصية"),
    "ru": ("В четверг городские власти открыли новый мост через реку после четырёх лет строительства и многих жалоб.", "Политика", "О проекте"),
    "zh": ("市政府周四开放了新的跨河大桥，工程历时四年，居民曾多次抱怨交通不便，市长说这是城市的好日子。", "政治", "联系我们"),
    "hi": ("नगर निगम ने गुरुवार को नदी पर बने नए पुल को चार साल के काम और कई शिकायतों के बाद खोल दिया, महापौर ने कहा।", "राजनीति", "संपर्क करें"),
}  # fmt: skip


@pytest.mark.parametrize("language", ELSEWHERE)
def test_what_the_dom_says_holds_in_every_language(language: str) -> None:
    story, menu, foot = ELSEWHERE[language]
    text = clean_html(
        f"<html lang={language}><body><header><nav class=menu><ul><li><a href=/a>{menu}</a><li><a href=/b>{foot}</a></ul></nav>"
        f"</header><main><article><p>{story}</p><p>{story[::-1]}</p><p>{story}</p></article></main>"
        f"<footer class=footer><ul><li><a href=/c>{foot}</a><li><a href=/d>{menu}</a></ul></footer></body></html>"
    )
    assert story in text
    assert foot not in text
