"""The document of the corpus tells the columns that the table has."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from winnow.flows import rows
from winnow.flows.documents import OUTCOMES

PAGE = (Path(__file__).parents[1] / "docs" / "corpus.md").read_text("utf-8")
LINES = re.findall(
    r"^\| (`.+?`) \| ([a-z0-9 ]+) \| (.+) \|$", PAGE.partition("## The table")[2].partition("\n## ")[0], re.MULTILINE
)
TOLD = {name: (kind, told) for names, kind, told in LINES for name in re.findall(r"`(\w+)`", names)}


def _kind(kind: pa.DataType) -> str:
    """A type in the document's words."""
    if pa.types.is_list(kind):
        return f"list of {_kind(kind.value_type)}"
    return "struct" if pa.types.is_struct(kind) else str(kind)


def _fields(column: str) -> set[str]:
    """The names inside a nested column."""
    kind = rows.SCHEMA.field(column).type
    kind = kind.value_type if pa.types.is_list(kind) else kind
    return {kind.field(index).name for index in range(kind.num_fields)} if pa.types.is_struct(kind) else set()


def test_the_columns_are_the_schemas_in_their_order_with_their_types() -> None:
    assert [(name, kind) for name, (kind, _) in TOLD.items()] == [(c.name, _kind(c.type)) for c in rows.SCHEMA]


def test_it_tells_the_version_of_the_schema() -> None:
    assert f"schema `{rows.VERSION}`" in PAGE


def test_each_field_inside_a_column_is_told() -> None:
    for column, (_, told) in TOLD.items():
        if column != "versions":  # they are named like the libraries
            assert set(re.findall(r"`(\w+)`", told)) >= _fields(column), column


def test_each_outcome_is_told() -> None:
    promises = PAGE.partition("## What is promised")[2].partition("\n## ")[0]
    assert [name for name in OUTCOMES if f"`{name}`" not in promises] == []
