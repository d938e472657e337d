"""One real Prefect server for the session, in a home of its own; everything else is per test."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from object_server import bucket, object_store  # noqa: F401

if TYPE_CHECKING:
    from winnow.flows.pool import Pool

# Before anything imports Prefect: nothing of the user's own Prefect is read or written.
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="winnow-prefect-")
atexit.register(shutil.rmtree, os.environ["PREFECT_HOME"], ignore_errors=True)
os.environ.pop("PREFECT_API_URL", None)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415

    import winnow.flows.clean_corpus  # noqa: F401, PLC0415  (sets what must be set before Prefect is imported)

    with prefect_test_harness(server_startup_timeout=60):
        yield


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """One worker that stays for the tests of a module."""
    from winnow.flows import driving  # noqa: PLC0415
    from winnow.flows.settings import RunSettings  # noqa: PLC0415

    with driving.pool_for(RunSettings(workers=1), tmp_path_factory.mktemp("workers") / "log") as pool:
        yield pool


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a corpus will be."""
    return tmp_path / "out"
