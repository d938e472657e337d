"""What work takes, for the other benchmarks: wall and processor seconds."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

OWN, OTHERS = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
"""Of this process; of those that it started and saw end, and of theirs."""


def processor(*whose: int) -> float:
    """Seconds of processor time so far."""
    used = map(resource.getrusage, whose)
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(work: Callable[[], object], *whose: int) -> tuple[float, float]:
    """Wall and processor seconds of some work."""
    before, began = processor(*whose), time.perf_counter()
    work()
    return time.perf_counter() - began, processor(*whose) - before


def measured_command(words: list[str], at: Path | None = None) -> tuple[float, float]:
    """The same of a command and its children, all that has ended."""
    quiet = subprocess.DEVNULL
    return measured(lambda: subprocess.run(words, check=True, stdout=quiet, stderr=quiet, cwd=at), OTHERS)  # noqa: S603
