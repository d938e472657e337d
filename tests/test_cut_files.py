"""Large files are cut: what comes out is the same as of the whole file, and a run that was killed goes on inside."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import outcomes, rows_of, run
from hypothesis import given, settings
from hypothesis import strategies as st
from test_crashes import Runs
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from winnow.flows.cutting import Cutter, parts_of
from winnow.flows.documents import Document, Piece
from winnow.flows.inventory import Inventory
from winnow.flows.pool import Pool
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings

WHOLE = RunSettings(workers=1, most_removed=1.0)
CUT = RunSettings(workers=1, most_removed=1.0, batch_bytes=1_000)

Maker = Callable[[list[bytes]], bytes]


def json_lines(texts: list[bytes]) -> bytes:
    return b"".join(json.dumps({"text": text.decode("latin-1")}).encode() + b"\n" for text in texts)


def json_lines_with_ids(texts: list[bytes]) -> bytes:
    rows = ({"id": f"n{number}", "text": text.decode("latin-1")} for number, text in enumerate(texts))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def parquet(texts: list[bytes]) -> bytes:
    file = io.BytesIO()
    table = pa.table({"text": pa.array([text.decode("latin-1") for text in texts], pa.string())})
    pq.write_table(table, file, row_group_size=2, compression="none")
    return file.getvalue()


def warc(texts: list[bytes], kind: str = "response") -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "a test"}))
    for number, text in enumerate(texts):
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
        headers = {"http_headers": http} if kind == "response" else {}
        writer.write_record(writer.create_warc_record(f"http://a.org/{number}", kind, io.BytesIO(text), **headers))
    return file.getvalue()


def wet(texts: list[bytes]) -> bytes:
    return warc(texts, "conversion")


MAKERS: dict[str, Maker] = {
    "a.jsonl": json_lines,
    "ids.jsonl": json_lines_with_ids,
    "a.parquet": parquet,
    "a.warc.gz": warc,
    "a.warc.wet.gz": wet,
}


def parts(path: Path, settings: RunSettings = CUT) -> list[Piece]:
    return parts_of(Piece(f"in/{path.name}", str(path), path.stat().st_size), settings)


def read(pieces: list[Piece]) -> list[Document]:
    return [document for piece in pieces for document in documents_of(piece, CUT)]


def whole(path: Path) -> list[Document]:
    return read([Piece(f"in/{path.name}", str(path), path.stat().st_size)])


def texts(count: int, size: int = 300) -> list[bytes]:
    dice = random.Random(count)  # noqa: S311
    return [b"Rain in valley %d. " % number + dice.randbytes(size // 2).hex().encode() for number in range(count)]


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(0, 3_000), min_size=1, max_size=40), size=st.integers(50, 20_000))
def test_parts_hold_what_the_whole_file_holds(
    name: str, sizes: list[int], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dice = random.Random(size)  # noqa: S311
    path = tmp_path_factory.mktemp("cut") / name
    path.write_bytes(MAKERS[name]([dice.randbytes(length) for length in sizes]))
    cut = parts(path, RunSettings(batch_bytes=size))
    assert [*cut, *cut[-1:]][0].start in (None, 0)
    assert [piece.end for piece in cut[:-1]] == [piece.start for piece in cut[1:]]
    assert read(cut) == whole(path)


@pytest.mark.parametrize("name", MAKERS)
def test_large_files_are_cut(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(MAKERS[name](texts(60)))
    size = path.stat().st_size
    cut = parts(path)
    assert -(-size // 1_000) * 0.4 < len(cut) <= -(-size // 1_000)
    assert sum(piece.size for piece in cut) == pytest.approx(size, rel=0.01)
    assert parts(path, WHOLE) == [Piece(f"in/{name}", str(path), size)]


def test_ids_that_stand_twice_keep_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines_with_ids(texts(30)) + json_lines_with_ids(texts(1)))
    (piece,) = parts(path)
    assert piece.start is None
    twice = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["a", "b", "a"], "text": ["x" * 1_000] * 3}), twice, row_group_size=1)
    assert [piece.start for piece in parts(twice, RunSettings(batch_bytes=100))] == [None]


def test_what_has_no_certain_places_stays_whole(tmp_path: Path) -> None:
    packed = {
        "a.jsonl.gz": gzip.compress(json_lines(texts(60))),
        "one.warc.gz": gzip.compress(gzip.decompress(warc(texts(60)))),
        "plain.warc": gzip.decompress(warc(texts(60))),
        "a.csv": b"text\n" + b'"Rain\nin the valley"\n' * 200,
        "a.txt": b"Rain in the valley.\n" * 200,
        "cut.parquet": parquet(texts(60))[:-10],
    }
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
        assert [piece.start for piece in parts(tmp_path / name)] == [None], name


def stored(*members: bytes) -> bytes:
    """Packed so that what does not get shorter is copied as it is."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    return b"".join(map(packer.compress, members)) + packer.flush()


