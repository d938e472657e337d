"""What several commands share: options, the settings that a file holds, and how they end."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from winnow.flows.settings import RunSettings

if TYPE_CHECKING:
    from winnow.flows.store import Corpus

Out = Annotated[str, typer.Option("--out", help="Folder or object store URL of the corpus.")]
ReleaseName = Annotated[str, typer.Option("--release", help="A number, a tag, or latest.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="TOML file of settings.", show_default=False, dir_okay=False)
]


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


def end_as_interrupted() -> None:
    """Let SIGTERM end the command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _as_interrupt)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
