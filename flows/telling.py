"""What the dashboard is told of a run: its name and tags, how far it is, its story; and the events others wait for.

`winnow.corpus.published`: a release is there. `winnow.drift`: sites jumped. `winnow.failures`: documents could not be
cleaned, or the run itself failed. Each names the corpus as its resource, `winnow.corpus.<folder or URL>`.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import Flow, State, get_run_logger, runtime
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.events import emit_event

from winnow.flows import stories, summaries
from winnow.flows.comparing import Comparison
from winnow.flows.counting import Counts
from winnow.flows.documents import is_stored
from winnow.flows.runs import RunReport

PUBLISHED, DRIFT, FAILURES = "winnow.corpus.published", "winnow.drift", "winnow.failures"
_MOST_TOLD = 50  # entries of a list in an event
_STEP = 1.0  # percent: a step of the progress bar that is worth a call


def name_of_run() -> str:
    """The name of the run that begins: its corpus, and when."""
    return f"{_name(str(runtime.flow_run.parameters.get('out', '')))} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def tag_run(out: str) -> None:
    """Tag the run with its corpus."""
    context = FlowRunContext.get()
    if context and context.flow_run:
        tags = {*context.flow_run.tags, "winnow", f"corpus:{_name(out)}"}
        with get_client(sync_client=True) as client:
            client.update_flow_run(context.flow_run.id, tags=sorted(tags))


class Progress:
    """Documents done, told from several threads: to the caller each few, to the dashboard each percent."""

    def __init__(self, pieces: int, told: Callable[[int, int], None]) -> None:
        self._pieces, self._told = pieces, told
        self._done, self._shown = 0, 0.0
        self._lock = threading.Lock()
        artifact = create_progress_artifact(0.0, key="winnow-progress", description="Documents done")
        assert isinstance(artifact, UUID)  # noqa: S101  (a coroutine only where a loop runs)
        self._artifact = artifact

    def add(self, documents: int) -> None:
        """So many more are done."""
        with self._lock:
            self._done += documents
            self._told(self._done, max(self._done, self._pieces))

    def show(self) -> None:
        """Bring the dashboard up to date."""
        percent = min(100.0, 100 * self._done / max(1, self._pieces))
        if percent - self._shown >= _STEP or (percent > self._shown and percent >= 100):
            self._shown = percent
            update_progress_artifact(self._artifact, percent)


def tell(out: str, report: RunReport, counts: Counts, comparison: Comparison | None) -> None:
    """Show the story of a run, and raise its events."""
    what = f"Release {report.newest} of {out}"
    create_markdown_artifact(stories.story(out, report, counts, comparison), key="winnow-summary", description=what)
    create_table_artifact(summaries.rule_rows(counts), key="winnow-rules", description="Rules by characters removed")
    get_run_logger().info("%s: %s removed", what, summaries.removed(counts))
    for guess, files, first in summaries.guesses(counts.guessed)[:_MOST_TOLD]:
        get_run_logger().info("Columns guessed in %d files, the first is %s: %s", files, first, guess)
    if comparison:
        _raise_events(out, report, comparison)


def alarm(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001
    """A hook: tell that a run failed or crashed."""
    out = str(flow_run.parameters.get("out", ""))
    told = {"run": flow_run.name, "state": state.name, "cause": state.message or ""}
    emit_event(FAILURES, resource=resource(out), payload=told, related=[_related(flow_run.id)])


def resource(out: str) -> dict[str, str]:
    """The corpus, as events name it."""
    place = out if is_stored(out) else str(Path(out).absolute())
    return {"prefect.resource.id": f"winnow.corpus.{place}", "prefect.resource.name": _name(out)}


def _raise_events(out: str, report: RunReport, told: Comparison) -> None:
    if told.drifts:
        sites = [dataclasses.asdict(drift) for drift in told.drifts]
        emit_event(DRIFT, resource=resource(out), payload={"sites": sites[:_MOST_TOLD], "in_all": len(sites)})
    if told.fresh.outcomes["failed"]:
        causes = [
            {"cause": reason, "documents": count}
            for (outcome, reason), count in told.causes.most_common()
            if outcome == "failed"
        ]
        failed = {"documents": told.fresh.outcomes["failed"], "causes": causes[:_MOST_TOLD]}
        emit_event(FAILURES, resource=resource(out), payload={"release": report.release, **failed})
    payload = {**dataclasses.asdict(report), "outcomes": dict(told.whole.outcomes)}
    emit_event(PUBLISHED, resource=resource(out), payload=payload)


def _related(run: UUID) -> dict[str, str]:
    return {"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.role": "flow-run"}


def _name(out: str) -> str:
    return out.rstrip("/").rpartition("/")[2] or "corpus"
