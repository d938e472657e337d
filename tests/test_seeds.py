"""What the seeds must lose, and what they must keep to the character."""

from __future__ import annotations

from pathlib import Path

import pytest

from winnow.cleaners import Action, Cleaned, clean

FOLDER = Path(__file__).parents[1] / "seeds"
FORM = ["Leave a Reply", "Your email address will not be published. Required fields are marked *"]
GONE = {
    "000": ["top of page", "bottom of page"],
    "001": ["Wed. May 21st, 2025", *FORM],
    "002": FORM,
    "003": [
        "  • - Advertisement -",
        "    This website uses cookies to improve your experience. We'll assume you're ok with this, but you can"
        " opt-out if you wish. Accept",
    ],
    "004": [],
}  # fmt: skip
NOTED = {
    "002": ["dh/sms (AFP, Reuters)"],
    "004": ["Sources:", "– [AFP](https://www.afp.com/)", "– [Reuters](https://www.reuters.com/)"],
}


@pytest.fixture(params=sorted(GONE))
def seed(request: pytest.FixtureRequest) -> tuple[str, str, Cleaned[bytes]]:
    (path,) = FOLDER.glob(f"{request.param}_*.txt")
    return request.param, path.read_text("utf-8"), clean(path.read_bytes())


def visible(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def test_loses_the_residue_and_nothing_else(seed: tuple[str, str, Cleaned[bytes]]) -> None:
    number, raw, cleaned = seed
    expected = [line for line in visible(raw) if line not in GONE[number]]
    if number == "001":  # the caption stands twice; the first copy stays
        second = next(i for i, line in enumerate(expected) if i and line == expected[i - 1])
        del expected[second]
    assert visible(cleaned.text) == expected


def test_leaves_no_gaps(seed: tuple[str, str, Cleaned[bytes]]) -> None:
    _, _, cleaned = seed
    assert "\n\n\n" not in cleaned.text
    assert cleaned.text == cleaned.text.strip("\n")


def test_notes_what_belongs_to_the_article(seed: tuple[str, str, Cleaned[bytes]]) -> None:
    number, _, cleaned = seed
    notes = [f for f in cleaned.findings if f.action is Action.NOTE and f.rule != "any.likely-residue"]
    noted = [cleaned.page.text[f.start : f.end].strip() for f in notes]
    assert noted == NOTED.get(number, [])


def test_labels_the_lines(seed: tuple[str, str, Cleaned[bytes]]) -> None:
    _, _, cleaned = seed
    assert cleaned.language == "en"
    for tag, line in zip(cleaned.line_languages, cleaned.page.lines, strict=True):
        arabic = any("\u0600" <= c <= "\u06ff" for c in line.text)
        assert tag == ("und" if line.blank else "ar" if arabic else "en"), line.text


def test_gives_the_bytes_back(seed: tuple[str, str, Cleaned[bytes]]) -> None:
    _, raw, cleaned = seed
    assert cleaned.restore() == raw.encode()
