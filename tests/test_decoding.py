"""Bytes to text: which encoding, why, and the way back."""

from __future__ import annotations

import pytest

from winnow.cleaners import NotReversible, UnreadableInput, decoding
from winnow.cleaners.decoding import Decoded, decode

RUSSIAN = "Урожай в долине начался на две недели раньше обычного, говорят крестьяне. " * 5


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        pytest.param(b"plain", "utf-8", "plain", id="ascii"),
        pytest.param("schön".encode(), "utf-8", "schön", id="utf8"),
        pytest.param(b"\xef\xbb\xbfx", "utf-8", "x", id="utf8-bom"),
        pytest.param(b"\xff\xfex\0", "utf-16-le", "x", id="utf16le-bom"),
        pytest.param(b"\xfe\xff\0x", "utf-16-be", "x", id="utf16be-bom"),
        pytest.param(b"\xff\xfe\0\0x\0\0\0", "utf-32-le", "x", id="utf32le-bom-begins-like-utf16"),
        pytest.param(b"\0\0\xfe\xff\0\0\0x", "utf-32-be", "x", id="utf32be-bom"),
        pytest.param(RUSSIAN.encode("cp1251"), "cp1251", RUSSIAN, id="cp1251-detected"),
        pytest.param(RUSSIAN.encode("koi8-r"), "koi8-r", RUSSIAN, id="koi8-r-detected"),
        pytest.param(
            "schön schön ".encode() + b"caf\xe9 \x96", "utf-8", "schön schön café –"[:-1] + "\ufffd", id="strays"
        ),
        pytest.param("schön".encode()[:-2] + b"\xc3", "utf-8", "sch\ufffd", id="cut-inside-a-character"),
        pytest.param(b"", "utf-8", "", id="empty"),
    ],
)
def test_decodes(raw: bytes, encoding: str, text: str) -> None:
    decoded = decode(raw)
    assert (decoded.encoding, decoded.text) == (encoding, text)
    assert decoded.reason
    assert decoding.encode(decoded) == raw


@pytest.mark.parametrize(
    ("raw", "line_end", "text"),
    [
        (b"a\nb", "\n", "a\nb"),
        (b"a\r\nb\r\n", "\r\n", "a\nb\n"),
        (b"a\rb", "\r", "a\nb"),
        (b"a\r\nb\nc\r", "\n", "a\r\nb\nc\r"),
    ],
)
def test_a_uniform_line_end_is_a_field(raw: bytes, line_end: str, text: str) -> None:
    decoded = decode(raw)
    assert (decoded.line_end, decoded.text) == (line_end, text)
    assert decoding.encode(decoded) == raw


def test_undecodable_bytes_are_kept_with_their_place() -> None:
    raw = "ä\r\nö\r\n".encode() + b"\xff\xfe!\r\n"
    decoded = decode(raw)
    assert decoded.text == "ä\nö\n\ufffd!\n"
    assert decoded.undecodable == ((4, b"\xff\xfe"),)
    assert decoding.encode(decoded) == raw


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "zip"),
        (b"\x1f\x8b\x08\0\0", "gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (bytes(range(256)) * 40, "binary data"),
        ("text".encode("utf-16-le") * 100, "UTF-16 without"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(raw: bytes, told: str) -> None:
    with pytest.raises(UnreadableInput, match=told):
        decode(raw)


def test_a_few_control_characters_are_still_text() -> None:
    assert decode(b"a\0b").text == "a\0b"


def test_what_does_not_lead_back_says_so() -> None:
    with pytest.raises(NotReversible, match="keep the raw file"):
        decoding.encode(Decoded("x", "cp1252", "test", reversible=False))
