"""File names that are safe and distinct; releases that appear whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.cleaners import diff_log
from winnow.flows import store
from winnow.flows.exports import names_for


def test_txt_is_appended_where_it_lacks() -> None:
    names = names_for(["a/x.txt", "a/y.html", "a/Z.TXT"])
    assert [name.text for name in names.values()] == ["a/x.txt", "a/y.html.txt", "a/Z.TXT"]
    assert [name.diff for name in names.values()] == ["a/x.txt.diff", "a/y.html.diff", "a/Z.TXT.diff"]


def test_a_taken_name_gets_the_id() -> None:
    names = names_for(["a/x", "a/x.txt", "a/X.TXT", "a/e\u0301", "a/\u00e9", "a/d", "a/d.txt/e"])
    texts = [name.text for name in names.values()]
    assert texts[0] == "a/x.txt"
    assert texts[1] == f"a/x.{diff_log.id_of('a/x.txt')}.txt"
    assert len({text.casefold() for text in texts}) == len(texts)
    assert names["a/d"].text == f"a/d.{diff_log.id_of('a/d')}.txt"


@given(st.lists(st.text(alphabet="aA/.\\\u00e9é😀x", max_size=300), unique=True, max_size=20))
def test_names_stay_below_their_folder_and_are_not_too_long(sources: list[str]) -> None:
    names = names_for(sources)
    assert len({name.text for name in names.values()}) == len(sources)
    for name in names.values():
        for path in (name.text, name.diff):
            parts = path.split("/")
            assert path
            assert not path.startswith("/")
            assert ".." not in parts
            assert max(len(part.encode()) for part in parts) <= 255


def test_a_release_appears_whole(tmp_path: Path) -> None:
    for number in range(1, 5):
        staging = store.begin(tmp_path)
        (staging / "summary.md").write_text(str(number))
        release = store.publish(tmp_path, staging, keep=2)
        assert release.name == f"{number:06}"
        assert (tmp_path / "latest" / "summary.md").read_text() == str(number)
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["000003", "000004"]
    assert not list(tmp_path.glob(".*"))


def test_an_unfinished_run_leaves_the_last_release(tmp_path: Path) -> None:
    staging = store.begin(tmp_path)
    (staging / "summary.md").write_text("first")
    store.publish(tmp_path, staging, keep=5)
    abandoned = store.begin(tmp_path)
    (abandoned / "summary.md").write_text("half")
    assert (tmp_path / "latest" / "summary.md").read_text() == "first"
    long_ago = time.time() - 10 * 24 * 3600
    os.utime(abandoned, (long_ago, long_ago))
    store.discard(store.begin(tmp_path))
    assert not abandoned.exists()


def test_parts_are_joined_in_order(tmp_path: Path) -> None:
    staging = store.begin(tmp_path)
    (staging / "parts").mkdir()
    for number in (2, 10, 1):
        (staging / "parts" / f"corpus.jsonl.{number:06}").write_text(f"{number}\n")
    store.join_parts(staging, "corpus.jsonl")
    assert (staging / "corpus.jsonl").read_text() == "1\n2\n10\n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(store.OutputNotWritable, match=r"file/out: cannot be written"):
        store.begin(tmp_path / "file" / "out")