@pytest.mark.parametrize("embedded", [20, 400, 2_000])
def test_an_archive_within_a_record_is_not_cut(embedded: int, tmp_path: Path) -> None:
    inner = warc(texts(embedded))
    first = zlib.decompressobj(31)
    first.decompress(warc([inner]))
    record = gzip.decompress(first.unused_data)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(warc(texts(3)) + stored(record) + warc(texts(300)))
    cut = parts(path, RunSettings(batch_bytes=5_000))
    assert len(cut) > 3
    assert read(cut) == whole(path)


def test_a_damaged_part_costs_only_itself_and_has_a_name_of_its_own(tmp_path: Path, warm: Pool) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    good = warc(texts(1_500))
    bad = bytearray(good)
    middle = len(bad) // 2
    bad[middle : middle + 2_000] = bytes(2_000)
    settings = RunSettings(workers=1, most_removed=0.0, batch_bytes=len(good) // 4)
    (folder / "a.warc.gz").write_bytes(bad)
    run(out, folder, settings=settings, warm=warm)
    found = outcomes(out)
    failed = {source for source, outcome in found.items() if outcome == "failed"}
    assert failed
    assert all(source.startswith("in/a.warc.gz#") for source in failed)
    assert max(int(source.partition("#")[2]) for source in found.keys() - failed) > middle * 1.4

    (folder / "a.warc.gz").write_bytes(good)
    run(out, folder, settings=settings, allow_removals=True, warm=warm)
    assert sum(outcome == "cleaned" for outcome in outcomes(out).values()) == 1_500

    # While a part cannot be read, what was in it is not taken to be gone.
    (folder / "a.warc.gz").write_bytes(bad)
    assert run(out, folder, settings=settings, warm=warm).removed == 0
    assert sum(outcome == "cleaned" for outcome in outcomes(out).values()) > 1_400


def test_a_file_that_kills_what_cuts_it_stays_whole(tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(json_lines(texts(20)))
    piece = Piece("in/a.jsonl", str(lines), lines.stat().st_size)
    with Cutter(CUT) as cutter:
        assert len(cutter.parts_of(piece)) > 5
        assert cutter._process
        cutter._process.kill()  # as a fault in a library does
        cutter._process.wait()
        assert cutter.parts_of(piece) == [piece]
        assert len(cutter.parts_of(piece)) > 5


def test_two_files_of_one_name_are_told_when_they_are_cut(tmp_path: Path) -> None:
    inventory = Inventory(tmp_path / "inventory.sqlite")
    for folder in ("a/in", "b/in"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.jsonl").write_bytes(json_lines(texts(20)))
    listed = [Piece("in/a.jsonl", str(tmp_path / folder / "a.jsonl"), 9_000) for folder in ("a/in", "b/in", "a/in")]
    inventory.take(listed)
    inventory.cut(lambda piece: parts_of(piece, CUT), CUT.batch_bytes)
    found = list(inventory)
    inventory.close()
    assert sum(bool(piece.problem) for piece in found) == 1
    assert {piece.path for piece in found if not piece.problem} == {listed[0].path}
    assert len(found) > 5


SAME = ("id", "source", "outcome", "reason", "text", "source_sha256", "origin")


@pytest.mark.parametrize("name", MAKERS)
def test_rows_are_the_same_cut_or_whole(name: str, tmp_path: Path, warm: Pool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(MAKERS[name](texts(60)))
    first = run(tmp_path / "whole", folder, settings=WHOLE, warm=warm)
    second = run(tmp_path / "cut", folder, settings=CUT, warm=warm)
    assert first.documents == second.documents == 60
    assert rows_of(tmp_path / "whole", SAME) == rows_of(tmp_path / "cut", SAME)
    assert run(tmp_path / "whole", folder, settings=CUT, warm=warm).renewed == 0


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.mark.parametrize("name", ["a.jsonl", "a.warc.gz"])
def test_a_killed_run_goes_on_inside_a_file(name: str, tmp_path: Path, runs: Runs, warm: Pool) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / name).write_bytes(MAKERS[name](texts(600)))
    for done in (1, 5, 9):
        pid = runs.start(out, folder)
        deadline = time.monotonic() + 60
        while len(list(out.glob(".work/*/parts/[0-9]*.parquet"))) < done:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(pid, signal.SIGKILL)
        assert runs.ended() == -signal.SIGKILL
    report = run(out, folder, settings=CUT, warm=warm)
    assert report.taken_over
    assert report.documents == 600
    run(tmp_path / "undisturbed", folder, settings=WHOLE, warm=warm)
    assert rows_of(out, SAME) == rows_of(tmp_path / "undisturbed", SAME)
