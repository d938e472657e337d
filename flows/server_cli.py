"""The commands for runs that go on by themselves: the dashboard, schedules, the watch over killed runs."""

from __future__ import annotations

import logging
import os
import re
import time
from datetime import timedelta
from typing import Annotated

import typer

from winnow.cleaners import BadSettings
from winnow.flows import dashboards
from winnow.flows.options import Exclude, Include, Out, SettingsFile, end_as_interrupted, narrowed, settings_of

app = typer.Typer()

_SPAN = re.compile(r"(\d+)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LEAST_SIGN = 10  # seconds: what a trigger of Prefect's may wait for at least

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the deployment, as `winnow serve` says it.")]


@app.command(epilog="Examples:  winnow dashboard  ·  winnow dashboard --database postgresql://prefect@db/prefect")
def dashboard(
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = dashboards.HOST,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0: any that is free.")] = dashboards.PORT,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            envvar="WINNOW_DATABASE",
            help="URL of a PostgreSQL database.  [default: an SQLite file in ~/.prefect]",
            show_default=False,
            show_envvar=True,
        ),
    ] = None,
) -> None:
    """Start a Prefect server with its dashboard, and print where it is. Ctrl-C ends it."""
    end_as_interrupted()
    try:
        with dashboards.dashboard(host, port, database) as (address, log):
            typer.echo(f"dashboard  {address}")
            typer.echo(f"log        {log}")
            typer.echo(f"for runs   export PREFECT_API_URL={address}/api")
            if host not in (dashboards.HOST, "localhost", "::1"):
                typer.echo("It listens to other machines. PREFECT_SERVER_API_AUTH_STRING=user:password guards it.")
            while True:
                time.sleep(3_600)
    except KeyboardInterrupt:
        typer.echo("the dashboard is stopped; what it knows is kept")


@app.command(
    epilog="Examples:  winnow serve crawl/ --out corpus --every 1h"
    "  ·  winnow serve crawl/ --out s3://bucket/corpus --cron '30 4 * * *' --timezone Europe/Lisbon"
)
def serve(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="As given to `winnow run`.")],
    out: Out = "outputs",
    every: Annotated[
        str | None, typer.Option("--every", help="How often: 90s, 15m, 1h, 2d.", show_default=False)
    ] = None,
    cron: Annotated[
        str | None, typer.Option("--cron", help="When, as cron says it: '30 4 * * *'.", show_default=False)
    ] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="Of --cron.")] = "UTC",
    name: Annotated[
        str | None, typer.Option("--name", help="Of the deployment.  [default: the name of OUT]", show_default=False)
    ] = None,
    settings: SettingsFile = None,
    include: Include = None,
    exclude: Exclude = None,
) -> None:
    """Clean on a schedule, or when the dashboard is told to, until Ctrl-C. One run at a time.

    What comes due while a run is at work is cancelled: that run, or the next, does what there is to do.
    """
    if every and cron:
        raise BadSettings("give --every or --cron, not both")
    span = span_of(every, "--every") if every else None
    chosen = narrowed(settings_of(settings), include, exclude)
    named = name or re.sub(r"[/%&<>\s]+", "-", out.rstrip("/").rpartition("/")[2] or "corpus")
    _hush()
    from winnow.flows import serving

    with serving.api(_default()):
        deployment = serving.deployment_of(named, inputs, out, chosen, serving.schedule_of(span, cron, timezone))
        when = f"every {every}" if every else f"at {cron} ({timezone})" if cron else "when it is told to"
        typer.echo(f"serving {named}, {when}; pause it with: winnow pause {named}")
        serving.serve_until_stopped(deployment)


@app.command(epilog="Example:  winnow pause corpus")
def pause(name: Name) -> None:
    """Pause the schedule of a deployment. A run that is at work goes on."""
    _pause(name, resume=False)
    typer.echo(f"{name} is paused; resume it with: winnow resume {name}")


@app.command(epilog="Example:  winnow resume corpus")
def resume(name: Name) -> None:
    """Resume the schedule of a deployment."""
    _pause(name, resume=True)
    typer.echo(f"{name} runs on its schedule again")


@app.command(epilog="Examples:  winnow watch  ·  winnow watch --after 5m")
def watch(
    after: Annotated[str, typer.Option("--after", help="Time without a sign of life; a run gives one every 30 s.")] = (
        "2m"
    ),
) -> None:
    """Have the server mark runs as crashed that were killed: by itself such a run stays "Running"."""
    span = span_of(after, "--after")
    if span < timedelta(seconds=_LEAST_SIGN):
        raise BadSettings(f"--after {after}: at least {_LEAST_SIGN}s")
    _hush()
    from winnow.flows import serving

    with serving.api(_default()):
        serving.watch(span)
    typer.echo(f"runs of clean-corpus that give no sign of life for {after} will be marked as crashed")


def span_of(told: str, option: str) -> timedelta:
    """The time that `90s`, `15m`, `1h` or `2d` says. Raises BadSettings."""
    found = _SPAN.fullmatch(told.strip())
    if not found or not int(found[1]):
        raise BadSettings(f"{option} {told}: say it as 90s, 15m, 1h or 2d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _pause(name: str, *, resume: bool) -> None:
    _hush()
    from winnow.flows import serving

    with serving.api(_default()):
        serving.pause(name, resume=resume)


def _default() -> str:
    return f"http://{dashboards.HOST}:{dashboards.PORT}"


def _hush() -> None:
    """Prefect's log to what goes wrong, unless the user's own settings say how much."""
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    logging.getLogger("httpx").setLevel(logging.WARNING)
