"""What the inputs name: the same source for every spelling of a path, and a problem for every bad one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from winnow.flows.sources import SourceFile, batches, list_sources


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "corpus" / "sub").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "sub/c", "README.md", ".hidden"):
        (tmp_path / "corpus" / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "corpus"


def sources(*inputs: str, exclude: tuple[str, ...] = (".*", "README*")) -> list[str]:
    return [file.source for file in list_sources(inputs, exclude).files]


@pytest.mark.parametrize("spelling", ["corpus", "./corpus/", "corpus/sub/..", "{absolute}", "corpus/**/*", "corpus/**"])
def test_every_spelling_of_a_path_names_the_same(spelling: str, folder: Path) -> None:
    assert sources(spelling.replace("{absolute}", str(folder))) == ["corpus/a.txt", "corpus/b.txt", "corpus/sub/c"] or (
        "*" in spelling and set(sources(spelling)) >= {"corpus/a.txt", "corpus/b.txt", "corpus/sub/c"}
    )


def test_from_any_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert sources(".") == ["corpus/a.txt", "corpus/b.txt", "corpus/sub/c"]
    assert sources("a.txt") == ["corpus/a.txt"]
    monkeypatch.chdir(folder / "sub")
    assert sources("../a.txt") == ["corpus/a.txt"]


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    assert sources("corpus", "corpus/a.txt", "corpus/*.txt") == ["corpus/a.txt", "corpus/b.txt", "corpus/sub/c"]


def test_what_is_left_out_is_counted(folder: Path) -> None:
    assert list_sources(["corpus"], (".*", "README*")).excluded == 2


def test_two_files_of_one_name_are_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "corpus"
    other.mkdir(parents=True)
    (other / "a.txt").write_text("another")
    files = list_sources(["corpus/a.txt", str(other)]).files
    assert [bool(file.problem) for file in sorted(files, key=lambda f: f.source == "corpus/a.txt")] == [True, False]
    assert "common parent folder" in "".join(file.problem for file in files)


def test_bad_inputs_become_documents_with_a_problem(folder: Path) -> None:
    (folder / "link.txt").symlink_to("a.txt")
    (folder / "dangling.txt").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    problems = {f.source: f.problem for f in list_sources(["corpus", "gone.txt", "no*thing"], (".*", "README*")).files}
    assert "symbolic link" in problems["corpus/link.txt"]
    assert "symbolic link" in problems["corpus/dangling.txt"]
    assert "not a regular file" in problems["corpus/pipe"]
    assert "No such file" in problems[f"{Path.cwd().name}/gone.txt"]
    assert "nothing matches" in problems["no*thing"]
    assert problems["corpus/a.txt"] == ""


def test_the_output_folder_is_no_input(folder: Path) -> None:
    (folder / "outputs").mkdir()
    (folder / "outputs" / "x.txt").write_text("x")
    assert "corpus/outputs/x.txt" not in [f.source for f in list_sources(["corpus"], (), [folder / "outputs"]).files]


def test_batches_are_bounded_and_complete() -> None:
    files = [SourceFile(str(n), str(n), size=10) for n in range(95)]
    cut = batches(files, documents=10, size=1_000)
    assert [len(batch) for batch in cut] == [10] * 9 + [5]
    assert [file for batch in cut for file in batch] == files
    assert len(batches(files, documents=10, size=35)) == 32
    assert len(batches(files, documents=1, size=1, most=10)) <= 10
    assert batches([], 1, 1) == []
