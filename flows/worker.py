"""The program that a worker process runs: `python -m winnow.flows.worker`.

It takes one task a line on its standard input, as JSON, and answers on its standard output with
messages: a line of JSON, then as many bytes of Arrow IPC as it says. What it has not sent when it is
killed is done again. Documents come in a fixed order, so that a count tells which are done.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from winnow.cleaners import clean, diff_log
from winnow.flows import rows
from winnow.flows.documents import Document, Piece
from winnow.flows.judging import content_of, judge
from winnow.flows.ledger import KnownDocuments
from winnow.flows.reading import documents_of
from winnow.flows.settings import RunSettings

# A message holds at most so many documents, bytes of raw text and seconds: what a death costs to do again,
# against the cost of a message (0.2 ms).
_MOST_DOCUMENTS = 100
_MOST_BYTES = 1_000_000
_LONGEST = 0.5

OUT_OF_MEMORY = 77  # exit code


class _Message:
    """What is to be told: new rows, and the sources of documents that stand as they are."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._clear()

    def _clear(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._unchanged: list[str] = []
        self._bytes = 0
        self._began = time.monotonic()

    def add(self, document: Document, row: dict[str, Any] | None) -> None:
        if row is None:
            self._unchanged.append(document.source)
        else:
            self._rows.append(row)
        self._bytes += len(document.content or "")

    @property
    def is_full(self) -> bool:
        if not self._rows and not self._unchanged:
            return False
        many = len(self._rows) + len(self._unchanged) >= _MOST_DOCUMENTS or self._bytes >= _MOST_BYTES
        return many or self.is_late

    @property
    def is_late(self) -> bool:
        """Whether it is time to tell how far it is, if only that."""
        return time.monotonic() - self._began > _LONGEST

    def send(self, **head: Any) -> None:
        payload = b""
        if self._rows:
            payload = rows.batch_of(self._rows).serialize().to_pybytes()
        head |= {"rows": len(self._rows), "unchanged": self._unchanged, "bytes": len(payload)}
        self._out.write(json.dumps(head).encode() + b"\n" + payload)
        self._out.flush()
        self._clear()


def do(task: dict[str, Any], out: BinaryIO) -> None:
    """Judge the documents of a task, but for the first `skip` of its first piece, and at most `limit` of them.

    Each message says up to where everything is told: `at`, a piece and a number of documents in it. The first
    `alone` documents get a message before, which names them, and one after: if the worker dies, it is known of what.
    """
    settings = RunSettings(**task["settings"])
    known = KnownDocuments(Path(task["known"])) if task["known"] else None
    made_by = rows.made_by(settings)
    message = _Message(out)
    alone, left = task["alone"], task["limit"]
    if alone > 0:
        message.send(at=[0, task["skip"]])  # what comes now is a document's doing
    for at, document, behind in _wanted(task, settings, message):
        if left == 0:
            break
        if document is not None:
            if alone > 0:
                message.send(at=at, next=dataclasses.asdict(dataclasses.replace(document, content=None)))
            message.add(document, _row(document, settings, known, made_by))
            alone -= 1
            left = None if left is None else left - 1
        if alone >= 0 or message.is_full:
            message.send(at=behind)
    message.send(at=[len(task["pieces"]), 0], last=True)
    if known:
        known.close()


def _wanted(
    task: dict[str, Any], settings: RunSettings, message: _Message
) -> Iterator[tuple[list[int], Document | None, list[int]]]:
    """(place, document, place behind it) of what is to be judged; of the end of a piece, with no document.

    A place is a piece and a number of documents in it.
    """
    for place, piece in enumerate(Piece(*told) for told in task["pieces"]):
        skip = 0 if place else task["skip"]
        for number, document in enumerate(documents_of(piece, settings)):
            if number >= skip and _is_wanted(document, piece, settings):
                is_last = document.source == piece.name  # a container's documents have names of their own
                yield [place, number], document, [place + 1, 0] if is_last else [place, number + 1]
            elif message.is_late:  # a sign of life
                message.send(at=[place, max(number + 1, skip)])
        yield [place + 1, 0], None, [place + 1, 0]


def _is_wanted(document: Document, piece: Piece, settings: RunSettings) -> bool:
    """Whether the sample holds it. What is wrong with a file, or a part of one, as a whole is told in any case."""
    return settings.samples(document.source) or (bool(document.problem) and document.source == piece.name)


def _row(
    document: Document, settings: RunSettings, known: KnownDocuments | None, made_by: str
) -> dict[str, Any] | None:
    """The new row of a document, or None where the one that is known stands."""
    before = known.of(document.source) if known else None
    if before is None:
        return judge(document, settings)
    raw = content_of(document)
    content = None if raw is None else diff_log.digest(raw)
    if before.holds(content, rows.came_with(document), made_by):
        return None
    row = judge(document, settings)
    return None if before.says(row) else row


def _limit_memory(size: int) -> None:
    """Let the process hold at most so many bytes of data; not on Windows, which has no such limit."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _warm_up() -> None:
    """Load rules and models before the limits hold, and keep the collector from walking them ever again."""
    clean("Rain is likely on Friday, and the whole valley waits for it.\n\nLeave a Reply\n")
    clean(b"<!DOCTYPE html><html><body><p>Warm.</p></body></html>")
    gc.collect()
    gc.freeze()


def main() -> None:
    """Answer tasks until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which lets workers finish
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the messages
    pa.set_cpu_count(1)  # one worker is one core
    _warm_up()
    out.write(b'{"ready": true}\n')
    out.flush()
    for line in sys.stdin.buffer:
        task = json.loads(line)
        _limit_memory(task["memory"])
        try:
            do(task, out)
        except BrokenPipeError:  # nobody listens any more
            return
        except MemoryError:  # what it holds is not to be trusted: a new process goes on
            os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    main()
