"""The unified diff: `patch` and `git apply` make the clean text of the source with it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import texts

from winnow.cleaners import CleaningSettings, clean
from winnow.cleaners.diffs import harmless, unified

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
NO_LANGUAGES = CleaningSettings(languages=False)


def patched(raw: bytes, diff: str, folder: Path, tool: list[str], name: str = "seeds/x.txt") -> bytes:
    shutil.rmtree(folder, ignore_errors=True)
    target = folder / name
    target.parent.mkdir(parents=True)
    target.write_bytes(raw)
    (folder / "x.diff").write_bytes(diff.encode())
    done = subprocess.run([*tool, "x.diff"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr, diff)
    return target.read_bytes()


GIT = ["git", "apply", "--whitespace=nowarn", "-p1"]
PATCH = ["patch", "-p1", "--binary", "--silent", "-i"]


@pytest.mark.parametrize("tool", [GIT, PATCH], ids=["git", "patch"])
@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_applies_to_the_seeds(seed: Path, tool: list[str], tmp_path: Path) -> None:
    cleaned = clean(seed.read_bytes())
    diff = unified(cleaned, f"seeds/{seed.name}")
    if cleaned.text == cleaned.source:
        assert diff == ""
    else:
        assert patched(seed.read_bytes(), diff, tmp_path / "p", tool, f"seeds/{seed.name}").decode() == cleaned.text
        assert diff.startswith("# ")


@pytest.mark.parametrize("tool", [GIT, PATCH], ids=["git", "patch"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_applies_to_generated_texts(text: str, tool: list[str], tmp_path: Path) -> None:
    raw = text.replace("\0", "").replace("\ufeff", "").encode()
    cleaned = clean(raw, NO_LANGUAGES)
    diff = unified(cleaned, "seeds/x.txt")
    if diff and cleaned.decoded.line_end != "\r":
        end = cleaned.decoded.line_end
        got = patched(raw, diff, tmp_path / "p", tool)
        assert got.decode() == cleaned.text.replace("\n", end)
    elif not diff:
        assert cleaned.text == cleaned.source


@pytest.mark.parametrize("tool", [GIT, PATCH], ids=["git", "patch"])
@pytest.mark.parametrize("name", ["a b/x y.txt", 'qu"ote.txt', "tab\there.txt", "ünïcode/é.txt", "back\\slash.txt"])
def test_names_that_need_quoting(name: str, tool: list[str], tmp_path: Path) -> None:
    raw = b"A line.\n\nLeave a Reply\n"
    diff = unified(clean(raw, NO_LANGUAGES), name)
    assert patched(raw, diff, tmp_path / "p", tool, name) == b"A line.\n"


def test_a_byte_order_mark_is_told(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbfA line.\nAnother.\n"
    assert patched(raw, unified(clean(raw, NO_LANGUAGES), "seeds/x.txt"), tmp_path / "p", GIT) == b"A line.\nAnother.\n"


def test_nothing_in_it_steers_a_terminal() -> None:
    assert harmless("\x1b[2Ja\r\n\u202eb\x9b") == "\\x1b[2Ja\\r\\n\\u202eb\\x9b"
    diff = unified(clean(b"\x1b[2JLeave a Reply\n\nA line.", NO_LANGUAGES), "seeds/\x1b[31m.txt")
    head = diff.split("@@")[0]
    assert "\x1b" not in head
