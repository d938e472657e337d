"""Write the table of `docs/quality.md`: every quality signal with unit, formula and source.

python docs/make_signals_table.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from winnow.cleaners.signals.catalog import DEFINITIONS

FILE = Path(__file__).parent / "quality.md"
HEAD = "## The signals\n"


def page() -> str:
    """The whole page, its table made anew."""
    before, _, _ = FILE.read_text("utf-8").partition(HEAD)
    return f"{before}{HEAD}\n" + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield "Made by `python docs/make_signals_table.py`; a test holds it to the code.\n"
    yield "| signal | unit | what it is | source |"
    yield "| --- | --- | --- | --- |"
    for definition in DEFINITIONS:
        formula, source = (text.replace("|", "\\|") for text in (definition.formula, definition.source))
        yield f"| `{definition.name}` | {definition.unit} | {formula} | {source} |"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
