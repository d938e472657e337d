"""The README's examples do what they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from corpora import run

from winnow.cleaners.rules import Rule
from winnow.flows.settings import RunSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return [
        re.sub(r"^ {3}", "", block, flags=re.MULTILINE) if block.startswith("   ") else block
        for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", README, flags=re.DOTALL | re.MULTILINE)
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `winnow` is a command, as after the README's first line."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "bin").mkdir()
    command = folder / "bin" / "winnow"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from winnow.flows.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    return folder


def test_commands_print_what_is_shown(desk: Path) -> None:
    """One after the other: what the first writes the second reads."""
    environment = {**os.environ, "PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    commands = re.split(r"^\$ ", "".join(blocks("console")), flags=re.MULTILINE)[1:]
    assert len(commands) >= 4
    for command, _, shown in (entry.partition("\n") for entry in commands):
        done = subprocess.run(
            command, shell=True, cwd=desk, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        assert printed.rstrip("\n") == shown.rstrip("\n"), command


def test_python_examples_hold() -> None:
    _, first, of_a_page = blocks("python")
    for code in (first, of_a_page):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert first.count("assert") >= 4
    assert of_a_page.count("assert") >= 2


def test_readers_read_what_they_say(tmp_path: Path) -> None:
    """In a process of its own, after `winnow run seeds` where it stands."""
    run(tmp_path / "outputs", ROOT / "seeds")
    code = "import datasets; datasets.disable_progress_bars()\n" + blocks("python")[0]
    environment = os.environ | {"HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_settings_and_rule_examples_are_valid() -> None:
    settings, rule = blocks("toml")
    assert RunSettings.checked(tomllib.loads(settings)).strike_noted == ("credits",)
    (entry,) = tomllib.loads(rule)["rule"]
    assert Rule(**entry).id == "en.reply-heading"


def test_the_first_commands_are_what_ci_runs() -> None:
    commands = re.findall(r"^    (pip install .*)$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    assert README.index(commands[0]) < 600
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "README.md" in ci, "CI reads the commands from the README itself"
    assert shutil.which("sh")
