"""Pages that scripts make are current."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_table_of_rules_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_rules_table.py"))["page"]()
    assert (DOCS / "rules.md").read_text("utf-8") == made, "run python docs/make_rules_table.py"
