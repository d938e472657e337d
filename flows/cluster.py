"""The batches of a run on a Ray cluster, in place of worker processes on this machine.

What a batch made comes back through Ray and lands in the run's own folder: machines need to share nothing but the
inputs. A machine or process that is lost costs its batches, which are done again elsewhere; documents that kill their
worker are the engine's matter, there as here. `pip install "winnow-corpus[ray]"` on each machine.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from winnow.cleaners import WinnowError
from winnow.flows import engine, rows
from winnow.flows.engine import BatchSpec
from winnow.flows.pool import Pool
from winnow.flows.settings import RunSettings

_MOST_WORKERS = 500  # batches at a time: each has a thread here that waits for it
_LOSSES = 3  # of machines or processes that a batch may meet before the run gives up
_LOOK = 0.5  # seconds between two looks whether the run is to end


class Cluster:
    """Stands where a `Pool` would: as many batches at a time as the cluster has processors. A context manager."""

    def __init__(self, settings: RunSettings) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # silent towards the network
        try:
            import ray  # noqa: PLC0415  (an extra)
        except ImportError:
            raise WinnowError('engine = "ray" needs Ray: pip install "winnow-corpus[ray]"') from None
        self._ray: Any = ray
        self._ours = not ray.is_initialized()
        if self._ours:
            _connect(ray, settings)
        self.size = min(_MOST_WORKERS, max(1, int(self._ray.cluster_resources().get("CPU", 1))))
        self.stopping = threading.Event()
        """Set when batches are to end early."""
        self._remote = ray.remote(num_cpus=1, max_retries=_LOSSES)(_clean)
        self._known: dict[str, Any] = {}
        self._lock = threading.Lock()

    def run_batch(self, spec: BatchSpec, settings: RunSettings, told: Callable[[int], None]) -> int:
        """As `engine.run_batch`, somewhere on the cluster. Raises WinnowError where it can't be done there."""
        task = self._remote.remote(spec.absolute().to_json(), settings.model_dump_json(), self._told_known(spec.known))
        while not self._ray.wait([task], timeout=_LOOK)[0]:
            if self.stopping.is_set():
                self._ray.cancel(task, force=True)
                return 0
        try:
            part, unchanged, count, made_by = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            raise WinnowError(f"batch {spec.number} could not be done on the Ray cluster: {error}") from error
        if made_by != rows.made_by(settings):
            raise WinnowError("the Ray cluster has another version of Winnow or its libraries: install the same there")
        spec.unchanged.write_bytes(unchanged)
        temporary = spec.part.with_suffix(".partial")
        temporary.write_bytes(part)
        temporary.replace(spec.part)  # the part comes last: where it stands, the batch is whole
        told(count)
        return int(count)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._known.clear()
        if self._ours:
            self._ray.shutdown()

    def _told_known(self, known: str) -> list[Any]:
        """What is known of the documents, put into the cluster once; in a list, so that a task fetches it only once."""
        if not known:
            return []
        with self._lock:
            if known not in self._known:
                self._known[known] = self._ray.put(Path(known).read_bytes())
            return [self._known[known]]


def _connect(ray: Any, settings: RunSettings) -> None:
    here: dict[str, Any] = {"include_dashboard": False, "num_cpus": settings.worker_count}
    there: dict[str, Any] = {"address": settings.ray_address}
    try:
        ray.init(**(there if settings.ray_address else here), log_to_driver=False, configure_logging=False)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        place = settings.ray_address or "on this machine"
        raise WinnowError(f"the Ray cluster {place} cannot be reached: {error}") from error


def _clean(spec_told: str, settings_told: str, known: list[Any]) -> tuple[bytes, bytes, int, str]:
    """What runs on the cluster: the part, the unchanged, the number of documents, and what made the rows."""
    settings = RunSettings.model_validate_json(settings_told)
    spec = BatchSpec.from_json(spec_told)
    with tempfile.TemporaryDirectory(prefix="winnow-batch-") as folder:
        here = replace(spec, parts=folder, known=_known_here(spec.known, known))
        count = engine.run_batch(here, _pool_here(settings.deadline, settings.memory), settings, lambda _done: None)
        return here.part.read_bytes(), here.unchanged.read_bytes(), count, rows.made_by(settings)


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process's own, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="winnow-cluster-")


@cache
def _pool_here(deadline: float, memory: int) -> Pool:
    """One worker, warm from batch to batch; it ends when this process does and its input with it."""
    return Pool(1, Path(_temporary().name) / "workers.log", deadline, memory)


def _known_here(name: str, known: list[Any]) -> str:
    """Path of what is known, as a file on this machine; empty: nothing is."""
    if not known:
        return ""
    import ray  # noqa: PLC0415  (an extra)

    folder = Path(_temporary().name)
    path = folder / f"{Path(name).parent.name}.sqlite"
    if not path.exists():
        for old in folder.glob("*.sqlite"):  # of earlier runs
            old.unlink()
        path.write_bytes(ray.get(known[0]))
    return str(path)
