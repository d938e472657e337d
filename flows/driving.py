"""Driving the batches of a run: a few more in flight than there are workers, each taken in as it ends."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol

from winnow.flows import engine
from winnow.flows.engine import BatchSpec
from winnow.flows.pool import Pool
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings

_WAITING = 2  # batches beyond those that workers are at


class Future(Protocol):
    """A batch on its way: a thread's, or Prefect's."""

    def result(self) -> Any: ...

    def add_done_callback(self, fn: Callable[[Any], object]) -> None: ...


def pool_for(settings: RunSettings, log: Path) -> Pool:
    """The worker processes that a run wants; what they complain of goes into the file `log`."""
    return Pool(settings.worker_count, log, settings.deadline, settings.memory)


def clean_all(run: Run, submit: Callable[[BatchSpec, Pool], Future], warm: Pool | None = None) -> Iterator[BatchSpec]:
    """Have all batches of a run done; yields each when it is taken in. `warm`: workers that outlive the run.

    When anything goes wrong, or the run is interrupted, the workers end with the document they are at; what is
    done stands in the parts, for the next run to take over.
    """
    batches = run.batches()
    running: dict[Future, BatchSpec] = {}
    ended: queue.Queue[Future] = queue.Queue()
    with nullcontext(warm) if warm else pool_for(run.settings, run.space.folder / "workers.log") as pool:
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


def clean_all_in_threads(
    run: Run, told: Callable[[int], None] = lambda _done: None, warm: Pool | None = None
) -> Iterator[BatchSpec]:
    """The same without Prefect. `told` is called with each few documents that are done."""
    with ThreadPoolExecutor(run.settings.worker_count + _WAITING, "winnow-batch") as threads:

        def submit(spec: BatchSpec, pool: Pool) -> Future:
            return threads.submit(engine.run_batch, spec, pool, run.settings, told)

        yield from clean_all(run, submit, warm)
