"""The flow: inputs in, a release out. The only module that knows Prefect.

Few task runs, each for a batch of documents: a task run costs Prefect about 20 ms, and tens of
thousands of them overflow its server. Texts never pass through Prefect, only counts do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

# Silent towards the network. They must be set before Prefect is imported; a user's own settings win.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_UI_V2_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "60")

from prefect import flow, get_run_logger, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from winnow.flows import engine, exports, store, summaries
from winnow.flows.engine import Counts
from winnow.flows.settings import RunSettings
from winnow.flows.sources import Listing, SourceFile, batches, list_sources

# Called with (documents done, documents in all); the command line draws a bar with it.
PROGRESS: ContextVar[Callable[[int, int], None]] = ContextVar("PROGRESS", default=lambda _done, _all: None)

# Cleaning holds the interpreter's lock; the second thread reads and writes meanwhile.
_RUNNER: Any = ThreadPoolTaskRunner(max_workers=2)


@task(task_run_name="discover", cache_policy=NO_CACHE)
def discover(inputs: list[str], out: str, settings: RunSettings) -> Listing:
    """List the documents that the inputs name."""
    return list_sources(inputs, settings.exclude, not_in=[Path(out)])


@task(task_run_name="clean-batch-{number}", cache_policy=NO_CACHE)
def clean_batch(
    number: int, files: list[SourceFile], names: Mapping[str, exports.Names], staging: Path, settings: RunSettings
) -> Counts:
    """Clean one batch into the staging folder."""
    return engine.run_batch(files, names, staging, number, settings)


@task(task_run_name="publish", cache_policy=NO_CACHE)
def publish(out: str, staging: Path, summary: str, keep: int) -> Path:
    """Join the batches' tables and make the staging folder the newest release."""
    for table in engine.TABLES:
        store.join_parts(staging, table)
    (staging / "summary.md").write_text(summary, "utf-8", newline="\n")
    return store.publish(Path(out), staging, keep)


@flow(name="clean-corpus", task_runner=_RUNNER)
def clean_corpus(
    inputs: list[str] = ["seeds"],  # noqa: B006  (Prefect shows the default in its form)
    out: str = "outputs",
    settings: RunSettings = RunSettings(),  # noqa: B008
) -> Counts:
    """Clean files, folders and globs into `out`/latest: texts, diffs, tables, summary.

    Every document ends in one recorded outcome. Raises OutputNotWritable where `out` can't be written.

    Args:
        inputs: Text files, folders and glob patterns.
        out: Folder for the releases; made where it does not exist.
        settings: How to clean and how to run.
    """
    staging = store.begin(Path(out))
    try:
        listing = discover(inputs, out, settings)
        counts = _clean_all(listing, staging, settings)
        summary = summaries.markdown(counts, listing.excluded)
        release = publish(out, staging, summary, settings.keep_releases)
    except BaseException:
        store.discard(staging)
        raise
    create_markdown_artifact(summary, key="winnow-summary", description=f"Release {release.name} of {out}")
    create_table_artifact(summaries.rule_rows(counts), key="winnow-rules", description="Rules by characters removed")
    get_run_logger().info("Published %s: %s removed", release, summaries.removed(counts))
    return counts


def _clean_all(listing: Listing, staging: Path, settings: RunSettings) -> Counts:
    """Clean the batches, telling how far it is."""
    cut = batches(listing.files, settings.batch_documents, settings.batch_bytes)
    names = exports.names_for(file.source for file in listing.files)
    artifact: Any = create_progress_artifact(0.0, key="winnow-progress", description="Documents done")
    futures = [
        clean_batch.submit(number, files, {f.source: names[f.source] for f in files}, staging, settings)
        for number, files in enumerate(cut)
    ]
    done = 0
    for future in as_completed(futures):
        done += future.result().documents
        PROGRESS.get()(done, len(listing.files))
        update_progress_artifact(artifact, 100 * done / len(listing.files))
    counts = Counts()
    for future in futures:  # in the batches' order, so that a summary does not depend on which was faster
        counts += future.result()
    return counts
