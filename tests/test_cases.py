"""Cases: a folder whose name is a claim, with `raw.txt` (or `raw.html`), `clean.txt` and `removed.diff`.

Without `clean.txt` the text must be left alone. `python tests/test_cases.py` writes the expected files of new
cases; read them before you commit them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from winnow.cleaners import clean
from winnow.cleaners.catalog import NAMES
from winnow.cleaners.diffs import unified

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/*/raw.*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_case(case: Path) -> None:
    raw = next(case.glob("raw.*")).read_bytes()
    cleaned = clean(raw)
    expected = case / "clean.txt"
    diff = unified(cleaned, "raw.txt")
    if expected.exists():
        assert cleaned.text == expected.read_text("utf-8"), diff
        assert diff == (case / "removed.diff").read_text("utf-8")
    else:
        assert cleaned.text == cleaned.source, diff
    if not cleaned.decoded.rendered:
        assert cleaned.restore() == raw


# What repeats on a site takes more than one document: `test_site_repeats.py`.
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("orphans", "repeats", "spacing")])
def test_each_cleaner_has_as_many_cases_that_keep_as_cases_that_remove(name: str) -> None:
    own = [case for case in CASES if case.parent.name == name]
    removing = [case for case in own if (case / "clean.txt").exists()]
    assert len(own) - len(removing) >= len(removing)
    assert own


def write_expected() -> None:
    """Write what Winnow does today for cases that have nothing yet."""
    for case in CASES:
        cleaned = clean(next(case.glob("raw.*")).read_bytes())
        diff = unified(cleaned, "raw.txt")
        if diff and not (case / "clean.txt").exists():
            (case / "clean.txt").write_bytes(cleaned.text.encode())
            (case / "removed.diff").write_bytes(diff.encode())
            sys.stdout.write(f"{case.name}\n{diff}\n")


if __name__ == "__main__":
    write_expected()
