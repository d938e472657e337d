"""Which encoding bytes are in: by what they declare, by their shape, by a detector and our language model.

Nothing here decodes a document; `decoding.py` tries what is proposed here.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

import webencodings

from winnow.cleaners import language_model
from winnow.cleaners.language_model import runs

_WINDOW = 65_536  # bytes; a detector is slow and learns nothing more from a longer text
_PRESCAN = 8_192  # bytes; the standard asks for 1,024, but many pages declare themselves behind a long script

# Where Python's codec knows less than the encoding that browsers use for the label.
_SUPERSETS = {
    "big5": "big5hkscs", "euc_kr": "cp949", "gbk": "gb18030", "shift_jis": "cp932",
    "iso8859-8": "cp1255",
}  # fmt: skip

_COMMENT_OR_TAG = re.compile(
    rb"<!--.*?-->|<(/?[a-zA-Z][^\s/>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>|<[!/?][^>]*>", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"([^\s/>=\"']+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([^\s;\"']+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]+)")

# Seven-bit encodings that change their character set by an escape sequence (ISO 2022, RFC 1468 and 1557).
_ESCAPES = ((re.compile(rb"\x1b\$\)C"), "iso2022_kr"), (re.compile(rb"\x1b(?:\$[@B(]|\([IJ])"), "iso2022_jp"))


def codec_of(label: str) -> str | None:
    """The Python codec for a label as browsers read it (WHATWG Encoding, 4.2), or None."""
    found = webencodings.lookup(label)
    if found is None or found.name == "replacement":
        return None
    if found.name == "x-user-defined":
        return "cp1252"
    name = str(found.codec_info.name)
    return _SUPERSETS.get(name, name)


def of_header(content_type: str) -> str | None:
    """The codec that an HTTP header names: a label, or a whole `Content-Type`."""
    found = _CHARSET.search(content_type.encode("utf-8", "replace"))
    return codec_of(found.group(1).decode() if found else content_type)


def declared_in(raw: bytes) -> tuple[str, str] | None:
    """(codec, where it is declared): by an XML declaration or by a meta element (HTML, 13.2.3.2)."""
    head = raw[:_PRESCAN]
    if (xml := _XML.match(head)) and (codec := _inside(xml.group(1))):
        return codec, "XML declaration"
    for tag in _COMMENT_OR_TAG.finditer(head):
        if (tag.group(1) or b"").lower() == b"meta" and (codec := _of_meta(tag.group(2))):
            return codec, "meta element"
    return None


def _of_meta(inside: bytes) -> str | None:
    found: dict[bytes, bytes] = {}
    for name, *values in _ATTRIBUTE.findall(inside):
        found.setdefault(name.lower(), next(filter(None, values), b""))
    if b"charset" in found:
        return _inside(found[b"charset"])
    if found.get(b"http-equiv", b"").lower() == b"content-type":
        charset = _CHARSET.search(found.get(b"content", b""))
        return _inside(charset.group(1)) if charset else None
    return None


def _inside(label: bytes) -> str | None:
    """The codec of a label that was read as ASCII: so the text can't be in UTF-16, whatever it says."""
    codec = codec_of(label.decode("latin-1").strip())
    return "utf-8" if codec and codec.startswith("utf-16") else codec


def escaped(raw: bytes) -> str | None:
    """The codec of a text of seven-bit bytes with escape sequences."""
    if b"\x1b" not in raw:
        return None
    return next((codec for pattern, codec in _ESCAPES if pattern.search(raw)), None)


_FAMILIAR = re.compile("[\n\r\t -~\u3000-\u3002\uff0c]")  # ASCII, and what Chinese and Japanese set between words
_FAMILIAR_SHARE = 0.02  # a page of Chinese holds 8% of them; seven-bit text read as UTF-16 holds none
_FEWEST_CHARACTERS = 4


