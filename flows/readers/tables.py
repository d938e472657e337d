"""Tables: JSON lines, CSV and TSV, Parquet; a row is a document."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from winnow.flows.documents import Document, Piece
from winnow.flows.readers.columns import Columns, columns_of, document_of, name_of, unreadable
from winnow.flows.readers.names import Names
from winnow.flows.readers.streams import FAULTS, Broken, lines, opened, packed
from winnow.flows.settings import RunSettings

_LARGEST_FIELD = 2**31 - 1  # what every system's C takes
_ROWS = 16  # of a Parquet file held at a time


def json_lines(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """Each line's object. The first one's columns are those of all."""
    columns = _columns_before(piece, settings) if piece.start else None
    taken = Names()
    with opened(piece.path) as stream:
        if piece.start:
            stream.seek(piece.start)
        for offset, line in lines(stream, settings.largest_file, piece.start or 0):
            if piece.end is not None and offset >= piece.end:
                return
            row = _object(line)
            if isinstance(row, str):
                if row:
                    yield unreadable(piece.source, row, columns, offset)
                continue
            columns = columns or columns_of(row, settings)
            yield document_of(piece.source, row, columns, offset, taken)


def ids_of_json_lines(piece: Piece, settings: RunSettings) -> Iterator[str]:
    """What the rows of a file are named by, as far as that is a column. Raises Broken."""
    columns: Columns | None = None
    with opened(piece.path) as stream:
        for offset, line in lines(stream, settings.largest_file):
            row = _object(line)
            if not isinstance(row, str):
                columns = columns or columns_of(row, settings)
                if not columns.id:
                    return
                yield name_of(row, columns, offset)


def _columns_before(piece: Piece, settings: RunSettings) -> Columns | None:
    """The columns of the file's first object, where it stands before this part."""
    with opened(piece.path) as stream:
        for offset, line in lines(stream, settings.largest_file):
            if offset >= (piece.start or 0):
                return None
            row = _object(line)
            if not isinstance(row, str):
                return columns_of(row, settings)
    return None


def _object(line: bytes | None) -> dict[str, object] | str:
    """The object of a line, or what is wrong with it; nothing is wrong with a blank one."""
    if line is None:
        return "the line is longer than the setting largest_file allows"
    if not line.strip():
        return ""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"the line is not JSON: {error}"
    return row if isinstance(row, dict) else f"the line holds no JSON object, but {type(row).__name__}"


def separated(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """Rows of a CSV or TSV file with a header. Offsets are numbers of rows: a row can hold line ends."""
    taken = Names()
    csv.field_size_limit(min(settings.largest_file, _LARGEST_FIELD))
    number = 0
    try:
        with opened(piece.path) as stream:
            text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
            rows = csv.DictReader(text, delimiter="\t" if ".tsv" in piece.source.lower() else ",", restkey="")
            columns = columns_of(rows.fieldnames or (), settings)
            while True:
                number += 1
                try:
                    row = next(rows)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield unreadable(piece.source, f"the row cannot be read: {error}", columns, number)
                    continue
                content = row.get(columns.text)
                # Bytes again where they are no UTF-8: their encoding is found as that of any text.
                bare = {**row, columns.text: content.encode("utf-8", "surrogateescape") if content else None}
                yield document_of(piece.source, bare, columns, number, taken)
    except FAULTS as error:
        raise Broken(f"breaks off after row {number:,} ({error}): fetch it again") from error


def parquet(piece: Piece, settings: RunSettings) -> Iterator[Document]:
    """Rows of a Parquet file; offsets are numbers of rows."""
    taken = Names()
    number = 0
    try:
        with packed(piece.path) as stored, pq.ParquetFile(stored) as file:
            columns = columns_of(file.schema_arrow.names, settings)
            groups = range(file.num_row_groups)[piece.start : piece.end]
            number = sum(file.metadata.row_group(before).num_rows for before in range(groups.start))
            for batch in file.iter_batches(_ROWS, list(groups), columns=columns.named(), use_threads=False):
                for row in batch.to_pylist():
                    yield document_of(piece.source, row, columns, number, taken)
                    number += 1
    except (*FAULTS, pa.ArrowException, ValueError) as error:
        raise Broken(f"cannot be read after row {number:,} as a Parquet file ({error}): fetch it again") from error


def ids_of_parquet(piece: Piece, settings: RunSettings) -> Iterator[str]:
    """What the rows of a file are named by, as far as that is a column. Raises Broken, OSError, ArrowException."""
    with packed(piece.path) as stored, pq.ParquetFile(stored) as file:
        columns = columns_of(file.schema_arrow.names, settings)
        number = 0
        for batch in file.iter_batches(columns=[columns.id], use_threads=False) if columns.id else ():
            for row in batch.to_pylist():
                yield name_of(row, columns, number)
                number += 1
