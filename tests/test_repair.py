"""Repair: what is mended, what is left alone, and how it is told."""

from __future__ import annotations

import html
import re

import ftfy
import pytest
from ftfy import chardata
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from winnow.cleaners import edits
from winnow.cleaners.repair import CONFIG, repairs_of
from winnow.cleaners.suspects import LONGEST_LINE

INVISIBLE = re.compile("[\u00ad\u200b\ufeff\u2060]")


def repaired(text: str) -> str:
    return edits.apply(text, repairs_of(text))


@pytest.mark.parametrize(
    ("raw", "text", "rule"),
    [
        pytest.param("schÃ¶n", "schön", "mojibake", id="mojibake"),
        pytest.param("â€œWeâ€™ll seeâ€\u009d", "“We’ll see”", "mojibake", id="mojibake-quotes-stay-curly"),
        pytest.param("AT&amp;T", "AT&T", "entities", id="entity"),
        pytest.param("a\x07b", "ab", "control-characters", id="control"),
        pytest.param("\x1b[31mred\x1b[0m", "red", "control-characters", id="terminal-escape"),
        pytest.param("co\u00adop", "coop", "invisible-characters", id="soft-hyphen"),
        pytest.param("a\u200bb", "ab", "invisible-characters", id="zero-width-space"),
        pytest.param("a\ufeffb", "ab", "invisible-characters", id="bom-inside"),
        pytest.param("cafe\u0301", "café", "nfc", id="decomposed"),
        pytest.param("\ufb01n", "fin", "ligatures", id="ligature"),
        pytest.param("a\rb\nc", "a\nb\nc", "line-ends", id="mixed-line-ends"),
        pytest.param("a\u2028b", "a\nb", "line-ends", id="line-separator"),
        pytest.param("a\ud800b", "a\ufffdb", "surrogates", id="lone-surrogate"),
        pytest.param("vyhledĂˇvĂˇnĂ\u00ad", "vyhledávání", "mojibake", id="soft-hyphen-in-mojibake-is-half-a-letter"),
        pytest.param("&shy;", "", "entities+invisible-characters", id="entity-of-an-invisible-character"),
    ],
)
def test_mends(raw: str, text: str, rule: str) -> None:
    repairs = repairs_of(raw)
    assert edits.apply(raw, repairs) == text
    assert [repair.rule for repair in repairs] == [rule]
    assert all(repair.reason for repair in repairs)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("“curly” ‘quotes’", id="curly-quotes"),
        pytest.param("ＡＢＣ，１２３", id="full-width"),
        pytest.param("می\u200cخواهم", id="zwnj"),
        pytest.param("\U0001f468\u200d\U0001f469", id="zwj"),
        pytest.param("ไทย\u200bไทย", id="zero-width-space-in-thai"),
        pytest.param("x² ½ ™ №", id="compatibility-characters"),
        pytest.param("<b>&lt;</b>", id="entities-where-markup-is-shown"),
        pytest.param("\u200e\u200f", id="direction-marks"),
        pytest.param("e" + "\u0301\u0323" * 50, id="stacked-marks-beyond-the-bound"),
        pytest.param("ü " * LONGEST_LINE, id="line-beyond-the-bound"),
    ],
)
def test_leaves_alone(text: str) -> None:
    assert repairs_of(text) == ()


def test_only_what_changed_is_logged() -> None:
    source = "first line\nA long line with one schÃ¶n word in it.\n"
    (repair,) = repairs_of(source)
    assert (repair.start, repair.removed, repair.inserted) == (source.index("Ã"), "Ã¶", "ö")


@settings(max_examples=300, deadline=None)
@given(texts)
def test_does_what_ftfy_does_but_for_invisible_characters(text: str) -> None:
    visible = "".join(c for c in text if c not in "\u00ad\u200b\ufeff\u2060" and not 0x300 <= ord(c) < 0x370)
    if "&" in visible:  # an entity can stand for an invisible character
        return
    assert repaired(visible) == ftfy.fix_text(visible, CONFIG._replace(unescape_html="<" not in visible))


# What a fixer of ftfy could touch, far denser than in any text.
_BROKEN = "".join(bytes([byte]).decode(e, "ignore") for e in chardata.CHARMAP_ENCODINGS for byte in range(128, 256))
_DENSE = st.text(st.sampled_from(_BROKEN + " ?a&;1\n\x1a\ufffdﬁ"), max_size=12)
_WRONGLY_READ = st.builds(
    lambda text, encoding: text.encode("utf-8", "replace").decode(encoding, "replace"),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn"]), max_size=12),
    st.sampled_from(chardata.CHARMAP_ENCODINGS),
)


@settings(max_examples=2_000, deadline=None)
@given(_DENSE | _WRONGLY_READ)
def test_skips_no_line_that_ftfy_would_mend(text: str) -> None:
    expected = ftfy.fix_text(text, CONFIG._replace(unescape_html="<" not in text))
    if not INVISIBLE.search(text + html.unescape(text) + expected):  # those are ours to take out
        assert repaired(text) == expected
