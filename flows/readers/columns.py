"""Which columns of a table hold what: as the settings say, or the one that is obvious."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from winnow.flows.documents import Document
from winnow.flows.readers.names import Names
from winnow.flows.readers.streams import Broken
from winnow.flows.settings import RunSettings

_TEXTS = ("text", "html", "raw_html", "content", "raw_content", "body", "raw", "article", "document")
_IDS = ("id", "_id", "doc_id", "document_id", "uuid")
_URLS = ("url", "uri", "link", "source_url", "warc_target_uri")
_DATES = ("date", "timestamp", "published", "date_published", "crawled", "fetched", "warc_date")
_PLACE = re.compile(r"@+[0-9]+(?:-[0-9]*)?")  # of what cannot be read: a row, or a part of the file


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns; empty where there is none."""

    text: str
    id: str
    url: str
    date: str
    guessed: str | None = None
    """Which of them were guessed, and what else might have been taken, for people; None: all are set."""

    def named(self) -> list[str]:
        """Those that there are."""
        return [name for name in (self.text, self.id, self.url, self.date) if name]


def columns_of(names: Collection[str], settings: RunSettings) -> Columns:
    """The columns of a table with these names. Raises Broken where none holds text."""
    kinds = {
        "text": (settings.text_column, _TEXTS),
        "id": (settings.id_column, _IDS),
        "url": (settings.url_column, _URLS),
        "date": (settings.date_column, _DATES),
    }
    found = {kind: _candidates(wanted, guesses, names) for kind, (wanted, guesses) in kinds.items()}
    if not found["text"]:
        shown = ", ".join(sorted(names)[:20])
        wanted = (
            f"there is no column {settings.text_column!r}" if settings.text_column else "no column is named as text"
        )
        raise Broken(f"{wanted} (columns are {shown}): name the one that holds it with the setting text_column")
    guessed = (_told(kind, found[kind]) for kind, (wanted, _) in kinds.items() if found[kind] and not wanted)
    chosen = {kind: columns[0] if columns else "" for kind, columns in found.items()}
    return Columns(**chosen, guessed=", ".join(guessed) or None)


def document_of(container: str, row: Mapping[str, Any], columns: Columns, offset: int, taken: Names) -> Document:
    """The document of a row: named by its id, or else by where it stands. `taken` are the names before it."""
    name = name_of(row, columns, offset)
    if not taken.take(name):
        return unreadable(container, f"another row before it has the id {name!r}", columns, offset)
    content = row.get(columns.text)
    problem = ""
    if content is None:
        content, problem = None, f"its column {columns.text!r} is empty or missing"
    elif not isinstance(content, str | bytes):
        content, problem = None, f"its column {columns.text!r} holds no text, but {type(content).__name__}"
    url, date = (_plain(row.get(column)) if column else None for column in (columns.url, columns.date))
    html = True if "html" in columns.text.lower() else None
    return Document(
        f"{container}#{name}",
        content,
        problem,
        html=html,
        url=url,
        date=date,
        offset=offset,
        guessed=columns.guessed,
    )


def unreadable(container: str, problem: str, columns: Columns | None, offset: int) -> Document:
    """A row that cannot be read, named by where it stands; marked where others are named by ids, which may be numbers
    too."""
    name = str(offset) if columns and not columns.id else f"@{offset}"
    return Document(f"{container}#{name}", None, problem, offset=offset, guessed=columns.guessed if columns else None)


def _candidates(wanted: str, guesses: Collection[str], names: Collection[str]) -> list[str]:
    """The columns that may hold something, the one to take first."""
    if wanted:
        return [wanted] if wanted in names else []
    return [name for guess in guesses for name in names if name.lower() == guess]


def _told(kind: str, candidates: list[str]) -> str:
    taken, *others = candidates
    return f"{kind}: {taken}" + (f" (also there: {', '.join(others)})" if others else "")


def name_of(row: Mapping[str, Any], columns: Columns, offset: int) -> str:
    """What a row is named by: its id, or else where it stands. An id that looks like the mark of a place is marked
    once more."""
    own = _plain(row.get(columns.id)) if columns.id else None
    return f"@{own}" if own and _PLACE.fullmatch(own) else own or str(offset)


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    said = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    return said.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0") or None
