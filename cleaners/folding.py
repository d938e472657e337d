"""Folding: text made comparable without moving a character.

An offset in the folded text is an offset in the text. That is why `str.casefold` (ß becomes ss) and
NFKC are not used here.
"""

# Dotted and dotless i (Turkish), final sigma (Greek), typographic apostrophes and quotes, dashes,
# Arabic and Persian variants of alef, ye, kaf and ta marbuta's kin: one character for another.
_TABLE: dict[str, str] = {
    **dict.fromkeys("ıİ", "i"),
    "ς": "σ",
    **dict.fromkeys("’‘ʼ´`＇", "'"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("–—―‐‑‒−", "-"),
    **dict.fromkeys(map(chr, [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]), " "),
    "\t": " ",
    **dict.fromkeys("يىې", "ی"),
    "ك": "ک",
    **dict.fromkeys("أإآ", "ا"),
    **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd"),  # lone surrogates: no automaton takes them
    **{chr(0xFF01 + i): chr(0x21 + i).lower() for i in range(0x5E)},  # full width
}


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe, dash and space; exactly as long as the text."""
    folded = text.lower()
    if len(folded) != len(text):  # only İ grows (into i and a combining dot)
        folded = text.replace("İ", "i").lower()
    # A text holds few of the table's characters: replacing these is faster than translating all.
    for character in _TABLE.keys() & set(folded):
        folded = folded.replace(character, _TABLE[character])
    return folded
