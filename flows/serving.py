"""Deployments of the flow: on a schedule, one run at a time, paused and resumed; and the watch over killed runs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

# First: it sets what must be set before Prefect is imported.
from winnow.flows.clean_corpus import clean_corpus, publish_plan

# isort: split
from prefect.automations import AutomationCore
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron, Interval, Schedule
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from winnow.cleaners import BadSettings, WinnowError
from winnow.flows import dashboards
from winnow.flows.credentials import refuse_credentials
from winnow.flows.documents import is_stored
from winnow.flows.settings import RunSettings
from winnow.flows.shares import clean_on_workers, clean_share

WATCH = "winnow: runs that were killed"
"""Name of the automation that `watch` sets up."""
# One at a time on a corpus; what comes due meanwhile would find nothing left to do, so it is cancelled.
_ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
_HEARTBEAT = "prefect.flow-run.heartbeat"
_WATCHED = (clean_corpus.name, clean_on_workers.name, clean_share.name, publish_plan.name)
_ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "Paused", "Suspended")


def schedule_of(every: timedelta | None, cron: str | None, timezone: str) -> Schedule | None:
    """The schedule that is asked for, if any. Raises BadSettings."""
    try:
        ZoneInfo(timezone)
        return Cron(cron, timezone=timezone) if cron else Interval(every) if every else None
    except KeyError:
        raise BadSettings(f"--timezone {timezone}: is none; name it as Europe/Lisbon") from None
    except ValueError as error:
        raise BadSettings(f"--cron {cron!r}: {error}") from error


def deployment_of(
    name: str, inputs: Sequence[str], out: str, settings: RunSettings, schedule: Schedule | None
) -> RunnerDeployment:
    """The deployment of a corpus. Paths become absolute: its runs may begin anywhere. Raises BadSettings where a URL
    holds a key."""
    refuse_credentials([*inputs, out])
    return RunnerDeployment.from_flow(
        clean_corpus,
        name,
        schedule=schedule,
        parameters={
            "inputs": [_absolute(given) for given in inputs],
            "out": _absolute(out),
            # What the user chose, and not today's defaults for the rest.
            "settings": settings.model_dump(mode="json", exclude_unset=True),
        },
        concurrency_limit=_ONE,
        description=f"Cleans into the corpus at `{_absolute(out)}` what was added or changed.",
        tags=["winnow"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def serve_until_stopped(deployment: RunnerDeployment) -> None:
    """Run what is due until the process is told to end. The schedule then pauses; the next time it goes on.

    A run that is at work ends with it, and is marked as crashed: what it has done, the next one takes over.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    runner = _Runner(pause_on_shutdown=True)
    held = runner.add_deployment(deployment)
    assert isinstance(held, UUID)  # noqa: S101  (a coroutine only where a loop runs)
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())
    _end_runs(held)


def api(default: str) -> AbstractContextManager[object]:
    """A context in which Prefect speaks to the server that the user chose, or else to the one at `default`.

    Raises WinnowError where nobody answers.
    """
    chosen = PREFECT_API_URL.value() or f"{default}/api"
    address = chosen.removesuffix("/api")
    if not dashboards.answers(address):
        raise WinnowError(f"{address}: no Prefect server answers: start one with `winnow dashboard`")
    return temporary_settings({PREFECT_API_URL: chosen})


def pause(name: str, *, resume: bool) -> None:
    """Pause the schedule of a deployment, or resume it. Raises WinnowError where there is none of that name."""
    with get_client(sync_client=True) as client:
        try:
            held = client.read_deployment_by_name(f"{clean_corpus.name}/{name}")
        except ObjectNotFound:
            known = sorted(held.name for held in client.read_deployments())
            raise WinnowError(f"there is no deployment {name!r}; there are: {', '.join(known) or 'none'}") from None
        (client.resume_deployment if resume else client.pause_deployment)(held.id)


def watch(after: timedelta) -> None:
    """Have the server mark runs as crashed that gave no sign of life for so long.

    A run that was killed cannot say so: without this it stays "Running" for ever. Runs give a sign every 30 seconds.
    Set up again, it takes the new time.
    """
    trigger = EventTrigger(
        after={_HEARTBEAT},
        expect={_HEARTBEAT, *(f"prefect.flow-run.{end}" for end in _ENDS)},
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related={"prefect.resource.role": "flow", "prefect.resource.name": list(_WATCHED)},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=after,
    )
    action = ChangeFlowRunState(
        state=StateType.CRASHED,
        message=f"It gave no sign of life for {after.total_seconds():g} seconds. The next run takes over what it did.",
    )
    automation = AutomationCore(name=WATCH, description="Set up by `winnow watch`.", trigger=trigger, actions=[action])
    with get_client(sync_client=True) as client:
        for old in client.read_automations_by_name(WATCH):
            client.delete_automation(old.id)
        client.create_automation(automation)


class _Runner(Runner):
    """A runner that ends on SIGTERM as on Ctrl-C; Prefect's own never awaits what stops it."""

    def handle_sigterm(self, *_args: object, **_kwargs: object) -> None:
        signal.raise_signal(signal.SIGINT)


def _end_runs(deployment: UUID) -> None:
    """Mark the runs that ended with their runner: as Prefect leaves them, they would hold the corpus for minutes."""
    begun = FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=begun)),
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        ):
            state: State[object] = Crashed(message="`winnow serve` was stopped. The next run takes over what it did.")
            client.set_flow_run_state(run.id, state, force=True)


def _absolute(given: str) -> str:
    return given if is_stored(given) else os.path.abspath(Path(given).expanduser())  # noqa: PTH100  (keeps links)
