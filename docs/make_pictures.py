"""Make the pictures of the README from what the program really prints: `python docs/make_pictures.py`."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from winnow.cleaners import clean
from winnow.flows import terminal

HERE = Path(__file__).parent
_WIDTH = 140  # columns


def main() -> None:
    """Write `why.svg`: a page with a verdict for every block."""
    console = Console(record=True, width=_WIDTH, highlight=False, file=io.StringIO(), force_terminal=True)
    terminal.show_verdicts(console, clean((HERE / "page.html").read_bytes()))
    (HERE / "why.svg").write_text(
        console.export_svg(title="winnow why docs/page.html", unique_id="why"), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
