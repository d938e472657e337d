"""Finding the log that belongs to a clean text."""

from __future__ import annotations

import json
from pathlib import Path

from winnow.cleaners import BadLog, Cleaned, diff_log


def read_cleaned(text_file: Path, log_file: Path | None) -> Cleaned[bytes]:
    """The cleaned document of a text file and its log: a `winnow clean --log` file or a release's
    `diff_log.jsonl`; without one, the `diff_log.jsonl` of the release that the text lies in.

    Raises BadLog where there is none for this text, OSError where a file can't be read.
    """
    text = text_file.read_bytes().decode("utf-8", "surrogatepass")
    log = log_file or _log_of_release(text_file)
    wanted = diff_log.digest(text)
    with log.open(encoding="utf-8") as lines:
        found = [_parsed(line, log) for line in lines if wanted in line]
    # documents with the same clean text: the one whose name the file has
    posix = text_file.resolve().as_posix().removesuffix(".txt")
    found.sort(key=lambda record: not posix.endswith(record["source"].removesuffix(".txt")))
    if not found:
        raise BadLog(
            f"{log}: no entry for the text in {text_file}: was the text edited, or is it another document's log?"
        )
    return diff_log.read_back(found[0], text)


def _log_of_release(text_file: Path) -> Path:
    for folder in text_file.absolute().parents:
        if (folder / "diff_log.jsonl").is_file():
            return folder / "diff_log.jsonl"
    raise BadLog(f"{text_file}: name its log with --log (no diff_log.jsonl lies in a folder above it)")


def _parsed(line: str, log: Path) -> diff_log.Record:
    try:
        record: diff_log.Record = json.loads(line)
    except ValueError as error:
        raise BadLog(f"{log}: is not a diff log: {error}") from error
    return record
