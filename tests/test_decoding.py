"""Bytes to text: which encoding, why, and the way back."""

from __future__ import annotations

import pytest

from winnow.cleaners import NotReversible, UnreadableInput, decoding
from winnow.cleaners.decoding import Decoded, decode

CHINESE = "三国签署了共同防御条约，加强地区安全。\n" * 3
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
        pytest.param("plain text".encode("utf-16-le"), "utf-16-le", "plain text", id="utf16le-unmarked"),
        pytest.param("plain text".encode("utf-16-be"), "utf-16-be", "plain text", id="utf16be-unmarked"),
        pytest.param("plain text".encode("utf-32-be"), "utf-32-be", "plain text", id="utf32be-unmarked"),
        pytest.param(RUSSIAN.encode("utf-16-be"), "utf-16-be", RUSSIAN, id="utf16be-unmarked-without-nul"),
        pytest.param(CHINESE.encode("utf-16-le"), "utf-16-le", CHINESE, id="utf16le-unmarked-chinese"),
        pytest.param(b"bush hid the fact\x07", "utf-8", "bush hid the fact\x07", id="seven-bits-that-read-as-utf16"),
        pytest.param("防衛条約に署名".encode("iso2022_jp"), "iso2022_jp", "防衛条約に署名", id="escape-sequences"),
        pytest.param("방위 조약".encode("iso2022_kr"), "iso2022_kr", "방위 조약", id="escape-sequences-korean"),
        pytest.param(b"\x1b[31mred\x1b[0m", "utf-8", "\x1b[31mred\x1b[0m", id="escapes-of-a-terminal"),
        pytest.param(
            "Die Bauern hören das Gewitter.".encode("cp1252"), "cp1252", "Die Bauern hören das Gewitter.", id="few"
        ),
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


HTML = "<!DOCTYPE html><html><head><title>x</title>{}</head><p>{}</p></html>"
LABELLED = [
    ("windows-1251", "cp1251", "Урожай"), ("koi8-r", "koi8-r", "Урожай"), ("ibm866", "cp866", "Урожай"),
    ("x-mac-cyrillic", "mac-cyrillic", "Урожай"), ("iso-8859-1", "cp1252", "“schön” €"),
    ("ascii", "cp1252", "schön"), ("iso-8859-2", "iso8859-2", "Łódź"), ("iso-8859-9", "cp1254", "İstanbul"),
    ("gb2312", "gb18030", "三国签署镕"), ("big5", "big5hkscs", "三國簽署"), ("shift_jis", "cp932", "条約①"),
    ("euc-jp", "euc_jp", "条約に署名"), ("euc-kr", "cp949", "방위 뷁"), ("tis-620", "cp874", "ไทย “ไทย”"),
    ("iso-8859-8-i", "cp1255", "שלום"), ("macintosh", "mac-roman", "schön"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "codec", "text"), LABELLED, ids=lambda value: value if len(value) < 16 else "")
@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="{}">',
        "<META CHARSET = '{}' />",
        '<meta http-equiv="Content-Type" content="text/html; charset={}">',
        "<!-- <meta charset=utf-7> --><meta name=a content='b > c'>"
        "<meta content='text/html;charset={}' http-equiv=content-type>",
    ],
    ids=["charset", "upper-case", "http-equiv", "behind-a-comment"],
)
def test_a_page_is_read_as_it_declares(meta: str, label: str, codec: str, text: str) -> None:
    page = HTML.format(meta.format(label), text)
    decoded = decode(page.encode(codec))
    assert (decoded.text, decoded.reason) == (page, "declared by its meta element")
    assert decoding.encode(decoded) == page.encode(codec)


@pytest.mark.parametrize("declared", ["koi8-r", "text/html; charset=koi8-r", 'text/html;charset="KOI8-R"'])
def test_the_source_declares_before_the_text(declared: str) -> None:
    page = HTML.format('<meta charset="windows-1252">', "Урожай")
    decoded = decode(page.encode("koi8-r"), declared)
    assert decoded.text == page
    assert decoded.reason == f"declared by its source: {declared}"


@pytest.mark.parametrize("declared", ["windows-1252", "utf-16", "no-such-charset", "", "x-user-defined"])
def test_valid_utf8_is_utf8_whatever_is_declared(declared: str) -> None:
    assert decode("schön".encode(), declared).reason == "valid UTF-8"


def test_an_xml_declaration_counts() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-2"?><p>Łódź</p>'
    assert decode(page.encode("iso8859-2")).text == page


def test_stray_bytes_do_not_unmake_a_declaration() -> None:
    text = HTML.format('<meta charset="euc-kr">', "방위 조약에 서명했다. " * 20)
    raw = text.encode("cp949").replace("조".encode("cp949"), b"\xff!", 1)
    decoded = decode(raw)
    assert decoded.text.count("방위") == 20
    assert decoded.reason == "declared by its meta element, but for stray bytes"
    assert decoding.encode(decoded) == raw


def test_a_false_declaration_is_overruled() -> None:
    page = HTML.format('<meta charset="shift_jis">', RUSSIAN)
    decoded = decode(page.encode("cp1251"))
    assert decoded.text == page
    assert decoded.reason.startswith("detected")


def test_what_the_detector_is_unsure_of_is_what_reads_best() -> None:
    albanian = "Ministri tha se marrëveshja është një hap i rëndësishëm për të gjithë qytetarët që jetojnë këtu. " * 8
    decoded = decode(albanian.encode("cp1250"))
    assert decoded.text == albanian
    assert decoded.reason == "reads best as language"
