"""Bytes to text, once, with the reason for the choice and a way back to the same bytes.

Order: byte order mark; UTF-16 and UTF-32 by their shape; escape sequences; strict UTF-8; UTF-8 with stray
bytes; what the source or the text itself declares; a detector; Windows-1252. What cannot be decoded is
replaced one for one and its bytes are kept, so that `encode` returns exactly what came in.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from winnow.cleaners import charsets
from winnow.cleaners.errors import NotReversible, UnreadableInput

LineEnd = Literal["\n", "\r\n", "\r"]

# Longest first: the UTF-32-LE mark begins with the UTF-16-LE one.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What a file is when it begins so: none of these is text. (W3C/WHATWG "MIME sniffing", sections 6-8.)
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x1f\x8b\x08", "gzip-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
)

_BINARY_WINDOW = 65_536  # bytes
# Text holds hardly any of these; a hundredth is already a binary format. (Tab, LF, FF, CR and ESC are text.)
_BINARY_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_BINARY_SHARE = 0.01
_BINARY_FLOOR = 16  # of them in a short text prove nothing
_STRAY_SHARE = 0.02  # of the bytes beyond ASCII: more that do not fit mean that the encoding is another
_SEVEN_BITS = bytes(range(128))
_ESCAPED = re.compile("[\udc80-\udcff]+")  # bytes that Python's "surrogateescape" could not decode
_MULTIBYTE_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A source text and all that is needed to get its bytes back."""

    text: str
    """Without byte order mark; line ends are `\\n` where `line_end` says what all of them were."""
    encoding: str
    """A Python codec's name."""
    reason: str
    """Why this encoding, in words."""
    bom: bool = False
    line_end: LineEnd = "\n"
    """The one line end of the whole text; a mixed text keeps its line ends in `text`."""
    undecodable: tuple[tuple[int, bytes], ...] = ()
    """(offset in `text`, the bytes that the one character there stands for)."""
    reversible: bool = True
    rendered: bool = False
    """Whether `text` is the visible text of an HTML page: it leads back to that text in UTF-8, not to the page."""


def decode(raw: bytes, declared: str | None = None) -> Decoded:
    """The text of these bytes. `declared` is what came with them: a charset, or a `Content-Type` header.

    Raises UnreadableInput where they are not text at all.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                decoded = _decode_as(raw[len(mark) :], encoding, "byte order mark")
            except UnicodeDecodeError:  # UTF-16 that begins with a NUL looks like UTF-32
                continue
            return _finished(replace(decoded, bom=True), raw)
    _refuse_known_formats(raw)
    found = _unmarked_wide(raw) or _strict(raw, charsets.escaped(raw), "escape sequences")
    found = found or _strict(raw, "utf-8", "valid UTF-8") or _near_utf8(raw) or _legacy(raw, declared)
    return _finished(found, raw)


def from_text(text: str) -> Decoded:
    """The same for text that somebody else decoded."""
    body, line_end = _unify(text)
    return Decoded(body, "str", "given as text", line_end=line_end)


def as_rendered(decoded: Decoded, text: str) -> Decoded:
    """The visible text of a page in place of the page."""
    strays = f"; {len(decoded.undecodable)} stray bytes" if decoded.undecodable else ""
    reason = f"{decoded.reason}{strays}; the visible text of an HTML page"
    return Decoded(text, decoded.encoding, reason, rendered=True)


def to_text(decoded: Decoded) -> str:
    """The text with its own line ends: what a reader of the file would decode, without its mark."""
    return decoded.text.replace("\n", decoded.line_end)


def encode(decoded: Decoded) -> bytes:
    """The bytes that `decode` was given; of a page, its visible text in UTF-8.

    Raises NotReversible where the codec does not lead back.
    """
    if decoded.rendered:
        return decoded.text.encode("utf-8", "surrogatepass")
    if not decoded.reversible:
        raise NotReversible(f"{decoded.encoding} text does not lead back to its bytes: keep the raw file")
    mark = next(m for m, e in _MARKS if e == decoded.encoding) if decoded.bom else b""
    parts, done = [mark], 0
    errors = "surrogatepass" if decoded.encoding.startswith("utf-") else "strict"

    def encoded(start: int, end: int | None) -> bytes:
        return decoded.text[start:end].replace("\n", decoded.line_end).encode(decoded.encoding, errors)

    for offset, lost in decoded.undecodable:
        parts += encoded(done, offset), lost
        done = offset + 1
    parts.append(encoded(done, None))
    return b"".join(parts)


def _refuse_known_formats(raw: bytes) -> None:
    for signature, what in _SIGNATURES:
        if raw.startswith(signature):
            raise UnreadableInput(f"this is {what}, not text: extract its text first")


def _unmarked_wide(raw: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark. Raises UnreadableInput where only binary data look like these bytes."""
    window = raw[:_BINARY_WINDOW]
    controls = len(_BINARY_BYTES.findall(window))
    if not controls:
        return None
    if encoding := charsets.wide(raw):
        return _decode_as(raw, encoding, "reads as nothing else, without a byte order mark")
    if controls > max(_BINARY_SHARE * len(window), _BINARY_FLOOR):
        raise UnreadableInput("this is binary data, not text")
    return None


