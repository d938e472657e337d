"""Names of documents: whatever files, members and ids are called, no two documents have one name."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from corpora import outcomes, rows_of, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from winnow.flows.documents import Document, bare_name, file_name, printable
from winnow.flows.inventory import Inventory
from winnow.flows.pool import Pool
from winnow.flows.readers.names import Names
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Globs, Listing

NAMES = st.text(alphabet="#%@25317-ax!", min_size=1, max_size=8)


@given(st.text(), st.text(alphabet="#%235a"))
@example("a%20b", "a%23")
def test_names_of_files_lead_back(one: str, other: str) -> None:
    for name in (one, other):
        assert "#" not in file_name(name)
        assert bare_name(file_name(name)) == name


@given(st.text(alphabet=st.characters(exclude_characters="#%")))
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize("name", ["100%", "a%20b.html", "%D0%B4.html", "50%25.txt", "%2F", "a%3A%2F%2Fb%252Fc"])
def test_names_with_percents_stay_as_they_are(name: str) -> None:
    assert file_name(name) == name


NO_TEXT = st.binary(max_size=5).map(lambda name: os.fsdecode(name + b"\xff"))


@given(NO_TEXT, NO_TEXT)
@example(os.fsdecode(b"\\xff\xff"), os.fsdecode(b"\xff\xff"))
def test_two_names_that_are_no_text_stay_two(one: str, other: str) -> None:
    assert (printable(one) == printable(other)) == (one == other)


def written(folder: Path, files: list[tuple[str, str]], ids: list[str]) -> int:
    """Files of these names and kinds that hold documents of these ids; returns how many documents there are."""
    folder.mkdir()
    documents = 0
    for name, kind in files:
        path = folder / name
        if path.exists():
            continue
        if kind == "text":
            path.write_text("Rain is likely.\n")
            documents += 1
        elif kind == "table":
            lines = [json.dumps({"id": number, "text": "Rain is likely."}) for number in ids]
            path = path.with_name(f"{name}.jsonl")
            documents += 0 if path.exists() else len(ids) + 1
            path.write_text("\n".join([*lines[:1], "{broken", *lines[1:]]))
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for member in ids:
                    archive.writestr(member, "Rain is likely.\n")
            documents += len(ids)
    return documents


def documents_in(folder: Path) -> list[Document]:
    inventory = Inventory(folder.parent / "inventory.sqlite")
    inventory.take(Listing([str(folder)], Globs()))
    found = [document for piece in inventory for document in documents_of(piece, RunSettings())]
    inventory.close()
    return found


@settings(max_examples=200, deadline=None)
@given(
    files=st.lists(
        st.tuples(NAMES | st.just("a.jsonl#7"), st.sampled_from(["text", "table", "archive"])),
        min_size=1,
        max_size=4,
    ),
    ids=st.lists(NAMES | st.sampled_from(["7", "@7", "@@7", "7@7", "@0-"]), min_size=1, max_size=5, unique=True),
)
def test_no_two_documents_have_one_name(
    files: list[tuple[str, str]], ids: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("names") / "in"
    count = written(folder, files, ids)
    found = documents_in(folder)
    assert len(found) == len({document.source for document in found}) == count
    bad = [document.source for document in found if document.problem]
    assert all("#@" in source for source in bad), "only the broken lines"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_a_file_named_like_a_row_of_another(folder: Path, out: Path, warm: Pool) -> None:
    (folder / "a.jsonl").write_text('{"id": 7, "text": "Rain is likely."}\n')
    (folder / "a.jsonl#7").write_text("Snow is likely.\n")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        for member in ("x.jsonl", "x.jsonl#7", "a.zip#x"):
            archive.writestr(member, f"Hail is likely in {member}.\n")
    with zipfile.ZipFile(folder / "b.zip#x.jsonl", "w") as archive:
        archive.writestr("7", "Fog is likely.\n")
    assert run(out, folder, warm=warm).documents == 6
    assert {row["source"]: row["text"].strip() for row in rows_of(out)} == {
        "in/a.jsonl#7": "Rain is likely.",
        "in/a.jsonl%237": "Snow is likely.",
        "in/b.zip#a.zip#x": "Hail is likely in a.zip#x.",
        "in/b.zip#x.jsonl": "Hail is likely in x.jsonl.",
        "in/b.zip#x.jsonl#7": "Hail is likely in x.jsonl#7.",
        "in/b.zip%23x.jsonl#7": "Fog is likely.",
    }
    assert run(out, folder, warm=warm).release is None
    (folder / "a.jsonl#7").unlink()
    run(out, folder, warm=warm, allow_removals=True)
    assert [source for source, outcome in outcomes(out).items() if outcome == "removed"] == ["in/a.jsonl%237"]


def test_globs_are_held_against_the_names_that_files_have(folder: Path, out: Path, warm: Pool) -> None:
    for name in ("c#.txt", "c#d.zip", "a.txt"):
        (folder / name).write_text("Rain is likely.\n")
    with zipfile.ZipFile(folder / "c#d.zip", "w") as archive:
        archive.writestr("x", "Snow is likely.\n")
    run(out, folder, warm=warm)
    report = run(out, folder, settings=RunSettings(workers=1, exclude=["c#*"]), warm=warm, allow_removals=True)
    assert (report.documents, report.excluded, report.removed) == (1, 2, 0)
    assert set(outcomes(out)) == {"in/a.txt", "in/c%23.txt", "in/c%23d.zip#x"}


def test_many_names_are_known_again_at_eight_bytes_each() -> None:
    names, count = Names(), 400_000
    tracemalloc.start()
    assert all(names.take(f"n{number}") for number in range(count))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 8 * count + 5_000_000, "of which a set of 50,000 is the rest"
    assert not any(names.take(f"n{number}") for number in range(0, count, 97))
    assert names.take(f"n{count}")


@given(st.lists(st.integers(0, 300)))
def test_names_are_free_once(numbers: list[int]) -> None:
    names, before = Names(), set[int]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("winnow.flows.readers.names._FRESH", 3)
        for number in numbers:
            assert names.take(str(number)) == (number not in before)
            before.add(number)
