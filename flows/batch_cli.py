"""The commands for one run on many machines: `plan` cuts it, `batch` does a part of it, `publish` makes the release."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from winnow.cleaners import BadSettings
from winnow.flows import terminal
from winnow.flows.options import (
    INTERRUPTED,
    AllowRemovals,
    Exclude,
    Include,
    Out,
    Sample,
    SettingsFile,
    Verbose,
    Wait,
    end_as_interrupted,
    hushed_prefect,
    narrowed,
    settings_of,
)

app = typer.Typer()

_SPEC = re.compile(r"(?P<plan>.+)/batches/(?P<number>\d+)\.json")
_SHARE = re.compile(r"(\d+)/(\d+)")


@app.command(
    epilog="Examples:  winnow plan crawl/ --out corpus --batches 400  ·  winnow plan crawl/ --out s3://bucket/corpus"
)
def plan(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="As given to `winnow run`.")],
    out: Out = "outputs",
    batches: Annotated[
        int | None,
        typer.Option(
            min=1, help="At most so many, of about the same size.  [default: as the settings say]", show_default=False
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--plan", help="Empty folder or URL for the plan.  [default: one below OUT/plans]", show_default=False
        ),
    ] = None,
    settings: SettingsFile = None,
    include: Include = None,
    exclude: Exclude = None,
    sample: Sample = None,
) -> None:
    """Cut a run into batches that several machines can do, and print where the plan is.

    Inputs and plan must be reached by the same name on all machines. Then: `winnow batch`, and `winnow publish`.
    """
    from winnow.flows import planning
    from winnow.flows.store import Corpus

    chosen = narrowed(settings_of(settings), include, exclude, sample)
    made = planning.make(Corpus(out), inputs, chosen, batches, at)
    typer.echo(f"{made.head.batches:,} batches; do them with `winnow batch`, then `winnow publish`", err=True)
    typer.echo(made.place.uri)


@app.command(
    epilog="Examples:  winnow batch plan/batches/000017.json  ·  winnow batch plan --share 3/8  ·  winnow batch plan"
)
def batch(
    specs: Annotated[
        list[str], typer.Argument(metavar="SPEC...", help="Batches, PLAN/batches/N.json, or a plan: all that is left.")
    ],
    share: Annotated[
        str | None,
        typer.Option("--share", help="Of a plan: K/N, each N-th batch from the K-th on.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Batches at a time.  [default: one for each core]", show_default=False),
    ] = None,
) -> None:
    """Do batches of a plan. Those that are done already are left alone."""
    end_as_interrupted()
    try:
        for place, numbers in _by_plan(specs).items():
            _do(place, numbers, _share(share), workers)
    except KeyboardInterrupt:
        terminal.complain("stopped; batches that were not done left nothing, and can be done anywhere")
        raise typer.Exit(INTERRUPTED) from None


@app.command(epilog="Example:  winnow publish corpus/plans/20260304T101500-1a2b3c4d")
def publish(
    place: Annotated[str, typer.Argument(metavar="PLAN", help="A plan whose batches are all done.")],
    wait: Wait = False,
    allow_removals: AllowRemovals = False,
    verbose: Verbose = False,
) -> None:
    """Make what the batches of a plan did the newest release, as a recorded Prefect flow run.

    Where batches are missing, or another run published meanwhile, nothing is published.
    """
    from winnow.flows import planning

    planned = planning.Plan(place)
    if not planned.head.ended:
        planned.check_done()  # here too: Prefect takes seconds to start
    end_as_interrupted()
    began = time.perf_counter()
    with hushed_prefect(verbose=verbose):
        from winnow.flows.clean_corpus import publish_plan

        try:
            report, counts = publish_plan(planned.place.uri, planned.head.out, allow_removals, -1.0 if wait else 0.0)
        except KeyboardInterrupt:
            terminal.complain("stopped; nothing was published. The same command publishes")
            raise typer.Exit(INTERRUPTED) from None
    if report is None:
        typer.echo(f"{place}: was published already")
        return
    terminal.show_summary(Console(), report, counts, planned.head.out, time.perf_counter() - began)


def _by_plan(specs: Sequence[str]) -> dict[str, list[int] | None]:
    """Batches by plan; None: all that are left."""
    from winnow.flows.places import absolute

    chosen: dict[str, list[int] | None] = {}
    for spec in map(absolute, specs):
        found = _SPEC.fullmatch(spec)
        if not found:
            chosen[spec] = None
        elif (numbers := chosen.setdefault(found["plan"], [])) is not None:
            numbers.append(int(found["number"]))
    return chosen


def _share(told: str | None) -> slice:
    if told is None:
        return slice(None)
    found = _SHARE.fullmatch(told)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise BadSettings(f"--share {told}: say it as 3/8, the third of eight")
    return slice(int(found[1]) - 1, None, int(found[2]))


def _do(place: str, numbers: list[int] | None, share: slice, workers: int | None) -> None:
    from winnow.flows import driving, planning

    planned = planning.Plan(place)
    if planned.head.ended:
        typer.echo(f"{place}: was published already")
        return
    planned.check()
    wanted = (list(range(planned.head.batches)) if numbers is None else numbers)[share]
    left = planned.left(wanted)
    unknown = [number for number in wanted if number >= planned.head.batches]
    if unknown:
        raise BadSettings(f"{place}: has {planned.head.batches:,} batches, from 0 on; there is no batch {unknown[0]}")
    if len(left) < len(wanted):
        typer.echo(f"{len(wanted) - len(left):,} of {len(wanted):,} batches were done already")
    if not left:
        return
    chosen = planned.head.settings.model_copy(update={"workers": workers or 0})
    chosen = chosen.model_copy(update={"workers": min(chosen.worker_count, len(left))})
    with driving.passing_pool(chosen) as pool:
        for number, documents in planning.do_all(planned, left, pool):
            typer.echo(f"batch {number}: {documents:,} documents")
