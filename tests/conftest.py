"""One real Prefect server for the session, in a home of its own; everything else is per test."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

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
