"""Generated texts: everything that has ever broken a text tool, mixed with lines that our rules know."""

from __future__ import annotations

from hypothesis import strategies as st

RESIDUE = [
    "Leave a Reply",
    "top of page",
    "  • - Advertisement -",
    "Home | About us",
    "This website uses cookies to improve your experience. Accept",
    "Accept",
    "Name *",
    "Sources:",
    "– [AFP](https://www.afp.com/)",
    "dh/sms (AFP, Reuters)",
    "Wed. May 21st, 2025",
    "Related articles:",
]
PROSE = [
    "A soldier on the road to the old harbour on March 3, 2019. [File: A. Person/Reuters]",
    "Die Ernte begann in diesem Jahr zwei Wochen früher als gewöhnlich, sagen die Bauern im Tal.",
    "وقعت الدول الثلاث اتفاقية للدفاع المشترك يوم السبت",
    "三国签署了共同防御条约。",
    "She said: “We’ll see.”",
]
TRAPS = [
    "caf\u00e9",
    "cafe\u0301",
    "\u00e2\u20ac\u0153mojibake\u00e2\u20ac\u009d",
    "sch\u00c3\u00b6n",
    "&amp;eacute; &lt;b&gt;",
    "&shy;soft\u00adhyphen",
    "zero\u200bwidth",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "ＦＵＬＬ　ｗｉｄｔｈ",
    "\ufeffmark",
    "\x00\x07\x1b[31mred\x1b[0m",
    "line\u2028separator",
    "next\x85line",
    "form\x0cfeed",
    "\ufb01ligature",
    "İstanbul ISPARTA",
    "\U0001f600",
    "\u202eright to left\u202c",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e" + "\u0301" * 70,
    "\u0e01\u200b\u0e02",
]
LINE_ENDS = ["\n", "\n\n", "\r\n", "\r", "\n\n\n", " \n", "\n\t\n"]

_pieces = st.one_of(
    st.sampled_from(RESIDUE), st.sampled_from(PROSE), st.sampled_from(TRAPS), st.text(max_size=20), st.just("")
)


@st.composite
def _page_like(draw: st.DrawFn) -> str:
    uniform = draw(st.none() | st.sampled_from(["\n", "\r\n", "\r"]))
    ends = st.just(uniform) if uniform else st.sampled_from(LINE_ENDS)
    parts = draw(st.lists(st.tuples(_pieces, ends), max_size=14))
    return "".join(piece + end for piece, end in parts) + draw(_pieces)


texts = _page_like() | st.text()
"""Valid Unicode."""

texts_with_surrogates = texts.flatmap(
    lambda text: (
        st.just(text)
        | st.sampled_from(["\ud800", "\udfff", "\udc80", "\ud83d\ude00"]).map(lambda lone: text[:9] + lone + text[9:])
    )
)
"""What Python can hold and UTF-8 can't."""

encodings = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp1251", "shift_jis", "gb18030", "koi8-r"]
)
raw_bytes = st.one_of(
    st.tuples(texts, encodings).map(lambda pair: pair[0].encode(pair[1], "replace")),
    st.tuples(texts, st.binary(max_size=4), st.integers(0, 200)).map(
        lambda t: t[0].encode()[: t[2]] + t[1] + t[0].encode()[t[2] :]
    ),
    st.binary(max_size=60),
)
"""Texts in many encodings, UTF-8 with bytes gone wrong, and noise."""
