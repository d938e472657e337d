"""Driving the batches of a run: a few more in flight than there are workers, each taken in as it ends."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

from winnow.flows import engine
from winnow.flows.engine import BatchSpec
from winnow.flows.pool import Pool
from winnow.flows.runs import Run

_WAITING = 2  # batches beyond those that workers are at


class Future(Protocol):
    """A batch on its way: a thread's, or Prefect's."""

    def result(self) -> Any: ...

    def add_done_callback(self, fn: Callable[[Any], object]) -> None: ...


def clean_all(run: Run, submit: Callable[[BatchSpec, Pool], Future]) -> Iterator[BatchSpec]:
    """Have all batches of a run done; yields each when it is taken in.

    When anything goes wrong, or the run is interrupted, the workers end with the document they are at; what is
    done stands in the parts, for the next run to take over.
    """
    settings = run.settings
    log = run.space.folder / "workers.log"
    batches = run.batches()
    running: dict[Future, BatchSpec] = {}
    ended: queue.Queue[Future] = queue.Queue()
    with Pool(settings.worker_count, log, settings.deadline, settings.memory) as pool:
        try:
            while True:
                while len(running) < pool.size + _WAITING and (spec := next(batches, None)):
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


def clean_all_in_threads(run: Run, told: Callable[[int], None] = lambda _done: None) -> Iterator[BatchSpec]:
    """The same without Prefect."""
    with ThreadPoolExecutor(run.settings.worker_count + _WAITING, "winnow-batch") as threads:
        yield from clean_all(run, lambda spec, pool: threads.submit(engine.run_batch, spec, pool, run.settings, told))
