"""What several commands share: options, the settings that a file holds, and how they end."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from winnow.flows.settings import RunSettings

if TYPE_CHECKING:
    from winnow.flows.store import Corpus

Out = Annotated[str, typer.Option("--out", help="Folder or object store URL of the corpus.")]
ReleaseName = Annotated[str, typer.Option("--release", help="A number, a tag, or latest.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="TOML file of settings.", show_default=False, dir_okay=False)
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include", metavar="GLOB", help="Of folders take only these files. May be repeated.", show_default=False
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="GLOB", help="Leave these files and folders out. May be repeated.", show_default=False
    ),
]
Sample = Annotated[
    str | None,
    typer.Option(
        "--sample", metavar="SHARE", help="Clean 1% of the documents: the same each time.", show_default=False
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait while another run is at work on the corpus.")]
AllowRemovals = Annotated[
    bool, typer.Option("--allow-removals", help="It is meant that many documents of a folder are gone.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show Prefect's own log.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Clean the first so many.", show_default=False)]


FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes; 0: everything that was asked for is done."""


def settings_of(file: Path | None) -> RunSettings:
    """The settings in a file; without one, those that hold by default. Raises BadSettings."""
    return RunSettings.from_file(file) if file else RunSettings()


def corpus_at(out: str) -> Corpus:
    """The corpus of a place. Raises NoSuchRelease where there is none."""
    from winnow.flows.store import Corpus, NoSuchRelease  # noqa: PLC0415  (Arrow and Delta take half a second)

    corpus = Corpus(out)
    if (not corpus.is_local or Path(corpus.uri).is_dir()) and corpus.table() is not None:
        return corpus
    raise NoSuchRelease(f"{out}: holds no corpus: `winnow run … --out {out}` makes one")


def narrowed(
    settings: RunSettings,
    include: Sequence[str] | None,
    exclude: Sequence[str] | None,
    sample: str | None = None,
    limit: int | None = None,
) -> RunSettings:
    """The settings with what is to be left out; exclude adds to theirs. Raises BadSettings."""
    told: dict[str, Any] = {}
    if include:
        told["include"] = tuple(include)
    if exclude:
        told["exclude"] = (*settings.exclude, *exclude)
    if sample is not None:
        told["sample"] = sample
    if limit is not None:
        told["limit"] = limit
    return RunSettings.checked({**settings.model_dump(exclude_unset=True), **told}, "the options")


@contextmanager
def hushed_prefect(*, verbose: bool) -> Iterator[None]:
    """Without Prefect's own log, unless it is wanted: what goes wrong is told once, by the command."""
    if verbose:
        yield
        return
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    try:
        yield
    finally:
        logging.disable()  # Prefect's threads still murmur while they end


def end_as_interrupted() -> None:
    """Let SIGTERM end the command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _as_interrupt)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
