"""The `winnow` command: `run`, and the commands of the other modules beside it."""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from winnow.cleaners import BadSettings, WinnowError
from winnow.flows import batch_cli, contents_cli, corpus_cli, server_cli, terminal, text_cli
from winnow.flows.credentials import refuse_credentials
from winnow.flows.documents import is_stored
from winnow.flows.options import (
    FAILED,
    INTERRUPTED,
    MISUSED,
    AllowRemovals,
    Exclude,
    Include,
    Limit,
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

app = typer.Typer(
    name="winnow",
    help="Strips boilerplate from scraped text and accounts for every character it took out.",
    epilog="Examples:  winnow run seeds  ·  winnow clean page.txt > clean.txt  ·  winnow why page.txt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for others in (text_cli, corpus_cli, contents_cli, batch_cli, server_cli):
    app.add_typer(others.app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {version('winnow-corpus')}")
        raise typer.Exit


@app.callback()
def _root(
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Examples:  winnow run seeds  ·  winnow run crawl.warc.gz 'more/*.txt' --out corpus --settings news.toml"
)
def run(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...", help="Files, folders, globs or URLs.  [default: seeds]", show_default=False
        ),
    ] = None,
    out: Out = "outputs",
    settings: SettingsFile = None,
    include: Include = None,
    exclude: Exclude = None,
    sample: Sample = None,
    limit: Limit = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes.  [default: one for each core]", show_default=False)
    ] = None,
    wait: Wait = False,
    allow_removals: AllowRemovals = False,
    verbose: Verbose = False,
) -> None:
    """Clean files into a corpus with a diff log, as a recorded Prefect flow run.

    Run again, it does only what changed. The files of the newest release stand in OUT/latest.
    Exit code 1: an input that you named could not be read, or nothing was cleaned.
    """
    chosen = narrowed(settings_of(settings), include, exclude, sample, limit)
    refuse_credentials([*(inputs or ()), out])  # before Prefect writes them down
    if workers:
        chosen = chosen.model_copy(update={"workers": workers})
    end_as_interrupted()
    began = time.perf_counter()
    with hushed_prefect(verbose=verbose), _progress("starting Prefect") as (progress, bar):
        from winnow.flows.clean_corpus import PROGRESS, clean_corpus

        PROGRESS.set(lambda done, total: progress.update(bar, completed=done, total=total, description="cleaning"))
        try:
            report, counts = clean_corpus(inputs or ["seeds"], out, chosen, allow_removals, -1.0 if wait else 0.0)
        except KeyboardInterrupt:
            terminal.complain("stopped; nothing half-done was published. The same command goes on where it stopped")
            raise typer.Exit(INTERRUPTED) from None
        except RuntimeError as error:
            if "Failed to reach API" not in str(error):
                raise
            advice = "start the server, or unset PREFECT_API_URL to run without one"
            raise WinnowError(f"Prefect: {error}: {advice}") from error
    terminal.show_summary(Console(), report, counts, out, time.perf_counter() - began)
    if not report.documents:
        terminal.complain("the inputs hold no documents")
    if any(map(_missing, inputs or ["seeds"])) or not counts.outcomes["cleaned"]:
        raise typer.Exit(FAILED)


def main() -> None:
    """Run the command; every error that Winnow foresees is one line on standard error."""
    try:
        app()
    except BadSettings as error:
        terminal.complain(str(error))
        sys.exit(MISUSED)
    except WinnowError as error:
        terminal.complain(str(error))
        sys.exit(FAILED)
    except BrokenPipeError:  # `winnow why … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        if "401 Unauthorized" not in str(error):  # Prefect's own exception, which is not imported for it
            raise
        terminal.complain("the Prefect server wants a password: export PREFECT_API_AUTH_STRING=user:password")
        sys.exit(FAILED)


@contextmanager
def _progress(first: str) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal, nothing elsewhere."""
    errors = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        yield progress, progress.add_task(first, total=None)


def _missing(given: str) -> bool:
    """Whether nothing of this name is there; what an object store says of a URL stands in the summary."""
    if is_stored(given):
        return False
    return not os.path.lexists(given) and not glob.glob(given, recursive=True)  # noqa: PTH207  (absolute patterns)
