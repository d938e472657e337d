"""Folding: text made comparable without moving a character.

An offset in the folded text is an offset in the text. That is why `str.casefold` (ß becomes ss) and
NFKC are not used here.
"""

# Dotted and dotless i (Turkish), final sigma (Greek), typographic apostrophes and quotes, dashes,
# Arabic and Persian variants of alef, ye, kaf and ta marbuta's kin: one character for another.
_TABLE: dict[int, str] = {
    **dict.fromkeys(map(ord, "ıİ"), "i"),
    ord("ς"): "σ",
    **dict.fromkeys(map(ord, "’‘ʼ´`＇"), "'"),
    **dict.fromkeys(map(ord, "“”„«»"), '"'),
    **dict.fromkeys(map(ord, "–—―‐‑‒−"), "-"),
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    ord("\t"): " ",
    **dict.fromkeys(map(ord, "يىې"), "ی"),
    ord("ك"): "ک",
    **dict.fromkeys(map(ord, "أإآ"), "ا"),
    **{0xFF01 + i: chr(0x21 + i) for i in range(0x5E) if not 0x41 <= 0x21 + i <= 0x5A},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # lone surrogates: no automaton takes them
    **{ord("Ａ") + i: chr(ord("a") + i) for i in range(26)},
}


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe, dash and space; exactly as long as the text."""
    lowered = text.lower()
    if len(lowered) != len(text):  # only İ grows (into i and a combining dot)
        lowered = text.replace("İ", "i").lower()
    return lowered.translate(_TABLE)
