"""What the inputs name: the same source for every spelling of a path, and a problem for every bad one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from winnow.flows.documents import Piece
from winnow.flows.inventory import Inventory
from winnow.flows.sources import Globs, Listing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "corpus" / "sub").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "sub/c", "README.md", ".hidden"):
        (tmp_path / "corpus" / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "corpus"


EXCLUDE = (".*", "README*")


def pieces(*inputs: str, exclude: tuple[str, ...] = EXCLUDE, not_in: tuple[Path, ...] = ()) -> list[Piece]:
    with TemporaryDirectory() as folder:
        inventory = Inventory(Path(folder) / "inventory.sqlite")
        inventory.take(Listing(inputs, Globs((), exclude), not_in))
        found = list(inventory)
        inventory.close()
    return found


def sources(*inputs: str) -> list[str]:
    return [piece.source for piece in pieces(*inputs)]


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
    listing = Listing(["corpus"], Globs((), EXCLUDE))
    assert len(list(listing)) == 3
    assert listing.excluded == 2
    assert listing.complete == {"corpus"}


def test_a_folder_that_cannot_be_listed_is_not_complete(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def denied(path: str) -> object:  # root may list everything: the system call's answer is made up
        if path.endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)
    listing = Listing(["corpus"], Globs((), EXCLUDE))
    problems = {piece.source: piece.problem for piece in listing}
    assert problems["corpus/sub"] == "the folder cannot be listed: Permission denied"
    assert problems["corpus/a.txt"] == ""
    assert listing.folders == {"corpus"}
    assert listing.complete == set()


def test_two_files_of_one_name_are_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "corpus"
    other.mkdir(parents=True)
    (other / "a.txt").write_text("another")
    told = {piece.source: piece.problem for piece in pieces("corpus/a.txt", str(other))}
    assert told["corpus/a.txt"] == ""
    assert "common parent folder" in told[str(other / "a.txt")]


def test_bad_inputs_become_documents_with_a_problem(folder: Path) -> None:
    (folder / "link.txt").symlink_to("a.txt")
    (folder / "dangling.txt").symlink_to("nowhere")
    (folder / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(folder / "pipe")
    problems = {piece.source: piece.problem for piece in pieces("corpus", "gone.txt", "no*thing")}
    assert "symbolic link" in problems["corpus/link.txt"]
    assert "symbolic link" in problems["corpus/dangling.txt"]
    assert "symbolic link" in problems["corpus/loop.txt"]
    assert "not a regular file" in problems["corpus/pipe"]
    assert "No such file" in problems[f"{Path.cwd().name}/gone.txt"]
    assert "nothing matches" in problems["no*thing"]
    assert problems["corpus/a.txt"] == ""


def test_the_output_folder_is_no_input(folder: Path) -> None:
    (folder / "outputs").mkdir()
    (folder / "outputs" / "x.txt").write_text("x")
    found = [piece.source for piece in pieces("corpus", exclude=(), not_in=(folder / "outputs",))]
    assert "corpus/outputs/x.txt" not in found


@pytest.fixture
def inventory(tmp_path: Path) -> Iterator[Inventory]:
    inventory = Inventory(tmp_path / "inventory.sqlite")
    yield inventory
    inventory.close()


def test_batches_are_bounded_and_complete(inventory: Inventory) -> None:
    listed = [Piece(f"{n:05}", f"/{n}", size=10) for n in range(6_500)]
    inventory.take(reversed(listed))
    cut = list(inventory.batches(documents=100, size=1_000_000))
    assert [len(batch) for batch in cut] == [100] * 65
    assert [piece for batch in cut for piece in batch] == listed
    assert max(sum(piece.size for piece in batch) for batch in inventory.batches(100, 350)) <= 350
    assert 50 <= len(list(inventory.batches(documents=1, size=1, most=100))) <= 101
    assert inventory.bytes == 65_000


def test_few_documents_are_cut_for_many_workers(inventory: Inventory) -> None:
    inventory.take(Piece(f"{n:04}", "/", size=10) for n in range(3_200))
    assert [len(batch) for batch in inventory.batches(10_000, 50_000_000)] == [50] * 64


def test_paths_that_are_no_text_are_kept(inventory: Inventory) -> None:
    path = os.fsdecode(b"/in/caf\xe9.txt")
    inventory.take([Piece("in/caf\\xe9.txt", path, size=1)])
    assert [piece.path for piece in inventory] == [path]


def test_no_pieces_no_batches(inventory: Inventory) -> None:
    assert list(inventory.batches(1, 1)) == []


def test_a_file_url_is_a_path_and_what_no_store_has_is_told(folder: Path) -> None:
    assert sources(folder.as_uri()) == sources("corpus")
    (piece,) = pieces("nowhere://bucket/crawl")
    assert piece.source == "nowhere://bucket/crawl"
    assert piece.problem.startswith("cannot be listed")
