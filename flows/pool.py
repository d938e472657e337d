"""Warm worker processes that can be killed: by a deadline for each document, and by a limit of memory.

They are spawned as programs of their own and speak over pipes, in JSON and Arrow: no fork of a process
with threads, no pickle, and nothing to import but Winnow.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from winnow.cleaners import WinnowError
from winnow.flows import rows
from winnow.flows.worker import OUT_OF_MEMORY

_WATCH = 0.2  # seconds between two looks at the clock
_STARTS = 3  # tries to start a worker
_START = 120.0  # seconds that a worker may take to load rules and models, on a busy machine


class WorkerDied(Exception):
    """A worker ended before its task did. Says why, in words for the document that did it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a worker tells: all up to a place in the task's pieces is done."""

    piece: int
    documents: int
    """Documents done in that piece."""
    rows: pa.RecordBatch | None
    unchanged: list[str]
    next: dict[str, Any] | None = field(default=None)
    """The document that it begins now, without content; None where it does not say."""

    @property
    def count(self) -> int:
        """Documents that it tells of."""
        return len(self.unchanged) + (self.rows.num_rows if self.rows is not None else 0)


class Worker:
    """One process. Not for use by two threads at a time."""

    def __init__(self, log: Path, deadline: float, memory: int) -> None:
        self._deadline, self._memory = deadline, memory
        # One core each: their libraries must not start threads of their own.
        env = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        # Arrow's own allocator takes address space ahead (130 MB here), which would count against the limit.
        env["ARROW_DEFAULT_MEMORY_POOL"] = "system"
        with log.open("ab") as told:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "winnow.flows.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                env=env,
            )
        self._killed_for = ""
        self._due: float | None = None
        self._expect(_START)
        if not self._head().get("ready"):
            raise WorkerDied("a worker could not start")
        self._due = None

    def do(self, task: dict[str, Any]) -> Iterator[Message]:
        """Have a task done. Raises WorkerDied."""
        assert self._process.stdin  # noqa: S101
        assert self._process.stdout  # noqa: S101
        self._expect(self._deadline)
        try:
            self._process.stdin.write(json.dumps({**task, "memory": self._memory}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise WorkerDied(self._cause()) from None
        while True:
            head = self._head()
            payload = self._process.stdout.read(head["bytes"])
            if len(payload) < head["bytes"]:
                raise WorkerDied(self._cause())
            self._expect(self._deadline)
            batch = pa.ipc.read_record_batch(pa.py_buffer(payload), rows.SCHEMA) if head["rows"] else None
            piece, documents = head["at"]
            yield Message(piece, documents, batch, head["unchanged"], head.get("next"))
            if head.get("last"):
                self._due = None
                return

    def end_if_overdue(self, now: float) -> None:
        """Kill it if what it does takes too long."""
        if self._due is not None and now > self._due:
            self._killed_for = f"took longer than the {self._deadline:g} seconds that the setting deadline allows"
            self._process.kill()

    def end(self) -> None:
        """Kill it: it holds nothing that is not told."""
        self._due = None
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:  # what was left in the buffer for a dead process
                    continue

    def _expect(self, seconds: float) -> None:
        self._due = time.monotonic() + seconds

    def _head(self) -> dict[str, Any]:
        assert self._process.stdout  # noqa: S101
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise WorkerDied(self._cause())
        head: dict[str, Any] = json.loads(line)
        return head

    def _cause(self) -> str:
        self._due = None
        code = self._process.wait()
        if self._killed_for:
            return self._killed_for
        if code in (OUT_OF_MEMORY, -signal.SIGABRT):  # compiled code that gets no memory aborts
            return f"needs more than the {self._memory:,} bytes of memory that the setting memory allows"
        if code < 0:
            return f"the process that cleaned it was killed by {signal.Signals(-code).name}"
        return f"the process that cleaned it ended with code {code}"


class Pool:
    """At most so many workers, started when first needed. A context manager: all end with it."""

    def __init__(self, size: int, log: Path, deadline: float, memory: int) -> None:
        self.size = size
        self._start = (log, deadline, memory)
        self._idle: queue.Queue[Worker | None] = queue.Queue()
        for _ in range(size):
            self._idle.put(None)
        self._all: set[Worker] = set()
        self.stopping = threading.Event()
        """Set when batches are to end early, with what they have."""
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True, name="winnow-deadlines").start()

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A worker to oneself; waits for one. If it died, or is left amid a task, another takes its place."""
        worker = self._idle.get()
        try:
            if worker is None:
                worker = self._started()
                self._all.add(worker)
            yield worker
        except BaseException:
            if worker is not None:
                self._all.discard(worker)
                worker.end()
                worker = None
            raise
        finally:
            self._idle.put(worker)

    def _started(self) -> Worker:
        """A new worker. One that is killed while it starts is no reason to end a run; three in a row are."""
        tries = 0
        while True:
            try:
                return Worker(*self._start)
            except (OSError, WorkerDied) as error:
                tries += 1
                if tries == _STARTS:
                    told = f"no worker process could be started: {error}; see {self._start[0]}"
                    raise WinnowError(told) from error

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for worker in list(self._all):
            worker.end()

    def _watch(self) -> None:
        while not self._ended.wait(_WATCH):
            now = time.monotonic()
            for worker in list(self._all):
                worker.end_if_overdue(now)