def _strict(raw: bytes, encoding: str | None, reason: str) -> Decoded | None:
    """The text if every byte fits."""
    try:
        return Decoded(raw.decode(encoding), encoding, reason) if encoding else None
    except UnicodeDecodeError:
        return None


def _legacy(raw: bytes, declared: str | None) -> Decoded:
    """Not UTF-8: what is declared, else what a detector says, where all bytes fit or nearly all."""
    tolerated = _STRAY_SHARE * len(raw.translate(None, _SEVEN_BITS))
    for codec, reason in _proposals(raw, declared):
        if found := _strict(raw, codec, reason):
            return found
        if not codec.startswith("utf-"):
            found = _decode_as(raw, codec, f"{reason}, but for stray bytes")
            if sum(len(lost) for _, lost in found.undecodable) <= tolerated:
                return found
    return _decode_as(raw, "cp1252", "nothing else fits")


def _proposals(raw: bytes, declared: str | None) -> Iterator[tuple[str, str]]:
    """(codec, why), the best first."""
    if declared and (codec := charsets.of_header(declared)):
        yield codec, f"declared by its source: {declared}"
    if inside := charsets.declared_in(raw):
        yield inside[0], f"declared by its {inside[1]}"
    if detected := charsets.detected(raw):
        yield detected


def _near_utf8(raw: bytes) -> Decoded | None:
    """UTF-8 with some bytes gone wrong, or None where it looks like another encoding.

    A legacy text hardly ever holds a valid UTF-8 sequence by chance, so more good sequences than
    bad bytes speak for UTF-8, and so does a text that is only cut inside its last character.
    """
    escaped = raw.decode("utf-8", "surrogateescape")
    strays = list(_ESCAPED.finditer(escaped))
    bad = sum(len(m.group()) for m in strays)
    cut = len(strays) == 1 and strays[0].end() == len(escaped) and raw[-bad] >= 0xC2 and bad < 4
    if bad > len(_MULTIBYTE_UTF8.findall(raw)) and not cut:
        return None
    return _unescape(escaped, strays, "utf-8", "UTF-8 but for stray bytes")


def _unescape(escaped: str, strays: list[re.Match[str]], encoding: str, reason: str) -> Decoded:
    """A lone stray byte is read as Windows-1252, as browsers' users expect it; a run of them, and a
    character cut at the end, becomes one U+FFFD."""
    parts: list[str] = []
    undecodable: list[tuple[int, bytes]] = []
    done = length = 0
    for stray in strays:
        lost = bytes(ord(c) - 0xDC00 for c in stray.group())
        single = len(lost) == 1 and stray.end() < len(escaped)
        parts += escaped[done : stray.start()], lost.decode("cp1252", "replace") if single else "\ufffd"
        length += stray.start() - done
        undecodable.append((length, lost))
        length += 1
        done = stray.end()
    parts.append(escaped[done:])
    return Decoded("".join(parts), encoding, reason, undecodable=tuple(undecodable))


def _decode_as(raw: bytes, encoding: str, reason: str) -> Decoded:
    """Decode by decree: what does not fit is kept as undecodable."""
    if encoding.startswith("utf-") and encoding != "utf-8":
        whole = len(raw) - len(raw) % (int(encoding[4:6]) // 8)
        text = raw[:whole].decode(encoding, "surrogatepass")
        if whole == len(raw):
            return Decoded(text, encoding, reason)
        return Decoded(text + "\ufffd", encoding, reason, undecodable=((len(text), raw[whole:]),))
    escaped = raw.decode(encoding, "surrogateescape")
    return _unescape(escaped, list(_ESCAPED.finditer(escaped)), encoding, reason)


def _finished(decoded: Decoded, raw: bytes) -> Decoded:
    """Take out a uniform line end, and check that the bytes come back."""
    text, line_end = _unify(decoded.text)
    lost = decoded.undecodable
    if line_end == "\r\n":  # each line end before it is one character shorter now
        lost = tuple((o - decoded.text.count("\r", 0, o), piece) for o, piece in lost)
    found = replace(decoded, text=text, line_end=line_end, undecodable=lost)
    try:
        return replace(found, reversible=encode(found) == raw)
    except UnicodeError:
        return replace(found, reversible=False)


def _unify(text: str) -> tuple[str, LineEnd]:
    """The text with `\n` for line end where all of them are of one kind."""
    returns = text.count("\r")
    if not returns:
        return text, "\n"
    feeds, pairs = text.count("\n"), text.count("\r\n")
    if returns == feeds == pairs:
        return text.replace("\r\n", "\n"), "\r\n"
    if not feeds:
        return text.replace("\r", "\n"), "\r"
    return text, "\n"
