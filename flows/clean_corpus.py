"""The flow: inputs in, a release out. Only it, its deployments and what it tells know Prefect.

Few task runs, each for a batch of documents: a task run costs Prefect about 20 ms, and tens of
thousands of them overflow its server. Texts never pass through Prefect, and no count comes from its
states: a killed flow run stays "Running".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from winnow.flows import dashboards

# Silent towards the network. They must be set before Prefect is imported; a user's own settings win.
for name, value in dashboards.QUIET.items():
    os.environ.setdefault(name, value)
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "60")
# A sign of life as often as Prefect gives one at most: `winnow watch` marks runs that give none any more.
os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner

from winnow.flows import comparing, counting, driving, exporting, planning, runs, telling
from winnow.flows.comparing import Comparison
from winnow.flows.counting import Counts
from winnow.flows.driving import Workers
from winnow.flows.engine import BatchSpec
from winnow.flows.planning import Plan
from winnow.flows.runs import Run, RunReport
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus, OutputNotWritable
from winnow.flows.workspace import workspace

# Called with (documents done, pieces in all); the command line draws a bar with it.
PROGRESS: ContextVar[Callable[[int, int], None]] = ContextVar("PROGRESS", default=lambda _done, _all: None)

# They wait for workers, of which there are fewer.
_THREADS: Any = ThreadPoolTaskRunner(max_workers=512)


@task(task_run_name="discover", cache_policy=NO_CACHE)
def discover(run: Run, inputs: list[str]) -> int:
    """List the inputs, and what is known of them; returns the number of pieces."""
    return run.prepare(inputs).inventory.pieces


@task(task_run_name="clean-batch-{number}", cache_policy=NO_CACHE)
def clean_batch(
    number: int,  # noqa: ARG001
    spec: BatchSpec,
    workers: Workers,
    settings: RunSettings,
    told: Callable[[int], None],
) -> int:
    """Clean one batch into the staging folder; returns its number of documents."""
    return driving.run_batch(spec, workers, settings, told)


@task(task_run_name="publish", cache_policy=NO_CACHE)
def publish(run: Run, *, allow_removals: bool) -> RunReport:
    """Make what changed the newest release."""
    return run.release(allow_removals=allow_removals)


@task(task_run_name="report", cache_policy=NO_CACHE)
def report_on(corpus: Corpus, settings: RunSettings) -> Counts:
    """Count the newest release, and write its files where the settings want them."""
    release = runs.newest(corpus)
    if release is None:
        return Counts()
    if corpus.is_local and settings.export != "never":
        try:
            return exporting.write_latest(corpus, release, settings.keep_releases, always=settings.export == "always")
        except OSError as error:
            raise OutputNotWritable(
                f"{corpus.out}: release {release.number} is published, but the files of `latest` cannot be written:"
                f' {error.strerror or error}. The setting export = "never" does without them'
            ) from error
    table = corpus.table()
    assert table is not None  # noqa: S101
    return counting.counts_of(corpus.read(table, counting.COLUMNS))


@flow(
    name="clean-corpus",
    flow_run_name=telling.name_of_run,
    task_runner=_THREADS,
    on_failure=[telling.alarm],
    on_crashed=[telling.alarm],
)
def clean_corpus(
    inputs: list[str] = ["seeds"],  # noqa: B006  (Prefect shows the default in its form)
    out: str = "outputs",
    settings: RunSettings = RunSettings(),  # noqa: B008
    allow_removals: bool = False,
    wait: float = 0.0,
) -> tuple[RunReport, Counts]:
    """Clean files, folders and globs into the corpus at `out`; returns what the run did, and the counts of the
    newest release.

    Every document ends in one recorded outcome. Raises OutputNotWritable, CorpusBusy, TooManyRemoved: then
    nothing was published.

    Args:
        inputs: Text files, folders and glob patterns.
        out: Folder or object store URL of the corpus; made where it does not exist.
        settings: How to clean and how to run.
        allow_removals: Take it as meant when many documents of a folder are gone.
        wait: Seconds to wait for another run on the same corpus; -1, for ever.
    """
    corpus = Corpus(out)
    telling.tag_run(out)
    with workspace(corpus, wait) as space:
        run = Run(corpus, space, settings)
        try:
            pieces = discover(run, inputs)
            _clean_all(run, pieces)
            report = publish(run, allow_removals=allow_removals)
        finally:
            run.close()
        counts, comparison = _looked_back(corpus, settings, report)
    telling.tell(out, report, counts, comparison)
    return report, counts


@task(task_run_name="publish", cache_policy=NO_CACHE)
def release_of(plan: Plan, *, allow_removals: bool, wait: float) -> RunReport | None:
    """Make what the batches of a plan did the newest release; None where they were that before."""
    return planning.publish(plan, allow_removals=allow_removals, wait=wait)


@flow(
    name="publish-plan",
    flow_run_name=telling.name_of_run,
    on_failure=[telling.alarm],
    on_crashed=[telling.alarm],
)
def publish_plan(
    plan: str, out: str, allow_removals: bool = False, wait: float = 0.0
) -> tuple[RunReport | None, Counts]:
    """Publish what the batches of a plan did; returns what the run did, None where it was published before, and the
    counts of the newest release. Raises as `planning.publish`: then nothing was published.

    Args:
        plan: Where `winnow plan` put it.
        out: The corpus that it is for.
        allow_removals: Take it as meant when many documents of a folder are gone.
        wait: Seconds to wait for another run on the same corpus; -1, for ever.
    """
    telling.tag_run(out)
    return publish_done(Plan(plan), out, allow_removals=allow_removals, wait=wait)


def publish_done(plan: Plan, out: str, *, allow_removals: bool, wait: float) -> tuple[RunReport | None, Counts]:
    """Publish a plan whose batches are done, and tell of it; what `publish_plan` returns."""
    corpus = Corpus(out)
    report = release_of(plan, allow_removals=allow_removals, wait=wait)
    counts, comparison = _looked_back(corpus, plan.head.settings, report)
    if report:
        telling.tell(out, report, counts, comparison)
    return report, counts


def _looked_back(corpus: Corpus, settings: RunSettings, report: RunReport | None) -> tuple[Counts, Comparison | None]:
    """The counts of the newest release; compared with the one before where the run made it."""
    counts = report_on(corpus, settings)
    return counts, comparing.compared(corpus, report.release) if report and report.release else None


def _clean_all(run: Run, pieces: int) -> None:
    """Clean the batches, telling how far it is."""
    progress = telling.Progress(pieces, PROGRESS.get())

    def submit(spec: BatchSpec, workers: Workers) -> Any:
        return clean_batch.submit(spec.number, spec, workers, run.settings, progress.add)

    for _ in driving.clean_all(run, submit):
        progress.show()
