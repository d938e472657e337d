"""Driving the batches of a run: a few more in flight than there are workers, each taken in as it ends."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol

from winnow.flows import engine
from winnow.flows.cluster import Cluster
from winnow.flows.engine import BatchSpec
from winnow.flows.pool import Pool
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings

_WAITING = 2  # batches beyond those that workers are at

Workers = Pool | Cluster
"""What batches are given to."""


class Future(Protocol):
    """A batch on its way: a thread's, or Prefect's."""

    def result(self) -> Any: ...

    def add_done_callback(self, fn: Callable[[Any], object]) -> None: ...


def pool_for(settings: RunSettings, log: Path) -> Pool:
    """Worker processes on this machine; what they complain of goes into the file `log`."""
    return Pool(settings.worker_count, log, settings.deadline, settings.memory)


@contextmanager
def passing_pool(settings: RunSettings) -> Iterator[Pool]:
    """The same, for one time: nobody reads their log behind it."""
    with (
        tempfile.TemporaryDirectory(prefix="winnow-workers-") as folder,
        pool_for(settings, Path(folder) / "workers.log") as pool,
    ):
        yield pool


def run_batch(spec: BatchSpec, workers: Workers, settings: RunSettings, told: Callable[[int], None]) -> int:
    """Have a batch done by these workers; returns its number of documents. `told`: with each few that are done."""
    if isinstance(workers, Cluster):
        return workers.run_batch(spec, settings, told)
    return engine.run_batch(spec, workers, settings, told)


def _workers_for(run: Run) -> Workers:
    if run.settings.engine == "ray":
        return Cluster(run.settings)
    return pool_for(run.settings, run.space.folder / "workers.log")


def clean_all(
    run: Run, submit: Callable[[BatchSpec, Workers], Future], warm: Pool | None = None
) -> Iterator[BatchSpec]:
    """Have all batches of a run done; yields each when it is taken in. `warm`: workers that outlive the run.

    When anything goes wrong, or the run is interrupted, the workers end with the document they are at; what is
    done stands in the parts, for the next run to take over.
    """
    batches = run.batches()

    def most(pool: Workers) -> int:
        return 1 if run.settings.limit else pool.size + _WAITING  # what one batch leaves of a limit is the next one's

    running: dict[Future, BatchSpec] = {}
    ended: queue.Queue[Future] = queue.Queue()
    with nullcontext(warm) if warm else _workers_for(run) as pool:
        try:
            while True:
                while len(running) < most(pool) and (spec := next(batches, None)):
                    future = submit(spec, pool)
                    running[future] = spec
                    future.add_done_callback(ended.put)
                if not running:
                    return
                future = ended.get()
                future.result()
                spec = running.pop(future)
                run.take_in(spec)
                yield spec
        except BaseException:
            pool.stopping.set()
            for future in running:
                with suppress(Exception):
                    future.result()
            raise


def clean_all_in_threads(
    run: Run, told: Callable[[int], None] = lambda _done: None, warm: Pool | None = None
) -> Iterator[BatchSpec]:
    """The same without Prefect. `told` is called with each few documents that are done."""
    with ThreadPoolExecutor(run.settings.worker_count + _WAITING, "winnow-batch") as threads:

        def submit(spec: BatchSpec, pool: Workers) -> Future:
            return threads.submit(run_batch, spec, pool, run.settings, told)

        yield from clean_all(run, submit, warm)
