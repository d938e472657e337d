"""Pages that scripts make are current; what they tell to type can be typed, and what they show is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from corpora import rows_of, run, text, write_texts
from typer.main import get_command

from winnow.flows.cli import app
from winnow.flows.pool import Pool

DOCS = Path(__file__).parents[1] / "docs"


def test_the_table_of_rules_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_rules_table.py"))["page"]()
    assert (DOCS / "rules.md").read_text("utf-8") == made, "run python docs/make_rules_table.py"


def test_the_table_of_signals_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_signals_table.py"))["page"]()
    assert (DOCS / "quality.md").read_text("utf-8") == made, "run python docs/make_signals_table.py"


@pytest.mark.parametrize("page", ["corpus.md", "operations.md"])
def test_each_command_and_option_is_one(page: str) -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009  (of a group)
    told = re.findall(
        r"^    (?:\w+=\$\()?winnow (\w+)([^#\n]*)|`winnow (\w+)([^`\n]*)`",
        (DOCS / page).read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(told) >= 5
    for name, words in ((one or other, rest or more) for one, rest, other, more in told):
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<= )--[\w-]+", words)) <= known, (name, words)


@pytest.mark.parametrize("page", ["corpus.md", "operations.md", "quality.md"])
def test_each_link_leads_somewhere(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    titles = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        assert (DOCS / file).exists(), file
        if anchor and not file:
            assert anchor in titles, anchor


def test_a_release_can_be_withdrawn(tmp_path: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the operations guide shows it, but for the number."""
    (code,) = (
        c
        for c in re.findall(r"```python\n(.*?)```", (DOCS / "operations.md").read_text("utf-8"), re.DOTALL)
        if "restore" in c
    )
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "in", 3)
    run("corpus", "in", warm=warm)
    first = rows_of("corpus")
    (tmp_path / "in" / "00001.txt").write_text(text(1, version=1))
    (tmp_path / "in" / "00003.txt").write_text(text(3))
    run("corpus", "in", warm=warm)
    second = rows_of("corpus")
    exec(compile(code.replace("12", "1"), "operations.md", "exec"), {})  # noqa: S102
    assert rows_of("corpus") == first
    assert run("corpus", "in", warm=warm).release == 3
    told = ("source", "outcome", "text")
    assert rows_of("corpus", told) == [{name: row[name] for name in told} for row in second]