def wide(raw: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, where these bytes read as nothing but assigned characters in it.

    Of several readings the one with the most familiar characters counts.
    """
    found: list[tuple[int, str]] = []
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        width = int(codec[4:6]) // 8
        try:
            text = raw[: min(len(raw), _WINDOW) // width * width].decode(codec)
        except UnicodeDecodeError:
            continue
        familiar = len(_FAMILIAR.findall(text))
        if len(text) < _FEWEST_CHARACTERS or familiar < max(1, _FAMILIAR_SHARE * len(text)):
            continue
        if all(c in "\t\n\r\f" or unicodedata.category(c)[0] != "C" for c in text):
            found.append((familiar, codec))
    return max(found)[1] if found else None


# chardet's guesses that no text of ours ever was in: they only compete with the right one.
_NEVER_SEEN = (
    "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-14", "iso8859-16",
    "cp720", "cp855", "cp860", "cp861", "cp863", "cp864", "cp865", "cp869",
)  # fmt: skip
# Below this confidence chardet is right less often than the language model, above it more often. Measured on
# held-out sentences of lingua in the legacy encodings of their languages: of .15, .2, .35 and .6 the best.
_UNSURE = 0.15
_SINGLE_BYTE = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859-2", "iso8859-5",
    "iso8859-6", "iso8859-7", "iso8859-13", "iso8859-15", "koi8-r", "koi8-u", "cp866", "mac-roman", "mac-cyrillic",
    "cp874",
)  # fmt: skip
_JUDGED = 600  # bytes that the language model looks at
# In units of log-likelihood. A wrong symbol inside a word also takes away up to fifteen runs of letters, each
# worth about 8: the penalty outweighs them. The bonus says that chardet knows more than frequencies.
_PENALTY_OF_SYMBOL, _PENALTY_OF_CASE, _BONUS_OF_DETECTOR = 100, 50, 30
_SYMBOL = re.compile(r"[^\x00-\x7f\w“”‘’„‚«»‹›–—…•·°©®™€£§¡¿\xa0、。「」・，！？：；（）《》『』【】～]|[\x80-\x9f]")
_UPPER_INSIDE = re.compile(r"(?<=[^\W\d_])[^\W\d_\x00-\x7f]")


def detected(raw: bytes) -> tuple[str, str] | None:
    """(codec, why): chardet's answer, or where it is unsure what reads best as language."""
    import chardet  # noqa: PLC0415  (slow to import, and most texts never need it)

    window = raw[:_WINDOW]
    era = chardet.EncodingEra.ALL & ~chardet.EncodingEra.MAINFRAME
    guess = chardet.detect(window, encoding_era=era, exclude_encodings=_NEVER_SEEN, prefer_superset=False)
    try:
        codec = codecs.lookup(guess["encoding"] or "").name
    except LookupError:  # a codec that Python lacks
        codec = ""
    if guess["confidence"] >= _UNSURE and codec:
        return codec, f"detected, confidence {guess['confidence']:.2f}"
    scored = list(_scored(raw[:_JUDGED], codec))
    if not scored:
        return (codec, "detected") if codec else None
    return max(scored)[1], "reads best as language"


def _scored(raw: bytes, favourite: str) -> Iterator[tuple[float, str]]:
    """(how well it reads, codec) for each single-byte codec that fits."""
    model = language_model.shipped()
    for codec in dict.fromkeys((favourite, *_SINGLE_BYTE)):
        try:
            text = raw.decode(codec)
        except (LookupError, UnicodeDecodeError):
            continue
        fit = float(model.likelihoods(runs(text, model.letters, most=_JUDGED * 5)).max())
        penalty = _PENALTY_OF_SYMBOL * len(_SYMBOL.findall(text))
        penalty += _PENALTY_OF_CASE * sum(
            m.group().isupper() and text[m.start() - 1].islower() for m in _UPPER_INSIDE.finditer(text)
        )
        yield fit - penalty + _BONUS_OF_DETECTOR * (codec == favourite), codec
