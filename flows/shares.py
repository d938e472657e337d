"""One run on several Prefect workers: a flow plans it, starts a run of another deployment for each share of the
batches, and publishes. How far it is, the plan tells, and never Prefect's states: a killed run stays "Running".
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from winnow.flows.clean_corpus import publish_done  # first: it sets what must be set before Prefect is imported

# isort: split
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment

from winnow.flows import driving, planning, telling
from winnow.flows.counting import Counts
from winnow.flows.planning import Plan
from winnow.flows.runs import RunReport
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus

_ROUNDS = 3  # times that what is missing is given out: a worker that is lost costs a round
_LOOK = 2.0  # seconds between two looks at the plan


@task(task_run_name="plan", cache_policy=NO_CACHE)
def plan_run(corpus: Corpus, inputs: Sequence[str], settings: RunSettings) -> Plan:
    """Cut the run into batches."""
    return planning.make(corpus, inputs, settings)


@flow(name="clean-share", flow_run_name="share {share} of {shares}")
def clean_share(plan: str, share: int = 1, shares: int = 1) -> int:
    """Do what is left of a share of a plan's batches; returns the number of their documents.

    Args:
        plan: Where `winnow plan` put it.
        share: Which one, from 1 on: each `shares`-th batch.
        shares: How many there are.
    """
    planned = Plan(plan)
    planned.check()
    left = planned.left(range(share - 1, planned.head.batches, shares))
    log, count = get_run_logger(), 0
    with driving.passing_pool(planned.head.settings) as pool:
        for number, documents in planning.do_all(planned, left, pool):
            log.info("batch %s: %s documents", number, f"{documents:,}")
            count += documents
    return count


@flow(
    name="clean-on-workers",
    flow_run_name=telling.name_of_run,
    on_failure=[telling.alarm],
    on_crashed=[telling.alarm],
)
def clean_on_workers(  # noqa: PLR0917  (a form has names)
    inputs: list[str],
    out: str,
    settings: RunSettings = RunSettings(),  # noqa: B008
    shares: int = 2,
    by: str = "clean-share/share",
    allow_removals: bool = False,
    wait: float = 0.0,
) -> tuple[RunReport | None, Counts]:
    """Clean as `clean_corpus` does, the batches on as many workers as there are shares.

    Raises as `publish_plan`: then nothing was published.

    Args:
        inputs: Text files, folders and glob patterns, which all workers reach by the same names.
        out: Folder or object store URL of the corpus, the same.
        settings: How to clean and how to run.
        shares: How many runs share the batches.
        by: The deployment of `clean_share` that does a share.
        allow_removals: Take it as meant when many documents of a folder are gone.
        wait: Seconds to wait for another run that publishes; -1, for ever.
    """
    corpus = Corpus(out)
    telling.tag_run(out)
    plan = plan_run(corpus, inputs, settings)
    for _ in range(_ROUNDS):
        if plan.missing():
            _give_out(plan, shares, by)
    return publish_done(plan, out, allow_removals=allow_removals, wait=wait)


def _give_out(plan: Plan, shares: int, by: str) -> None:
    """Have the shares done, as far as they are missing; returns when all batches are done, or all runs have ended."""
    told = {"plan": plan.place.uri, "shares": shares}
    started: list[UUID] = []
    for share in range(1, shares + 1):
        if plan.left(range(share - 1, plan.head.batches, shares)):
            run = run_deployment(by, parameters={**told, "share": share}, timeout=0)
            assert isinstance(run, FlowRun)  # noqa: S101  (a coroutine only where a loop runs)
            started.append(run.id)
    with get_client(sync_client=True) as client:
        while plan.missing():
            states = [client.read_flow_run(run).state for run in started]
            if all(state and state.is_final() for state in states):
                return
            time.sleep(_LOOK)
